import {type Changes} from '../books.ts';
import {type Instant} from '../calendar.ts';
import {accountNumbers} from '../chart.ts';
import {type Command, keySpaces, type KeyedCommand, verbs} from '../commands.ts';
import {entryKinds} from '../entry.ts';
import {refusals} from '../refusals.ts';
import {bytesArray, instantArray, plainArray, textArray} from './arrays.ts';
import {statusNumbers, type Transaction} from './lock.ts';
import {type Remembered} from './rows.ts';

/** A command decided in this batch, to be remembered. */
export type Decided = {readonly command: KeyedCommand; readonly remembered: Remembered};

/** What a batch writes. `versions` are those of the cards when they were locked. */
export type WriteSet = {
	readonly merchantId: number;
	readonly now: Instant;
	readonly changes: Changes;
	readonly versions: ReadonlyMap<string, bigint>;
	readonly decided: readonly Decided[];
};

/** A row was not as it was read under its lock. The batch must be undone; this is never the caller's fault. */
export class StaleWriteError extends Error {
	constructor(table: string, expected: number, found: number) {
		super(`A batch changed ${found} rows of ${table} where it held the locks of ${expected}; nothing was written.`);
		this.name = 'StaleWriteError';
	}
}

type Parameter = (value: unknown) => string;
type Counts = Record<string, number>;

/**
 * Write a batch in one statement (A4): one final image for each row, rows born in the batch inserted in it. All
 * updates are counted, because in one statement an UPDATE silently misses a row that another part inserts.
 * @throws {StaleWriteError} when a count is not the expected one
 */
export async function write(tx: Transaction, set: WriteSet): Promise<void> {
	const args: unknown[] = [set.merchantId, new Date(set.now).toISOString()];
	const parameter: Parameter = value => `$${args.push(value)}`;
	const expected: Counts = {};
	const inserts = [
		insertCards(parameter, set),
		insertLots(parameter, set),
		insertEntries(parameter, set),
		insertPostings(parameter, set),
		insertMovements(parameter, set),
		insertNotes(parameter, set),
		insertHolds(parameter, set),
		insertLegs(parameter, set),
		insertCommands(parameter, set),
	].filter(sql => sql !== undefined);
	const updates = [
		updateCards(parameter, set, expected),
		updateLots(parameter, set, expected),
		updateLegs(parameter, set, expected),
	].filter(sql => sql !== undefined);
	if (inserts.length + updates.length === 0) {
		return;
	}

	const ctes = [...updates, ...inserts.map((sql, index) => `i${index} AS (${sql})`)];
	const counts = Object.keys(expected).map(table => `(SELECT count(*)::int FROM ${table}_changed) AS ${table}`);
	const [found] = await tx.$queryRawUnsafe<[Counts]>(
		`WITH ${ctes.join(',\n')}\nSELECT ${['1 AS done', ...counts].join(', ')}`,
		...args,
	);
	for (const [table, count] of Object.entries(expected)) {
		if (found[table] !== count) {
			throw new StaleWriteError(table, count, found[table] ?? 0);
		}
	}
}

type Column<Row> = readonly [name: string, type: string, literal: (rows: readonly Row[]) => string];

const plain =
	<Row>(value: (row: Row) => string | number | bigint | boolean | null) =>
	(rows: readonly Row[]) =>
		plainArray(rows.map(value));
const text =
	<Row>(value: (row: Row) => string | null) =>
	(rows: readonly Row[]) =>
		textArray(rows.map(value));
const instant =
	<Row>(value: (row: Row) => Instant | null) =>
	(rows: readonly Row[]) =>
		instantArray(rows.map(value));

/** `unnest` of the columns of some rows; every column has a name of its own. */
function unnested<Row>(parameter: Parameter, rows: readonly Row[], columns: readonly Column<Row>[]): string {
	const arrays = columns.map(([, type, literal]) => `${parameter(literal(rows))}::${type}[]`);
	return `unnest(${arrays.join(', ')}) AS v(${columns.map(([name]) => name).join(', ')})`;
}

/** INSERT of some rows, with columns that are the same for all of them given as SQL. */
function insert<Row>(
	parameter: Parameter,
	table: string,
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	constants: Readonly<Record<string, string>> = {},
): string | undefined {
	if (rows.length === 0) {
		return undefined;
	}

	const fixed = {merchant_id: '$1::int', ...constants};
	const names = columns.map(([name]) => name);
	return `INSERT INTO ${table} (${[...Object.keys(fixed), ...names].join(', ')})
		SELECT ${[...Object.values(fixed), ...names.map(name => `v.${name}`)].join(', ')} FROM ${unnested(parameter, rows, columns)}`;
}

/** UPDATE of some rows to absolute values, as `TABLE_changed`, whose rows are counted. */
function update<Row>(
	parameter: Parameter,
	expected: Counts,
	table: string,
	{rows, columns, set, where}: {rows: readonly Row[]; columns: readonly Column<Row>[]; set: string; where: string},
): string | undefined {
	if (rows.length === 0) {
		return undefined;
	}

	expected[table] = rows.length;
	return `${table}_changed AS (UPDATE ${table} t SET ${set} FROM ${unnested(parameter, rows, columns)}
		WHERE t.merchant_id = $1::int AND ${where} RETURNING 1)`;
}

function insertCards(parameter: Parameter, {changes, decided}: WriteSet): string | undefined {
	const cards = new Map([...changes.cards].map(card => [card.id, card]));
	const rows = decided.flatMap(({command, remembered}) => {
		const image = cards.get(command.cardId);
		return command.verb === 'issue' && remembered.outcome.kind === 'accepted' && image !== undefined
			? [{image, opening: command.card}]
			: [];
	});
	return insert(parameter, 'cards', rows, [
		['id', 'bigint', plain(({image}) => image.id)],
		['public_id', 'uuid', plain(({opening}) => opening.publicId)],
		['asset_id', 'int', plain(({image}) => image.assetId)],
		['status', 'smallint', plain(({image}) => statusNumbers[image.status])],
		['available', 'bigint', plain(({image}) => image.available)],
		['held', 'bigint', plain(({image}) => image.held)],
		['version', 'bigint', plain(({image}) => image.version)],
		['restricted', 'boolean', plain(({opening}) => opening.restricted)],
		['single_use', 'boolean', plain(({opening}) => opening.singleUse)],
		['rechargeable', 'boolean', plain(({opening}) => opening.rechargeable)],
		['owner_id', 'bigint', plain(({opening}) => opening.ownerId)],
		['pepper_id', 'smallint', plain(({opening}) => opening.pepperId)],
		['code_hash', 'bytea', all => bytesArray(all.map(({opening}) => opening.codeHash))],
		['code_last4', 'text', text(({opening}) => opening.codeLast4)],
		['caption', 'text', text(({opening}) => opening.caption)],
		['relation_name', 'text', text(({opening}) => opening.relationName)],
		['emitted_at', 'timestamptz', instant(({opening}) => opening.emittedAt)],
		['expires_at', 'timestamptz', instant(({opening}) => opening.expiresAt)],
	]);
}

function updateCards(parameter: Parameter, {changes, versions}: WriteSet, expected: Counts): string | undefined {
	return update(parameter, expected, 'cards', {
		rows: [...changes.cards].filter(card => versions.has(card.id)),
		columns: [
			['id', 'bigint', plain(card => card.id)],
			['expected', 'bigint', plain(card => versions.get(card.id) ?? -1n)],
			['status', 'smallint', plain(card => statusNumbers[card.status])],
			['available', 'bigint', plain(card => card.available)],
			['held', 'bigint', plain(card => card.held)],
			['version', 'bigint', plain(card => card.version)],
		],
		set: 'status = v.status, available = v.available, held = v.held, version = v.version',
		where: 't.id = v.id AND t.version = v.expected',
	});
}

function insertLots(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const cards = new Map([...changes.cards].map(card => [card.id, card]));
	const rows = changes.openedLots.map(lot => ({lot, image: cards.get(lot.cardId)?.lots.get(lot.id)}));
	return insert(parameter, 'lots', rows, [
		['id', 'uuid', plain(({lot}) => lot.id)],
		['card_id', 'bigint', plain(({lot}) => lot.cardId)],
		['origin', 'smallint', plain(({lot}) => accountNumbers[lot.origin])],
		['issued', 'bigint', plain(({lot}) => lot.issued)],
		['remaining', 'bigint', plain(({image}) => image?.remaining ?? null)],
		['held', 'bigint', plain(({image}) => image?.held ?? null)],
		['spent', 'boolean', plain(({image}) => image?.remaining === 0n)],
		['spendable_from', 'timestamptz', instant(({lot}) => lot.spendableFrom)],
		['expires_at', 'timestamptz', instant(({lot}) => lot.expiresAt)],
		['parent_id', 'uuid', plain(({lot}) => lot.parentId)],
		['root_id', 'uuid', plain(({lot}) => lot.rootId)],
	]);
}

function updateLots(parameter: Parameter, {changes}: WriteSet, expected: Counts): string | undefined {
	return update(parameter, expected, 'lots', {
		rows: [...changes.lots.values()],
		columns: [
			['id', 'uuid', plain(lot => lot.id)],
			['remaining', 'bigint', plain(lot => lot.remaining)],
			['held', 'bigint', plain(lot => lot.held)],
		],
		set: 'remaining = v.remaining, held = v.held, spent = (v.remaining = 0)',
		where: 't.id = v.id',
	});
}

function insertEntries(parameter: Parameter, {changes}: WriteSet): string | undefined {
	return insert(
		parameter,
		'entries',
		changes.entries,
		[
			['id', 'uuid', plain(entry => entry.id)],
			['kind', 'smallint', plain(entry => entryKinds[entry.kind])],
			['answers', 'uuid', plain(entry => entry.answers)],
			['operation_id', 'uuid', plain(entry => entry.operationId)],
			['actor_id', 'int', plain(entry => entry.actorId)],
		],
		{occurred_at: '$2::timestamptz', recorded_at: '$2::timestamptz'},
	);
}

function insertPostings(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.entries.flatMap(({id, postings}) => postings.map(posting => ({...posting, entryId: id})));
	return insert(parameter, 'postings', rows, [
		['entry_id', 'uuid', plain(posting => posting.entryId)],
		['account', 'smallint', plain(posting => accountNumbers[posting.account])],
		['card_id', 'bigint', plain(posting => posting.cardId ?? 0)],
		['asset_id', 'int', plain(posting => posting.assetId)],
		['amount', 'bigint', plain(posting => posting.amount)],
		['balance_after', 'bigint', plain(posting => posting.balanceAfter)],
		['version', 'bigint', plain(posting => posting.version)],
	]);
}

function insertMovements(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.entries.flatMap(({id, movements}) => movements.map(movement => ({...movement, entryId: id})));
	return insert(parameter, 'lot_movements', rows, [
		['entry_id', 'uuid', plain(movement => movement.entryId)],
		['lot_id', 'uuid', plain(movement => movement.lotId)],
		['leg', 'smallint', plain(movement => movement.leg)],
		['remaining_delta', 'bigint', plain(movement => movement.remainingDelta)],
		['held_delta', 'bigint', plain(movement => movement.heldDelta)],
	]);
}

// A hold carries what was said about it; entries have a note only where there is something to say.
function insertNotes(parameter: Parameter, {decided}: WriteSet): string | undefined {
	const rows = decided.flatMap(({command: {verb, note}, remembered: {outcome}}) =>
		outcome.kind === 'accepted' && verb !== 'authorize' && Object.values(note).some(value => value !== null)
			? [{...note, entryId: outcome.id}]
			: [],
	);
	return insert(parameter, 'entry_notes', rows, [
		['entry_id', 'uuid', plain(note => note.entryId)],
		['order_id', 'text', text(note => note.orderId)],
		['request_id', 'text', text(note => note.requestId)],
		['description', 'text', text(note => note.description)],
		['reason', 'text', text(note => note.reason)],
	]);
}

const sourceNumbers = {giftCard: 1, payment: 2} as const;

function insertHolds(parameter: Parameter, {changes, decided}: WriteSet): string | undefined {
	const commands = new Map<string, Command>(
		decided.flatMap(({command, remembered: {outcome}}) =>
			outcome.kind === 'accepted' ? [[outcome.id, command]] : [],
		),
	);
	const rows = changes.openedHolds.flatMap(({id}) => {
		const command = commands.get(id);
		return command?.verb === 'authorize' ? [{id, command}] : [];
	});
	return insert(
		parameter,
		'holds',
		rows,
		[
			['id', 'uuid', plain(({id}) => id)],
			['source', 'smallint', plain(({command}) => sourceNumbers[command.source])],
			['order_id', 'text', text(({command}) => command.note.orderId)],
			['request_id', 'text', text(({command}) => command.note.requestId)],
			['description', 'text', text(({command}) => command.note.description)],
		],
		{opened_at: '$2::timestamptz'},
	);
}

function insertLegs(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.openedHolds.flatMap(({id, legs}) => legs.map(leg => ({...leg, holdId: id})));
	return insert(parameter, 'hold_legs', rows, [
		['hold_id', 'uuid', plain(leg => leg.holdId)],
		['leg', 'smallint', plain(leg => leg.number)],
		['card_id', 'bigint', plain(leg => leg.cardId)],
		['asset_id', 'int', plain(leg => leg.assetId)],
		['currency_id', 'int', plain(leg => leg.assetId)],
		['value', 'bigint', plain(leg => leg.value)],
		['units', 'bigint', plain(leg => leg.value)],
		['captured', 'bigint', plain(leg => leg.captured)],
		['released', 'bigint', plain(leg => leg.released)],
		['refunded', 'bigint', plain(leg => leg.refunded)],
		['single_use', 'boolean', plain(leg => leg.singleUse)],
	]);
}

function updateLegs(parameter: Parameter, {changes}: WriteSet, expected: Counts): string | undefined {
	return update(parameter, expected, 'hold_legs', {
		rows: [...changes.legs],
		columns: [
			['hold_id', 'uuid', plain(leg => leg.holdId)],
			['leg', 'smallint', plain(leg => leg.number)],
			['captured', 'bigint', plain(leg => leg.captured)],
			['released', 'bigint', plain(leg => leg.released)],
			['refunded', 'bigint', plain(leg => leg.refunded)],
		],
		set: 'captured = v.captured, released = v.released, refunded = v.refunded',
		where: 't.hold_id = v.hold_id AND t.leg = v.leg',
	});
}

function insertCommands(parameter: Parameter, {decided}: WriteSet): string | undefined {
	return insert(
		parameter,
		'commands',
		decided,
		[
			['scope', 'uuid', plain(({command}) => command.key.scope)],
			['space', 'smallint', plain(({command}) => keySpaces[command.key.space])],
			['key', 'text', text(({command}) => command.key.key)],
			['verb', 'smallint', plain(({remembered}) => verbs[remembered.verb])],
			['amount', 'bigint', plain(({remembered}) => remembered.amount)],
			['asset_id', 'int', plain(({remembered}) => remembered.assetId)],
			[
				'refusal',
				'smallint',
				plain(({remembered: {outcome}}) => (outcome.kind === 'refused' ? refusals[outcome.refusal].number : null)),
			],
			['outcome_id', 'uuid', plain(({remembered: {outcome}}) => (outcome.kind === 'accepted' ? outcome.id : null))],
			['moved', 'bigint', plain(({remembered: {outcome}}) => (outcome.kind === 'accepted' ? outcome.moved : null))],
		],
		{decided_at: '$2::timestamptz'},
	);
}
