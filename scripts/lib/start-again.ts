import {spawn} from 'node:child_process';
import process from 'node:process';

/** Since Node 22.15, and not on Windows. */
type Execve = (file: string, args: readonly string[]) => never;

/**
 * Run what this process was started for under other flags of Node, which has them only from its beginning: limits of the heap that exists
 * stay as they are, whatever `v8.setFlagsFromString` says. Where the system lets a process become another program it does, with the same
 * number and nobody in between. Otherwise a child does the work, with our input and output; signals go to it, and we end as it ends.
 */
export async function startAgain(nodeFlags: readonly string[]): Promise<void> {
	const args = [...process.execArgv, ...nodeFlags, ...process.argv.slice(1)];
	const {execve} = process as {execve?: Execve};
	if (execve !== undefined && process.platform !== 'win32') {
		execve(process.execPath, [process.execPath, ...args]);
	}

	const child = spawn(process.execPath, args, {stdio: 'inherit'});
	const passOn = (signal: NodeJS.Signals) => child.kill(signal);
	for (const signal of passedOn) {
		process.on(signal, passOn);
	}

	const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (...end) => {
			resolve(end);
		});
	});
	for (const signal of passedOn) {
		process.off(signal, passOn);
	}

	if (signal === null) {
		process.exitCode = code ?? 1;
	} else {
		process.kill(process.pid, signal);
	}
}

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
