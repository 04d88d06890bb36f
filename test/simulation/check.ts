import {transactionsMax} from '../../src/cards/transactions.ts';
import {openDatabase} from '../../src/db/client.ts';
import {audit} from '../../src/ledger/audit.ts';
import {askDesk} from './admins.ts';
import {query} from './database.ts';
import {cards} from './generate.ts';
import {type Promised} from './promises.ts';
import {openRandom} from './random.ts';
import {askOnce, send, type Shop} from './shoppers.ts';
import {type AskStep, type GatewayStep, type HubStep} from './steps.ts';
import {expiresAfterDays, openedWith} from './store.ts';
import {isUnderKey} from './verdicts.ts';

/** What a look at all promises came to. */
export type Checked = {
	readonly problems: readonly string[];
	readonly replayed: number;
	readonly repeated: number;
};

export type Look = {
	/** Chooses what is repeated. */
	readonly seed: number;
	/** At the end everything that was ever answered is asked again. */
	readonly isLast: boolean;
};

const atOnce = 16;
const sampleSize = 40;
const attemptsMax = 12;
const day = 86_400_000;

/** Everything runs again: ask what is unanswered, repeat what was answered, and compare balances, lists and books with the promises. */
export async function check(shop: Shop, {seed, isLast}: Look): Promise<Checked> {
	const problems: string[] = [];
	const note = (problem: string | undefined) => {
		if (problem !== undefined) {
			problems.push(problem);
		}
	};
	const unanswered = shop.promises.unanswered();
	await each(unanswered, async one => {
		note(await settle(one, shop));
	});
	const bound = shop.promises.bound().filter(({step}) => isUnderKey(step));
	const repeated = isLast ? bound : openRandom(seed).some(bound, sampleSize);
	await each(repeated, async ({step}) => {
		note(await again(step, shop));
	});
	if (isLast) {
		await askRefused(shop, note);
		(await lists(shop)).forEach(note);
	}

	(await balances(shop, note)).forEach(note);
	(await books(shop)).forEach(note);
	return {problems, replayed: unanswered.length, repeated: repeated.length};
}

/** Ask until it is known; the first attempt of something else may have to come first, so several rounds. */
async function settle({step}: Promised, shop: Shop): Promise<string | undefined> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const problem = await again(step, shop, attempt);
		const {final, passing} = shop.promises.of(step.n) ?? {};
		if (problem !== undefined || final !== undefined || passing !== undefined) {
			shop.promises.answeredAtLast(step);
			return problem;
		}

		await new Promise(resolve => setTimeout(resolve, 100 * (attempt + 1)));
	}

	const why = shop.promises.of(step.n)?.open ?? '';
	return `Step ${step.n} (${step.do}) is not answered, though everything runs: ${why}`;
}

async function again(step: AskStep, shop: Shop, attempt = 0): Promise<string | undefined> {
	return isWire(step) ? askOnce(step, shop, {via: step.via + attempt, attemptsMax: 1}) : askDesk(step, shop);
}

function isWire(step: AskStep): step is HubStep | GatewayStep {
	return 'via' in step;
}

/** What was refused may be done now; either is right, and counts from now on. */
async function askRefused(shop: Shop, note: (problem: string | undefined) => void): Promise<void> {
	await each(shop.promises.refused(), async ({step}) => {
		note(await again(step, shop));
	});
}

/** A few at a time, in their order. */
async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
	const queue = items.values();
	await Promise.all(
		Array.from({length: atOnce}, async () => {
			for (const item of queue) {
				await work(item);
			}
		}),
	);
}

type Row = {readonly id: string; readonly available: string; readonly held: string; readonly owed: string};

/** What the database says each card has, against what the answers left on it. */
async function balances(shop: Shop, note: (problem: string | undefined) => void): Promise<string[]> {
	const found = await compare(shop);
	if (found.length === 0) {
		return [];
	}

	// An attempt that was given up long ago may have been done only now, which its answer tells.
	await askRefused(shop, note);
	return compare(shop);
}

async function compare({world, store, promises}: Shop): Promise<string[]> {
	const rows = await query<Row>(
		world.database.directUrl(world.databaseName),
		`SELECT replace(public_id::text, '-', '') AS id, available::text, held::text FROM cards WHERE merchant_id = 1`,
	);
	const byId = new Map(rows.map(row => [row.id, row]));
	return store.flatMap(({id}, place) => {
		const row = byId.get(id);
		if (row === undefined) {
			return [`Card ${place} is gone.`];
		}

		const {low, high} = promises.balance(place, openedWith);
		const least = mayHaveExpired(place, world.clockMax()) ? 0 : low;
		const has = Number(row.available);
		return [
			...(has < least || has > high
				? [
						`Card ${place} has ${has} cents, and by the answers ${least === high ? high : `${least} to ${high}`}`,
					]
				: []),
			...(has < 0 || Number(row.held) < 0 ? [`Card ${place} is overdrawn: ${has}, held ${row.held}`] : []),
		];
	});
}

function mayHaveExpired(place: number, clock: number): boolean {
	return (cards.expiring as readonly number[]).includes(place) && clock > (expiresAfterDays - 1) * day;
}

/** Every transaction that was answered is listed, and nothing else is. */
async function lists(shop: Shop): Promise<string[]> {
	const problems: string[] = [];
	await each([...shop.store.entries()], async ([place, {id}]) => {
		const request = {method: 'GET', path: `/giftcards/${id}/transactions`} as const;
		let heard = await send(shop.world, place, request);
		for (let attempt = 1; attempt < attemptsMax && (heard === undefined || heard.status === 503); attempt++) {
			heard = await send(shop.world, place + attempt, request);
		}

		if (heard?.status !== 200) {
			problems.push(`The transactions of card ${place} were answered ${heard?.status ?? 'with nothing'}`);
			return;
		}

		const listed = new Set((JSON.parse(heard.text) as {id: string}[]).map(one => one.id));
		if (listed.size === transactionsMax) {
			// The list has only the latest; that the others are there is known from asking for each of them again.
			return;
		}

		const promised = shop.promises
			.bound()
			.filter(
				({step, final}) =>
					(step.do === 'debit' || step.do === 'credit') && step.card === place && final?.isDone,
			);
		const lost = promised.filter(({final}) => !listed.has(final?.id ?? ''));
		problems.push(...lost.map(({step}) => `Step ${step.n} was answered, and card ${place} does not list it`));
	});
	return problems;
}

/** The audit, as `ledger:audit` makes it. */
async function books({world}: Shop): Promise<string[]> {
	const database = await openDatabase(world.database.directUrl(world.databaseName), {
		purpose: 'general',
		patienceMs: 60_000,
	});
	try {
		const {checks} = await audit(database.prisma);
		return checks
			.filter(({ok}) => !ok)
			.map(({name, found, findings}) => `Audit: ${name}: ${found} findings, ${JSON.stringify(findings[0])}`);
	} finally {
		await database.close();
	}
}
