import {spawnSync} from 'node:child_process';
import {
	chownSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import {totalmem} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type {Programs} from './embedded-binaries.ts';
import type {Account} from './embedded-home.ts';
import {isAlive} from './embedded-server.ts';

export type ClusterOptions = {
	readonly cluster: string;
	readonly programs: Programs;
	readonly account: Account | undefined;
	readonly password: string;
	/** Safe for throw-away clusters only: a crash of the machine may leave less than a whole one. */
	readonly isThrowAway: boolean;
};

/** Owns the database, and is no superuser: what the service can do wrong stays inside. */
export const databaseUser = 'monedero';
export const databaseName = 'monedero';
export const superuser = 'postgres';

// Written into postgresql.conf when the cluster is made; an operator may change them there.
const clusterSettings = {
	max_connections: '100',
	// Pages are written whole after each checkpoint. Without lz4, which these programs lack, compressing them costs a debit on a large
	// store more processor time than all the rest of it; few checkpoints make the journal small instead.
	wal_compression: 'off',
	max_wal_size: '4GB',
	checkpoint_timeout: '15min',
	random_page_cost: '1.1',
	jit: 'off',
	// Containers often have too little shared memory for parallel queries, and the cores are the writer's.
	max_parallel_workers_per_gather: '0',
	// Small hot tables must be vacuumed and analysed long before a fifth of them has changed.
	autovacuum_naptime: '15s',
	autovacuum_vacuum_scale_factor: '0.05',
	autovacuum_vacuum_insert_scale_factor: '0.05',
	autovacuum_analyze_scale_factor: '0.02',
	// One file per day of the week, each replaced after a week: the log has a limit.
	logging_collector: 'on',
	log_filename: 'postgresql-%a.log',
	log_rotation_age: '1d',
	log_rotation_size: '0',
	log_truncate_on_rotation: 'on',
	// Details, statements and parameters hold rows: names, documents, hashes of codes.
	log_error_verbosity: 'terse',
	log_min_error_statement: 'panic',
	log_parameter_max_length: '0',
	log_parameter_max_length_on_error: '0',
	timezone: 'UTC',
	log_timezone: 'UTC',
} as const;

const mebibyte = 2 ** 20;
const buffersMin = 128;
const buffersMax = 2048;

/**
 * How much the server keeps of its tables, beside what the system's own cache has of them: an eighth of the memory, within limits. Only
 * what is used of it is taken.
 * @param memory - of the machine or the container, in bytes
 */
export function sharedBuffers(memory: number): string {
	const eighth = Math.floor(memory / 8 / mebibyte);
	return `${Math.max(buffersMin, Math.min(buffersMax, eighth))}MB`;
}

/** A container's limit, where there is one below what the machine has. */
function memoryOfMachine(): number {
	const limit = process.constrainedMemory();
	return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * Make the cluster with its user and database, where there is none. Of processes that do so at once one wins, and the
 * others use its work; nobody ever sees half a cluster.
 * @throws Error when the cluster that is there was made by another major version.
 */
export function makeCluster(options: ClusterOptions): void {
	const {cluster, programs} = options;
	if (existsSync(cluster)) {
		const made = readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8').trim();
		if (made !== programs.major) {
			throw new Error(
				`The embedded database in ${cluster} was made by PostgreSQL ${made}, and this version of Monedero brings ${programs.major}. ` +
					'Dump it with the version that made it, and restore the dump into a new DATA_DIR.',
			);
		}

		return;
	}

	removeAbandonedDrafts(cluster);
	const draft = mkdtempSync(`${cluster}.new-${process.pid}-`);
	try {
		initialize(options, draft);
		renameSync(path.join(draft, 'cluster'), cluster);
	} catch (error) {
		if (!existsSync(cluster)) {
			throw error;
		}
	} finally {
		rmSync(draft, {recursive: true, force: true});
	}
}

function initialize(options: ClusterOptions, draft: string): void {
	const {account, password, isThrowAway} = options;
	const folder = path.join(draft, 'cluster');
	const passwordFile = path.join(draft, 'password');
	writeFileSync(passwordFile, password, {mode: 0o600});
	if (account !== undefined) {
		chownSync(draft, account.uid, account.gid);
		chownSync(passwordFile, account.uid, account.gid);
	}

	// Without these, the encoding would follow the environment and every local user would be trusted.
	const flags = [
		`--username=${superuser}`,
		`--pwfile=${passwordFile}`,
		'--auth=scram-sha-256',
		'--encoding=UTF8',
		'--locale=C',
		'--locale-provider=builtin',
		'--builtin-locale=C.UTF-8',
	];
	const sized = {...clusterSettings, shared_buffers: sharedBuffers(memoryOfMachine())};
	const settings = Object.entries(sized).map(([name, value]) => `--set=${name}=${value}`);
	const sync = isThrowAway ? ['--no-sync'] : [];
	run(options, 'initdb', [`--pgdata=${folder}`, ...flags, ...sync, ...settings]);

	const statements = [
		`CREATE ROLE ${databaseUser} LOGIN PASSWORD '${password}'`,
		// To see who else is connected, and where the server keeps its files.
		`GRANT pg_monitor TO ${databaseUser}`,
		`CREATE DATABASE ${databaseName} OWNER ${databaseUser}`,
	];
	// The log's collector would outlive the single process and keep its standard error open.
	const single = [
		'--single',
		'-D',
		folder,
		'-c',
		'logging_collector=off',
		'-c',
		`fsync=${isThrowAway ? 'off' : 'on'}`,
	];
	run(options, 'postgres', [...single, 'postgres'], `${statements.join('\n')}\n`);
}

function run(
	{programs, account}: ClusterOptions,
	program: string,
	flags: readonly string[],
	input = '',
): void {
	const {status, error, stderr, stdout} = spawnSync(path.join(programs.folder, program), flags, {
		cwd: '/',
		env: {LC_ALL: 'C'},
		encoding: 'utf8',
		input,
		windowsHide: true,
		...account,
	});
	// A single process says ERROR and goes on to the next statement, with status 0.
	if (error !== undefined || status !== 0 || /^.*(?:ERROR|FATAL):/m.test(stderr)) {
		const reason = error?.message ?? `${stderr}${stdout}`.trim();
		throw new Error(`${program} of the embedded PostgreSQL failed: ${reason}`, {cause: error});
	}
}

/** What processes that were killed while they made a cluster have left. */
function removeAbandonedDrafts(cluster: string): void {
	const prefix = `${path.basename(cluster)}.new-`;
	for (const name of readdirSync(path.dirname(cluster))) {
		if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length).split('-')[0]))) {
			rmSync(path.join(path.dirname(cluster), name), {recursive: true, force: true});
		}
	}
}
