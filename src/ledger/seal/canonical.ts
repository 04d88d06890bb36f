import {createHash, hash} from 'node:crypto';
import {type Instant} from '../calendar.ts';
import {ms} from '../store/rows.ts';

/*
 * The canonical form: what exactly a seal's SHA-256 is taken of, so that a stranger can take it again with nothing but the rows.
 *
 * A row is a line: the word of its table, then its columns in the order below, one space between two. A column that is null is `-`; a
 * time is milliseconds since 1970; a UUID has lower case and dashes; a number is decimal; a key is a JSON string. An entry is its own
 * line, then those of its postings by (account, card_id, asset_id), of its lot movements by lot_id, and of its commands by (scope,
 * space, key): the commands whose outcome_id is the entry and that were decided at its recorded_at. A seal is a line of its
 * own and then its entries by (incarnation, xid, id), in UTF-8, a line feed after every line.
 *
 * The form belongs to seals that exist. It never changes: another one needs another number in the seal's line.
 */

/** The tables whose rows are sealed, in the order of their lines within an entry. */
export const sealedTables = ['entries', 'postings', 'lot_movements', 'commands'] as const;

export type SealedTable = (typeof sealedTables)[number];

type Form = {
	/** What its line begins with. */
	readonly word: string;
	readonly columns: readonly string[];
	/** The columns that tell the row from others of its entry, and order them. */
	readonly names: readonly string[];
};

/** Every column of every sealed table. A test compares them with the database. */
export const forms: Readonly<Record<SealedTable, Form>> = {
	entries: {
		word: 'entry',
		columns: [
			...['merchant_id', 'id', 'kind', 'occurred_at', 'recorded_at', 'answers', 'operation_id', 'actor_id'],
			...['incarnation', 'xid'],
		],
		names: ['id'],
	},
	postings: {
		word: 'posting',
		columns: [
			...['merchant_id', 'entry_id', 'account', 'card_id', 'asset_id', 'amount', 'balance_after', 'version'],
		],
		names: ['account', 'card_id', 'asset_id'],
	},
	lot_movements: {
		word: 'movement',
		columns: ['merchant_id', 'entry_id', 'lot_id', 'leg', 'remaining_delta', 'held_delta'],
		names: ['lot_id'],
	},
	commands: {
		word: 'command',
		columns: [
			...[
				'merchant_id',
				'scope',
				'space',
				'key',
				'verb',
				'amount',
				'asset_id',
				'refusal',
				'outcome_id',
				'moved',
			],
			...['decided_at', 'run_id'],
		],
		names: ['scope', 'space', 'key'],
	},
};

const times: ReadonlySet<string> = new Set(['occurred_at', 'recorded_at', 'decided_at']);

/** The line of a row; SQL of type text. */
export function lineOf(table: SealedTable, alias: string): string {
	const {word, columns} = forms[table];
	const texts = columns.map(column => {
		const name = `${alias}.${column}`;
		const text = times.has(column) ? ms(name) : column === 'key' ? `to_json(${name})` : name;
		return `coalesce((${text})::text, '-')`;
	});
	return `concat_ws(' ', '${word}', ${texts.join(', ')})`;
}

/** The order of rows within an entry; SQL. */
export function orderOf(table: SealedTable, alias: string): string {
	return forms[table].names.map(name => `${alias}.${name}${name === 'key' ? ' COLLATE "C"' : ''}`).join(', ');
}

/** The columns of a line by their names. A key, which may hold spaces, has none around it that could be mistaken. */
export function columnsOf(table: SealedTable, line: string): Readonly<Record<string, string>> {
	const values = line.match(/"(?:[^"\\]|\\.)*"|\S+/g)?.slice(1) ?? [];
	return Object.fromEntries(forms[table].columns.map((column, index) => [column, values[index] ?? '-']));
}

/** A place in the order of a merchant's entries. Numbers of transactions are decimal text. */
export type Position = {readonly incarnation: number; readonly xid: string; readonly entryId: string};

/** Before every entry. */
export const beginning: Position = {
	incarnation: 0,
	xid: '0',
	entryId: '00000000-0000-0000-0000-000000000000',
};

/** What a seal says besides its hash and its marks. */
export type SealHead = {
	readonly merchantId: number;
	readonly number: number;
	/** Of the seal before, 64 hexadecimal digits. */
	readonly previous: string;
	readonly from: Position;
	readonly to: Position;
	readonly entries: number;
	readonly sealedAt: Instant;
};

/** The hash before the first seal's. */
export const noHash = '0'.repeat(64);

/** An entry with what belongs to it, each row as its line. */
export type SealedEntry = {readonly id: string} & Readonly<Record<SealedTable, readonly string[]>>;

/** The seal's own line. */
export function headLine({merchantId, number, previous, from, to, entries, sealedAt}: SealHead): string {
	const place = ({incarnation, xid, entryId}: Position) => `${incarnation} ${xid} ${entryId}`;
	return `seal 1 ${merchantId} ${number} ${previous} ${place(from)} ${place(to)} ${entries} ${sealedAt}`;
}

/** The hash of a seal, 64 hexadecimal digits. */
export function sealHash(head: SealHead, entries: readonly SealedEntry[]): string {
	const sum = createHash('sha256').update(`${headLine(head)}\n`);
	for (const entry of entries) {
		sum.update(sealedTables.flatMap(table => entry[table].map(line => `${line}\n`)).join(''));
	}

	return sum.digest('hex');
}

/** The SHA-256 of a line by itself. */
export function lineHash(line: string): Buffer {
	return hash('sha256', line, 'buffer');
}
