import {readFileSync} from 'node:fs';

// Of /proc/PID/stat, in ticks of 1/100 s on every Linux that Node runs on.
const tickMicroseconds = 10_000;
const memoryIntervalMs = 200;

/** Looks at the memory of a process until `stop`, which gives what was seen, in bytes; nothing where there is no /proc. */
export function watchMemory(pid: number): {readonly stop: () => number[]} {
	const seen: number[] = [];
	const look = (): void => {
		const bytes = residentBytes(pid);
		if (bytes !== undefined) {
			seen.push(bytes);
		}
	};
	const timer = setInterval(look, memoryIntervalMs);
	return {
		stop() {
			clearInterval(timer);
			look();
			return seen;
		},
	};
}

function residentBytes(pid: number): number | undefined {
	const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
	return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Processor time that a process and its children (a database's backends) have used so far; undefined where there is no /proc. */
export function processorMicroseconds(pid: number): number | undefined {
	const own = statOf(pid);
	if (own === undefined) {
		return undefined;
	}

	const ticks = childrenOf(pid).reduce(
		(sum, child) => sum + (statOf(child)?.ticks ?? 0),
		own.ticks + own.ticksOfEnded,
	);
	return ticks * tickMicroseconds;
}

/** The processes that one has started and that live; none where there is no /proc. */
export function childrenOf(pid: number): number[] {
	return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

/** The process that started another, such as the server behind a database's backend. */
export function parentOf(pid: number): number | undefined {
	return statOf(pid)?.parent;
}

function statOf(pid: number): {parent: number; ticks: number; ticksOfEnded: number} | undefined {
	const stat = read(`/proc/${pid}/stat`);
	if (stat === '') {
		return undefined;
	}

	// The second field is a name in parentheses that may itself hold blanks.
	const fields = stat
		.slice(stat.lastIndexOf(')') + 2)
		.split(' ')
		.map(Number);
	const [, parent = 0] = fields;
	const [user = 0, system = 0, userOfEnded = 0, systemOfEnded = 0] = fields.slice(11, 15);
	return {parent, ticks: user + system, ticksOfEnded: userOfEnded + systemOfEnded};
}

function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		// Ended meanwhile, or not Linux: nothing to tell.
		return '';
	}
}
