import {randomBytes} from 'node:crypto';
import type {ExecutionContext} from 'ava';
import type pg from 'pg';
import {type Database, openConnection, prepareDatabase, type SqlClient} from '../../src/db/client.ts';
import {copyOf, databaseIn, testCluster} from './cluster.ts';
import {takePlace} from './places.ts';

// What is asked of a database all at once waits in turn, on a slow machine for longer than a service would.
export const patienceMs = 60_000;

export type TestDatabase = {
	/** As the service's own role, which owns the database unless TEST_ROLE says otherwise. */
	readonly url: string;
	/** As the owner of the tables, past any pooler: for what only migrations do, and for tests that plant damage. */
	readonly ownerUrl: string;
	/** As superuser: `SET session_replication_role = replica` plants damage that the triggers would refuse. */
	readonly superuserUrl: string;
	/** Made when a test first asks for it, as `writer` is: many need but one of them, and those with a server none. */
	readonly general: Database;
	readonly writer: Database<SqlClient>;
	/** Runs statements that the service's role may not: what a test changes in tables, functions and settings. */
	readonly asOwner: (sql: string) => Promise<void>;
	/** Closes the clients and drops the database, whoever is still connected. */
	close(): Promise<void>;
};

/** A migrated database for one test, dropped when it ends. */
export async function withDatabase(t: ExecutionContext<never> | ExecutionContext): Promise<TestDatabase> {
	await takePlace(t);
	const database = await openTestDatabase();
	t.teardown(() => database.close());
	return database;
}

/**
 * A migrated database for the tests of a file: open it in `test.before`, close it in `test.after.always`.
 * @param options.generalMax - connections of `general`
 */
export async function openTestDatabase({generalMax = 5} = {}): Promise<TestDatabase> {
	const {url, ownerUrl, superuserUrl, name, drop} = await createDatabase({migrated: true});
	// A run through a pooler tells everybody so, as an operator does.
	const statementNames = process.env['STATEMENT_NAMES'] !== 'false';
	const common = {applicationName: name, patienceMs, statementNames};
	let general: Database | undefined;
	let writer: Database<SqlClient> | undefined;
	return {
		...{url, ownerUrl, superuserUrl},
		get general() {
			return (general ??= prepareDatabase(url, {...common, purpose: 'general', poolMax: generalMax}));
		},
		get writer() {
			return (writer ??= prepareDatabase(url, {...common, purpose: 'writer'}));
		},
		asOwner: sql => run(ownerUrl, sql),
		async close() {
			await Promise.all([general?.close(), writer?.close()]);
			await drop();
		},
	};
}

/** A database without any table. */
export async function withEmptyDatabase(t: ExecutionContext): Promise<{url: string; superuserUrl: string}> {
	await takePlace(t);
	const {ownerUrl, superuserUrl, drop} = await createDatabase({migrated: false});
	t.teardown(drop);
	return {url: ownerUrl, superuserUrl};
}

async function createDatabase({migrated}: {migrated: boolean}) {
	const cluster = await testCluster();
	const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
	const template = migrated ? cluster.template : 'template1';
	await inCluster(copyOf(template, name, cluster));
	return {
		name,
		url: databaseIn((migrated ? cluster.serviceUrl : undefined) ?? cluster.url, name),
		ownerUrl: databaseIn(cluster.ownerUrl, name),
		superuserUrl: databaseIn(cluster.superuserUrl, name),
		drop: () => inCluster(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
	};
}

/** What pg has, and its types do not know: whether the connection keeps this process alive. */
type Administrator = pg.Client & {ref(): void; unref(): void};

// Databases are made and dropped by one connection, one after the other, for as long as this process runs.
let administrator: Promise<Administrator> | undefined;
let underWay: Promise<unknown> = Promise.resolve();

/** Run a statement that makes or drops a database. */
export function inCluster(sql: string): Promise<void> {
	const done = underWay.then(async () => {
		const connection = await (administrator ??= openAdministrator().catch((error: unknown) => {
			administrator = undefined;
			throw error;
		}));
		// Between statements it keeps no process alive.
		connection.ref();
		try {
			await connection.query(sql);
		} finally {
			connection.unref();
		}
	});
	underWay = done.catch(() => undefined);
	return done;
}

async function openAdministrator(): Promise<Administrator> {
	const {superuserUrl} = await testCluster();
	const connection = await openConnection(superuserUrl, 'monedero tests');
	// The next one goes on where a test has ended this one.
	connection.on('end', () => (administrator = undefined));
	return connection as Administrator;
}

async function run(url: string, sql: string): Promise<void> {
	const connection = await openConnection(url, 'monedero tests');
	try {
		await connection.query(sql);
	} finally {
		await connection.end();
	}
}
