import test from 'ava';
import {type Database, DatabaseUnreachableError, openDatabase, type Purpose} from '../../src/db/client.ts';
import {withDatabase} from '../helpers/database.ts';

/** What holds inside a transaction, by name. */
async function settings(database: Database): Promise<Record<string, string>> {
	const names = [...Object.keys(generalSettings), ...Object.keys(plans)];
	const rows = await database.prisma.$transaction(
		tx => tx.$queryRaw<{name: string; setting: string}[]>`
			SELECT name, setting FROM pg_settings WHERE name = ANY(${names})`,
	);
	return Object.fromEntries(rows.map(({name, setting}) => [name, setting]));
}

const generalSettings = {
	idle_in_transaction_session_timeout: '10000',
	lock_timeout: '250',
	statement_timeout: '10000',
	jit: 'off',
	TimeZone: 'UTC',
};
const plans = {enable_hashjoin: 'on', enable_mergejoin: 'on', enable_seqscan: 'on', plan_cache_mode: 'auto'};
const writerSettings = {
	...generalSettings,
	idle_in_transaction_session_timeout: '5000',
	statement_timeout: '5000',
	enable_hashjoin: 'off',
	enable_mergejoin: 'off',
	enable_seqscan: 'off',
	plan_cache_mode: 'force_generic_plan',
};

const isSettled = test.macro<[purpose: Purpose, statementNames: boolean]>({
	async exec(t, purpose, statementNames) {
		const {url} = await withDatabase(t);
		const database = await openDatabase(url, {purpose, statementNames, poolMax: 1});
		t.teardown(() => database.close());

		const settled = await settings(database);

		t.deepEqual(settled, purpose === 'writer' ? writerSettings : {...generalSettings, ...plans});
	},
	title: (_given, purpose, statementNames) =>
		`a transaction of the ${purpose} ${statementNames ? '' : 'behind a pooler '}has its limits and its ways to plan`,
});

test(isSettled, 'general', true);
test(isSettled, 'writer', true);
test(isSettled, 'general', false);
test(isSettled, 'writer', false);

test('behind a pooler nothing outlives the transaction: neither settings nor prepared statements', async t => {
	const {url} = await withDatabase(t);
	const database = await openDatabase(url, {purpose: 'writer', statementNames: false, poolMax: 1});
	t.teardown(() => database.close());
	await settings(database);

	const {rows} = await database.pool.query<{timeout: string; prepared: string}>(
		"SELECT current_setting('lock_timeout') AS timeout, (SELECT count(*) FROM pg_prepared_statements) AS prepared",
	);

	t.deepEqual(rows, [{timeout: '0', prepared: '0'}]);
});

test('a statement of one text is prepared once, and texts beyond the limit are not kept', async t => {
	const {url} = await withDatabase(t);
	const database = await openDatabase(url, {purpose: 'general', poolMax: 1});
	t.teardown(() => database.close());
	const prepared = async () => {
		const {rows} = await database.pool.query<{count: number}>(
			'SELECT count(*)::int FROM pg_prepared_statements',
		);
		return rows[0]?.count;
	};

	for (let round = 0; round < 3; round++) {
		await database.prisma.$queryRawUnsafe('SELECT 1 AS same');
	}

	t.is(await prepared(), 1);
	for (let text = 0; text < 520; text++) {
		await database.prisma.$queryRawUnsafe(`SELECT ${text} AS other`);
	}

	t.is(await prepared(), 500);
});

test('an idle connection that the server ends is told of and replaced', async t => {
	const {url, general} = await withDatabase(t);
	const told: Error[] = [];
	const database = await openDatabase(url, {
		purpose: 'general',
		applicationName: 'victim',
		poolMax: 1,
		onConnectionError: error => told.push(error),
	});
	t.teardown(() => database.close());

	const removed = new Promise(resolve => database.pool.once('remove', resolve));
	await general.pool.query(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'",
	);
	await removed;

	t.is(told.length, 1);
	t.deepEqual(await database.prisma.$queryRaw`SELECT 1 AS one`, [{one: 1}]);
});

test('a database may be closed twice', async t => {
	const {url} = await withDatabase(t);
	const database = await openDatabase(url, {purpose: 'general'});

	await Promise.all([database.close(), database.close()]);
	await database.close();

	t.true(database.pool.ended);
});

const isRefused = test.macro<[change: (url: URL) => void, message: RegExp]>({
	async exec(t, change, message) {
		const {url} = await withDatabase(t);
		const wrong = new URL(url);
		change(wrong);

		const error = await t.throwsAsync(openDatabase(wrong.href, {purpose: 'general'}), {
			instanceOf: DatabaseUnreachableError,
			message,
		});

		t.false(error.message.includes(wrong.password));
	},
	title: (given = '') => `${given} is told with what to do, and without the password`,
});

test(
	'a wrong password',
	isRefused,
	url => {
		url.password = 'wrong-password';
	},
	/refused our user or password\. Check the credentials/,
);
test(
	'a database that does not exist',
	isRefused,
	url => {
		url.pathname = '/missing';
	},
	/:5432\/missing does not exist\. Create it/,
);
test(
	'a server that does not answer',
	isRefused,
	url => {
		url.search = '';
		url.host = '127.0.0.1:1';
	},
	/127\.0\.0\.1:1\/\w+ does not answer \(ECONNREFUSED\)\. Check DATABASE_URL/,
);

test('a look-up that was planned for a table of three rows is planned again while the table grows', async t => {
	const database = await openDatabase((await withDatabase(t)).url, {
		purpose: 'writer',
		poolMax: 1,
	});
	t.teardown(() => database.close());
	const {prisma, pool} = database;
	await pool.query(
		'CREATE TABLE grown (shop int, id int, PRIMARY KEY (shop, id)) WITH (autovacuum_enabled = off)',
	);
	await pool.query('INSERT INTO grown VALUES (1, 1), (1, 2), (1, 3)');
	await pool.query('VACUUM ANALYZE grown');
	const sql = 'SELECT count(*) FROM unnest($1::int[]) AS k(id) JOIN grown g ON g.shop = 1 AND g.id = k.id';
	const lookUp = async () => prisma.$queryRawUnsafe(sql, [1, 2, 3]);
	await lookUp();
	await pool.query('INSERT INTO grown SELECT 1, n FROM generate_series(4, 20000) AS n');
	const plan = async () => {
		const {rows: names} = await pool.query<{name: string}>(
			'SELECT name FROM pg_prepared_statements WHERE statement = $1',
			[sql],
		);
		const {rows} = await pool.query<Record<string, string>>(`EXPLAIN EXECUTE ${names[0]?.name ?? ''}('{1}')`);
		return rows.map(row => row['QUERY PLAN']).join('\n');
	};

	t.notRegex(await plan(), /Index Cond: \(\(shop = 1\) AND \(id = k\.id\)\)/);
	for (let time = 0; time < 16; time++) {
		await lookUp();
	}

	t.regex(await plan(), /Index Cond: \(\(shop = 1\) AND \(id = k\.id\)\)/);
});
