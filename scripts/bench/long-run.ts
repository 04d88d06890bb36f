import type {Child} from './child.ts';
import type {LoadedServer} from './figures.ts';
import {median} from './latencies.ts';
import type {LoadAnswer, LoadQuestion} from './load-process.ts';
import {watchMemory} from './usage.ts';

/** What 200,000 debits in a row left behind in the service's process. */
export type LongRun = {
	readonly debits: number;
	readonly perSecond: number;
	readonly failed: number;
	/** Memory over time, in megabytes: the median of each tenth of the run. */
	readonly megabytes: readonly number[];
	/** From the third to the last tenth: by the third the process is warm. */
	readonly grownMegabytes: number;
	/** What counts as none: a garbage-collected heap of this size breathes by more than nothing. */
	readonly grownMegabytesMax: number;
};

const debits = 200_000;
const connections = 256;
const grownMegabytesMax = 16;
const parts = 10;

/** Undefined where a process's memory cannot be read (no /proc). */
export async function runLong(load: Child, service: LoadedServer): Promise<LongRun | undefined> {
	const memory = watchMemory(service.pid);
	const answer = await load.ask<LoadAnswer>({
		workload: 'debits',
		target: {port: service.port},
		connections,
		warmUpMs: 0,
		duration: {requests: debits},
	} satisfies LoadQuestion);
	const samples = memory.stop().map(bytes => bytes / 2 ** 20);
	if (samples.length === 0) {
		return undefined;
	}

	const failed = debits - (answer.statuses[200] ?? 0);
	return {debits, perSecond: answer.perSecond, failed, ...growthOf(samples), grownMegabytesMax};
}

/** `samples` in megabytes, evenly spaced in time. */
export function growthOf(samples: readonly number[]): Pick<LongRun, 'megabytes' | 'grownMegabytes'> {
	const megabytes = Array.from({length: parts}, (_, part) =>
		median(
			samples.slice(
				Math.floor((part * samples.length) / parts),
				Math.ceil(((part + 1) * samples.length) / parts),
			),
		),
	);
	return {megabytes, grownMegabytes: (megabytes.at(-1) ?? 0) - (megabytes[2] ?? 0)};
}
