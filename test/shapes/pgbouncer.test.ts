import {existsSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import type pg from 'pg';
import {keepsSessions, openConnection} from '../../src/db/client.ts';
import {migrate, MigrationError} from '../../src/db/migrate.ts';
import {withDatabase, withEmptyDatabase} from '../helpers/database.ts';
import {temporaryFolder} from '../helpers/embedded.ts';
import {type Pooler, startPooler} from '../helpers/pooler.ts';
import {scriptSecrets} from '../helpers/script.ts';
import {startService} from '../helpers/service.ts';
import {assertAllThere, beginDebits, hubAt, issueCard, pair} from './debits.ts';
import {journeys, passes} from './suite.ts';

// PgBouncer in transaction mode between service and database: Debian's package `pgbouncer` has one.

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(file => existsSync(file)) ?? 'pgbouncer';

// Fewer than two services would open, so that each of them has many users; more than the jobs hold while they run.
const poolSize = 12;

/** PgBouncer before the server of `url`, until the test ends. */
async function withPooler(
	t: ExecutionContext,
	url: string,
	settings: Readonly<Record<string, string>> = {},
): Promise<Pooler & {readonly killAndStart: () => Promise<void>}> {
	const folder = temporaryFolder(t);
	const start = () => startPooler(program, folder, url, {poolSize, settings});
	let running = await start();
	t.teardown(() => running.stop());
	return {
		...running,
		async killAndStart() {
			await running.stop();
			running = await start();
		},
	};
}

/** What the sessions of the server still have when nobody is in a transaction. */
async function leftBehind(pooledUrl: string): Promise<unknown[]> {
	const clients: pg.Client[] = [];
	const found: unknown[] = [];
	try {
		for (let n = 0; n < poolSize; n++) {
			clients.push(await openConnection(pooledUrl, 'looks around'));
		}

		// All at once, so that each has another session.
		await Promise.all(clients.map(client => client.query('BEGIN')));
		for (const client of clients) {
			const {rows} = await client.query<Record<string, string>>(
				// A pooler carries some settings over itself; those of a transaction are none of the session.
				`SELECT 'setting' AS kind, name FROM pg_settings WHERE source = 'session' AND name NOT LIKE 'transaction\\_%'
				 AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')
				 UNION ALL SELECT 'statement', name FROM pg_prepared_statements
				 UNION ALL SELECT 'cursor', name FROM pg_cursors
				 UNION ALL SELECT 'lock', objid::text FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
				 UNION ALL SELECT 'table', relname FROM pg_class WHERE relpersistence = 't' AND pg_table_is_visible(oid)`,
			);
			found.push(...rows);
		}

		await Promise.all(clients.map(client => client.query('COMMIT')));
		return found;
	} finally {
		await Promise.all(clients.map(client => client.end()));
	}
}

test.serial(
	'an empty database is migrated past the pooler, and served through it; nothing is left in its sessions',
	async t => {
		const {url} = await withEmptyDatabase(t);
		const pooler = await withPooler(t, url);
		const env = {
			DATABASE_URL: pooler.urlOf(url),
			DIRECT_DATABASE_URL: url,
			STATEMENT_NAMES: 'false',
			...scriptSecrets,
			...pair,
		};
		const services = [startService(t, env), startService(t, env)];
		const hubs = await Promise.all(services.map(async service => hubAt(await service.ready())));
		const card = await issueCard(env);

		const debits = beginDebits(t, () => hubs, card);
		await debits.more(300);
		const answers = await debits.stop();

		t.deepEqual(debits.failures, []);
		await assertAllThere(t, answers, {hub: hubAt((await services[0]?.ready()) ?? ''), card, env});
		t.deepEqual(await leftBehind(pooler.urlOf(url)), []);
		for (const service of services) {
			service.kill('SIGTERM');
			t.is(await service.ended(), 0);
			t.notRegex(service.stdout(), /"level":"(?:error|fatal)"/);
		}
	},
);

test.serial(
	'a pooler that is killed and comes back loses nothing that was answered, and the service goes on by itself',
	async t => {
		const {ownerUrl} = await withDatabase(t);
		const pooler = await withPooler(t, ownerUrl);
		const env = {
			DATABASE_URL: pooler.urlOf(ownerUrl),
			DIRECT_DATABASE_URL: ownerUrl,
			STATEMENT_NAMES: 'false',
			...scriptSecrets,
			...pair,
		};
		const service = startService(t, env);
		const hub = hubAt(await service.ready());
		const card = await issueCard(env);

		const debits = beginDebits(t, () => [hub], card);
		for (let time = 0; time < 3; time++) {
			await debits.more(50);
			await pooler.killAndStart();
		}

		await debits.more(50);
		const answers = await debits.stop();

		await assertAllThere(t, answers, {hub, card, env});
	},
);

test.serial(
	'a service that would keep named statements behind a transaction pooler does not start, and says what to set',
	async t => {
		const {ownerUrl} = await withDatabase(t);
		for (const roundRobin of ['0', '1']) {
			const pooler = await withPooler(t, ownerUrl, {server_round_robin: roundRobin});
			const service = startService(t, {DATABASE_URL: pooler.urlOf(ownerUrl), ...scriptSecrets});

			t.is(await service.ended(), 1);
			t.regex(
				service.stderr(),
				/a pooler that gives every transaction another session\. Set STATEMENT_NAMES=false/,
			);
			await pooler.stop();
		}
	},
);

test.serial('a pooler that keeps sessions is none to complain about, nor is no pooler', async t => {
	const {ownerUrl} = await withDatabase(t);
	const pooler = await withPooler(t, ownerUrl, {pool_mode: 'session'});

	t.true(await keepsSessions(pooler.urlOf(ownerUrl)));
	t.true(await keepsSessions(ownerUrl));
});

test.serial('a migration is refused through the pooler, and says what to set', async t => {
	const {url} = await withEmptyDatabase(t);
	const pooler = await withPooler(t, url);

	await t.throwsAsync(migrate(pooler.urlOf(url)), {
		instanceOf: MigrationError,
		message: /not through a pooler: set DIRECT_DATABASE_URL/,
	});
	t.deepEqual(await leftBehind(pooler.urlOf(url)), []);
});

test.serial('the journeys, and a storm over both protocols, pass through it', async t => {
	await passes(t, {TEST_POOLER: program}, journeys);
});
