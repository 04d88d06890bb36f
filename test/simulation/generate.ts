import {openRandom, type Random} from './random.ts';
import {type AskStep, type FaultName, type FaultStep, type Step} from './steps.ts';

/** What a store of the simulator has: the places of its cards in the list. */
export const cards = {
	/** By code, for ever. */
	plain: [0, 1, 2, 3],
	/** Ends two days after the run began. */
	expiring: [4],
	singleUse: [5],
	/** Of one customer each, who pays by her document. */
	wallets: [6, 7],
} as const;
export const cardCount = 8;
const everyCard = Array.from({length: cardCount}, (_, place) => place);
const chargeable = [...cards.plain, ...cards.wallets];
const byCode = [...cards.plain, ...cards.expiring, ...cards.singleUse];

export type Wish = {
	readonly seed: number;
	/** Requests, looks and commands; faults and checks come on top. */
	readonly steps: number;
	readonly services: number;
	readonly faults: readonly FaultName[];
};

const minute = 60_000;
const hour = 60 * minute;
/** Forwards on the whole. VTEX settles within five days, and a day later a payment would time out. */
const jumpedMax = 100 * hour;

/** Without its number, which it gets when its place comes. */
type Draft = AskStep extends infer S ? (S extends AskStep ? Omit<S, 'n'> : never) : never;
type Later = {readonly at: number; readonly draft: Draft};

/** The whole history of a seed, decided before anything happens. */
export function generate(wish: Wish): Step[] {
	const random = openRandom(wish.seed);
	const steps: Step[] = [];
	const later: Later[] = [];
	const jumped = {ms: 0};
	let asked = 0;
	while (asked < wish.steps) {
		const size = Math.min(random.whole(20, 90), wish.steps - asked);
		const faulty = new Map(
			Array.from({length: wish.faults.length === 0 ? 0 : random.whole(1, 3)}, () => [
				random.whole(0, size - 1),
				random.pick(wish.faults),
			]),
		);
		for (let place = 0; place < size; place++, asked++) {
			const fault = faulty.get(place);
			if (fault !== undefined) {
				steps.push(faultOf(random, {n: steps.length, fault, services: wish.services, jumped}));
			}

			const due = later.findIndex(({at}) => at <= asked);
			const [found] = due === -1 ? [] : later.splice(due, 1);
			const n = steps.length;
			steps.push(
				found === undefined ? begin(random, {n, asked, services: wish.services, later}) : {n, ...found.draft},
			);
		}

		steps.push({n: steps.length, do: 'check'});
	}

	return steps;
}

type Place = {
	readonly n: number;
	readonly asked: number;
	readonly services: number;
	readonly later: Later[];
};

/** Something new: a purchase with what will follow it, a look, or an admin at work. */
function begin(random: Random, place: Place): Step {
	const {n, services} = place;
	const what = random.whole(1, 100);
	const sending = sendingOf(random, services);
	const cents = random.whole(1, 4000);
	if (what <= 40) {
		follow(random, place, hubFollowers(random));
		return {n, do: 'debit', card: random.pick(everyCard), cents, ...sending};
	}

	if (what <= 66) {
		follow(random, place, gatewayFollowers(random));
		return {n, do: 'pay', card: random.pick([...byCode, ...cards.wallets]), cents, ...sending};
	}

	if (what <= 74) {
		follow(random, place, random.chance(0.3) ? ['cancel'] : []);
		return {n, do: 'credit', card: random.pick(chargeable), cents, ...sending};
	}

	if (what <= 78) {
		return {n, do: 'later', cents, approves: random.chance(0.7), ...sending};
	}

	if (what <= 88) {
		return {n, do: random.pick(['read', 'search']), card: random.pick(everyCard), ...sending};
	}

	return adminStep(random, place);
}

const hubFollowers = (random: Random) =>
	Array.from({length: random.whole(0, 3)}, () =>
		random.pick([
			'settle',
			'cancel',
			'settle',
			'cancel',
			'holdCapture',
			'holdRelease',
			'holdRefund',
		] as const),
	);
const gatewayFollowers = (random: Random) =>
	Array.from({length: random.whole(0, 3)}, () =>
		random.pick(['paySettle', 'payRefund', 'payCancel'] as const),
	);

/** What comes after a purchase, each at its own time: now and then before the purchase was answered. */
function follow(random: Random, {n, asked, services, later}: Place, kinds: readonly Draft['do'][]): void {
	for (const kind of kinds) {
		const cents = random.whole(1, 4000);
		const draft = {do: kind, of: n, cents, ...sendingOf(random, services)} as Draft;
		later.push({at: asked + random.whole(1, 60), draft});
	}
}

/** Mostly once; now and then VTEX sends the same thing twice or three times at once. */
function sendingOf(random: Random, services: number): {readonly via: number; readonly copies: number} {
	return {via: random.whole(0, services - 1), copies: random.pick([1, 1, 1, 1, 2, 3])};
}

function adminStep(random: Random, {n, asked, later}: Place): Step {
	const cents = random.whole(1, 3000);
	const kind = random.pick([
		'grant',
		'adjust',
		'adjust',
		'block',
		'extend',
		'import',
		'issue',
		'jobs',
	] as const);
	switch (kind) {
		case 'grant':
			return {n, do: kind, card: random.pick(chargeable), cents};
		case 'adjust':
			return {n, do: kind, card: random.pick(chargeable), cents: random.chance(0.5) ? cents : -cents};
		case 'block': {
			const card = random.pick(everyCard);
			later.push({at: asked + random.whole(3, 25), draft: {do: 'unblock', card}});
			return {n, do: kind, card};
		}

		case 'extend':
			return {n, do: kind, card: random.pick(cards.expiring)};
		case 'import': {
			if (random.chance(0.5)) {
				later.push({at: asked + random.whole(5, 60), draft: {do: 'undo', of: n}});
			}

			return {n, do: kind, cards: random.some(chargeable, 3), cents};
		}

		case 'issue':
			return {n, do: kind, cents};
		case 'jobs':
			return {n, do: kind};
	}
}

type Trouble = {
	readonly n: number;
	readonly fault: FaultName;
	readonly services: number;
	readonly jumped: {ms: number};
};

function faultOf(random: Random, {n, fault, services, jumped}: Trouble): FaultStep {
	const common = {n, do: 'fault'} as const;
	const which = random.whole(0, services - 1);
	const ms = random.whole(100, 2500);
	switch (fault) {
		case 'kill-desk':
			return {...common, fault};
		case 'kill-database':
			return {...common, fault, withBackends: random.chance(0.7)};
		case 'stall-service':
		case 'stall-backend':
			return {...common, fault, which: fault === 'stall-backend' ? random.whole(0, 30) : which, ms};
		case 'lose-answers':
			return {...common, fault, which, count: random.whole(1, 20)};
		case 'lose-commits':
			return {...common, fault, which: random.whole(0, services), count: random.whole(1, 6)};
		case 'cut-database':
			return {...common, fault, which: random.whole(0, services)};
		case 'full-disk':
			return {...common, fault, ms};
		case 'clock-jump': {
			const wanted = random.pick([minute, 20 * minute, hour, 10 * hour, 30 * hour, -minute, -10 * minute]);
			const jump = jumped.ms + wanted > jumpedMax ? -minute : wanted;
			jumped.ms += jump;
			return {...common, fault, which: random.whole(-1, services), ms: jump};
		}

		case 'kill-backend':
			return {...common, fault, which: random.whole(0, 30)};
		case 'kill-service':
		case 'restart-service':
		case 'cut-clients':
			return {...common, fault, which};
	}
}
