import {spawnSync} from 'node:child_process';
import {closeSync, openSync, rmSync, writeSync} from 'node:fs';
import {type NetConnectOpts} from 'node:net';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import pg from 'pg';
import {type EmbeddedDatabase, type EmbeddedOptions, openEmbedded} from '../../src/db/embedded.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {copyOf, databaseIn, describeCluster, type Cluster} from '../helpers/cluster.ts';
import {killAndWait, postmasterOf} from '../helpers/embedded.ts';

/** A real PostgreSQL of the simulator's own, which writes to disk as in production and may be killed at any moment. */
export type SimulatedDatabase = {
	/** Where it listens now, for a proxy. */
	readonly place: () => NetConnectOpts;
	/** The same database by way of a proxy's port, for a service. Holds the password. */
	readonly urlBy: (port: number, name: string) => string;
	/** Past every proxy. */
	readonly directUrl: (name: string) => string;
	readonly superuserUrl: (name: string) => string;
	/** A migrated database without any data. */
	readonly create: (name: string) => Promise<void>;
	readonly drop: (name: string) => Promise<void>;
	/** kill -9, of the first process alone or of all of them. */
	readonly kill: (withBackends: boolean) => Promise<void>;
	/** Start it where it does not run, and wait until it answers. */
	readonly ensure: () => Promise<void>;
	/** Process ids of what serves clients now. */
	readonly backends: () => number[];
	/** Leave no byte on its disk, or give it back. False where its disk is not its own. */
	readonly fillDisk: () => Promise<boolean>;
	readonly freeDisk: () => void;
	readonly stop: () => Promise<void>;
};

export type DatabaseOptions = {
	/** Is made; root's database user must pass through what is above it. */
	readonly dataDir: string;
	/** Whether the folder is on a disk of its own, which may be filled. */
	readonly hasOwnDisk: boolean;
};

const quiet = {info: () => undefined, warn: () => undefined};
// Small, so that many fit on one machine; what is durable is as in production.
const settings = {
	max_connections: '100',
	shared_buffers: '32MB',
	max_wal_size: '256MB',
	min_wal_size: '32MB',
	log_min_messages: 'warning',
};

export async function openSimulatedDatabase({
	dataDir,
	hasOwnDisk,
}: DatabaseOptions): Promise<SimulatedDatabase> {
	const options: EmbeddedOptions = {dataDir, role: 'script', log: quiet, settings};
	const first = await openEmbedded(options);
	const {folder} = first;
	let {url, superuserUrl} = first;
	await first.leave();
	let cluster: Cluster = await describeCluster({url, superuserUrl});
	const balloon = path.join(dataDir, 'balloon');
	const ensure = async () => {
		const opened = await openPatiently(options);
		({url, superuserUrl} = opened);
		cluster = {
			...cluster,
			url: databaseIn(url, 'postgres'),
			superuserUrl: databaseIn(superuserUrl, 'postgres'),
		};
		await opened.leave();
	};
	const freeDisk = () => {
		rmSync(balloon, {force: true});
	};

	return {
		place: () => placeOf(url),
		urlBy(port, name) {
			const changed = new URL(databaseIn(url, name));
			changed.host = `127.0.0.1:${port}`;
			changed.search = '';
			return changed.href;
		},
		directUrl: name => databaseIn(url, name),
		superuserUrl: name => databaseIn(superuserUrl, name),
		create: name =>
			query(cluster.superuserUrl, copyOf(cluster.template, name, cluster)).then(() => undefined),
		drop: name =>
			query(cluster.superuserUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => undefined),
		async kill(withBackends) {
			const postmaster = postmasterOf(folder);
			const backends = withBackends ? childrenOf(postmaster) : [];
			await killAndWait(postmaster).catch(() => undefined);
			backends.forEach(killAlive);
		},
		ensure,
		backends: () => childrenOf(postmasterOf(folder)),
		async fillDisk() {
			if (hasOwnDisk) {
				fill(balloon);
				await wantJournal(databaseIn(superuserUrl, 'postgres'));
			}

			return hasOwnDisk;
		},
		freeDisk,
		async stop() {
			freeDisk();
			const opened = await openEmbedded(options);
			await opened.stop();
		},
	};
}

/** Rows of one statement, by a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
	url: string,
	sql: string,
	values: readonly unknown[] = [],
): Promise<Row[]> {
	const client = new pg.Client({connectionString: url, application_name: 'simulator'});
	client.on('error', () => undefined);
	await client.connect();
	try {
		return (await client.query<Row>(sql, [...values])).rows;
	} finally {
		await client.end();
	}
}

/** A socket's path, or an address. */
function placeOf(url: string): NetConnectOpts {
	const {searchParams, hostname, port} = new URL(url);
	const socket = searchParams.get('host');
	return socket === null
		? {host: hostname, port: Number(port)}
		: {path: path.join(socket, `.s.PGSQL.${searchParams.get('port') ?? '5432'}`)};
}

function childrenOf(parent: number): number[] {
	const {stdout} = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], {encoding: 'utf8'});
	return stdout
		.split('\n')
		.map(line => line.trim().split(/\s+/).map(Number))
		.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []));
}

/** One that ended by itself meanwhile needs nothing. */
export function killAlive(pid: number): void {
	signalAlive(pid, 'SIGKILL');
}

export function signalAlive(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}

/** Use up what files of the journal were made beforehand, so that the server needs room for another one. */
async function wantJournal(superuserUrl: string): Promise<void> {
	try {
		for (let files = 0; files < 4; files++) {
			await query(superuserUrl, "SELECT pg_logical_emit_message(true, 'simulator', 'x')");
			await query(superuserUrl, 'SELECT pg_switch_wal()');
		}
	} catch {
		// The server has found out.
	}
}

const blockBytes = 4 * 1024 * 1024;

/** To the last byte: first in large blocks, then in small ones. */
function fill(file: string): void {
	const handle = openSync(file, 'w');
	try {
		for (let size = blockBytes; size >= 4096; size /= 4) {
			writeUntilFull(handle, Buffer.alloc(size));
		}
	} finally {
		closeSync(handle);
	}
}

function writeUntilFull(handle: number, block: Buffer): void {
	try {
		while (writeSync(handle, block) > 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
			throw error;
		}
	}
}

/** A disk that is full when the database comes back lets nobody in; it is freed a moment later. */
async function openPatiently(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
	const until = Date.now() + 60_000;
	for (;;) {
		try {
			return await openEmbedded(options);
		} catch (error) {
			if (sqlStateOf((error as Error).cause) !== '53100' || Date.now() > until) {
				throw error;
			}

			await pause(100);
		}
	}
}
