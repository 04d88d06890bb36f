import {createHash} from 'node:crypto';
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import type pg from 'pg';
import {openConnection} from '../../src/db/client.ts';
import {migrate, MigrationError, schemaDifference} from '../../src/db/migrate.ts';
import {openSchemaEngine} from '../../src/db/schema-engine.ts';
import {withEmptyDatabase} from '../helpers/database.ts';
import {until} from '../helpers/until.ts';

const ours = fileURLToPath(new URL('../../prisma', import.meta.url));

test('the migrations applied to an empty database leave no difference to schema.prisma', async t => {
	const {url} = await withEmptyDatabase(t);

	const applied = await migrate(url);

	t.deepEqual(applied, migrationNames());
	t.is(await schemaDifference(url), '');
});

test('a difference to schema.prisma is seen, a column of the type "char" included', async t => {
	const {url} = await withEmptyDatabase(t);
	await migrate(url);

	await using(url, client => client.query('ALTER TABLE merchants ADD COLUMN forgotten "char"'));

	t.regex(await schemaDifference(url), /ALTER TABLE "merchants" DROP COLUMN "forgotten"/);
});

test('what was applied is written down as prisma migrate deploy would have done', async t => {
	const {url} = await withEmptyDatabase(t);

	await migrate(url);

	const rows = await using(url, async client => {
		const result = await client.query<{migration_name: string}>(
			`SELECT migration_name, checksum, finished_at IS NOT NULL AS finished, rolled_back_at, logs, applied_steps_count
			 FROM _prisma_migrations ORDER BY started_at`,
		);
		return result.rows;
	});
	const expected = migrationNames().map(name => ({
		migration_name: name,
		checksum: createHash('sha256')
			.update(readFileSync(path.join(ours, 'migrations', name, 'migration.sql')))
			.digest('hex'),
		finished: true,
		rolled_back_at: null,
		logs: null,
		applied_steps_count: 1,
	}));
	t.deepEqual<unknown, unknown>(rows, expected);
});

test("Prisma's own engine finds nothing to apply after us, nothing edited and nothing failed", async t => {
	const {url} = await withEmptyDatabase(t);
	await migrate(url);
	const schema = await openSchemaEngine(url, readFileSync(path.join(ours, 'schema.prisma'), 'utf8'));
	t.teardown(() => schema.close());
	const filters = {externalTables: [], externalEnums: []};
	const migrationsList = {
		baseDir: path.join(ours, 'migrations'),
		lockfile: {
			path: 'migration_lock.toml',
			content: readFileSync(path.join(ours, 'migrations/migration_lock.toml'), 'utf8'),
		},
		shadowDbInitScript: '',
		migrationDirectories: migrationNames().map(name => ({
			path: name,
			migrationFile: {
				path: 'migration.sql',
				content: {
					tag: 'ok' as const,
					value: readFileSync(path.join(ours, 'migrations', name, 'migration.sql'), 'utf8'),
				},
			},
		})),
	};

	const diagnosis = await schema.engine.diagnoseMigrationHistory({
		migrationsList,
		optInToShadowDatabase: false,
		filters,
	});
	const {appliedMigrationNames} = await schema.engine.applyMigrations({migrationsList, filters});

	t.like(diagnosis, {
		failedMigrationNames: [],
		editedMigrationNames: [],
		history: null,
		hasMigrationsTable: true,
	});
	t.deepEqual(appliedMigrationNames, []);
});

test('a second run has nothing to do', async t => {
	const {url} = await withEmptyDatabase(t);
	await migrate(url);

	t.deepEqual(await migrate(url), []);
});

test('of several starts at once one migrates and the others find it done', async t => {
	const {url} = await withEmptyDatabase(t);

	const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);

	t.deepEqual(applied.flat(), migrationNames());
});

test('whoever migrates has a lock of ours, which ends with the transaction', async t => {
	const {url} = await withEmptyDatabase(t);
	const prismaFolder = withMigrations(t, {'0001_slow': 'SELECT pg_advisory_xact_lock(42);'});
	await using(url, async client => {
		await client.query('SELECT pg_advisory_lock(42)');
		const migrating = migrate(url, {prismaFolder});
		migrating.catch(() => undefined);
		// The engine has a lock of its own, for ten seconds at most and not for poolers: it gives a bigint that fits into half of one.
		const locks = async () =>
			(
				await client.query(
					`SELECT FROM pg_locks l WHERE locktype = 'advisory' AND granted AND classid <> 0 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
					AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 42)`,
				)
			).rowCount ?? 0;
		await until('the migration waits in its script', async () => {
			const {rowCount} = await client.query(
				"SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 42",
			);
			return rowCount === 1;
		});

		t.is(await locks(), 1);
		await client.query('SELECT pg_advisory_unlock(42)');
		t.deepEqual(await migrating, ['0001_slow']);
	});
});

test('a script with semicolons in bodies, texts and comments is applied whole', async t => {
	const {url} = await withEmptyDatabase(t);
	const prismaFolder = withMigrations(t, {
		'0001_first': `
			-- a comment; with a semicolon
			CREATE TABLE first (id integer PRIMARY KEY, text text DEFAULT ';');
			CREATE FUNCTION two() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$;`,
	});

	await migrate(url, {prismaFolder});

	const rows = await using(url, async client => (await client.query<{two: number}>('SELECT two()')).rows);
	t.deepEqual(rows, [{two: 2}]);
});

test('a migration that fails leaves nothing behind, nor do those before it in the same run, and can be run again', async t => {
	const {url} = await withEmptyDatabase(t);
	const broken = withMigrations(t, {
		'0001_first': 'CREATE TABLE first (id integer PRIMARY KEY);',
		'0002_second': 'CREATE TABLE second (id integer PRIMARY KEY); SELECT 1 / 0;',
	});

	await t.throwsAsync(migrate(url, {prismaFolder: broken}), {
		instanceOf: MigrationError,
		message: /is as it was before: .*division by zero/,
	});
	t.deepEqual(await tablesOf(url), []);

	const mended = withMigrations(t, {
		'0001_first': 'CREATE TABLE first (id integer PRIMARY KEY);',
		'0002_second': 'CREATE TABLE second (id integer PRIMARY KEY);',
	});
	t.deepEqual(await migrate(url, {prismaFolder: mended}), ['0001_first', '0002_second']);
	t.deepEqual(await tablesOf(url), ['_prisma_migrations', 'first', 'second']);
});

test('only what is new is applied', async t => {
	const {url} = await withEmptyDatabase(t);
	const first = {'0001_first': 'CREATE TABLE first (id integer PRIMARY KEY);'};
	await migrate(url, {prismaFolder: withMigrations(t, first)});

	const both = {...first, '0002_second': 'CREATE TABLE second (id integer PRIMARY KEY);'};

	t.deepEqual(await migrate(url, {prismaFolder: withMigrations(t, both)}), ['0002_second']);
});

test('a database of a newer version is refused', async t => {
	const {url} = await withEmptyDatabase(t);
	const first = {'0001_first': 'CREATE TABLE first (id integer PRIMARY KEY);'};
	const newer = {...first, '0002_second': 'CREATE TABLE second (id integer PRIMARY KEY);'};
	await migrate(url, {prismaFolder: withMigrations(t, newer)});

	await t.throwsAsync(migrate(url, {prismaFolder: withMigrations(t, first)}), {
		instanceOf: MigrationError,
		message:
			/has the migration 0002_second, which this version does not know\. Start the version that made it/,
	});
});

test('a migration that was changed after it had been applied is refused', async t => {
	const {url} = await withEmptyDatabase(t);
	await migrate(url, {prismaFolder: withMigrations(t, {'0001_first': 'CREATE TABLE first (id integer);'})});

	const changed = withMigrations(t, {'0001_first': 'CREATE TABLE first (id bigint);'});

	await t.throwsAsync(migrate(url, {prismaFolder: changed}), {
		instanceOf: MigrationError,
		message: /0001_first was changed after it had been applied\. Restore its file/,
	});
});

const alteration = {
	'0001_first': 'CREATE TABLE first (id integer PRIMARY KEY);',
	'0002_second': 'ALTER TABLE first ADD COLUMN name text;',
};

/** A database with the first of two migrations, the table of which somebody reads, in a transaction that stays open. */
async function whileRead(t: ExecutionContext) {
	const {url} = await withEmptyDatabase(t);
	await migrate(url, {prismaFolder: withMigrations(t, {'0001_first': alteration['0001_first']})});
	const reader = await openConnection(url, 'a report');
	t.teardown(() => reader.end());
	await reader.query('BEGIN; SELECT FROM first');
	return {url, reader, prismaFolder: withMigrations(t, alteration)};
}

test('a migration waits for a table that is read, and traffic on it does not wait behind the migration', async t => {
	const {url, reader, prismaFolder} = await whileRead(t);
	const migrating = migrate(url, {prismaFolder});
	const traffic = await openConnection(url, 'traffic');
	t.teardown(() => traffic.end());
	await until('the migration waits for the table', async () => {
		const {rowCount} = await traffic.query(
			"SELECT FROM pg_locks WHERE NOT granted AND relation = 'first'::regclass",
		);
		return rowCount === 1;
	});
	// Between two attempts of the migration the table is free.
	for (let time = 0; time < 20; time++) {
		await traffic.query('INSERT INTO first VALUES ($1)', [time]);
	}

	await reader.query('COMMIT');

	t.deepEqual(await migrating, ['0002_second']);
});

test('a table that stays locked is given up at last, and the database is as it was', async t => {
	const {url, prismaFolder} = await whileRead(t);

	await t.throwsAsync(migrate(url, {prismaFolder, lockPatienceMs: 0}), {
		instanceOf: MigrationError,
		message: /is as it was before: a table stayed locked, .* Try again when it has ended\./,
	});

	const columns = await using(url, async client => {
		const {rows} = await client.query(
			"SELECT FROM pg_attribute WHERE attrelid = 'first'::regclass AND attname = 'name'",
		);
		return rows.length;
	});
	t.is(columns, 0);
});

function migrationNames(): string[] {
	return readdirSync(path.join(ours, 'migrations'), {withFileTypes: true})
		.filter(entry => entry.isDirectory())
		.map(entry => entry.name)
		.toSorted();
}

/** A folder like ours with other migrations. */
function withMigrations(t: ExecutionContext, scripts: Readonly<Record<string, string>>): string {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-migrations-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	cpSync(path.join(ours, 'schema.prisma'), path.join(folder, 'schema.prisma'));
	for (const [name, script] of Object.entries(scripts)) {
		mkdirSync(path.join(folder, 'migrations', name), {recursive: true});
		writeFileSync(path.join(folder, 'migrations', name, 'migration.sql'), script);
	}

	return folder;
}

async function tablesOf(url: string): Promise<string[]> {
	return using(url, async client => {
		const {rows} = await client.query<{name: string}>(
			"SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
		);
		return rows.map(({name}) => name);
	});
}

async function using<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
	const client = await openConnection(url, 'monedero tests');
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}
