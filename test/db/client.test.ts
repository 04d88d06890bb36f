import test, {type ExecutionContext} from 'ava';
import pg from 'pg';
import {
	type Database,
	DatabaseUnreachableError,
	openDatabase,
	type Purpose,
	type SqlClient,
} from '../../src/db/client.ts';
import {inSnapshot} from '../../src/db/snapshot.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {withDatabase, withEmptyDatabase} from '../helpers/database.ts';
import {until} from '../helpers/until.ts';

/** What holds inside a transaction, by name. */
async function settings(database: Database<SqlClient>): Promise<Record<string, string>> {
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

// What a client knows of the tables takes 12 MB (decision 48).
test('connections of the writer know no tables, and run SQL', async t => {
	const {url} = await withDatabase(t);
	const database = await openDatabase(url, {purpose: 'writer', poolMax: 1});
	t.teardown(() => database.close());
	const {prisma} = database;

	t.false('merchant' in prisma);
	t.deepEqual(await prisma.$queryRaw`SELECT count(*)::int AS count FROM merchants`, [{count: 0}]);
	const inside = await prisma.$transaction(async tx => [
		'merchant' in tx,
		await tx.$queryRawUnsafe('SELECT $1::int AS one', 1),
	]);
	t.deepEqual(inside, [false, [{one: 1}]]);
});

/** A connection as a pooler's client has it, to a server whose clock is elsewhere. */
async function behindPooler(t: ExecutionContext) {
	const {url, asOwner} = await withDatabase(t);
	const name = new URL(url).pathname.slice(1);
	await asOwner(`ALTER DATABASE ${name} SET timezone = 'America/Sao_Paulo'`);
	const database = await openDatabase(url, {purpose: 'writer', statementNames: false, poolMax: 1});
	t.teardown(() => database.close());
	return {...database, asOwner};
}

test('behind a pooler nothing outlives the transaction: neither settings nor prepared statements', async t => {
	const database = await behindPooler(t);
	await settings(database);
	await database.prisma.$queryRaw`SELECT ${1}::int AS one`;

	const client = await database.pool.connect();
	t.teardown(() => {
		client.release();
	});
	// As the connection would be asked without us.
	const {rows} = await pg.Client.prototype.query.call<
		pg.PoolClient,
		[string],
		Promise<pg.QueryResult<{timeout: string; prepared: string}>>
	>(
		client,
		"SELECT current_setting('lock_timeout') AS timeout, (SELECT count(*) FROM pg_prepared_statements) AS prepared",
	);

	t.deepEqual(rows, [{timeout: '0', prepared: '0'}]);
});

test('behind a pooler a statement by itself has the settings too: limits, and the clock by which moments are read', async t => {
	const {prisma, pool} = await behindPooler(t);
	const moment = '2026-03-29T12:00:00.000Z';

	t.deepEqual(await prisma.$queryRaw`SELECT ${moment}::timestamptz AS at`, [{at: new Date(moment)}]);
	t.deepEqual(await prisma.$queryRaw`SELECT current_setting('lock_timeout') AS timeout`, [
		{timeout: '250ms'},
	]);
	const {rows} = await pool.query('SELECT $1::text AS text', ['of a pool']);
	t.deepEqual(rows, [{text: 'of a pool'}]);
	const snapshot = await inSnapshot(pool, ({all}) =>
		all<{at: string}>('SELECT to_json($1::timestamptz)::text AS at', [moment]),
	);
	t.deepEqual<unknown, unknown>(snapshot, ['2026-03-29T12:00:00+00:00']);
});

test('behind a pooler a statement by itself that fails leaves no transaction open, and one that succeeds has written', async t => {
	const {prisma, pool, asOwner} = await behindPooler(t);
	await asOwner('CREATE TABLE written (id int PRIMARY KEY)');

	await prisma.$executeRaw`INSERT INTO written VALUES (${1})`;
	await t.throwsAsync(prisma.$executeRaw`INSERT INTO written VALUES (${1})`, {
		message: /written_pkey/,
	});
	await t.throwsAsync(pool.query('SELECT 1 / 0'), {message: 'division by zero'});
	await prisma.$executeRaw`INSERT INTO written VALUES (${2})`;

	t.deepEqual(await prisma.$queryRaw`SELECT id FROM written ORDER BY id`, [{id: 1}, {id: 2}]);
});

test('behind a pooler a constraint that is looked at when the transaction ends still refuses a statement by itself', async t => {
	const {prisma, asOwner} = await behindPooler(t);
	await asOwner('CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)');

	const twice = prisma.$executeRaw`INSERT INTO late VALUES (1), (1)`;

	t.is(sqlStateOf(await t.throwsAsync(twice)), '23505');
	t.deepEqual(await prisma.$queryRaw`SELECT count(*)::int AS count FROM late`, [{count: 0}]);
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

test('a database that refuses a connection keeps none of ours', async t => {
	const {url, superuserUrl} = await withEmptyDatabase(t);
	const name = new URL(url).pathname.slice(1);
	const superuser = new pg.Client({connectionString: superuserUrl});
	await superuser.connect();
	t.teardown(() => superuser.end());
	// This one.
	await superuser.query(`ALTER DATABASE ${name} CONNECTION LIMIT 1`);

	const begun = performance.now();
	await t.throwsAsync(openDatabase(url, {purpose: 'general', applicationName: 'one of one'}), {
		instanceOf: DatabaseUnreachableError,
	});

	await until('nobody of ours is connected', async () => {
		const {rowCount} = await superuser.query(
			"SELECT FROM pg_stat_activity WHERE application_name = 'one of one'",
		);
		return rowCount === 0;
	});
	t.true(
		performance.now() - begun < 50_000,
		'not only after a minute, when idle connections go by themselves',
	);
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
	const database = await openDatabase((await withDatabase(t)).ownerUrl, {
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
	const plan = async () => {
		const {rows: names} = await pool.query<{name: string}>(
			'SELECT name FROM pg_prepared_statements WHERE statement = $1',
			[sql],
		);
		const {rows} = await pool.query<Record<string, string>>(`EXPLAIN EXECUTE ${names[0]?.name ?? ''}('{1}')`);
		return rows.map(row => row['QUERY PLAN']).join('\n');
	};

	// Before it grows: from then on the server may plan anew of its own accord, when others change so much that it forgets what it knew.
	t.notRegex(await plan(), /Index Cond: \(\(shop = 1\) AND \(id = k\.id\)\)/);
	await pool.query('INSERT INTO grown SELECT 1, n FROM generate_series(4, 20000) AS n');
	for (let time = 0; time < 16; time++) {
		await lookUp();
	}

	t.regex(await plan(), /Index Cond: \(\(shop = 1\) AND \(id = k\.id\)\)/);
});
