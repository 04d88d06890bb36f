import {type ChildProcess, spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {variables} from '../../src/config-variables.ts';
import {type Config, environment, loadConfig} from '../../src/config.ts';
import {freePort} from '../bench/free-port.ts';
import {processOf} from '../lib/programs.ts';
import {type Registration} from './provider-call.ts';

/** The real service in a process of its own, over an embedded database in a temporary folder. */
export type ThrowAway = {
	/** What a store would give to VTEX. */
	readonly registration: Registration;
	/** Of the service, for whoever looks into its database. */
	readonly config: Config;
	/** Run an admin command beside the service and return what it printed. @throws Error with what it complained about */
	readonly command: (name: string, ...args: readonly string[]) => Promise<string>;
	/** Stop everything and delete it. */
	readonly remove: () => Promise<void>;
};

const startSecondsMax = 60;
const stopSecondsMax = 20;
const complaintMax = 2000;

/** @throws Error with the service's last words when it does not start; nothing is left behind then */
export async function openThrowAway(signal: AbortSignal): Promise<ThrowAway> {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-demo-'));
	// The database of root runs as another user, who must pass through.
	chmodSync(folder, 0o711);
	const dataDir = path.join(folder, 'data');
	const port = await freePort();
	const registration = {
		serviceUrl: `http://127.0.0.1:${port}/v1`,
		appKey: 'demo-store',
		appToken: randomBytes(32).toString('base64url'),
	};
	const env = environmentOf(folder, {
		DATA_DIR: dataDir,
		PORT: String(port),
		PROVIDER_APP_KEY: registration.appKey,
		PROVIDER_APP_TOKEN: registration.appToken,
		LOG_LEVEL: 'warn',
	});
	const {start, stopAll} = openProcesses(folder, env);
	const remove = async () => {
		await stopAll();
		await removeDatabase(dataDir);
		rmSync(folder, {recursive: true, force: true});
	};

	try {
		await untilReady(start('start'), registration.serviceUrl, signal);
		return {
			registration,
			config: loadConfig(env),
			async command(name, ...args) {
				const heard = start(name, args);
				if ((await heard.code) !== 0) {
					throw new Error(`${name} failed: ${heard.stderr()}`);
				}

				return heard.stdout();
			},
			remove,
		};
	} catch (error) {
		await remove();
		throw error;
	}
}

/** Nothing that is set for another Monedero may lead the demo to it: a variable set to nothing counts as absent. */
function environmentOf(folder: string, own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return {...environment(folder), ...Object.fromEntries(variables.map(({name}) => [name, ''])), ...own};
}

type Processes = {
	readonly start: (name: string, args?: readonly string[]) => Heard;
	/** The last one first, so that the service stops its database when nobody uses it any more. */
	readonly stopAll: () => Promise<void>;
};

/** Away from the checkout, whose .env is not meant, and from our group: Ctrl-C is for us, and we stop the others in order. */
function openProcesses(cwd: string, env: NodeJS.ProcessEnv): Processes {
	const running = new Set<ChildProcess>();
	return {
		start(name, args = []) {
			const program = [...processOf(name), ...args];
			const stdio = ['ignore', 'pipe', 'pipe'] as const;
			const child = spawn(process.execPath, program, {cwd, env, stdio: [...stdio], detached: true});
			running.add(child);
			child.once('close', () => running.delete(child));
			return listen(child);
		},
		async stopAll() {
			for (const child of [...running].toReversed()) {
				await stop(child);
			}
		},
	};
}

type Heard = {
	readonly child: ChildProcess;
	readonly stdout: () => string;
	readonly stderr: () => string;
	/** Null when a signal ended it. */
	readonly code: Promise<number | null>;
};

function listen(child: ChildProcess): Heard {
	let stdout = '';
	let stderr = '';
	child.stdout?.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr?.setEncoding('utf8').on('data', (text: string) => {
		stderr = (stderr + text).slice(-complaintMax);
	});
	return {
		child,
		stdout: () => stdout,
		stderr: () => stderr.trim(),
		code: once(child, 'close').then(([code]) => code as number | null),
	};
}

/** @throws Error with the service's last words when it ends, or does not get ready in time */
async function untilReady(
	{child, stdout, stderr}: Heard,
	serviceUrl: string,
	signal: AbortSignal,
): Promise<void> {
	const deadline = performance.now() + startSecondsMax * 1000;
	while (!hasEnded(child) && performance.now() < deadline) {
		signal.throwIfAborted();
		const isReady = await fetch(new URL('/health/ready', serviceUrl)).then(
			response => response.ok,
			() => false,
		);
		if (isReady) {
			return;
		}

		await delay(50);
	}

	throw new Error(`The service ended, or was not ready within ${startSecondsMax} s.\n${stdout()}${stderr()}`);
}

async function stop(child: ChildProcess): Promise<void> {
	if (!hasEnded(child)) {
		const ended = once(child, 'close');
		child.kill('SIGTERM');
		if (!(await Promise.race([ended, delay(stopSecondsMax * 1000, false, {ref: false})]))) {
			child.kill('SIGKILL');
			await ended;
		}
	}
}

function hasEnded({exitCode, signalCode}: ChildProcess): boolean {
	return exitCode !== null || signalCode !== null;
}

/** The service stops its database and leaves nothing but files, some of them elsewhere where root runs it. */
async function removeDatabase(dataDir: string): Promise<void> {
	const pointer = path.join(dataDir, 'database-folder');
	const folder = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : dataDir;
	const pidFile = path.join(folder, 'postgres/postmaster.pid');
	for (let attempt = 0; existsSync(pidFile) && attempt < 100; attempt++) {
		if (attempt === 0) {
			endServer(Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]));
		}

		await delay(50);
	}

	rmSync(folder, {recursive: true, force: true});
}

/** Only when the service had to be killed is its database still there. */
function endServer(pid: number): void {
	try {
		process.kill(pid, 'SIGQUIT');
	} catch {
		// It ended by itself.
	}
}
