import {entryKinds} from '../../../src/ledger/entry.ts';

/** What somebody tries, and the statements; the last of them is refused. */
export type Attempt = readonly [what: string, ...statements: string[]];

/** By the name of the constraint, unique index or trigger that refuses. */
export type Walls = Readonly<Record<string, readonly Attempt[]>>;

export const someId = '00000000-0000-4000-8000-000000000001';
export const otherId = '00000000-0000-4000-8000-000000000002';

// Rows of the books that stand behind the walls.

export const entryOf = (kind: number) => `(SELECT id FROM entries WHERE kind = ${kind} ORDER BY id LIMIT 1)`;
export const firstHold = entryOf(entryKinds.authorize);
/** It has 20.00 available and holds 10.00. */
export const singleUseCard = '(SELECT id FROM cards WHERE single_use)';
export const openLot = `(SELECT id FROM lots WHERE card_id = ${singleUseCard})`;

export const pointsOf = (code: string) =>
	`(SELECT id FROM assets WHERE merchant_id = 1 AND code = '${code}')`;
/** Its points are PTS, and it has one rate. */
export const firstProgram = `(SELECT id FROM programs WHERE name = 'Gold')`;

export type Row = Readonly<Record<string, string>>;

/** INSERT of one row, with some of its values replaced by SQL expressions. */
export const insert = (table: string, row: Row, changes: Row = {}) => {
	const values = {...row, ...changes};
	return `INSERT INTO ${table} (${Object.keys(values).join(', ')}) VALUES (${Object.values(values).join(', ')})`;
};

export const quoted = (text: string) => `'${text}'`;
export const bytes = (length: number, fill = '07') => `decode(repeat('${fill}', ${length}), 'hex')`;

/** Valid rows that would be accepted as they are. */
export const rows = {
	merchants: {name: "'third shop'", time_zone: "'UTC'", currency: "'BRL'"},
	assets: {merchant_id: '1', code: "'EUR'", scale: '2', kind: '1'},
	actors: {merchant_id: '1', kind: '2', name: "'somebody'"},
	credentials: {
		app_key: "'key'",
		merchant_id: '1',
		token_salt: bytes(16),
		token_hash: bytes(32),
		role: '1',
		actor_id: '1',
	},
	peppers: {check_value: bytes(32)},
	customers: {merchant_id: '1'},
	customer_identifiers: {merchant_id: '1', kind: '3', value: "'somebody@example.com'", customer_id: '1'},
	cards: {
		merchant_id: '1',
		public_id: quoted(someId),
		asset_id: '1',
		pepper_id: '1',
		code_hash: bytes(32),
		code_last4: "'ABCD'",
		emitted_at: 'now()',
	},
	lots: {
		merchant_id: '1',
		id: quoted(someId),
		card_id: singleUseCard,
		origin: '10',
		issued: '5',
		remaining: '5',
		spent: 'false',
		spendable_from: 'now()',
	},
	card_changes: {
		merchant_id: '1',
		card_id: singleUseCard,
		kind: '1',
		at: 'now()',
		actor_id: '1',
		reason: "'lost'",
	},
	issue_runs: {
		merchant_id: '1',
		key: "'run'",
		parameters: "'{}'",
		count: '1',
		seed: bytes(32),
		created_at: 'now()',
	},
	import_runs: {
		merchant_id: '1',
		name: "'file'",
		kind: '1',
		digest: bytes(32),
		rows: '5',
		actor_id: '1',
		begun_at: 'now()',
	},
	incarnations: {id: '7', system_id: '1'},
	house_horizons: {merchant_id: '2', incarnation: '1', horizon: '5', taken_at: 'now()'},
	house_snapshots: {merchant_id: '1', account: '20', asset_id: '1', balance: '5'},
	seals: {
		...{merchant_id: '1', number: '2', from_incarnation: '1', from_xid: '5', from_entry: quoted(someId)},
		...{to_incarnation: '1', to_xid: '5', to_entry: quoted(otherId), entries: '1'},
		...{previous: bytes(32), hash: bytes(32, '08'), marks: bytes(26), sealed_at: 'now()'},
	},
	payments: {
		merchant_id: '1',
		payment_id: "'payment'",
		tid: quoted(someId),
		status: '1',
		way: '1',
		asset_id: '1',
		value: '5',
		method: "'Privatelabels'",
		delay_to_auto_settle: '86400',
		delay_after_antifraud: '60',
		delay_to_cancel: '600',
	},
	payment_requests: {
		merchant_id: '1',
		payment_id: "'first'",
		kind: '1',
		moved: '0',
		at: 'now()',
		particulars: "'{}'",
	},
	callbacks: {merchant_id: '1', payment_id: "'bare'", next_at: 'now()', until: 'now()', created_at: 'now()'},
	card_pins: {merchant_id: '1', card_id: singleUseCard, pepper_id: '1', pin_hash: bytes(32)},
	admins: {
		name: "'somebody'",
		merchant_id: '1',
		role: '1',
		password_salt: bytes(16),
		password_hash: bytes(32),
	},
	sign_ups: {
		token_hash: bytes(32),
		application_id: "'vtex'",
		return_url: "'https://example.com'",
		token_until: 'now()',
	},
	programs: {
		merchant_id: '1',
		name: "'Silver'",
		asset_id: pointsOf('STARS'),
		caption: "'Your points'",
		expiry_kind: '1',
		purchased_expiry_kind: '1',
		clawback: '1',
	},
	program_rates: {
		merchant_id: '1',
		program_id: firstProgram,
		currency_id: '1',
		effective_from: 'now()',
		numerator: '1',
		denominator: '100',
	},
	vtex_keys: {
		merchant_id: '1',
		purpose: '2',
		account: "'acme'",
		app_key: "'key'",
		app_token: bytes(40, '01'),
		changed_at: 'now()',
	},
	order_hooks: {
		merchant_id: '2',
		purpose: '2',
		url: "'https://example.com'",
		token: bytes(40, '01'),
		token_hash: bytes(32),
	},
	order_looks: {merchant_id: '1', order_id: "'1-01'", rung_at: 'now()', next_at: 'now()'},
	orders: {merchant_id: '1', order_id: "'order'"},
	order_bookings: {merchant_id: '1', order_id: "'order'", card_id: singleUseCard, units: '1'},
	commands: {
		merchant_id: '1',
		scope: quoted(someId),
		space: '1',
		key: "'key'",
		verb: '3',
		amount: '5',
		asset_id: '1',
		outcome_id: quoted(someId),
		moved: '5',
		decided_at: 'now()',
	},
	entries: {
		merchant_id: '1',
		id: quoted(someId),
		kind: '9',
		occurred_at: 'now()',
		recorded_at: 'now()',
		actor_id: '1',
	},
	entry_notes: {merchant_id: '1', entry_id: quoted(someId), reason: "'lost'"},
	lot_movements: {
		merchant_id: '1',
		entry_id: quoted(someId),
		lot_id: openLot,
		remaining_delta: '5',
		held_delta: '0',
	},
	holds: {merchant_id: '1', id: quoted(someId), source: '1', opened_at: 'now()'},
	hold_legs: {
		merchant_id: '1',
		hold_id: quoted(someId),
		leg: '1',
		card_id: singleUseCard,
		asset_id: '1',
		currency_id: '1',
		value: '5',
		units: '5',
	},
} as const satisfies Readonly<Record<string, Row>>;

export type Posting = {
	readonly entry?: string;
	readonly account?: number;
	readonly card?: string;
	readonly asset?: number;
	readonly amount?: number;
	readonly after?: number | null;
	readonly version?: number | null;
};

/** INSERT of postings in one statement: house postings of redeemed and adjustment unless it is said otherwise. */
export const insertPostings = (...postings: readonly Posting[]) => {
	const values = postings.map(
		({entry = quoted(someId), account = 20, card = '0', asset = 1, amount = 5, after, version}) =>
			[1, entry, account, card, asset, amount, after ?? 'NULL', version ?? 'NULL'].join(', '),
	);
	return `INSERT INTO postings (merchant_id, entry_id, account, card_id, asset_id, amount, balance_after, version)
		VALUES ${values.map(value => `(${value})`).join(', ')}`;
};

export const insertEntry = insert('entries', rows.entries);
