import {spawn} from 'node:child_process';
import {existsSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import anyTest, {type ExecutionContext, type TestFn} from 'ava';
import {openConnection} from '../../src/db/client.ts';
import {DataDirInUseError} from '../../src/db/embedded.ts';
import {sharedBuffers} from '../../src/db/embedded-cluster.ts';
import {
	copyDataDir,
	killAndWait,
	makeDataDir,
	open,
	openInProcess,
	postmasterOf,
	query,
	startOf,
	temporaryFolder,
} from '../helpers/embedded.ts';
import {until} from '../helpers/until.ts';

const test = anyTest as TestFn<{made: string}>;

test.before(async t => {
	t.context.made = await makeDataDir();
});

test.after.always(t => {
	rmSync(path.dirname(t.context.made), {recursive: true, force: true});
});

test('the first start makes a database and the second finds the same data', async t => {
	const dataDir = path.join(temporaryFolder(t), 'data');
	const first = await open(t, {dataDir});
	await query(first.url, "CREATE TABLE kept AS SELECT 'kept' AS word");
	t.is(await first.stop(), 'stopped');

	const second = await open(t, {dataDir});

	t.is(second.url, first.url);
	t.deepEqual(await query(second.url, 'SELECT word FROM kept'), [{word: 'kept'}]);
});

test('the database is durable, in UTF-8, closed to the network, and used by a role that is no superuser', async t => {
	const {url} = await open(t, {dataDir: copyDataDir(t, t.context.made), settings: {}});

	const [row] = await query(
		url,
		`SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
			current_setting('full_page_writes') AS pages, current_setting('listen_addresses') AS addresses,
			pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datlocale AS locale,
			current_setting('TimeZone') AS zone, current_setting('log_error_verbosity') AS verbosity,
			(SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super
		 FROM pg_database WHERE datname = current_database()`,
	);

	t.deepEqual(row, {
		fsync: 'on',
		commit: 'on',
		pages: 'on',
		addresses: '',
		encoding: 'UTF8',
		provider: 'b',
		locale: 'C.UTF-8',
		zone: 'UTC',
		verbosity: 'terse',
		super: false,
	});
});

test('the database keeps an eighth of the memory of its tables, within limits', t => {
	const gibibyte = 2 ** 30;

	t.is(sharedBuffers(gibibyte / 2), '128MB');
	t.is(sharedBuffers(4 * gibibyte), '512MB');
	t.is(sharedBuffers(64 * gibibyte), '2048MB');
});

test('the password is random, asked for, and in a file that only its owner can read', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const {url} = await open(t, {dataDir});
	const file = path.join(dataDir, 'secrets/database-password');

	t.is(statSync(file).mode & 0o777, 0o600);
	t.is(statSync(path.dirname(file)).mode & 0o777, 0o700);
	t.is(new URL(url).password, readFileSync(file, 'utf8').trim());
	t.is(new URL(url).password.length, 64);
	const wrong = new URL(url);
	wrong.password = 'wrong';
	await t.throwsAsync(query(wrong.href, 'SELECT 1'), {code: '28P01'});
});

test('a second service on one data directory says so and stops, and the first goes on', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const first = await open(t, {dataDir});

	await t.throwsAsync(open(t, {dataDir}), {
		instanceOf: DataDirInUseError,
		message:
			/^Another Monedero runs on .*data \(monedero service, process \d+\)\. Stop it, or give this one a DATA_DIR/,
	});

	t.deepEqual(await query(first.url, 'SELECT 1 AS one'), [{one: 1}]);
	t.is(await first.stop(), 'stopped');
	const next = await open(t, {dataDir});
	t.deepEqual(await query(next.url, 'SELECT 1 AS one'), [{one: 1}]);
});

test('of two services that make the same data directory at once, one runs and the other says so', async t => {
	const dataDir = path.join(temporaryFolder(t), 'data');

	const outcomes = await Promise.allSettled([
		openInProcess(t, {dataDir, role: 'service'}),
		openInProcess(t, {dataDir, role: 'service'}),
	]);

	const running = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
	const refused = outcomes.flatMap(outcome =>
		outcome.status === 'rejected' ? [String(outcome.reason)] : [],
	);
	t.is(running.length, 1);
	t.regex(refused[0] ?? '', /Another Monedero runs on/);
	t.is(await running[0]?.stop(), 'stopped');
});

test('a script shares a running database, and stopping is left to the last', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const service = await open(t, {dataDir});
	const script = await open(t, {dataDir, role: 'script'});
	const start = await startOf(service.url);
	t.is(await startOf(script.url), start);

	t.is(await script.stop(), 'left running');
	t.is(await startOf(service.url), start);
	t.is(await service.stop(), 'stopped');
	t.false(existsSync(path.join(dataDir, 'postgres/postmaster.pid')));
});

test('a script starts the database when it does not run, and a service that comes meanwhile keeps it', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const script = await open(t, {dataDir, role: 'script'});
	const service = await open(t, {dataDir});

	t.is(await script.stop(), 'left running');
	t.deepEqual(await query(service.url, 'SELECT 1 AS one'), [{one: 1}]);
});

test('of scripts that leave at once, the last one stops the database', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const scripts = await Promise.all([1, 2, 3].map(() => open(t, {dataDir, role: 'script'})));

	const outcomes = await Promise.all(scripts.map(script => script.stop()));

	t.true(outcomes.includes('stopped'));
	t.false(existsSync(path.join(dataDir, 'postgres/postmaster.pid')));
});

test('a service that starts while a script stops the database gets a running one', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const script = await open(t, {dataDir, role: 'script'});

	const [, service] = await Promise.all([script.stop(), open(t, {dataDir})]);

	t.deepEqual(await query(service.url, 'SELECT 1 AS one'), [{one: 1}]);
});

test('the database is not stopped while somebody else is connected', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const service = await open(t, {dataDir});
	const somebody = await openConnection(service.url, 'somebody');

	t.is(await service.stop(), 'left running');

	t.is((await somebody.query('SELECT 1')).rowCount, 1);
	await somebody.end();
	const next = await open(t, {dataDir});
	t.is(await next.stop(), 'stopped');
});

const isAdopted = test.macro<[signal: NodeJS.Signals, scope: 'process' | 'group']>(
	async (t, signal, scope) => {
		const dataDir = copyDataDir(t, t.context.made);
		const killed = await openInProcess(t, {dataDir, role: 'service'});
		await query(killed.url, 'CREATE TABLE kept AS SELECT 1 AS one');
		const start = await startOf(killed.url);

		await killed.kill(signal, scope);

		const service = await open(t, {dataDir});
		t.is(await startOf(service.url), start);
		t.deepEqual(await query(service.url, 'SELECT one FROM kept'), [{one: 1}]);
		t.is(await service.stop(), 'stopped');
	},
);
test('after kill -9 of the service, the database that lived on is adopted', isAdopted, 'SIGKILL', 'process');
test('Ctrl-C does not reach the database', isAdopted, 'SIGINT', 'group');

const isRecovered = test.macro<[spoil: (t: ExecutionContext, pidFile: string) => void]>(async (t, spoil) => {
	const dataDir = copyDataDir(t, t.context.made);
	const killed = await openInProcess(t, {dataDir, role: 'service'});
	await query(killed.url, 'CREATE TABLE kept AS SELECT 1 AS one');
	const start = await startOf(killed.url);

	await killed.kill('SIGKILL', 'process');
	await killAndWait(postmasterOf(dataDir));
	spoil(t, path.join(dataDir, 'postgres/postmaster.pid'));

	const service = await open(t, {dataDir});
	t.not(await startOf(service.url), start);
	t.deepEqual(await query(service.url, 'SELECT one FROM kept'), [{one: 1}]);
});
test('after kill -9 of service and database, the database is recovered', isRecovered, () => undefined);
test(
	'after kill -9 of both, a process that got the number of the database is not taken for it',
	isRecovered,
	(t, file) => {
		const {uid, gid} = statSync(file);
		const other = spawn('sleep', ['600'], {cwd: '/', stdio: 'ignore', uid, gid});
		t.teardown(() => other.kill());
		writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)));
	},
);

test('a database that is killed under its service is started again', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const service = await open(t, {dataDir});
	await query(service.url, 'CREATE TABLE kept AS SELECT 1 AS one');

	await killAndWait(postmasterOf(dataDir));

	const rows = await untilAnswered(() => query(service.url, 'SELECT one FROM kept'));
	t.deepEqual(rows, [{one: 1}]);
	t.true(service.told.includes('The embedded database ended; starting it again.'));
	// The database answers before its service is back, and until then another one may come in.
	const isBack = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted";
	await until('the service is back', async () => (await query(service.url, isBack)).length === 1);
	await t.throwsAsync(open(t, {dataDir}), {instanceOf: DataDirInUseError});
});

test('where the path is too long for a socket, the database is on a loopback port, and comes back on the same', async t => {
	const dataDir = path.join(temporaryFolder(t), 'd'.repeat(110));
	const service = await open(t, {dataDir});
	t.regex(service.url, /@127\.0\.0\.1:\d+\/monedero$/);

	await killAndWait(postmasterOf(dataDir));

	t.deepEqual(await untilAnswered(() => query(service.url, 'SELECT 1 AS one')), [{one: 1}]);
});

test('a database without its password file is refused with what to do', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const service = await open(t, {dataDir});
	await service.stop();
	rmSync(path.join(dataDir, 'secrets/database-password'));

	await t.throwsAsync(open(t, {dataDir}), {
		message: /database-password is missing.* Restore it from a backup\.$/,
	});

	writeFileSync(path.join(dataDir, 'secrets/database-password'), 'another');
	const script = open(t, {dataDir, role: 'script'});
	await t.throwsAsync(script, {message: /refused the password in .*database-password\. Restore that file/});
	t.false(existsSync(path.join(dataDir, 'postgres/postmaster.pid')));
});

test('a database of another major version is refused with what to do', async t => {
	const dataDir = copyDataDir(t, t.context.made);
	const service = await open(t, {dataDir});
	await service.stop();
	writeFileSync(path.join(dataDir, 'postgres/PG_VERSION'), '17\n');

	await t.throwsAsync(open(t, {dataDir}), {
		message: /was made by PostgreSQL 17, and this version of Monedero brings 18\. Dump it/,
	});
});

/** Ask again until there is an answer; the test's own time limit ends it. */
async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
	for (;;) {
		try {
			return await ask();
		} catch {
			await new Promise(setImmediate);
		}
	}
}
