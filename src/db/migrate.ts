import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {keepsSessions, openConnection} from './client.ts';
import {grantAgain, migrationLock} from './roles.ts';
import {openSchemaEngine, type SchemaEngine} from './schema-engine.ts';
import {sqlStateOf} from './sql-state.ts';

/** The schema of the database cannot be brought to what this version needs; the message says why and what to do. */
export class MigrationError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'MigrationError';
	}
}

type Migration = {readonly name: string; readonly script: string};

export type MigrateOptions = {
	/** Holds `schema.prisma` and `migrations/`; default: that of this checkout. */
	readonly prismaFolder?: string;
	/** For how long a table that somebody else has locked is tried again; default a minute. */
	readonly lockPatienceMs?: number;
};

// Who waits for a table's lock keeps everybody else waiting behind it, and traffic gives up after 250 ms: so a migration waits for less, lets
// traffic pass, and tries again (docs/decisions/0033-upgrades.md).
const lockTimeout = '150ms';
const pauseMs = 300;
// Longer than a report reads; whoever holds a table for longer has to be waited for by a person.
const lockPatienceMs = 60_000;

const noFilters = {externalTables: [], externalEnums: []};

/**
 * Bring a database to the newest migration, in Prisma's own format: `prisma migrate deploy` finds nothing left to do. All of it is one
 * transaction: concurrent starts wait for each other (rules B15: the lock ends with the transaction), and a migration that
 * fails, or whose process dies, leaves nothing behind. It lets running services work on: it waits for a table's lock only for a moment at a
 * time.
 * @param url past any pooler
 * @returns the names of the migrations applied now, in order
 * @throws MigrationError
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
	const folder = options.prismaFolder ?? findPrismaFolder();
	const migrations = await readMigrations(folder);
	if ((await pendingMigrations(url, migrations)).length === 0) {
		return [];
	}

	// The engine takes a lock of its session, which a pooler would leave to somebody else.
	if (!(await keepsSessions(url))) {
		throw new MigrationError(
			'The database has to be migrated, and not through a pooler: set DIRECT_DATABASE_URL to the database itself.',
		);
	}

	const models = await readFile(path.join(folder, 'schema.prisma'), 'utf8');
	const until = performance.now() + (options.lockPatienceMs ?? lockPatienceMs);
	for (;;) {
		const schema = await openSchemaEngine(url, models);
		try {
			return await applyInOneTransaction(schema, folder, migrations);
		} catch (error) {
			if (sqlStateOf(error) !== lockNotAvailable || performance.now() > until) {
				throw error;
			}
		} finally {
			await schema.close();
		}

		await delay(pauseMs * (0.5 + Math.random()));
	}
}

/**
 * What would have to change in the database to match `schema.prisma`, as SQL; empty when nothing. It sees tables, columns, keys and plain
 * indexes, not partial or expression indexes, CHECKs and triggers.
 */
export async function schemaDifference(url: string, options: MigrateOptions = {}): Promise<string> {
	const folder = options.prismaFolder ?? findPrismaFolder();
	const text = await readFile(path.join(folder, 'schema.prisma'), 'utf8');
	const files = [{path: 'schema.prisma', content: text}];
	const schema = await openSchemaEngine(url, text);
	try {
		const {exitCode, stdout} = await schema.engine.diff({
			from: {tag: 'schemaDatasource', files, configDir: folder},
			to: {tag: 'schemaDatamodel', files},
			script: true,
			exitCode: true,
			filters: noFilters,
		});
		return exitCode === 0 ? '' : (stdout ?? 'The schemas differ.');
	} finally {
		await schema.close();
	}
}

async function applyInOneTransaction(
	{engine, connection}: SchemaEngine,
	baseDir: string,
	migrations: readonly Migration[],
): Promise<string[]> {
	let failure: unknown;
	const query = connection.query.bind(connection) as (...args: unknown[]) => Promise<unknown>;
	// The engine goes on to note the failure, which the aborted transaction refuses: the first error is the one to tell.
	const rememberFailure = (...args: unknown[]) =>
		query(...args).catch((error: unknown) => {
			failure ??= error;
			throw error;
		});
	Object.assign(connection, {query: rememberFailure});

	await connection.query(
		`BEGIN; SELECT pg_advisory_xact_lock(${migrationLock}); SET LOCAL lock_timeout = '${lockTimeout}'`,
	);
	try {
		const {appliedMigrationNames} = await engine.applyMigrations({
			migrationsList: {
				baseDir,
				lockfile: {path: 'migration_lock.toml', content: 'provider = "postgresql"\n'},
				shadowDbInitScript: '',
				migrationDirectories: migrations.map(({name, script}) => ({
					path: name,
					migrationFile: {path: 'migration.sql', content: {tag: 'ok', value: script}},
				})),
			},
			filters: noFilters,
		});
		await grantAgain(sql => connection.query(sql));
		await connection.query('COMMIT');
		return appliedMigrationNames;
	} catch (error) {
		await query('ROLLBACK').catch(() => undefined);
		const cause = failure ?? error;
		const reason =
			sqlStateOf(cause) === lockNotAvailable
				? 'a table stayed locked, by a report, a backup or a session that was left open. Try again when it has ended.'
				: (cause as Error).message;
		throw new MigrationError(`The database could not be migrated and is as it was before: ${reason}`, {
			cause,
		});
	}
}

/**
 * The migrations that a database still lacks, without loading the engine: the usual start has nothing to do.
 * @throws MigrationError where the database was migrated by other files than ours.
 */
async function pendingMigrations(url: string, migrations: readonly Migration[]): Promise<Migration[]> {
	const applied = await readApplied(url);
	const known = new Map(migrations.map(({name, script}) => [name, checksumOf(script)]));
	for (const [name, checksum] of applied) {
		if (!known.has(name)) {
			throw new MigrationError(
				`The database has the migration ${name}, which this version does not know. Start the version that made it, or a newer one.`,
			);
		}

		if (known.get(name) !== checksum) {
			throw new MigrationError(
				`The migration ${name} was changed after it had been applied. Restore its file; put changes into a new migration.`,
			);
		}
	}

	return migrations.filter(({name}) => !applied.has(name));
}

/** Names and checksums of what was applied, oldest first. */
async function readApplied(url: string): Promise<Map<string, string>> {
	const client = await openConnection(url, 'monedero migrations');
	try {
		const {rows} = await client.query<{name: string; checksum: string}>(
			`SELECT migration_name AS name, checksum FROM _prisma_migrations
			 WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY started_at`,
		);
		return new Map(rows.map(({name, checksum}) => [name, checksum]));
	} catch (error) {
		if (sqlStateOf(error) === undefinedTable) {
			return new Map();
		}

		throw error;
	} finally {
		await client.end();
	}
}

const undefinedTable = '42P01';
const lockNotAvailable = '55P03';

async function readMigrations(folder: string): Promise<Migration[]> {
	const base = path.join(folder, 'migrations');
	const entries = await readdir(base, {withFileTypes: true});
	const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name);
	return Promise.all(
		names
			.toSorted()
			.map(async name => ({name, script: await readFile(path.join(base, name, 'migration.sql'), 'utf8')})),
	);
}

function checksumOf(script: string): string {
	return createHash('sha256').update(script).digest('hex');
}

/** Beside `src`, or above it when compiled; so it does not matter from which folder the process was started. */
function findPrismaFolder(): string {
	for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
		const candidate = path.join(folder, 'prisma');
		if (existsSync(path.join(candidate, 'migrations'))) {
			return candidate;
		}

		if (folder === path.dirname(folder)) {
			throw new MigrationError('The folder prisma/migrations is missing. Install Monedero whole.');
		}
	}
}
