import test, {type ExecutionContext} from 'ava';
import {DatabaseUnreachableError, openConnection, openDatabase} from '../../src/db/client.ts';
import {hostsOf} from '../../src/db/hosts.ts';
import {withDatabase} from '../helpers/database.ts';

/** The test's database as one of two servers; nobody listens where the other one should be. */
async function amongTwo(t: ExecutionContext): Promise<{url: string; ownerUrl: string}> {
	const {url, ownerUrl} = await withDatabase(t);
	const [{host, port} = {host: '', port: 0}] = hostsOf(url);
	const list = new URL(url);
	list.searchParams.set('host', `127.0.0.1,${host}`);
	list.searchParams.set('port', `1,${port}`);
	return {url: list.href, ownerUrl};
}

test('of two servers the one that answers is used, by pools and by single connections', async t => {
	const {url} = await amongTwo(t);
	const database = await openDatabase(url, {purpose: 'general', poolMax: 2});
	t.teardown(() => database.close());

	t.deepEqual(await database.prisma.$queryRaw`SELECT 1 AS one`, [{one: 1}]);
	const connection = await openConnection(url, 'alone');
	t.teardown(() => connection.end());
	t.is((await connection.query('SELECT 1')).rowCount, 1);
});

test('a server that has become read-only is left, and the next connection takes no writes to it', async t => {
	const {url, ownerUrl} = await amongTwo(t);
	const connection = await openConnection(ownerUrl, 'owner');
	t.teardown(() => connection.end());
	await connection.query(
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`,
	);

	const error = await t.throwsAsync(openDatabase(url, {purpose: 'general'}), {
		instanceOf: DatabaseUnreachableError,
	});

	t.regex(error.message, /no server of the list takes writes|is no longer the primary/);
	await connection.query(
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$`,
	);
	const database = await openDatabase(url, {purpose: 'general'});
	t.deepEqual(await database.prisma.$queryRaw`SELECT 1 AS one`, [{one: 1}]);
	await database.close();
});
