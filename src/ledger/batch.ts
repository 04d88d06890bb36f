import {Books} from './books.ts';
import {type Instant} from './calendar.ts';
import {type Command, isSameCommand, type KeyedCommand, keyText} from './commands.ts';
import {decide} from './decide/index.ts';
import {type Circumstances} from './decide/decision.ts';
import {type Effect} from './entry.ts';
import {type Refusal, refusals} from './refusals.ts';
import {load, type Wanted} from './store/load.ts';
import {lockCards, type Transaction} from './store/lock.ts';
import {type Remembered} from './store/rows.ts';
import {write} from './store/write.ts';
import {type BatchRecord} from './store/write-set.ts';

/** The merchant whose commands a batch holds. */
export type MerchantClock = {readonly id: number; readonly timeZone: string};

/**
 * What became of a command. `id` is the hold or entry it made, `moved` what really moved in minor units, `at` when it
 * was decided. `isReplay`: it had been decided before, and this is that answer again.
 */
export type Outcome =
	| {
			readonly kind: 'done';
			readonly id: string;
			readonly moved: bigint;
			readonly at: Instant;
			readonly isReplay: boolean;
	  }
	| {readonly kind: 'refused'; readonly refusal: Refusal; readonly isReplay: boolean};

export type BatchTools = {
	readonly merchant: MerchantClock;
	/** Asked once, after the locks (B14). */
	readonly clock: () => Instant;
	readonly newId: () => string;
};

/**
 * Lock, load, decide, write: everything between BEGIN and COMMIT, for commands of one merchant in their order. The
 * outcomes must not be told to anybody before the commit.
 */
export async function runBatch(
	tx: Transaction,
	tools: BatchTools,
	commands: readonly Command[],
): Promise<Outcome[]> {
	const {merchant} = tools;
	const books = new Books();
	const locked = await lockCards(tx, merchant.id, [...new Set(commands.map(({cardId}) => cardId))]);
	const versions = new Map(locked.map(({card}) => [card.id, card.version]));
	for (const {card} of locked) {
		books.cards.set(card.id, card);
	}

	const now = tools.clock();
	const remembered = await load(tx, books, {
		merchantId: merchant.id,
		now,
		locked,
		wanted: wantedBy(commands),
	});
	const circumstances = {now, timeZone: merchant.timeZone, newId: tools.newId};
	const record: BatchRecord = {decided: [], notes: [], closings: []};
	const outcomes = commands.map(command => settle(books, command, {remembered, record, circumstances}));
	await write(tx, {merchantId: merchant.id, now, changes: books.changes(), versions, ...record});
	return outcomes;
}

/** What a command is decided with, besides the books. */
export type Ledger = {
	readonly remembered: Map<string, Remembered>;
	readonly record: BatchRecord;
	readonly circumstances: Circumstances;
};

/** The key is looked at before anything else: a repeated command moves nothing, whatever has changed since (A7). */
export function settle(books: Books, command: Command, {remembered, record, circumstances}: Ledger): Outcome {
	const known = command.key === null ? undefined : remembered.get(keyText(command.key));
	if (known !== undefined && command.key !== null) {
		return replay(known, command);
	}

	if (command.verb === 'issue') {
		openCard(books, command.cardId, command);
	}

	const decision = decide(books, command, circumstances);
	const at = circumstances.now;
	if (decision.kind === 'accepted') {
		books.post(decision.effect, at, command.actorId);
		noteDown(record, command, decision.effect);
	} else if (command.verb === 'issue') {
		books.cards.delete(command.cardId);
	}

	const isRemembered = decision.kind === 'accepted' || refusals[decision.refusal].isRemembered;
	if (command.key !== null && isRemembered) {
		const {verb, amount, assetId} = command;
		const entry: Remembered = {verb, amount, assetId, at, outcome: decision};
		remembered.set(keyText(command.key), entry);
		record.decided.push({command, remembered: entry});
	}

	return decision.kind === 'refused'
		? {kind: 'refused', refusal: decision.refusal, isReplay: false}
		: {kind: 'done', id: decision.id, moved: decision.moved, at, isReplay: false};
}

/** What was said about an entry, and who closed a card. A hold carries its own note. */
function noteDown({notes, closings}: BatchRecord, {note, actorId}: Command, {entries, status}: Effect): void {
	const [entry] = entries;
	const {orderId, requestId, description, reason} = note;
	const hasSaid = (orderId ?? requestId ?? description ?? reason) !== null;
	if (entry !== undefined && entry.kind !== 'authorize' && hasSaid) {
		notes.push({entryId: entry.id, note});
	}

	if (status !== null) {
		closings.push({cardId: status.cardId, actorId, reason: reason ?? ''});
	}
}

/** The stored outcome of a command that was decided before; a conflict when its content is another (A18). */
export function replay({outcome, at, ...known}: Remembered, command: KeyedCommand): Outcome {
	if (!isSameCommand(known, command)) {
		return {kind: 'refused', refusal: 'keyConflict', isReplay: false};
	}

	return outcome.kind === 'refused'
		? {kind: 'refused', refusal: outcome.refusal, isReplay: true}
		: {kind: 'done', id: outcome.id, moved: outcome.moved, at, isReplay: true};
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
		version: 0n,
		restricted: card.restricted,
		singleUse: card.singleUse,
		rechargeable: card.rechargeable,
		owner: [],
		emittedAt: card.emittedAt,
		expiresAt: card.expiresAt,
		lots: new Map(),
		uses: [],
	});
}

function wantedBy(commands: readonly Command[]): Wanted {
	const emptied = new Set<string>();
	const operations = new Set<string>();
	for (const command of commands) {
		if (command.verb === 'capture') {
			operations.add(command.holdId);
		} else if (command.verb === 'undo') {
			operations.add(command.operationId);
		} else if (command.verb === 'expire' || command.verb === 'close') {
			emptied.add(command.cardId);
		}
	}

	return {
		keys: commands.flatMap(({key}) => (key === null ? [] : [key])),
		needs: needsOf(commands),
		emptied: [...emptied],
		operations: [...operations],
		owners: commands.some(({verb}) => verb === 'authorize'),
	};
}

/**
 * How much value of each card its debits and credits must be able to see, whatever else the batch takes from it first: a
 * reversed credit takes from lots too, and each credit looks for one live lot behind all that (A11).
 */
function needsOf(commands: readonly Command[]): Map<string, bigint> {
	const looking = new Set(
		commands.filter(({verb}) => verb === 'authorize' || verb === 'credit').map(({cardId}) => cardId),
	);
	const needs = new Map<string, bigint>();
	for (const command of commands) {
		const {cardId, verb} = command;
		if (looking.has(cardId) && (verb === 'authorize' || verb === 'credit' || verb === 'undo')) {
			needs.set(cardId, (needs.get(cardId) ?? 0n) + (verb === 'credit' ? 1n : command.amount));
		}
	}

	return needs;
}
