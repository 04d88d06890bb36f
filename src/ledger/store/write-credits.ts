import {accountNumbers, type Origin} from '../chart.ts';
import {type Instant} from '../calendar.ts';
import {type Credit, keySpaces, verbs} from '../commands.ts';
import {entryKinds, type LotOpening} from '../entry.ts';
import {type PostedEntry} from '../changes.ts';
import {reasonNumberOf} from '../reasons.ts';
import {instantArray, plainArray, textArray} from './arrays.ts';
import {type Counts, type Parameter, unnested} from './statements.ts';
import {updateCards} from './write-cards.ts';
import {type WriteSet} from './write-set.ts';

/*
 * What an import writes: hundreds of credits, each of which opened a lot and did nothing else. One list of them is sent in place of the six
 * that the tables would get, and what all have in common once: most of a row of these tables is told by its neighbours. The rows are the same.
 */

/** A credit, with what it says to all tables. */
type CreditRow = {
	readonly command: Credit;
	readonly id: string;
	readonly origin: Origin;
	/** Minor units. */
	readonly amount: bigint;
	readonly spendableFrom: Instant;
	readonly expiresAt: Instant | null;
	/** Of the card, behind it. */
	readonly balanceAfter: bigint | null;
	readonly version: bigint | null;
};

/**
 * The parts of the statement that writes a batch of an import, when it is nothing but new credits.
 * @returns nothing for any other batch, of which one refusal or one card that was merged is enough
 */
export function creditParts(
	parameter: Parameter,
	set: WriteSet,
	expected: Counts,
):
	| {readonly updates: readonly string[]; readonly inserts: readonly string[]; readonly lists: string}
	| undefined {
	const rows = creditsOf(set);
	if (rows === undefined) {
		return undefined;
	}

	const changed = updateCards(parameter, set, expected);
	const list = new CreditList(parameter, rows);
	const inserts = insertsOf(list);
	return {updates: changed === undefined ? [] : [changed], inserts, lists: list.sql()};
}

/** The credits of a batch, or nothing where anything else happened in it. There are as many notes as entries: each has its own. */
function creditsOf(set: WriteSet): CreditRow[] | undefined {
	const {changes, decided, notes, holds, cardChanges, openings, callbacks} = set;
	const {entries, openedLots} = changes;
	const count = decided.length;
	const isAllThatHappened =
		[entries.length, openedLots.length, notes.length].every(length => length === count) &&
		[changes.lots.size, changes.openedHolds.length, changes.legs.size].every(size => size === 0) &&
		[changes.openedPayments, changes.payments, changes.orders].every(({length}) => length === 0) &&
		[holds, cardChanges, openings, callbacks].every(({length}) => length === 0);
	if (count === 0 || !isAllThatHappened) {
		return undefined;
	}

	const rows: CreditRow[] = [];
	for (const [index, {command, remembered}] of decided.entries()) {
		const [entry, lot] = [entries[index], openedLots[index]];
		const id = remembered.outcome.kind === 'accepted' ? remembered.outcome.id : undefined;
		const row =
			command.verb === 'credit' && command.runId !== undefined && entry?.id === id
				? creditRow(command, entry, lot)
				: undefined;
		if (row === undefined) {
			return undefined;
		}

		rows.push(row);
	}

	return rows;
}

/** What a credit says, when it is as `openLot` makes it. */
function creditRow(
	command: Credit,
	entry: PostedEntry | undefined,
	lot: LotOpening | undefined,
): CreditRow | undefined {
	const [given, got, ...further] = entry?.postings ?? [];
	const isPlain =
		entry?.kind === 'credit' &&
		entry.answers === null &&
		entry.operationId === null &&
		further.length === 0 &&
		entry.movements.length === 1 &&
		lot?.id === entry.id &&
		lot.cardId === command.cardId &&
		lot.parentId === null &&
		given?.account === lot.origin &&
		got?.account === 'available' &&
		got.cardId === command.cardId &&
		got.assetId === command.assetId &&
		got.amount === command.amount;
	if (!isPlain) {
		return undefined;
	}

	const {id, origin, spendableFrom, expiresAt} = lot;
	const {amount, balanceAfter, version} = got;
	return {command, id, origin, amount, spendableFrom, expiresAt, balanceAfter, version};
}

type Value = string | number | bigint | null;

/** The list of a batch's credits, as `c`: what differs between them is a column of it, what all have in common a parameter. */
class CreditList {
	readonly #parameter: Parameter;
	readonly #rows: readonly CreditRow[];
	readonly #columns: [name: string, type: string, literal: () => string][] = [];

	constructor(parameter: Parameter, rows: readonly CreditRow[]) {
		this.#parameter = parameter;
		this.#rows = rows;
	}

	/** The SQL of a value that each credit has of its own. */
	each(name: string, type: string, value: (row: CreditRow) => Value): string {
		return this.#column(name, type, () => arrayOf(type, this.#rows.map(value)));
	}

	/** The SQL of a value that all credits of a file are likely to have in common. */
	shared(name: string, type: string, value: (row: CreditRow) => Value): string {
		const values = this.#rows.map(value);
		return values.every(one => one === values[0])
			? this.#constant(values[0] ?? null, type)
			: this.#column(name, type, () => arrayOf(type, values));
	}

	/** The same for a moment. */
	moment(name: string, value: (row: CreditRow) => Instant | null): string {
		const [first = null, ...others] = this.#rows.map(value);
		return others.every(one => one === first)
			? this.#constant(first === null ? null : new Date(first).toISOString(), 'timestamptz')
			: this.#column(name, 'timestamptz', () => instantArray([first, ...others]));
	}

	sql(): string {
		return `credits AS MATERIALIZED (SELECT * FROM ${unnested(this.#parameter, this.#rows, this.#columns)})`;
	}

	#constant(value: Value, type: string): string {
		return `${this.#parameter(value)}::${type}`;
	}

	#column(name: string, type: string, literal: () => string): string {
		this.#columns.push([name, type, literal]);
		return `c.${name}`;
	}
}

function arrayOf(type: string, values: readonly Value[]): string {
	return type === 'text' ? textArray(values as (string | null)[]) : plainArray(values);
}

function insertsOf(list: CreditList): string[] {
	const id = list.each('id', 'uuid', row => row.id);
	const card = list.each('card_id', 'bigint', ({command}) => command.cardId);
	const amount = list.each('amount', 'bigint', row => row.amount);
	const balance = list.each('balance_after', 'bigint', row => row.balanceAfter);
	const version = list.each('version', 'bigint', row => row.version);
	const key = list.each('key', 'text', ({command}) => command.key.key);
	const origin = list.shared('origin', 'smallint', row => accountNumbers[row.origin]);
	const asset = list.shared('asset_id', 'int', ({command}) => command.assetId);
	const actor = list.shared('actor_id', 'int', ({command}) => command.actorId);
	const run = list.shared('run_id', 'int', ({command}) => command.runId ?? null);
	const scope = list.shared('scope', 'uuid', ({command}) => command.key.scope);
	const space = list.shared('space', 'smallint', ({command}) => keySpaces[command.key.space]);
	const order = list.shared('order_id', 'text', ({command}) => command.note.orderId);
	const request = list.shared('request_id', 'text', ({command}) => command.note.requestId);
	const description = list.shared('description', 'text', ({command}) => command.note.description);
	const reason = list.shared('reason', 'text', ({command}) => command.note.reason);
	const code = list.shared('reason_code', 'smallint', ({command}) => reasonNumberOf(command.note.reasonCode));
	const from = list.moment('spendable_from', row => row.spendableFrom);
	const until = list.moment('expires_at', row => row.expiresAt);
	const into = (table: string, values: Readonly<Record<string, string>>, from = 'credits c') =>
		`INSERT INTO ${table} (merchant_id, ${Object.keys(values).join(', ')})
		SELECT $1::int, ${Object.values(values).join(', ')} FROM ${from}`;
	return [
		into('lots', {
			...{id, card_id: card, origin, issued: amount, remaining: amount, held: '0', spent: 'false'},
			...{spendable_from: from, expires_at: until, owed: '0'},
		}),
		into('entries', {
			...{
				id,
				kind: String(entryKinds.credit),
				occurred_at: '$2::timestamptz',
				recorded_at: '$2::timestamptz',
			},
			actor_id: actor,
		}),
		into(
			'postings',
			{
				...{entry_id: id, account: 'side.account', card_id: 'side.card_id', asset_id: asset},
				...{amount: 'side.amount', balance_after: 'side.balance_after', version: 'side.version'},
			},
			`credits c CROSS JOIN LATERAL (VALUES (${origin}, 0::bigint, -${amount}, NULL::bigint, NULL::bigint),
			(${accountNumbers.available}::smallint, ${card}, ${amount}, ${balance}, ${version})) AS side(account, card_id, amount, balance_after, version)`,
		),
		into('lot_movements', {entry_id: id, lot_id: id, remaining_delta: amount, held_delta: '0'}),
		into('entry_notes', {
			...{entry_id: id, order_id: order, request_id: request, description, reason, reason_code: code},
		}),
		into('commands', {
			...{
				scope,
				space,
				key,
				verb: String(verbs.credit),
				amount,
				asset_id: asset,
				outcome_id: id,
				moved: amount,
			},
			...{run_id: run, decided_at: '$2::timestamptz'},
		}),
	];
}
