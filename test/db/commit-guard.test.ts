import test, {type ExecutionContext} from 'ava';
import {type Database, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {lastStatement} from '../../src/db/round-trips.ts';
import {isConnectionLost, isUnavailable} from '../../src/db/sql-state.ts';
import {patienceMs, withDatabase} from '../helpers/database.ts';

// Where a COMMIT is given up, and where a busy machine may take its time.
const soonMs = 1500;
const neverMs = 60_000;

/** A table whose COMMIT does what the row says: sleeps so many seconds, or warns. */
async function withSlowCommits(t: ExecutionContext, commitTimeoutMs = neverMs): Promise<Database<SqlClient>> {
	const {url, asOwner} = await withDatabase(t);
	await asOwner(`
		CREATE TABLE marks (id int PRIMARY KEY, sleeps float, warns boolean);
		CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_sleep(NEW.sleeps);
			IF NEW.warns THEN
				RAISE WARNING 'might not have been replicated';
			ELSE
				RAISE NOTICE 'nothing to worry about';
			END IF;
			RETURN NULL;
		END $$;
		CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON marks
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()`);
	const database = await openDatabase(url, {purpose: 'writer', poolMax: 1, commitTimeoutMs, patienceMs});
	t.teardown(() => database.close());
	return database;
}

function mark({prisma}: Database<SqlClient>, id: number, {sleeps = 0, warns = false} = {}): Promise<unknown> {
	return prisma.$transaction(async tx =>
		tx.$queryRawUnsafe('INSERT INTO marks VALUES ($1, $2, $3) RETURNING id', id, sleeps, warns),
	);
}

async function marks({pool}: Database<SqlClient>): Promise<number[]> {
	const {rows} = await pool.query<{id: number}>('SELECT id FROM marks ORDER BY id');
	return rows.map(({id}) => id);
}

test('a COMMIT that takes too long is of unknown fate, and the next transaction has another connection', async t => {
	const database = await withSlowCommits(t, soonMs);
	const begun = performance.now();

	const error = await t.throwsAsync(mark(database, 1, {sleeps: 30}));

	t.true(performance.now() - begun < 20_000);
	t.regex(error.message, /COMMIT was not answered/);
	t.true(isConnectionLost(error));
	t.true(isUnavailable(error));
	await mark(database, 2);
	t.true((await marks(database)).includes(2));
});

test('what a statement takes that COMMIT was sent behind does not count', async t => {
	const database = await withSlowCommits(t, soonMs);

	await database.prisma.$transaction(async tx => {
		await tx.$queryRawUnsafe('INSERT INTO marks VALUES (1, 0, false) RETURNING id');
		await tx.$queryRawUnsafe(`${lastStatement}SELECT pg_sleep($1)::text`, (2 * soonMs) / 1000);
	});
	const late = await t.throwsAsync(
		database.prisma.$transaction(async tx =>
			tx.$queryRawUnsafe(`${lastStatement}INSERT INTO marks VALUES (2, 30, false) RETURNING id`),
		),
	);

	t.regex(late.message, /COMMIT was not answered/);
	t.true((await marks(database)).includes(1));
});

test('a warning on COMMIT is of unknown fate, and a mere notice is a success', async t => {
	const database = await withSlowCommits(t);

	const error = await t.throwsAsync(mark(database, 1, {warns: true}));
	await mark(database, 2);

	t.regex(error.message, /warning/);
	t.true(isConnectionLost(error));
	t.deepEqual(await marks(database), [1, 2]);
});

test('a warning before COMMIT means nothing for it', async t => {
	const database = await withSlowCommits(t);

	await database.prisma.$transaction(async tx => {
		await tx.$executeRawUnsafe(`DO $$ BEGIN RAISE WARNING 'early'; END $$`);
		await tx.$queryRawUnsafe('INSERT INTO marks VALUES (1, 0, false) RETURNING id');
	});

	t.deepEqual(await marks(database), [1]);
});

test('a COMMIT that has undone the transaction is no success, though nobody has said that a statement failed', async t => {
	const database = await withSlowCommits(t);

	const error = await t.throwsAsync(
		database.prisma.$transaction(async tx => {
			await tx.$queryRawUnsafe('INSERT INTO marks VALUES (1, 0, false) RETURNING id');
			await tx.$queryRawUnsafe('SELECT 1 / 0').catch(() => undefined);
		}),
	);

	t.regex(error.message, /COMMIT has undone all of it/);
	t.deepEqual(await marks(database), []);
});

test('a warning of the statement that COMMIT was sent behind counts as one on COMMIT: it runs again', async t => {
	const database = await withSlowCommits(t);

	const error = await t.throwsAsync(
		database.prisma.$transaction(async tx =>
			tx.$executeRawUnsafe(`${lastStatement}DO $$ BEGIN RAISE WARNING 'now'; END $$`),
		),
	);

	t.true(isConnectionLost(error));
});

test('a server that takes no writes any more is left: the refused statement passes, and its connection goes', async t => {
	const database = await withSlowCommits(t);
	await database.pool.query('SET default_transaction_read_only = on');
	const removed = new Promise(resolve => database.pool.once('remove', resolve));

	const error = await t.throwsAsync(mark(database, 1));

	t.true(isConnectionLost(error), error.message);
	await removed;
	await mark(database, 2);
	t.deepEqual(await marks(database), [2]);
});
