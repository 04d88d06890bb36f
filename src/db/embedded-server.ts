import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, existsSync, openSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Programs} from './embedded-binaries.ts';
import type {Account} from './embedded-home.ts';

/** One embedded server: where its parts are, and as whom it runs. */
export type Server = {
	readonly cluster: string;
	readonly socketFolder: string;
	/** What the server says until it has opened its own log. */
	readonly startLog: string;
	readonly programs: Programs;
	readonly account: Account | undefined;
	readonly password: string;
	/** Settings for every start, over those of the cluster's own file. */
	readonly settings: Readonly<Record<string, string>>;
};

/** What `postmaster.pid` says about a server that is alive. */
export type Postmaster = {
	readonly pid: number;
	/** The folder of its socket, or an address. */
	readonly host: string;
	readonly port: number;
	readonly isReady: boolean;
};

/** A server that was started by this process. */
export type Starting = {readonly hasExited: boolean};

const socketPort = 5432;
// What fits into a socket's address on macOS; Linux has four bytes more.
const socketPathMax = 103;
// A checkpoint writes all that is in memory: seconds on a disk, longer where the disk is a network.
const stopSeconds = 120;
// Yet as a rule stopping takes some tens of milliseconds.
const stopLookMs = 20;
const impossiblePid = 2 ** 31 - 2;

/** The living server of a cluster, or `undefined`. A file that a dead one has left behind counts as none. */
export function findPostmaster({cluster}: Server): Postmaster | undefined {
	const text = readPidFile(cluster);
	const [pid = '', , , port = '', socketFolder = '', address = '', , status = ''] = text?.split('\n') ?? [];
	if (!isServerOf(Number(pid), cluster)) {
		return undefined;
	}

	const host = socketFolder === '' ? address : socketFolder;
	return {pid: Number(pid), host, port: Number(port), isReady: status.trim() === 'ready'};
}

/** Start the server in a session of its own, so that Ctrl-C does not reach it and it outlives this process. */
export async function startServer(server: Server): Promise<Starting> {
	const {cluster, account, programs} = server;
	forgetReusedPid(cluster);
	const settings = Object.entries({...server.settings, ...(await listenSettings(server))});
	const log = openSync(server.startLog, 'w', 0o600);
	const child = spawn(
		path.join(programs.folder, 'postgres'),
		['-D', cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
		{
			detached: true,
			cwd: '/',
			stdio: ['ignore', log, log],
			env: {LC_ALL: 'C'},
			windowsHide: true,
			...account,
		},
	);
	closeSync(log);
	child.unref();
	const starting = {hasExited: false};
	child.once('exit', () => {
		starting.hasExited = true;
	});
	await once(child, 'spawn');
	return starting;
}

/**
 * Stop the server and wait for it: transactions under way are rolled back, everything committed is on disk. It has stopped when its
 * number is gone from the folder, which somebody else may have given to a new server by then.
 */
export async function stopServer({cluster, account, programs}: Server): Promise<void> {
	const pid = pidIn(cluster);
	const child = spawn(
		path.join(programs.folder, 'pg_ctl'),
		['stop', '-D', cluster, '-m', 'fast', '-W', '-s'],
		// Detached as well: Ctrl-C must not stop the stopping.
		{detached: true, cwd: '/', stdio: 'ignore', env: {LC_ALL: 'C'}, windowsHide: true, ...account},
	);
	await once(child, 'exit');
	const deadline = performance.now() + stopSeconds * 1000;
	while (pid !== undefined && pidIn(cluster) === pid && isAlive(Number(pid))) {
		if (performance.now() > deadline) {
			throw new Error(
				`The embedded database in ${cluster} did not stop within ${stopSeconds} s. It goes on by itself; see its log.`,
			);
		}

		await wait(stopLookMs);
	}
}

function pidIn(cluster: string): string | undefined {
	return readPidFile(cluster)?.split('\n', 1)[0];
}

/** The last words of a server that did not start, for an error message. */
export function endOfLog({startLog}: Server): string {
	return existsSync(startLog)
		? readFileSync(startLog, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
		: '';
}

/** Whether a process of that number runs, whosever it is. */
export function isAlive(pid: number): boolean {
	if (!Number.isInteger(pid) || pid <= 0) {
		return false;
	}

	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/**
 * After `kill -9` of the server its number may belong to another program, as it often does in containers, and PostgreSQL would take that
 * for itself. The file must not simply go: it also names the shared memory that orphans of the dead server may still
 * write to. So only the number is replaced, by one that no process can have.
 */
function forgetReusedPid(cluster: string): void {
	const text = readPidFile(cluster);
	const pid = Number(text?.split('\n', 1)[0]);
	if (text !== undefined && isAlive(pid) && !isServerOf(pid, cluster)) {
		writeFileSync(path.join(cluster, 'postmaster.pid'), text.replace(/^\d+/, String(impossiblePid)));
	}
}

function readPidFile(cluster: string): string | undefined {
	try {
		return readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

/** Whether that process serves this cluster: a server names it on its command line. */
function isServerOf(pid: number, cluster: string): boolean {
	if (!isAlive(pid)) {
		return false;
	}

	// eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the platforms that are not named have `ps`.
	switch (process.platform) {
		case 'win32':
			return true;
		case 'linux':
			return commandLineOf(pid).includes(cluster);
		default:
			return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
				encoding: 'utf8',
			}).stdout.includes(cluster);
	}
}

/** Empty for a process that is gone, or dead and not yet buried by its parent. */
function commandLineOf(pid: number): string[] {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
	} catch {
		return [];
	}
}

/** A socket, which only its own user and root can reach, or a loopback port where sockets are missing or the path is too long for one. */
async function listenSettings({cluster, socketFolder}: Server): Promise<Record<string, string>> {
	const socket = path.join(socketFolder, `.s.PGSQL.${socketPort}`);
	if (process.platform !== 'win32' && Buffer.byteLength(socket) <= socketPathMax) {
		return {
			listen_addresses: '',
			port: String(socketPort),
			unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
			unix_socket_permissions: '0700',
		};
	}

	// The port of a server that died under its users is still known to them.
	const lastPort = Number(readPidFile(cluster)?.split('\n')[3] ?? 0);
	const port = (await freePort(lastPort)) ?? (await freePort(0)) ?? 0;
	return {listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: ''};
}

/** The port, or any free one for 0; `undefined` where it is taken. */
async function freePort(wanted: number): Promise<number | undefined> {
	const probe = createServer().listen(wanted, '127.0.0.1');
	try {
		await once(probe, 'listening');
	} catch {
		return undefined;
	}

	const {port} = probe.address() as AddressInfo;
	probe.close();
	await once(probe, 'close');
	return port;
}
