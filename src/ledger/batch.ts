import {type Books} from './books.ts';
import {type Instant} from './calendar.ts';
import {type Command, type CommandOfPayment, keyText} from './commands.ts';
import {decide} from './decide/index.ts';
import {type Circumstances, type Decision} from './decide/decision.ts';
import {type Effect} from './entry.ts';
import {refusals} from './refusals.ts';
import {type Stopwatch} from './stages.ts';
import {type Outcome, type Remembered, rememberedAs, replay} from './remembered.ts';
import {lockAndLoad, runOf} from './lock-and-load.ts';
import {type Transaction} from './store/ask.ts';
import {awaitStandby} from './store/standby.ts';
import {write} from './store/write.ts';
import {type BatchRecord, emptyRecord} from './store/write-set.ts';

export {type Outcome} from './remembered.ts';

/** The merchant whose commands a batch holds. */
export type MerchantClock = {readonly id: number; readonly timeZone: string};

export type BatchTools = {
	readonly merchant: MerchantClock;
	/** Asked for what is read together with the locks, and again once they are there: that is when everything is decided (B14). */
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
	const {merchant, clock, stopwatch, newId} = tools;
	const {books, now, versions, remembered, undoneRuns} = await lockAndLoad(
		tx,
		{merchantId: merchant.id, clock, stopwatch},
		commands,
		further,
	);
	const circumstances = {now, timeZone: merchant.timeZone, newId};
	const record = emptyRecord();
	const ledger = {remembered, record, circumstances, undoneRuns};
	const outcomes = commands.map(command => settle(books, command, ledger));
	stopwatch?.lap('decide');
	await write(tx, {merchantId: merchant.id, now, changes: books.changes(), versions, ...record});
	stopwatch?.lap('write');
	// A card that was issued before is remembered without being locked; all else has locked its rows, which counts as writing.
	if (versions.size === 0 && books.payments.size === 0 && outcomes.some(isReplay)) {
		await awaitStandby(tx, merchant.id);
	}

	return outcomes;
}

function isReplay(outcome: Outcome): boolean {
	return outcome.isReplay;
}

/** What a command is decided with, besides the books. */
export type Ledger = {
	readonly remembered: Map<string, Remembered>;
	readonly record: BatchRecord;
	readonly circumstances: Circumstances;
	/** Imports of the batch that were taken back. */
	readonly undoneRuns?: ReadonlySet<number>;
};

/** The key is looked at before anything else: a repeated command moves nothing, whatever has changed since (A7). */
export function settle(books: Books, command: Command, ledger: Ledger): Outcome {
	const {remembered, record, circumstances, undoneRuns} = ledger;
	const known = rememberedAs(command, remembered, books.payments);
	if (known !== undefined) {
		return replay(known, command);
	}

	const runId = runOf(command);
	if (runId !== undefined && undoneRuns?.has(runId) === true) {
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
