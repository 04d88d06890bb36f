import {type ChildProcess, type ForkOptions, type Serializable} from 'node:child_process';
import {EventEmitter} from 'node:events';

/** What a process of ours says besides what it says to ava: that nothing of its file is left running, and whether it has grown large. */
export type FileEnded = {readonly fileEnded: true; readonly isLarge: boolean};

type Start = (args: readonly string[], options: ForkOptions) => ChildProcess;
type Running = {readonly child: ChildProcess; turn: Turn | undefined};

export type Processes = {
	/** A process for one test file, as ava sees it: one that ends with the file. */
	readonly take: (args: readonly string[], options: ForkOptions) => ChildProcess;
};

/** Processes that are handed out for one test file after another, and started where none is free. They end with this process. */
export function openProcesses(start: Start): Processes {
	const free: Running[] = [];

	const begin = (args: readonly string[], options: ForkOptions): Running => {
		const running: Running = {child: start(args, options), turn: undefined};
		const {child} = running;
		child.stdout?.on('data', (chunk: Buffer) => running.turn?.stdout.emit('data', chunk));
		child.stderr?.on('data', (chunk: Buffer) => running.turn?.stderr.emit('data', chunk));
		child.on('message', message => {
			if (isFileEnded(message)) {
				// What the file printed at last may still be on its way.
				setImmediate(() => {
					const {turn} = running;
					running.turn = undefined;
					if (message.isLarge) {
						// It ends, and the next file gets a new one.
						child.disconnect();
					} else if (child.connected) {
						refer(child, 'unref');
						free.push(running);
					}

					turn?.emit('exit', 0, null);
				});
			} else {
				running.turn?.emit('message', message);
			}
		});
		child.on('error', error => running.turn?.emit('error', error));
		child.on('exit', (code, signal) => {
			const place = free.indexOf(running);
			if (place !== -1) {
				free.splice(place, 1);
			}

			running.turn?.emit('exit', code, signal);
			running.turn = undefined;
		});
		return running;
	};

	return {
		take(args, options) {
			const running = free.pop() ?? begin(args, options);
			const turn = new Turn(running.child);
			running.turn = turn;
			refer(running.child, 'ref');
			// A process that has just been started keeps what it is sent until it listens.
			setImmediate(() => turn.emit('message', {ava: {type: 'ready-for-options'}}));
			return turn as unknown as ChildProcess;
		},
	};
}

/** As much of a child process as ava uses: its life is that of one file. */
class Turn extends EventEmitter {
	readonly stdout = new EventEmitter();
	readonly stderr = new EventEmitter();
	readonly #child: ChildProcess;

	constructor(child: ChildProcess) {
		super();
		this.#child = child;
	}

	get connected(): boolean {
		return this.#child.connected;
	}

	send(message: Serializable, told: (error: Error | null) => void): boolean {
		return this.#child.send(message, told);
	}

	/** The process goes with the file that is cut off. */
	kill(): boolean {
		return this.#child.kill();
	}
}

/** A process without a file must not keep this one alive. */
function refer(child: ChildProcess, how: 'ref' | 'unref'): void {
	child[how]();
	for (const handle of [child.channel, child.stdout, child.stderr] as (Referable | null | undefined)[]) {
		handle?.[how]?.();
	}
}

type Referable = {ref?: () => unknown; unref?: () => unknown};

function isFileEnded(message: unknown): message is FileEnded {
	return typeof message === 'object' && message !== null && 'fileEnded' in message;
}
