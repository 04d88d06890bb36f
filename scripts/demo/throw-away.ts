import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {variables} from '../../src/config-variables.ts';
import {type Config, environment, loadConfig} from '../../src/config.ts';
import {type Registration} from './provider-call.ts';

/** The real service in a process of its own, over an embedded database in a temporary folder. */
export type ThrowAway = {
	/** As the service told it at its first start. */
	readonly registration: Registration;
	/** Of the service, for whoever looks into its database. */
	readonly config: Config;
	/** Run an admin command beside the service and return what it printed. @throws Error with what it complained about */
	readonly command: (name: string, ...args: readonly string[]) => Promise<string>;
	/** Stop everything and delete it. */
	readonly remove: () => Promise<void>;
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const startSecondsMax = 60;
const stopSecondsMax = 20;
const complaintMax = 2000;

/** @throws Error with the service's last words when it does not start; nothing is left behind then */
export async function openThrowAway(signal: AbortSignal): Promise<ThrowAway> {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-demo-'));
	// The database of root runs as another user, who must pass through.
	chmodSync(folder, 0o711);
	const dataDir = path.join(folder, 'data');
	const env = environmentOf(folder, dataDir);
	const running = new Set<ChildProcess>();
	const start = (file: string, args: readonly string[]) => {
		// Away from the checkout, whose .env is not meant, and from our group: Ctrl-C is for us, and we stop the others in order.
		const program = [path.join(root, 'scripts/lib/launch.js'), path.join(root, file), ...args];
		const child = spawn(process.execPath, program, {cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true});
		running.add(child);
		child.once('close', () => running.delete(child));
		return listen(child);
	};

	const remove = async () => {
		for (const child of [...running].toReversed()) {
			await stop(child);
		}

		await removeDatabase(dataDir);
		rmSync(folder, {recursive: true, force: true});
	};

	try {
		return {
			registration: await registrationOf(start('src/main.ts', []), signal),
			config: loadConfig(env),
			async command(name, ...args) {
				const heard = start(`scripts/${name.replace(':', '-')}.ts`, args);
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
function environmentOf(folder: string, dataDir: string): NodeJS.ProcessEnv {
	return {
		...environment(folder),
		...Object.fromEntries(variables.map(({name}) => [name, ''])),
		DATA_DIR: dataDir,
		PORT: '0',
		LOG_LEVEL: 'warn',
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

/** What the service prints at its first start is what a store gives to VTEX. */
async function registrationOf({child, stdout, stderr, code}: Heard, signal: AbortSignal): Promise<Registration> {
	const late = AbortSignal.any([signal, AbortSignal.timeout(startSecondsMax * 1000)]);
	let hasEnded = false;
	void code.then(() => {
		hasEnded = true;
	});
	while (!late.aborted && !hasEnded) {
		const [serviceUrl, appKey, appToken] = ['serviceUrl', 'app key', 'app token'].map(
			label => new RegExp(`^ +${label} +(\\S+)$`, 'm').exec(stdout())?.[1],
		);
		if (serviceUrl !== undefined && appKey !== undefined && appToken !== undefined) {
			return {serviceUrl, appKey, appToken};
		}

		await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close'), delay(200)]);
	}

	signal.throwIfAborted();
	throw new Error(`The service did not start within ${startSecondsMax} s.\n${stdout()}${stderr()}`);
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode === null && child.signalCode === null) {
		const ended = once(child, 'close');
		child.kill('SIGTERM');
		if (!(await Promise.race([ended, delay(stopSecondsMax * 1000, false, {ref: false})]))) {
			child.kill('SIGKILL');
			await ended;
		}
	}
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
