import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import type {ExecutionContext} from 'ava';
import pg from 'pg';
import {type EmbeddedDatabase, type EmbeddedOptions, openEmbedded} from '../../src/db/embedded.ts';
import {migrate} from '../../src/db/migrate.ts';
import type {Answer} from './embedded-process.ts';
import {takePlace} from './places.ts';

type Ready = Extract<Answer, {ready: unknown}>['ready'];

export type EmbeddedProcess = Ready & {
	readonly pid: number;
	/** Ends the process, or its whole group as Ctrl-C does, and waits until it is gone. */
	kill(signal: NodeJS.Signals, scope: 'process' | 'group'): Promise<void>;
	/** Has it stop the database in an orderly way. */
	stop(): Promise<string>;
};

type ProcessOptions = Omit<EmbeddedOptions, 'log'> & {
	/** The user to run as. */
	readonly uid?: number;
};

/** What these databases write need not survive the machine. */
export const throwAway = {fsync: 'off', shared_buffers: '16MB'};

const launcher = fileURLToPath(new URL('../../scripts/lib/launch.js', import.meta.url));
const quiet = {info: () => undefined, warn: () => undefined};

/** A folder that other users may pass through; it is removed when the test ends. */
export function temporaryFolder(t: ExecutionContext, mode = 0o711): string {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-embedded-'));
	chmodSync(folder, mode);
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return folder;
}

/** Make a data directory whose database does not run, to be copied for tests that do not look at how it was made. */
export async function makeDataDir(): Promise<string> {
	return makeIn(newFolder(), () => Promise.resolve());
}

/** Tells the processes of one `npm test` where a data directory with a migrated database lies, to be copied. */
export const dataDirVariable = 'MONEDERO_TEST_DATA_DIR';

let migrated: Promise<string> | undefined;

/** The same as `makeDataDir`, with the tables made. */
export async function makeMigratedDataDir(folder = newFolder()): Promise<string> {
	return makeIn(folder, ({url}) => migrate(url));
}

function newFolder(): string {
	return mkdtempSync(path.join(os.tmpdir(), 'monedero-embedded-'));
}

async function makeIn(
	folder: string,
	fill: (database: EmbeddedDatabase) => Promise<unknown>,
): Promise<string> {
	// Open for passing through: as root, the server runs as another user.
	mkdirSync(folder, {recursive: true});
	chmodSync(folder, 0o711);
	const dataDir = path.join(folder, 'data');
	const database = await openEmbedded({dataDir, role: 'script', log: quiet, settings: throwAway});
	await fill(database);
	await database.stop();
	return dataDir;
}

/** A data directory of its own for one test, with a migrated database in it that does not run: for tests that do not look at how it comes about. */
export async function withDataDir(t: ExecutionContext): Promise<string> {
	const made = process.env[dataDirVariable];
	return copyDataDir(t, made ?? (await (migrated ??= makeMigratedDataDir())));
}

export function copyDataDir(t: ExecutionContext, made: string): string {
	const dataDir = path.join(temporaryFolder(t), 'data');
	// With owners and modes, which copying by Node would lose.
	spawnSync('cp', ['-a', made, dataDir]);
	return dataDir;
}

/** Open an embedded database in this process; it is stopped when the test ends. */
export async function open(t: ExecutionContext, options: Partial<EmbeddedOptions> & {dataDir: string}) {
	await takePlace(t);
	const told: string[] = [];
	const tell = (message: string) => {
		told.push(message);
	};
	const log = {info: tell, warn: tell};
	const database: EmbeddedDatabase = await openEmbedded({
		role: 'service',
		log,
		settings: throwAway,
		...options,
	});
	t.teardown(async () => {
		await database.stop();
	});
	return {...database, told};
}

/** Open an embedded database in a process of its own, which is killed when the test ends. */
export async function openInProcess(t: ExecutionContext, options: ProcessOptions): Promise<EmbeddedProcess> {
	await takePlace(t);
	const {uid, ...embedded} = options;
	const program = fileURLToPath(new URL('embedded-process.ts', import.meta.url));
	const identity = uid === undefined ? [] : [String(uid)];
	const child = spawn(
		process.execPath,
		[launcher, program, JSON.stringify({settings: throwAway, ...embedded}), ...identity],
		{stdio: ['pipe', 'pipe', 'inherit'], detached: true},
	);
	const exited = once(child, 'exit');
	const kill = async (signal: NodeJS.Signals, scope: 'process' | 'group') => {
		if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
			sendSignal(scope === 'group' ? -child.pid : child.pid, signal);
			await exited;
		}
	};
	t.teardown(() => kill('SIGKILL', 'process'));
	const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
	const next = async (): Promise<Exclude<Answer, {log: string}>> => {
		const line = await answers.next();
		const answer =
			line.done === true ? {failed: 'ended without an answer'} : (JSON.parse(line.value) as Answer);
		return 'log' in answer ? next() : answer;
	};
	const answer = await next();
	if (!('ready' in answer)) {
		throw new Error(JSON.stringify(answer));
	}

	return {
		...answer.ready,
		pid: child.pid ?? 0,
		kill,
		async stop() {
			child.stdin.write('stop\n');
			const last = await next();
			await exited;
			return 'stopped' in last ? last.stopped : JSON.stringify(last);
		},
	};
}

/** One that has just ended needs none: of two that end together, Node tells one end while the other process is gone already. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}

/** Run one statement and return its rows. */
export async function query<Row extends pg.QueryResultRow>(url: string, statement: string): Promise<Row[]> {
	const client = new pg.Client({connectionString: url, application_name: 'test'});
	await client.connect();
	try {
		return (await client.query<Row>(statement)).rows;
	} finally {
		await client.end();
	}
}

/** When the server was started: another start has another. */
export async function startOf(url: string): Promise<string> {
	const [row] = await query<{start: string}>(url, 'SELECT pg_postmaster_start_time()::text AS start');
	return row?.start ?? '';
}

/** The server's process, as its own file says. */
export function postmasterOf(folder: string): number {
	return Number(readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** Kill a process that is not our child, and wait until it is gone. A dead one that nobody buries is gone as well. */
export async function killAndWait(pid: number): Promise<void> {
	process.kill(pid, 'SIGKILL');
	for (;;) {
		try {
			process.kill(pid, 0);
			if (process.platform === 'linux' && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === '') {
				return;
			}
		} catch {
			return;
		}

		await new Promise(setImmediate);
	}
}
