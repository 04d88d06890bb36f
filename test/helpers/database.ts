import {randomBytes} from 'node:crypto';
import type {ExecutionContext} from 'ava';
import {type Database, openConnection, openDatabase} from '../../src/db/client.ts';
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
	readonly general: Database;
	readonly writer: Database;
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
	const general = await openDatabase(url, {...common, purpose: 'general', poolMax: generalMax});
	const writer = await openDatabase(url, {...common, purpose: 'writer'});
	return {
		...{url, ownerUrl, superuserUrl},
		general,
		writer,
		asOwner: sql => run(ownerUrl, sql),
		async close() {
			await Promise.all([general.close(), writer.close()]);
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

async function inCluster(sql: string): Promise<void> {
	await run((await testCluster()).superuserUrl, sql);
}

async function run(url: string, sql: string): Promise<void> {
	const connection = await openConnection(url, 'monedero tests');
	try {
		await connection.query(sql);
	} finally {
		await connection.end();
	}
}
