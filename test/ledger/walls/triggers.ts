import {
	bytes,
	entryOf,
	firstHold,
	insert,
	insertEntry,
	insertPostings,
	openLot,
	otherId,
	quoted,
	rows,
	singleUseCard,
	type Walls,
} from './wall.ts';

/** Everything that rewrites a table's history. */
export const appendOnly = (table: string, column: string): Walls[string] => [
	['changing history', `UPDATE ${table} SET ${column} = ${column}`],
	['changing nothing of it', `UPDATE ${table} SET ${column} = ${column} WHERE false`],
	['deleting history', `DELETE FROM ${table}`],
	['emptying it', `TRUNCATE ${table}`],
];

const staying = (table: string): Walls[string] => [
	['deleting what history refers to', `DELETE FROM ${table} WHERE merchant_id = 1`],
	['emptying the table', `TRUNCATE ${table} CASCADE`],
];

/** A try for each column that must not change. */
export const fixed = (
	table: string,
	where: string,
	columns: Readonly<Record<string, string>>,
): Walls[string] =>
	Object.entries(columns).map(([column, value]) => [
		`changing ${column}`,
		`UPDATE ${table} SET ${column} = ${value} WHERE ${where}`,
	]);

/** Changes of what must stay as it is. */
export const historyWalls: Walls = {
	entries_append_only: appendOnly('entries', 'occurred_at'),
	postings_append_only: appendOnly('postings', 'amount'),
	lot_movements_append_only: appendOnly('lot_movements', 'held_delta'),
	incarnations_append_only: appendOnly('incarnations', 'system_id'),
	seals_append_only: appendOnly('seals', 'hash'),
	commands_append_only: appendOnly('commands', 'moved'),
	cards_stay: [...staying('cards'), ['emptying merchants', 'TRUNCATE merchants CASCADE']],
	lots_stay: staying('lots'),
	holds_stay: staying('holds'),
	hold_legs_stay: staying('hold_legs'),
	actors_stay: staying('actors'),
	import_runs_stay: staying('import_runs'),
	import_runs_fixed: fixed('import_runs', 'merchant_id = 1', {
		merchant_id: '2',
		name: "'other'",
		kind: '2',
		digest: bytes(32, '01'),
		actor_id: 'actor_id + 1',
	}),
	assets_fixed: fixed('assets', 'merchant_id = 1', {merchant_id: '2', code: "'USD'", scale: '3', kind: '2'}),
	actors_fixed: fixed('actors', 'merchant_id = 1', {merchant_id: '2', kind: '3'}),
	cards_fixed: fixed('cards', `id = ${singleUseCard}`, {
		merchant_id: '2',
		id: '99',
		public_id: quoted(otherId),
		asset_id: '2',
	}),
	lots_fixed: fixed('lots', `id = ${openLot}`, {
		merchant_id: '2',
		id: quoted(otherId),
		card_id: '99',
		origin: '12',
		issued: 'issued + 1',
		spendable_from: "spendable_from - interval '1 second'",
		expires_at: "'2099-01-01'",
		parent_id: quoted(otherId),
		root_id: quoted(otherId),
	}),
	holds_fixed: fixed('holds', `id = ${firstHold}`, {
		merchant_id: '2',
		id: quoted(otherId),
		source: '2',
		opened_at: "opened_at - interval '1 second'",
	}),
	hold_legs_fixed: fixed('hold_legs', `hold_id = ${firstHold}`, {
		merchant_id: '2',
		hold_id: quoted(otherId),
		leg: '2',
		card_id: '99',
		asset_id: '2',
		currency_id: '2',
		value: 'value + 1',
		units: 'units + 1',
		rate_numerator: '1',
		rate_denominator: '1',
		single_use: 'NOT single_use',
	}),
};

const otherEntry = insert('entries', rows.entries, {id: quoted(otherId)});
const balanced = [{amount: 5}, {account: 40, amount: -5}] as const;

/** Entries that do not balance, and postings that come from elsewhere (B2). */
export const journalWalls: Walls = {
	house_horizons_advance: [
		['a horizon that goes back', 'UPDATE house_horizons SET horizon = 4 WHERE merchant_id = 1'],
		['a former incarnation', 'UPDATE house_horizons SET incarnation = 0, horizon = 6 WHERE merchant_id = 1'],
	],
	entries_balanced: [
		['an entry without postings', insertEntry, 'COMMIT'],
		['an entry without postings that is checked early', insertEntry, 'SET CONSTRAINTS ALL IMMEDIATE'],
		['an entry with one posting', insertEntry, insertPostings({amount: 5})],
		[
			'an entry that does not sum to zero',
			insertEntry,
			insertPostings({amount: 5}, {account: 40, amount: -4}),
		],
		[
			'5 reais against 5 dollars',
			insertEntry,
			insertPostings({amount: 5, asset: 1}, {account: 40, amount: -5, asset: 2}),
		],
		[
			'two entries that only balance together',
			insertEntry,
			otherEntry,
			insertPostings({amount: 5}, {entry: quoted(otherId), amount: -5}),
		],
		[
			'half of an entry now and half later',
			insertEntry,
			insertPostings({amount: 5}),
			insertPostings(balanced[1]),
		],
		[
			'one more posting for an entry that was checked early',
			insertEntry,
			insertPostings(...balanced),
			'SET CONSTRAINTS ALL IMMEDIATE',
			insertPostings({account: 30, amount: 5}),
		],
	],
	postings_with_their_entry: [
		[
			'postings for an entry of yesterday',
			insertPostings(
				{...balanced[0], entry: entryOf(9), account: 30},
				{...balanced[1], entry: entryOf(9), account: 50},
			),
		],
		['postings for no entry', insertPostings(...balanced)],
		[
			"postings for another merchant's entry",
			insert('entries', rows.entries, {merchant_id: '2'}),
			insertPostings(...balanced),
		],
		[
			'postings for an entry that claims another transaction',
			insert('entries', rows.entries, {xid: "'1'"}),
			insertPostings(...balanced),
		],
	],
};
