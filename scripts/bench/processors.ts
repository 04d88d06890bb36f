import {execFile} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {promisify} from 'node:util';
import {childrenOf} from './usage.ts';

/** Which processors, as Linux lists them ("0-3"), serve and which of them send. */
export type Apart = {readonly servers: string; readonly clients: string};

/**
 * Give the servers (with the processes that they have started) one half of this machine's processors and the load clients the other, as
 * if these were machines of their own: what the clients spend is then not taken from what is measured. Undefined where it cannot be done:
 * one processor, or no `taskset`.
 */
export async function setApart(
	servers: readonly number[],
	clients: readonly number[],
): Promise<Apart | undefined> {
	const processors = allowedProcessors();
	const half = Math.floor(processors.length / 2);
	if (half === 0) {
		return undefined;
	}

	const apart = {servers: processors.slice(0, half).join(','), clients: processors.slice(half).join(',')};
	const pids = servers.flatMap(pid => [pid, ...childrenOf(pid)]);
	try {
		await Promise.all([
			...pids.map(async pid => keepOn(apart.servers, pid)),
			...clients.map(async pid => keepOn(apart.clients, pid)),
		]);
		return apart;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}

/** Of util-linux. All threads at once; what the process starts later is kept there too. */
async function keepOn(processors: string, pid: number): Promise<void> {
	try {
		await promisify(execFile)('taskset', ['--all-tasks', '--cpu-list', '--pid', processors, String(pid)]);
	} catch (error) {
		// A backend of the database may have ended meanwhile.
		if (existsSync(`/proc/${pid}`)) {
			throw error;
		}
	}
}

function allowedProcessors(): number[] {
	let status;
	try {
		status = readFileSync('/proc/self/status', 'utf8');
	} catch {
		return [];
	}

	return processorsOf(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
}

/** `0-2,5` is 0, 1, 2 and 5. */
export function processorsOf(list: string): number[] {
	return list
		.split(',')
		.filter(Boolean)
		.flatMap(part => {
			const [first = 0, last = first] = part.split('-').map(Number);
			return Array.from({length: last - first + 1}, (_, index) => first + index);
		});
}
