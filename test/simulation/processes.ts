import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {type DeskAnswer, type DeskQuestion} from '../helpers/admin-desk.ts';
import {type Heard} from './verdicts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = path.join(root, 'scripts/lib/launch.js');
// What runs is compiled, and Node takes no TypeScript here.
const clock = fileURLToPath(import.meta.resolve('./shifted-clock.ts')).replace(/\.ts$/, '.js');
const startMsMax = 180_000;

/** A process of ours with a clock that can be set, which can be killed at any moment. */
export type Running = {
	readonly child: ChildProcess;
	readonly isAlive: () => boolean;
	readonly signal: (signal: NodeJS.Signals) => void;
	/** Milliseconds by which its clock is ahead of ours. */
	readonly setClock: (ms: number) => void;
	/** Kill it, also when it stands still, and wait until it is gone. */
	readonly kill: () => Promise<void>;
};

export type Start = {
	readonly file: string;
	readonly env: Readonly<Record<string, string>>;
	/** Where it may write, and where its log is. */
	readonly folder: string;
	readonly logName: string;
	readonly clock: number;
};

// Whatever becomes of the simulator, its processes end with it.
const started = new Set<ChildProcess>();
process.once('exit', () => {
	for (const child of started) {
		child.kill('SIGKILL');
	}
});

/** Start a program of ours as an operator does, without this checkout's `.env`. */
export function start({file, env, folder, logName, clock: ahead}: Start): Running {
	const log = openSync(path.join(folder, logName), 'a');
	const child = spawn(process.execPath, ['--require', clock, launcher, path.join(root, file)], {
		cwd: folder,
		env: {...process.env, ...env},
		stdio: ['ignore', log, log, 'ipc'],
	});
	closeSync(log);
	started.add(child);
	child.once('exit', () => started.delete(child));
	// A message to one that has just died.
	child.on('error', () => undefined);
	const isAlive = () => child.exitCode === null && child.signalCode === null;
	const running: Running = {
		child,
		isAlive,
		signal(signal) {
			child.kill(signal);
		},
		setClock(ms) {
			if (child.connected) {
				child.send({clock: ms}, () => undefined);
			}
		},
		async kill() {
			if (isAlive()) {
				const gone = once(child, 'exit');
				child.kill('SIGKILL');
				await gone;
			}
		},
	};
	running.setClock(ahead);
	return running;
}

/**
 * Wait until a service says that it is ready, asked directly and not by way of its proxy.
 * @returns false where it ended before, as it does when its database is gone
 */
export async function untilReady(service: Running, port: number, limitMs = startMsMax): Promise<boolean> {
	const deadline = performance.now() + limitMs;
	while (performance.now() < deadline) {
		if (!service.isAlive()) {
			return false;
		}

		const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`, {
			signal: AbortSignal.timeout(3000),
		}).then(
			response => response.ok,
			() => false,
		);
		if (isReady) {
			return true;
		}

		await wait(10);
	}

	throw new Error(`A service was not ready within ${limitMs / 1000} s.`);
}

/** Where admins work: commands by name, each with what it printed. */
export type Desk = Running & {
	/** Resolves to false where it ended instead. */
	readonly ready: Promise<boolean>;
	/** Undefined where the desk died under it, or did not answer in time. */
	readonly run: (name: string, args: readonly string[]) => Promise<Heard | undefined>;
};

const commandMsMax = 120_000;

export function startDesk(options: Omit<Start, 'file'>): Desk {
	const running = start({...options, file: 'test/helpers/admin-desk.ts'});
	const waiting = new Map<number, (heard: Heard | undefined) => void>();
	let last = 0;
	const ready = new Promise<boolean>(resolve => {
		running.child.on('message', (answer: DeskAnswer) => {
			if ('ready' in answer) {
				resolve(true);
			} else {
				const {id, code, stdout, stderr} = answer;
				waiting.get(id)?.({status: code, text: code === 0 ? stdout : `${stdout}\n${stderr}`});
			}
		});
		running.child.once('exit', () => {
			resolve(false);
			for (const tell of waiting.values()) {
				tell(undefined);
			}
		});
	});

	return {
		...running,
		ready,
		run: async (name, args) => {
			// What comes before it listens would be lost.
			if (!(await ready) || !running.isAlive() || !running.child.connected) {
				return undefined;
			}

			const id = ++last;
			const answer = new Promise<Heard | undefined>(resolve => {
				const late = setTimeout(resolve, commandMsMax, undefined);
				waiting.set(id, heard => {
					clearTimeout(late);
					waiting.delete(id);
					resolve(heard);
				});
			});
			running.child.send({id, name, args} satisfies DeskQuestion, error => {
				if (error !== null) {
					waiting.get(id)?.(undefined);
				}
			});
			return answer;
		},
	};
}
