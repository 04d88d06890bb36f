import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chownSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type ExecutionContext} from 'ava';
import type pg from 'pg';
import {freePort} from '../../scripts/bench/free-port.ts';
import {openConnection} from '../../src/db/client.ts';
import {preparePrograms, type Programs} from '../../src/db/embedded-binaries.ts';
import {databaseName, databaseUser, makeCluster, superuser} from '../../src/db/embedded-cluster.ts';
import {prepareHome} from '../../src/db/embedded-home.ts';
import {isAlive} from '../../src/db/embedded-server.ts';
import {temporaryFolder} from '../helpers/embedded.ts';
import {until} from '../helpers/until.ts';

/* PostgreSQL servers of the embedded programs that listen on loopback ports, replicate each other and can be killed. */

const password = 'word-of-the-shapes';
export const standbyName = 'standby';

/** One server of a test. It is killed, and its files go, when the test ends. */
export type ShapeServer = {
	readonly port: number;
	/** Holds the cluster's files. */
	readonly cluster: string;
	/** Start it, also again after it was killed. Resolves when it answers. */
	readonly start: () => Promise<void>;
	/** The server and every process of it at once, as when the machine loses its power. */
	readonly kill: () => Promise<void>;
	/** Stop all its processes where they stand, as when the network swallows every packet; true lets them go on. */
	readonly freeze: (isFrozen: boolean) => void;
	/** Statements of the superuser, each list on a connection of its own. */
	readonly run: <Row extends pg.QueryResultRow>(...statements: readonly string[]) => Promise<Row[]>;
	readonly superuserUrl: string;
};

/** The URL of the service's role, through one server or the list of several. */
export function urlOf(...servers: readonly ShapeServer[]): string {
	const list = servers.map(({port}) => `127.0.0.1:${port}`).join(',');
	return `postgresql://${databaseUser}:${password}@${list}/${databaseName}`;
}

const settings = {
	listen_addresses: '127.0.0.1',
	unix_socket_directories: '',
	wal_level: 'replica',
	hot_standby: 'on',
	max_wal_senders: '4',
	wal_keep_size: '256MB',
	max_wal_size: '256MB',
	shared_buffers: '64MB',
	logging_collector: 'off',
	// The machine survives; a killed server loses nothing that the system has.
	fsync: 'off',
};

type Place = {
	readonly folder: string;
	readonly account: {uid: number; gid: number} | undefined;
	programs: Programs;
};

/** A primary alone. */
export async function startPrimary(t: ExecutionContext): Promise<ShapeServer> {
	const place = placeOf(t);
	const cluster = path.join(place.folder, 'one');
	makeCluster({cluster, programs: place.programs, account: place.account, password, isThrowAway: true});
	const server = await serverOf(t, place, cluster);
	await server.start();
	return server;
}

/** A standby of a server, made from a copy of its files, and streaming from it. */
export async function startStandby(
	t: ExecutionContext,
	primary: ShapeServer,
	name = standbyName,
): Promise<ShapeServer> {
	const place = placeOf(t);
	const cluster = path.join(place.folder, name);
	await copyRunning(primary, cluster);
	const connection = `host=127.0.0.1 port=${primary.port} user=${superuser} password=${password} application_name=${name}`;
	writeFileSync(path.join(cluster, 'standby.signal'), '');
	const {account} = place;
	if (account !== undefined) {
		spawnSync('chown', ['-R', `${account.uid}:${account.gid}`, cluster]);
	}

	const server = await serverOf(t, place, cluster, {primary_conninfo: connection});
	await server.start();
	return server;
}

/** From now on a COMMIT of the primary waits for the standby. */
export async function makeSynchronous(primary: ShapeServer, name = standbyName): Promise<void> {
	await primary.run(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`, 'SELECT pg_reload_conf()');
	await until('the standby is synchronous', async () => {
		const rows = await primary.run(
			`SELECT FROM pg_stat_replication WHERE application_name = '${name}' AND sync_state = 'sync'`,
		);
		return rows.length === 1;
	});
}

/** What `pg_basebackup` does, which the embedded programs lack. */
async function copyRunning(primary: ShapeServer, cluster: string): Promise<void> {
	const connection = await openConnection(primary.superuserUrl, 'monedero backup');
	try {
		await connection.query(`SELECT pg_backup_start('standby', true)`);
		cpSync(primary.cluster, cluster, {
			recursive: true,
			filter: file => !/\/(?:postmaster\.(?:pid|opts)|pg_wal\/.+|pg_stat_tmp\/.+)$/.test(file),
		});
		const {rows} = await connection.query<{labelfile: string}>('SELECT labelfile FROM pg_backup_stop(false)');
		mkdirSync(path.join(cluster, 'pg_wal'), {recursive: true});
		writeFileSync(path.join(cluster, 'backup_label'), rows[0]?.labelfile ?? '');
	} finally {
		await connection.end();
	}
}

function placeOf(t: ExecutionContext): Place {
	const folder = temporaryFolder(t);
	const home = prepareHome(path.join(folder, 'data'));
	if (home.account !== undefined) {
		chownSync(folder, home.account.uid, home.account.gid);
	}

	return {folder, account: home.account, programs: preparePrograms(home)};
}

async function serverOf(
	t: ExecutionContext,
	{programs, account}: Place,
	cluster: string,
	more: Readonly<Record<string, string>> = {},
): Promise<ShapeServer> {
	const port = await freePort();
	const superuserUrl = `postgresql://${superuser}:${password}@127.0.0.1:${port}/${databaseName}`;
	const processes = () => {
		const pid = pidIn(cluster);
		return pid === undefined || !isAlive(pid) ? [] : [...childrenOf(pid), pid];
	};
	const send = (signal: NodeJS.Signals) => {
		for (const pid of processes()) {
			try {
				process.kill(pid, signal);
			} catch {
				// One of them may have ended just now.
			}
		}
	};
	const kill = async () => {
		const pids = processes();
		send('SIGKILL');
		await until('the server is gone', () => !pids.some(isRunning));
	};
	t.teardown(async () => {
		await kill();
		rmSync(cluster, {recursive: true, force: true});
	});
	const run = async <Row extends pg.QueryResultRow>(...statements: readonly string[]): Promise<Row[]> => {
		const connection = await openConnection(superuserUrl, 'monedero shapes');
		try {
			let rows: Row[] = [];
			for (const statement of statements) {
				({rows} = await connection.query<Row>(statement));
			}

			return rows;
		} finally {
			await connection.end();
		}
	};
	return {
		port,
		cluster,
		superuserUrl,
		run,
		kill,
		freeze: isFrozen => {
			send(isFrozen ? 'SIGSTOP' : 'SIGCONT');
		},
		async start() {
			const all = Object.entries({...settings, port: String(port), ...more});
			const child = spawn(
				path.join(programs.folder, 'postgres'),
				['-D', cluster, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
				{cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], env: {LC_ALL: 'C'}, ...account},
			);
			let said = '';
			child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-5000)));
			let hasEnded = false;
			child.once('exit', () => (hasEnded = true));
			await once(child, 'spawn');
			await until('the server answers', async () => {
				if (hasEnded) {
					throw new Error(`The server ended.\n${said}`);
				}

				return run('SELECT').then(
					() => true,
					() => false,
				);
			});
		},
	};
}

function pidIn(cluster: string): number | undefined {
	try {
		return Number(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
	} catch {
		return undefined;
	}
}

function childrenOf(pid: number): number[] {
	const {stdout} = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], {encoding: 'utf8'});
	return stdout.split('\n').flatMap(line => (line.trim() === '' ? [] : [Number(line)]));
}

/** A dead process that nobody has buried yet runs no more. */
function isRunning(pid: number): boolean {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}
