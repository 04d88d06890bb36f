import {Books} from './books.ts';
import {type Instant} from './calendar.ts';
import {cardsOf, type Command, type CommandOfPayment, keyText} from './commands.ts';
import {decide} from './decide/index.ts';
import {type Circumstances, type Decision} from './decide/decision.ts';
import {type Effect} from './entry.ts';
import {refusals} from './refusals.ts';
import {type Stopwatch} from './stages.ts';
import {type Outcome, type Remembered, rememberedAs, replay} from './remembered.ts';
import {ask, askTogether, type Transaction} from './store/ask.ts';
import {reading, take} from './store/load.ts';
import {addPrograms} from './store/load-programs.ts';
import {lockOrders} from './store/lock-orders.ts';
import {lockPayments} from './store/lock-payments.ts';
import {lockRuns} from './store/lock-runs.ts';
import {lockedCards, lockingCards} from './store/lock.ts';
import {awaitStandby} from './store/standby.ts';
import {write} from './store/write.ts';
import {type BatchRecord, emptyRecord} from './store/write-set.ts';
import {beyond, wantedBy} from './wanted.ts';

export {type Outcome} from './remembered.ts';

/** The merchant whose commands a batch holds. */
export type MerchantClock = {readonly id: number; readonly timeZone: string};

export type BatchTools = {
	readonly merchant: MerchantClock;
	/** Asked once, after the locks (B14). */
	readonly clock: () => Instant;
	readonly newId: () => string;
	readonly stopwatch?: Stopwatch;
};

/**
 * Lock, load, decide, write: everything between BEGIN and COMMIT, for commands of one merchant in their order. The
 * outcomes must not be told to anybody before the commit.
 * @param further - cards to be locked besides those that the commands name
 * @throws {MoreCardsError} when one of them gives on what comes back to it to a card that is not locked (A2)
 */
export async function runBatch(
	tx: Transaction,
	tools: BatchTools,
	commands: readonly Command[],
	further: readonly string[] = [],
): Promise<Outcome[]> {
	const {merchant} = tools;
	const books = new Books();
	// Roots before cards (A1), and only where there are any: a batch of gift cards pays nothing for them.
	const runIds = [...new Set(commands.flatMap(command => runOf(command) ?? []))];
	const undoneRuns = runIds.length === 0 ? none : await lockRuns(tx, merchant.id, runIds);
	await lockRoots(tx, books, merchant.id, commands);
	const booked = [...books.orders.values()].flatMap(({bookings}) => [...bookings.keys()]);
	const cardIds = new Set([...commands.flatMap(cardsOf), ...booked, ...further]);
	const {now, versions, remembered} = await lockAndLoad(tx, books, tools, {commands, cardIds: [...cardIds]});
	const circumstances = {now, timeZone: merchant.timeZone, newId: tools.newId};
	const record = emptyRecord();
	const ledger = {remembered, record, circumstances, undoneRuns};
	const outcomes = commands.map(command => settle(books, command, ledger));
	tools.stopwatch?.lap('decide');
	await write(tx, {merchantId: merchant.id, now, changes: books.changes(), versions, ...record});
	tools.stopwatch?.lap('write');
	// A card that was issued before is remembered without being locked; all else has locked its rows, which counts as writing.
	if (versions.size === 0 && books.payments.size === 0 && outcomes.some(isReplay)) {
		await awaitStandby(tx, merchant.id);
	}

	return outcomes;
}

type Known = {
	readonly now: Instant;
	/** Of the locked cards, as they were read. */
	readonly versions: Map<string, bigint>;
	readonly remembered: Map<string, Remembered>;
};

// Longer than a batch waits for a lock.
const aheadMs = 1000;

/**
 * Lock the cards and read into the books what the commands need. Most of that is known before the cards are: it is asked for in the same
 * breath, good for every moment at which the locks may be there. What the cards turn out to need besides is asked for afterwards.
 */
async function lockAndLoad(
	tx: Transaction,
	books: Books,
	{merchant, clock, stopwatch}: BatchTools,
	{commands, cardIds}: {readonly commands: readonly Command[]; readonly cardIds: readonly string[]},
): Promise<Known> {
	const merchantId = merchant.id;
	const from = clock();
	const moments = {from, until: from + aheadMs};
	const foreseen = isForeseeable(commands) ? wantedBy(commands, books) : undefined;
	const ahead = foreseen && reading({merchantId, moments, wanted: foreseen, locked: []});
	const answer = await askTogether(tx, lockingCards(merchantId, cardIds), ahead);
	const locked = lockedCards(answer);
	for (const {card} of locked) {
		books.cards.set(card.id, card);
	}

	needAll(books);
	const versions = new Map(locked.map(({card}) => [card.id, card.version]));
	stopwatch?.lap('lock');
	const now = clock();
	await addPrograms(tx, merchantId, locked, now);
	const wanted = wantedBy(commands, books);
	const left = foreseen ? beyond(wanted, foreseen, moments.from <= now && now <= moments.until) : wanted;
	const remembered = take(books, answer, []);
	const rest = reading({merchantId, moments: {from: now, until: now}, wanted: left, locked});
	if (rest !== undefined) {
		take(books, await ask(tx, rest), locked).forEach((known, key) => remembered.set(key, known));
	}

	stopwatch?.lap('load');
	return {now, versions, remembered};
}

/** What was given for an order is looked for on the wallets that took over from others, and only the cards know which. */
function isForeseeable(commands: readonly Command[]): boolean {
	return commands.every(({verb}) => verb !== 'earn');
}

function isReplay(outcome: Outcome): boolean {
	return outcome.isReplay;
}

/** A batch never locks a card after its lock step (A2): it is to run again with these, too. */
export class MoreCardsError extends Error {
	readonly cardIds: readonly string[];

	constructor(cardIds: readonly string[]) {
		super('Wallets of the batch were merged into others, which are to be locked with them.');
		this.name = 'MoreCardsError';
		this.cardIds = cardIds;
	}
}

/** What comes back to a wallet that was merged moves on, so the one that took over is locked with it (A13). */
function needAll({cards}: Books): void {
	const missing = [...cards.values()].flatMap(({forwardsTo}) =>
		forwardsTo === null || cards.has(forwardsTo) ? [] : [forwardsTo],
	);
	if (missing.length > 0) {
		throw new MoreCardsError(missing);
	}
}

/**
 * Payments first and then orders, each in one order, so that two batches that want roots of both sorts queue up. Under its lock an order
 * tells the wallets that it has booked to, which are locked with the other cards.
 */
async function lockRoots(
	tx: Transaction,
	books: Books,
	merchantId: number,
	commands: readonly Command[],
): Promise<void> {
	const payments = rootsOf(commands);
	for (const payment of payments.length === 0 ? [] : await lockPayments(tx, merchantId, payments)) {
		books.payments.set(payment.paymentId, payment);
	}

	const orders = [...new Set(commands.flatMap(one => (one.verb === 'earn' ? [one.orderId] : [])))];
	for (const order of orders.length === 0 ? [] : await lockOrders(tx, merchantId, orders)) {
		books.addOrder(order);
	}
}

/**
 * The payments to be locked. A create changes no row that is there, so it only reads; where there is none, inserting it is the lock:
 * when somebody else does so first, the key refuses the batch, which runs again and reads what they wrote.
 */
function rootsOf(commands: readonly Command[]): string[] {
	const roots = commands.flatMap(command =>
		'payment' in command && command.verb !== 'pay' ? [command.payment.paymentId] : [],
	);
	return [...new Set(roots)];
}

/** What a command is decided with, besides the books. */
export type Ledger = {
	readonly remembered: Map<string, Remembered>;
	readonly record: BatchRecord;
	readonly circumstances: Circumstances;
	/** Imports of the batch that were taken back. */
	readonly undoneRuns?: ReadonlySet<number>;
};

const none: ReadonlySet<number> = new Set();

/** The import that a command belongs to, by number. */
function runOf(command: Command): number | undefined {
	return 'runId' in command ? command.runId : undefined;
}

/** The key is looked at before anything else: a repeated command moves nothing, whatever has changed since (A7). */
export function settle(books: Books, command: Command, ledger: Ledger): Outcome {
	const {remembered, record, circumstances, undoneRuns = none} = ledger;
	const known = rememberedAs(command, remembered, books.payments);
	if (known !== undefined) {
		return replay(known, command);
	}

	const runId = runOf(command);
	if (runId !== undefined && undoneRuns.has(runId)) {
		return {kind: 'refused', refusal: 'runTakenBack', isReplay: false};
	}

	if (command.verb === 'issue') {
		openCard(books, command.cardId, command);
	}

	const decision = decide(books, command, circumstances);
	const at = circumstances.now;
	if ('payment' in command) {
		changePayment(books, command, {decision, record});
	}

	if (decision.kind === 'accepted') {
		books.post(decision.effect, at, command.actorId);
		noteDown(record, command, decision.effect);
	} else if (command.verb === 'issue') {
		books.cards.delete(command.cardId);
	}

	if (command.key !== null && isRemembered(decision)) {
		const {verb, amount, assetId} = command;
		const entry: Remembered = {verb, amount, assetId, at, outcome: decision};
		remembered.set(keyText(command.key), entry);
		record.decided.push({command, remembered: entry});
	}

	if (decision.kind === 'refused') {
		return {kind: 'refused', refusal: decision.refusal, isReplay: false};
	}

	const {id, moved, isSuperseded} = decision;
	return {kind: 'done', id, moved, at, isReplay: false, ...(isSuperseded && {isSuperseded})};
}

/** A denied payment is an outcome that stays, whatever the reason (A7). */
function isRemembered(decision: Decision): boolean {
	return (
		decision.kind === 'accepted' || decision.payment !== undefined || refusals[decision.refusal].isRemembered
	);
}

/** The payment's row, with what VTEX said when it created it, or with the outcome that VTEX is to be told. */
function changePayment(
	books: Books,
	command: CommandOfPayment,
	{decision, record}: {readonly decision: Decision; readonly record: BatchRecord},
): void {
	const change = decision.kind === 'accepted' ? decision.effect.payment : (decision.payment ?? null);
	if (change === null) {
		return;
	}

	const {paymentId, tid} = command.payment;
	books.change(change, tid);
	if (command.verb === 'pay') {
		record.openings.push({paymentId, particulars: command.opening.particulars});
	} else if (command.verb === 'conclude' && command.callback !== null) {
		record.callbacks.push({paymentId, ...command.callback});
	}
}

/** What was said about an entry, and who closed a card or let it last longer. A hold carries its own note. */
function noteDown(
	{notes, holds, cardChanges}: BatchRecord,
	command: Command,
	{entries, hold, status, extension}: Effect,
): void {
	const {note, actorId} = command;
	const entry = entries.find(({kind}) => kind !== 'authorize');
	const {orderId, requestId, description, reason, reasonCode} = note;
	const hasSaid = (orderId ?? requestId ?? description ?? reason ?? reasonCode) !== null;
	if (hold !== null) {
		holds.push({id: hold.id, source: 'source' in command ? command.source : 'payment', note});
	}

	if (entry !== undefined && hasSaid) {
		notes.push({entryId: entry.id, note});
	}

	const change = {actorId, reason: reason ?? '', reasonCode};
	if (status !== null) {
		cardChanges.push({...change, kind: 'close', cardId: status.cardId, formerExpiresAt: null});
	}

	if (extension !== null) {
		const {cardId, from} = extension;
		cardChanges.push({...change, kind: 'extend', cardId, formerExpiresAt: from});
	}
}

function openCard(books: Books, id: string, {assetId, card}: Extract<Command, {verb: 'issue'}>): void {
	if (books.cards.has(id)) {
		throw new Error(`Card ${id} exists already and cannot be issued again.`);
	}

	books.cards.set(id, {
		id,
		assetId,
		status: card.status,
		available: 0n,
		held: 0n,
		debt: 0n,
		version: 0n,
		restricted: card.restricted,
		singleUse: card.singleUse,
		rechargeable: card.rechargeable,
		owner: [],
		emittedAt: card.emittedAt,
		expiresAt: card.expiresAt,
		forwardsTo: null,
		program: null,
		lots: new Map(),
		uses: [],
	});
}
