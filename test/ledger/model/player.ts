import {type Outcome} from '../../../src/ledger/batch.ts';
import {type CardCommand, type KeyedCommand, noNote} from '../../../src/ledger/commands.ts';
import {checkAgainstReference, checkBooks, fingerprintOf} from './checks.ts';
import {day, issueOf, type MemoryLedger, openMemoryLedger, owner, publicIdOf} from './memory.ts';
import {limitsOf, referenceBalance, referenceOutcome} from './reference.ts';
import {
	addLot,
	type ReferenceCard,
	type ReferenceCommand,
	type ReferenceOperation,
	type ReferenceOutcome,
} from './reference-state.ts';
import {type Amount, type CardKind, type Step, type Story} from './steps.ts';

type KeyedCardCommand = Extract<KeyedCommand, CardCommand>;

/** An operation as both sides know it. */
export type Pair = {readonly id: string; readonly cardId: string; readonly reference: ReferenceOperation};

/** A story on its way: the ledger, the reference beside it, and what was said to both. */
export type Play = {
	readonly ledger: MemoryLedger;
	readonly cards: readonly {readonly id: string; readonly reference: ReferenceCard}[];
	readonly operations: Pair[];
	/** Commands that were remembered, by scope, space and key, with the reference's outcome. */
	readonly remembered: Map<
		string,
		{readonly command: KeyedCardCommand; readonly outcome: ReferenceOutcome; readonly id: string}
	>;
	readonly said: {readonly command: KeyedCardCommand; readonly reference: ReferenceCommand}[];
};

/**
 * Tell a story to the books and to the reference, and compare them after every step.
 * @throws {Error} at the first difference
 */
export function play(story: Story): Play {
	const ledger = openMemoryLedger();
	const cards = story.cards.map((kind, index) => issue(ledger, String(index + 1), kind));
	const stage: Play = {ledger, cards, operations: [], remembered: new Map(), said: []};
	checkAgainstReference(stage);
	for (const step of story.steps) {
		perform(stage, step);
		checkBooks(stage.ledger.books);
		checkAgainstReference(stage);
	}

	return stage;
}

function issue(ledger: MemoryLedger, id: string, kind: CardKind): Play['cards'][number] {
	ledger.submit(issueOf(id, kind));
	const card = ledger.books.cards.get(id);
	if (card !== undefined) {
		card.owner = [owner];
	}

	const reference: ReferenceCard = {
		status: 'active',
		isSingleUse: kind.singleUse,
		isRestricted: kind.restricted,
		isRechargeable: kind.rechargeable,
		startsAt: ledger.now + kind.startsInDays * day,
		expiresAt: kind.lastsDays === null ? Infinity : ledger.now + kind.lastsDays * day,
		entries: 1,
		lots: [],
		opened: null,
	};
	addLot(reference, {
		parent: null,
		issued: kind.amount,
		isPromotional: false,
		expiresAt: reference.expiresAt,
	});
	return {id, reference};
}

function perform(stage: Play, step: Step): void {
	const {ledger, cards} = stage;
	switch (step.do) {
		case 'pass':
			ledger.passTime(step.ms);
			return;
		case 'redate':
		case 'block':
		case 'unblock':
			changeCard(ledger, cards[step.card], step);
			return;
		case 'expire':
		case 'close':
			sweep(stage, cards[step.card], step.do);
			return;
		case 'repeat': {
			const {command, reference} = stage.said[step.command % Math.max(1, stage.said.length)] ?? {};
			if (command !== undefined && reference !== undefined && 'amount' in reference) {
				const amount = command.amount + BigInt(step.addedAmount);
				say(stage, {...command, amount}, {...reference, amount: Number(amount)});
			}

			return;
		}

		case 'transfer':
			transferOf(stage, cards[step.card], cards[step.to], step);
			return;
		case 'adjust':
			adjustOf(stage, cards[step.card], step);
			return;
		case 'authorize':
		case 'credit':
			transact(stage, cards[step.card], step);
			return;
		case 'capture':
		case 'undo':
			operate(stage, step);
	}
}

function changeCard(
	ledger: MemoryLedger,
	card: Play['cards'][number] | undefined,
	step: Extract<Step, {do: 'redate' | 'block' | 'unblock'}>,
): void {
	if (card === undefined || card.reference.status === 'closed') {
		return;
	}

	if (step.do === 'redate') {
		const expiresAt = step.days === null ? null : ledger.now + step.days * day;
		card.reference.expiresAt = expiresAt ?? Infinity;
		ledger.changeCard(card.id, {expiresAt});
	} else {
		card.reference.status = step.do === 'block' ? 'blocked' : 'active';
		ledger.changeCard(card.id, {status: card.reference.status});
	}
}

function sweep({ledger}: Play, card: Play['cards'][number] | undefined, verb: 'expire' | 'close'): void {
	if (card === undefined) {
		return;
	}

	const expected = referenceOutcome({verb, card: card.reference}, ledger.now);
	const outcome = ledger.submit({verb, cardId: card.id, actorId: 1, note: noNote, key: null});
	compare(outcome, expected, false);
}

function transact(
	stage: Play,
	card: Play['cards'][number] | undefined,
	step: Extract<Step, {do: 'authorize' | 'credit'}>,
): void {
	if (card === undefined) {
		return;
	}

	const amount = amountOf(step.amount, restOf(stage, card));
	const {assetId} = step;
	const common = {
		cardId: card.id,
		actorId: 1,
		note: noNote,
		assetId,
		amount: BigInt(amount),
		key: {scope: publicIdOf(card.id), space: 'transaction', key: `r${step.key}`},
	} as const;
	if (step.do === 'credit') {
		const isPromotional = step.origin === 'fundingPromotional';
		say(
			stage,
			{...common, verb: 'credit', origin: step.origin},
			{verb: 'credit', card: card.reference, amount, assetId, isPromotional},
		);
	} else {
		const presented = {owner: [owner], other: [{kind: 'profile', value: 'another'}], nobody: []} as const;
		say(
			stage,
			{...common, verb: 'authorize', source: 'giftCard', presented: presented[step.by]},
			{verb: 'authorize', card: card.reference, amount, assetId, by: step.by},
		);
	}
}

const why = {...noNote, reason: 'mended'};

function transferOf(
	stage: Play,
	from: Play['cards'][number] | undefined,
	to: Play['cards'][number] | undefined,
	step: Extract<Step, {do: 'transfer'}>,
): void {
	if (from === undefined || to === undefined) {
		return;
	}

	const {assetId} = step;
	const amount = step.everything ? 0 : amountOf(step.amount, restOf(stage, from));
	const key = {scope: publicIdOf(from.id), space: 'transfer', key: `r${step.key}`} as const;
	const common = {cardId: from.id, targetId: to.id, actorId: 1, note: why, assetId, amount: BigInt(amount)};
	say(
		stage,
		{...common, verb: 'transfer', key},
		{verb: 'transfer', card: from.reference, target: to.reference, amount, assetId},
	);
}

function adjustOf(
	stage: Play,
	card: Play['cards'][number] | undefined,
	step: Extract<Step, {do: 'adjust'}>,
): void {
	if (card === undefined) {
		return;
	}

	const {now} = stage.ledger;
	const size = amountOf(step.amount, restOf(stage, card));
	const amount = step.takes ? -size : size;
	const own = step.days === undefined ? undefined : now + step.days * day;
	const key = {scope: publicIdOf(card.id), space: 'adjustment', key: `r${step.key}`} as const;
	const common = {cardId: card.id, actorId: 1, note: why, assetId: 1, amount: BigInt(amount), key};
	say(
		stage,
		{...common, verb: 'adjust', expiresAt: own},
		{verb: 'adjust', card: card.reference, amount, expiresAt: own ?? card.reference.expiresAt},
	);
}

function restOf({ledger}: Play, {reference}: Play['cards'][number]): {rest: number; whole: number} {
	const whole = reference.lots.reduce((sum, lot) => sum + lot.remaining, 0);
	return {rest: referenceBalance(reference, ledger.now), whole};
}

function operate(stage: Play, step: Extract<Step, {do: 'capture' | 'undo'}>): void {
	const pair = stage.operations[step.operation % Math.max(1, stage.operations.length)];
	if (pair === undefined) {
		return;
	}

	const {id, cardId, reference: operation} = pair;
	const amount = amountOf(step.amount, limitsOf(operation, step.do));
	const key = {scope: id, space: step.do, key: `r${step.key}`} as const;
	const common = {cardId, actorId: 1, note: noNote, assetId: 1, amount: BigInt(amount), key};
	say(
		stage,
		step.do === 'capture'
			? {...common, verb: 'capture', holdId: id}
			: {...common, verb: 'undo', operationId: id},
		{verb: step.do, operation, amount},
	);
}

function amountOf(amount: Amount, {rest, whole}: {readonly rest: number; readonly whole: number}): number {
	const limits = {rest, oneMoreThanRest: rest + 1, whole};
	return Math.max(1, typeof amount === 'number' ? amount : limits[amount]);
}

/** Submit a command with a key to both sides: what is remembered is not put to the reference again. */
function say(stage: Play, command: KeyedCardCommand, reference: ReferenceCommand): void {
	const {ledger, remembered} = stage;
	const name = `${command.key.scope} ${command.key.space} ${command.key.key}`;
	const known = remembered.get(name);
	const before = fingerprintOf(ledger);
	const outcome = ledger.submit(command);
	stage.said.push({command, reference});
	if (known !== undefined) {
		const isSame =
			known.command.verb === command.verb &&
			known.command.amount === command.amount &&
			known.command.assetId === command.assetId;
		compare(outcome, isSame ? known.outcome : 'keyConflict', isSame, known.id);
		assertUnchanged(before, ledger);
		return;
	}

	const expected = referenceOutcome(reference, ledger.now);
	compare(outcome, expected, false);
	if (typeof expected === 'string') {
		assertUnchanged(before, ledger);
	} else if (expected.operation !== undefined && outcome.kind === 'done' && !isGrant(command)) {
		stage.operations.push({id: outcome.id, cardId: command.cardId, reference: expected.operation});
	}

	if (typeof expected !== 'string' || staysRefused(command, expected)) {
		remembered.set(name, {command, outcome: expected, id: outcome.kind === 'done' ? outcome.id : ''});
	}
}

/** What a card refuses of value that comes or goes stays refused (A7), but not what the other card of a transfer has against it. */
function staysRefused({verb}: KeyedCommand, refusal: string): boolean {
	return ['authorize', 'credit', 'transfer', 'adjust'].includes(verb) && !/^(?:target|same)/.test(refusal);
}

/** Value that an administrator gives is no operation of VTEX's, which could be taken back under its id. */
function isGrant(command: KeyedCommand): boolean {
	return command.verb === 'credit' && command.origin !== 'fundingCredit';
}

function compare(outcome: Outcome, expected: ReferenceOutcome, isReplay: boolean, id?: string): void {
	const found = outcome.kind === 'refused' ? outcome.refusal : Number(outcome.moved);
	const wanted = typeof expected === 'string' ? expected : expected.moved;
	if (found !== wanted || outcome.isReplay !== isReplay) {
		throw new Error(
			`The ledger says ${found}, replay ${outcome.isReplay}; the reference ${wanted}, ${isReplay}.`,
		);
	}

	if (outcome.kind === 'done' && isReplay && outcome.id !== id) {
		throw new Error(
			`A replay answers with the id ${outcome.id} where the first answer said ${id ?? 'nothing'}.`,
		);
	}
}

function assertUnchanged(before: string, ledger: MemoryLedger): void {
	if (fingerprintOf(ledger) !== before) {
		throw new Error('A command without effect changed the ledger.');
	}
}
