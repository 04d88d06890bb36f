import {readFileSync} from 'node:fs';
import anyTest, {type TestFn} from 'ava';
import type pg from 'pg';
import {openConnection} from '../../src/db/client.ts';
import {constraintOf, sqlStateOf} from '../../src/db/sql-state.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openTestLedger} from '../helpers/ledger.ts';
import {checkWalls} from './walls/checks.ts';
import {
	customerCheckWalls,
	customerHistoryWalls,
	customerReferenceWalls,
	customerRows,
} from './walls/customers.ts';
import {referenceWalls, uniqueWalls} from './walls/keys.ts';
import {orderCheckWalls, orderReferenceWalls, orderUniqueWalls} from './walls/orders.ts';
import {paymentCheckWalls, paymentReferenceWalls, paymentUniqueWalls} from './walls/payments.ts';
import {
	programCheckWalls,
	programHistoryWalls,
	programReferenceWalls,
	programUniqueWalls,
	wallet,
} from './walls/programs.ts';
import {
	trailAccepted,
	trailCheckWalls,
	trailHistoryWalls,
	trailReferenceWalls,
	trailRows,
} from './walls/trail.ts';
import {historyWalls as ledgerHistoryWalls, journalWalls} from './walls/triggers.ts';
import {
	bytes,
	insert,
	insertEntry,
	insertPostings,
	otherId,
	pointsOf,
	quoted,
	rows,
	singleUseCard,
	type Walls,
} from './walls/wall.ts';

/*
 * The database is the second guard: a mistake in the program meets a wall here and not a customer. Every wall of the
 * migration is run against, as the role that owns the tables and is no superuser: it lacks no privilege, so what refuses is the wall. What the
 * service's own role may not even try, test/db/roles.test.ts says.
 */

const test = anyTest as TestFn<{readonly database: TestDatabase; readonly connection: pg.Client}>;

test.before(async t => {
	const database = await openTestDatabase();
	const ledger = await openTestLedger(database);
	await bookHealthyTraffic(ledger);
	await openTestLedger(database, 'other shop');
	const connection = await openConnection(database.ownerUrl, 'walls');
	for (const statement of [
		insert('credentials', rows.credentials, {app_key: "'first'"}),
		insert('customers', rows.customers),
		insert('customer_identifiers', rows.customer_identifiers, {value: "'owner@example.com'"}),
		insert('issue_runs', rows.issue_runs, {key: "'first'"}),
		insert('import_runs', rows.import_runs, {name: "'first'"}),
		insert('house_horizons', rows.house_horizons, {merchant_id: '1'}),
		insert('house_snapshots', rows.house_snapshots, {account: '10'}),
		insert('seals', rows.seals, {number: '1'}),
		insert('payments', rows.payments, {
			payment_id: "'first'",
			tid: quoted(otherId),
			status: '2',
			page_hash: bytes(32),
		}),
		insert('payments', rows.payments, {payment_id: "'bare'", tid: 'gen_random_uuid()'}),
		insert('payment_requests', rows.payment_requests),
		insert('callbacks', rows.callbacks, {payment_id: "'first'"}),
		insert('card_pins', rows.card_pins, {card_id: '(SELECT min(id) FROM cards WHERE NOT single_use)'}),
		insert('admins', rows.admins, {name: "'first'"}),
		`INSERT INTO guess_limits (key, points, expire) VALUES ('1:${'x'.repeat(43)}', 1, 1)`,
		insert('sign_ups', rows.sign_ups, {
			token_hash: bytes(32, '01'),
			merchant_id: '1',
			admin_name: "'first'",
			code_hash: bytes(32, '09'),
			code_until: 'now()',
		}),
		insert('assets', rows.assets, {code: "'PTS'", kind: '2'}),
		insert('assets', rows.assets, {code: "'STARS'", kind: '2'}),
		insert('programs', rows.programs, {name: "'Gold'", asset_id: pointsOf('PTS')}),
		insert('program_rates', rows.program_rates, {effective_from: "'2026-01-01'"}),
		insert('orders', rows.orders, {order_id: "'first'"}),
		insert('vtex_keys', rows.vtex_keys, {purpose: '1', account: "'first'"}),
		insert('vtex_keys', rows.vtex_keys, {merchant_id: '2', account: "'second'"}),
		insert('order_hooks', rows.order_hooks, {merchant_id: '1', purpose: '1', token_hash: bytes(32, '06')}),
		insert('order_looks', rows.order_looks, {order_id: "'first'"}),
		insert('order_bookings', rows.order_bookings, {order_id: "'first'"}),
		...customerRows,
		...trailRows,
	]) {
		await connection.query(statement);
	}

	t.context = {database, connection};
});

test.after.always(async t => {
	await t.context.connection.end();
	await t.context.database.close();
});

/** Run statements in a transaction that is undone; the error is of the last of them, or it is nobody's. */
async function attempt(connection: pg.Client, statements: readonly string[]): Promise<unknown> {
	await connection.query('BEGIN');
	try {
		for (const [index, statement] of statements.entries()) {
			try {
				await connection.query(statement);
			} catch (error) {
				return index === statements.length - 1
					? error
					: new Error(`Not the last statement was refused: ${statement}`, {cause: error});
			}
		}

		return undefined;
	} finally {
		await connection.query('ROLLBACK');
	}
}

const states = [
	[checkWalls, '23514'],
	[uniqueWalls, '23505'],
	[referenceWalls, '23503'],
	[orderCheckWalls, '23514'],
	[orderUniqueWalls, '23505'],
	[orderReferenceWalls, '23503'],
	[paymentCheckWalls, '23514'],
	[paymentUniqueWalls, '23505'],
	[paymentReferenceWalls, '23503'],
	[customerCheckWalls, '23514'],
	[customerReferenceWalls, '23503'],
	[programCheckWalls, '23514'],
	[programUniqueWalls, '23505'],
	[programReferenceWalls, '23503'],
	[trailCheckWalls, '23514'],
	[trailReferenceWalls, '23503'],
	[journalWalls, '23000'],
] as const satisfies readonly (readonly [Walls, string])[];

for (const [walls, state] of states) {
	for (const [wall, attempts] of Object.entries(walls)) {
		for (const [what, ...statements] of attempts) {
			test.serial(`${wall} refuses ${what}`, async t => {
				const error = await attempt(t.context.connection, statements);

				t.deepEqual([sqlStateOf(error), constraintOf(error)], [state, wall], String(error));
			});
		}
	}
}

const historyWalls: Walls = {
	...ledgerHistoryWalls,
	...programHistoryWalls,
	...customerHistoryWalls,
	...trailHistoryWalls,
};

for (const [wall, attempts] of Object.entries(historyWalls)) {
	for (const [what, ...statements] of attempts) {
		test.serial(`${wall} refuses ${what}`, async t => {
			const error = await attempt(t.context.connection, statements);

			t.is(sqlStateOf(error), '23001', String(error));
			// The sentence says what to do instead; the error of a foreign key would not.
			t.regex(String(error), /(?:update|delete|truncate) on \w+ is refused: .+/);
		});
	}
}

test.serial('the rows that the walls are tried with are accepted as they are', async t => {
	for (const [table, row] of Object.entries(rows)) {
		t.is(await attempt(t.context.connection, [insert(table, row)]), undefined, table);
	}
});

test.serial('an action is begun and ended, and a limit comes and goes', async t => {
	for (const statement of trailAccepted) {
		t.is(await attempt(t.context.connection, [statement]), undefined, statement);
	}
});

test.serial('what may change, changes', async t => {
	for (const statement of [
		`UPDATE cards SET available = available, status = 2, owner_id = 1, expires_at = now() WHERE id = ${singleUseCard}`,
		'UPDATE lots SET remaining = remaining, held = held, owed = 0',
		'UPDATE hold_legs SET captured = captured, released = released',
		"UPDATE holds SET order_id = NULL, description = 'erased'",
		"UPDATE actors SET name = 'erased ' || id",
		'UPDATE entry_notes SET reason = NULL',
		'DELETE FROM entry_notes',
		"UPDATE card_changes SET reason = ''",
		'UPDATE house_horizons SET horizon = 6, taken_at = now()',
		'UPDATE house_horizons SET incarnation = 2, horizon = 1',
		'DELETE FROM house_snapshots',
		"UPDATE programs SET name = 'Platinum', caption = 'More', expiry_kind = 4, expiry_count = 1, earn_rules = '{}' WHERE name = 'Gold'",
	]) {
		t.is(await attempt(t.context.connection, [statement]), undefined, statement);
	}
});

test.serial('a customer has a wallet for each kind of points, and other cards besides', async t => {
	const error = await attempt(t.context.connection, [
		wallet(),
		wallet({public_id: quoted(otherId), asset_id: pointsOf('STARS')}),
		wallet({public_id: 'gen_random_uuid()', is_wallet: 'false'}),
	]);

	t.is(error, undefined);
});

test.serial('a balanced entry is accepted, over savepoints and in several assets too', async t => {
	const inTwoAssets = [
		{asset: 1, amount: 5},
		{account: 50, asset: 1, amount: -5},
		{account: 50, asset: 2, amount: 3},
		{account: 10, asset: 2, amount: -3},
	];

	const error = await attempt(t.context.connection, [
		'SAVEPOINT one',
		insertEntry,
		'SAVEPOINT two',
		insertPostings(...inTwoAssets),
		'RELEASE SAVEPOINT two',
		'SET CONSTRAINTS ALL IMMEDIATE',
		insertPostings({account: 30, amount: 1}, {account: 40, amount: -1}),
	]);

	t.is(error, undefined);
});

const ownTables = `
	SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> '_prisma_migrations'`;

test.serial('no primary key takes a row twice', async t => {
	const {connection} = t.context;
	const {rows: tables} = await connection.query<{relname: string}>(ownTables);

	for (const {relname} of tables) {
		const error = await attempt(connection, [
			`INSERT INTO ${relname} OVERRIDING SYSTEM VALUE SELECT * FROM (SELECT * FROM ${relname} LIMIT 1) row`,
		]);

		t.deepEqual([sqlStateOf(error), constraintOf(error)], ['23505', `${relname}_pkey`], relname);
	}
});

test.serial('every constraint, unique index and trigger of the database has been run against', async t => {
	const {rows: found} = await t.context.connection.query<{name: string}>(`
		WITH own AS (${ownTables})
		SELECT conname AS name FROM pg_constraint WHERE conrelid IN (SELECT oid FROM own) AND contype IN ('c', 'f', 'u', 'x')
		UNION SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
			WHERE x.indrelid IN (SELECT oid FROM own) AND x.indisunique AND NOT x.indisprimary
		UNION SELECT tgname FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM own) AND NOT tgisinternal
		ORDER BY 1`);
	const tried = [...states.map(([walls]) => walls), historyWalls].flatMap(walls => Object.keys(walls));

	t.deepEqual(
		found.map(({name}) => name),
		tried.filter(name => !name.endsWith('_pkey')).sort(),
	);
});

test.serial('no wall is switched off, and no constraint waits to be validated', async t => {
	const {rows: off} = await t.context.connection.query(`
		SELECT conname FROM pg_constraint WHERE NOT convalidated
		UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled NOT IN ('O', 'A')`);

	t.deepEqual(off, []);
});

test('every CHECK, unique index and trigger of the migrations says what it prevents', t => {
	const migrations = [
		'0001_ledger',
		'0002_payments',
		'0003_one_row_for_a_payment',
		'0004_transfer_and_adjust',
		'0005_loyalty',
		'0007_customers',
		'0009_house_snapshots',
		'0010_audit_trail',
		'0014_seals',
	].map(name =>
		readFileSync(new URL(`../../prisma/migrations/${name}/migration.sql`, import.meta.url), 'utf8'),
	);
	const silent: string[] = [];
	let isExplained = false;
	for (const line of migrations.join('\n').split('\n')) {
		if (/^\s*--/.test(line)) {
			isExplained = true;
		} else if (
			/^\s*(?:(?:ADD )?CONSTRAINT \w+ CHECK|CREATE UNIQUE INDEX|CREATE (?:CONSTRAINT )?TRIGGER)/.test(line)
		) {
			silent.push(...(isExplained ? [] : [line]));
			// Triggers that stand together share a comment.
			isExplained = line.includes(' TRIGGER ');
		} else if (!/^\t+(?:WHEN|IS DISTINCT FROM|FOR EACH|EXECUTE)\b/.test(line)) {
			isExplained = false;
		}
	}

	t.deepEqual(silent, []);
});
