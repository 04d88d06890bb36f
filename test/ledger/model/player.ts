import {type CardCommand, handKey, type KeyedCommand, noNote} from '../../../src/ledger/commands.ts';
import {
	assertUnchanged,
	auditBooks,
	checkAgainstReference,
	checkBooks,
	compare,
	fingerprintOf,
} from './checks.ts';
import {amountOf, restOf} from './limits.ts';
import {assets, day, issueOf, type MemoryLedger, openMemoryLedger, owner, publicIdOf} from './memory.ts';
import {newOrders, performEarn, type PlayedOrders} from './player-orders.ts';
import {newPayments, performPayment, type PlayedPayments} from './player-payments.ts';
import {refundable, uncaptured, valueIn} from './reference-holds.ts';
import {limitsOf, referenceOutcome} from './reference.ts';
import {
	addLot,
	type ReferenceCard,
	type ReferenceCommand,
	type ReferenceOperation,
	type ReferenceOutcome,
	type ReferenceProgram,
} from './reference-state.ts';
import {type AssetName, type CardKind, latest, type ProgramKind, type Step, type Story} from './steps.ts';

type KeyedCardCommand = Extract<KeyedCommand, CardCommand>;

/** An operation as both sides know it. */
export type Pair = {
	readonly id: string;
	readonly cardId: string;
	readonly assetId: number;
	readonly reference: ReferenceOperation;
};

export type PlayedCard = {readonly id: string; readonly reference: ReferenceCard};

/** A story on its way: the ledger, the reference beside it, and what was said to both. */
export type Play = {
	readonly ledger: MemoryLedger;
	/** Cards first, then wallets. */
	readonly cards: readonly PlayedCard[];
	readonly programs: readonly ReferenceProgram[];
	readonly operations: Pair[];
	readonly payments: PlayedPayments;
	readonly orders: PlayedOrders;
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
	const stage = openStage(story);
	checkAgainstReference(stage);
	const {books} = stage.ledger;
	const {entries} = books.changes();
	for (const step of story.steps) {
		const since = entries.length;
		perform(stage, step);
		checkBooks(books, since);
		checkAgainstReference(stage);
	}

	auditBooks(books);

	return stage;
}

function openStage({cards: kinds, programs: terms, wallets}: Story): Play {
	const ledger = openMemoryLedger();
	const cards = kinds.map((kind, index) => issue(ledger, String(index + 1), kind));
	const programs = terms.map((kind, index) => {
		ledger.changeProgram(assets.points + index, kind);
		return {assetId: assets.points + index, ...referenceTerms(kind)};
	});
	const opened = wallets.map(({program}, index) =>
		openWallet(ledger, String(cards.length + index + 1), programs[program]),
	);
	const together = {operations: [], payments: newPayments(), orders: newOrders()};
	const told = {remembered: new Map(), said: []};
	const stage: Play = {ledger, cards: [...cards, ...opened], programs, ...together, ...told};
	for (const [index, {first}] of wallets.entries()) {
		// An order of its own for the first points of each.
		performEarn(stage, cardOf(stage, cards.length + index), {
			...first,
			order: index,
			newer: 1,
			isKnown: true,
		});
	}

	return stage;
}

const notOfThisKind = {isSingleUse: false, isRestricted: false, isRechargeable: true} as const;

function newReferenceCard(id: string, assetId: number, program: ReferenceProgram | null): ReferenceCard {
	const nothingYet = {mergedInto: null, entries: 0, lots: [], debt: 0, earnings: [], opened: null};
	const always = {startsAt: -Infinity, expiresAt: Infinity};
	return {number: Number(id), status: 'active', assetId, program, ...notOfThisKind, ...always, ...nothingYet};
}

function issue(ledger: MemoryLedger, id: string, kind: CardKind): PlayedCard {
	ledger.submit(issueOf(id, kind));
	const card = ledger.books.cards.get(id);
	if (card !== undefined) {
		card.owner = [owner];
	}

	const reference: ReferenceCard = {
		...newReferenceCard(id, assets.currency, null),
		isSingleUse: kind.singleUse,
		isRestricted: kind.restricted,
		isRechargeable: kind.rechargeable,
		startsAt: ledger.now + kind.startsInDays * day,
		expiresAt: kind.lastsDays === null ? Infinity : ledger.now + kind.lastsDays * day,
		entries: 1,
	};
	addLot(reference, {
		parent: null,
		issued: kind.amount,
		isPromotional: false,
		spendableFrom: ledger.now,
		expiresAt: reference.expiresAt,
	});
	return {id, reference};
}

function openWallet(ledger: MemoryLedger, id: string, program: ReferenceProgram | undefined): PlayedCard {
	const assetId = program?.assetId ?? assets.currency;
	ledger.openWallet(id, assetId);
	return {id, reference: newReferenceCard(id, assetId, program ?? null)};
}

function referenceTerms({rate, least, most, graceDays, graceCapDays}: ProgramKind) {
	return {rates: {[assets.currency]: rate}, least, most: most ?? Infinity, graceDays, graceCapDays};
}

function cardOf({cards}: Play, index: number): PlayedCard {
	const card = cards[index % cards.length];
	if (card === undefined) {
		throw new Error('A story needs a card.');
	}

	return card;
}

function assetOf(card: PlayedCard, name: AssetName): number {
	return name === 'own' ? card.reference.assetId : name;
}

function perform(stage: Play, step: Step): void {
	const {ledger} = stage;
	switch (step.do) {
		case 'pass':
			ledger.passTime(step.ms);
			return;
		case 'passTo':
			passTo(stage, step);
			return;
		case 'redate':
		case 'block':
		case 'unblock':
			changeCard(ledger, cardOf(stage, step.card), step);
			return;
		case 'reprice':
			reprice(stage, step);
			return;
		case 'expire':
		case 'close':
			sweep(stage, cardOf(stage, step.card), step.do);
			return;
		case 'earn':
			performEarn(stage, cardOf(stage, step.card), step);
			return;
		case 'repeat': {
			const {command, reference} = stage.said[step.command % Math.max(1, stage.said.length)] ?? {};
			if (command !== undefined && reference !== undefined && 'amount' in reference) {
				const amount =
					command.amount +
					BigInt(command.verb === 'merge' || command.verb === 'extend' ? 0 : step.addedAmount);
				say(stage, {...command, amount}, {...reference, amount: Number(amount)} as ReferenceCommand);
			}

			return;
		}

		case 'pay':
		case 'settle':
		case 'refund':
		case 'cancel':
		case 'mendPayment':
			performPayment(stage, step);
			return;
		case 'transfer':
		case 'merge':
		case 'extend':
		case 'adjust':
		case 'authorize':
		case 'credit':
		case 'capture':
		case 'undo':
		case 'mend':
			sayStep(stage, step);
	}
}

/** Steps that are one command to a card under a key. */
function sayStep(
	stage: Play,
	step: Extract<
		Step,
		{do: 'transfer' | 'merge' | 'extend' | 'adjust' | 'authorize' | 'credit' | 'capture' | 'undo' | 'mend'}
	>,
): void {
	switch (step.do) {
		case 'transfer':
			transferOf(stage, cardOf(stage, step.card), cardOf(stage, step.to), step);
			return;
		case 'merge':
			mergeOf(stage, cardOf(stage, step.card), cardOf(stage, step.to), step);
			return;
		case 'extend':
			extendOf(stage, cardOf(stage, step.card), step);
			return;
		case 'adjust':
			adjustOf(stage, cardOf(stage, step.card), step);
			return;
		case 'authorize':
		case 'credit':
			transact(stage, cardOf(stage, step.card), step);
			return;
		case 'capture':
		case 'undo':
			operate(stage, step);
			return;
		case 'mend':
			mend(stage, step);
	}
}

function passTo({ledger, cards}: Play, {lot, ms}: Extract<Step, {do: 'passTo'}>): void {
	const times = cards
		.flatMap(({reference}) => reference.lots)
		.flatMap(({spendableFrom, expiresAt}) => [spendableFrom, expiresAt])
		.filter(time => time + ms > ledger.now && time < Infinity)
		.sort((a, b) => a - b);
	const time = times[lot % Math.max(1, times.length)];
	if (time !== undefined) {
		ledger.passTime(time + ms - ledger.now);
	}
}

function changeCard(
	ledger: MemoryLedger,
	card: PlayedCard,
	step: Extract<Step, {do: 'redate' | 'block' | 'unblock'}>,
): void {
	if (card.reference.status === 'closed') {
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

/** Two rates of one instant would be one too many. */
function reprice({ledger, programs}: Play, {program, terms}: Extract<Step, {do: 'reprice'}>): void {
	const reference = programs[program];
	if (reference !== undefined) {
		ledger.passTime(1);
		ledger.changeProgram(reference.assetId, terms);
		Object.assign(reference, referenceTerms(terms));
	}
}

function sweep({ledger}: Play, card: PlayedCard, verb: 'expire' | 'close'): void {
	const expected = referenceOutcome({verb, card: card.reference}, ledger.now);
	const outcome = ledger.submit({verb, cardId: card.id, actorId: 1, note: noNote, key: null});
	compare(outcome, expected, false);
}

function transact(stage: Play, card: PlayedCard, step: Extract<Step, {do: 'authorize' | 'credit'}>): void {
	const assetId = assetOf(card, step.assetId);
	const amount = amountOf(step.amount, restOf(card.reference, assetId, stage.ledger.now));
	const common = {
		cardId: card.id,
		actorId: 1,
		note: noNote,
		assetId,
		amount: BigInt(amount),
		key: {scope: publicIdOf(card.id), space: 'transaction', key: `r${step.key}`},
	} as const;
	if (step.do === 'credit') {
		const isPromotional = /Promotional|Courtesy/.test(step.origin);
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
	from: PlayedCard,
	to: PlayedCard,
	step: Extract<Step, {do: 'transfer'}>,
): void {
	const assetId = assetOf(from, step.assetId);
	const rest = restOf(from.reference, from.reference.assetId, stage.ledger.now);
	const amount = step.everything ? 0 : amountOf(step.amount, rest);
	const key = {scope: publicIdOf(from.id), space: 'transfer', key: `r${step.key}`} as const;
	const common = {cardId: from.id, targetId: to.id, actorId: 1, note: why, assetId, amount: BigInt(amount)};
	say(
		stage,
		{...common, verb: 'transfer', key},
		{verb: 'transfer', card: from.reference, target: to.reference, amount, assetId},
	);
}

/** Only wallets are merged. */
function mergeOf(stage: Play, from: PlayedCard, to: PlayedCard, step: Extract<Step, {do: 'merge'}>): void {
	if (from.reference.program === null || to.reference.program === null) {
		return;
	}

	const assetId = assetOf(from, step.assetId);
	const key = {scope: publicIdOf(from.id), space: 'merge', key: `r${step.key}`} as const;
	say(
		stage,
		{verb: 'merge', cardId: from.id, targetId: to.id, actorId: 1, note: why, assetId, amount: 0n, key},
		{verb: 'merge', card: from.reference, target: to.reference, amount: 0, assetId},
	);
}

function extendOf(stage: Play, card: PlayedCard, step: Extract<Step, {do: 'extend'}>): void {
	const until = stage.ledger.now + step.days * day;
	const {assetId} = card.reference;
	const key = {scope: publicIdOf(card.id), space: 'extension', key: `r${step.key}`} as const;
	const common = {cardId: card.id, actorId: 1, note: why, assetId, amount: 0n, key};
	say(
		stage,
		{...common, verb: 'extend', expiresAt: until},
		{verb: 'extend', card: card.reference, amount: 0, until},
	);
}

function adjustOf(stage: Play, card: PlayedCard, step: Extract<Step, {do: 'adjust'}>): void {
	const {now} = stage.ledger;
	const {assetId} = card.reference;
	const size = amountOf(step.amount, restOf(card.reference, assetId, stage.ledger.now));
	const amount = step.takes ? -size : size;
	const own = step.days === undefined ? undefined : now + step.days * day;
	const key = {scope: publicIdOf(card.id), space: 'adjustment', key: `r${step.key}`} as const;
	const common = {cardId: card.id, actorId: 1, note: why, assetId, amount: BigInt(amount), key};
	say(
		stage,
		{...common, verb: 'adjust', expiresAt: own},
		{verb: 'adjust', card: card.reference, amount, expiresAt: own ?? card.reference.expiresAt},
	);
}

function operationOf({operations}: Play, number: number): Pair | undefined {
	return operations.at(number === latest ? -1 : number % Math.max(1, operations.length));
}

function operate(stage: Play, step: Extract<Step, {do: 'capture' | 'undo'}>): void {
	const pair = operationOf(stage, step.operation);
	if (pair === undefined) {
		return;
	}

	const {id, cardId, assetId, reference: operation} = pair;
	const amount = amountOf(step.amount, limitsOf(operation, step.do));
	const key = {scope: id, space: step.do, key: `r${step.key}`} as const;
	const common = {cardId, actorId: 1, note: noNote, assetId, amount: BigInt(amount), key};
	say(
		stage,
		step.do === 'capture'
			? {...common, verb: 'capture', holdId: id}
			: {...common, verb: 'undo', operationId: id},
		{verb: step.do, operation, amount},
	);
}

/** By hand: the same operations, with keys of their own. */
function mend(stage: Play, {how, everything, ...step}: Extract<Step, {do: 'mend'}>): void {
	const pair = operationOf(stage, step.operation);
	if (pair === undefined) {
		return;
	}

	const {id, cardId, assetId, reference: operation} = pair;
	const rest =
		operation.kind === 'credit' ? 1 : valueIn(operation, how === 'refund' ? refundable : uncaptured);
	const {whole} = limitsOf(operation, 'undo');
	const amount = everything ? 0 : amountOf(step.amount, {rest, whole});
	const key = handKey(id, how, `r${step.key}`);
	const common = {cardId, actorId: 1, note: why, assetId, amount: BigInt(amount), key};
	say(
		stage,
		how === 'capture'
			? {...common, verb: 'capture', holdId: id, byHand: true}
			: {...common, verb: 'undo', operationId: id, byHand: how},
		{verb: 'mend', how, operation, amount},
	);
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
		const {cardId, assetId} = command;
		stage.operations.push({id: outcome.id, cardId, assetId, reference: expected.operation});
	}

	if (typeof expected !== 'string' || staysRefused(command, expected)) {
		remembered.set(name, {command, outcome: expected, id: outcome.kind === 'done' ? outcome.id : ''});
	}
}

/** What a card refuses of value that comes or goes stays refused (A7), but not what the other card of a transfer has against it. */
function staysRefused({verb}: KeyedCommand, refusal: string): boolean {
	return (
		['authorize', 'credit', 'transfer', 'merge', 'adjust', 'extend'].includes(verb) &&
		!/^(?:target|same|date|already)/.test(refusal)
	);
}

/** Value that an administrator gives is no operation of VTEX's, which could be taken back under its id. */
function isGrant(command: KeyedCommand): boolean {
	return command.verb === 'credit' && command.origin !== 'fundingCredit';
}
