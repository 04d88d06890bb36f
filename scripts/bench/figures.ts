import type {Child} from './child.ts';
import {median} from './latencies.ts';
import type {LoadAnswer, LoadQuestion, Workload} from './load-process.ts';
import type {Reference, ReferenceKind} from './reference.ts';
import {processorMicroseconds, watchMemory} from './usage.ts';

/** One measured round. Latencies in milliseconds; processor time in microseconds per request; memory in bytes. */
export type Sample = {
	readonly perSecond: number;
	readonly p50: number | undefined;
	readonly p99: number | undefined;
	readonly max: number | undefined;
	/** Requests without a 2xx answer. */
	readonly failed: number;
	readonly loadCpu: number | undefined;
	readonly serverCpu: number | undefined;
	readonly databaseCpu: number | undefined;
	/** The most that the server's process had in memory. */
	readonly memory: number | undefined;
};

export type Figure = {
	readonly name: string;
	readonly measure: (seconds: number) => Promise<Sample>;
};

export type FigureResult = {readonly name: string} & Sample;

/** A server under load: the service or the empty route. */
export type LoadedServer = {readonly pid: number; readonly port: number};

const warmUpMs = 500;

/** A figure of one server under one workload; it is named `${name}@${connections}`. */
export function loadFigure(
	{load, databasePid}: {readonly load: Child; readonly databasePid: number | undefined},
	server: LoadedServer,
	{
		name,
		workload,
		connections,
	}: {readonly name: string; readonly workload: Workload; readonly connections: number},
): Figure {
	return {
		name: `${name}@${connections}`,
		async measure(seconds) {
			const memory = watchMemory(server.pid);
			const serverCpu = watchProcessor(server.pid);
			const databaseCpu = watchProcessor(databasePid);
			const answer = await load.ask<LoadAnswer>({
				workload,
				target: {port: server.port},
				connections,
				warmUpMs,
				duration: {seconds},
			} satisfies LoadQuestion);
			return {
				...speedOf(answer),
				serverCpu: serverCpu.perRequest(answer.sent),
				databaseCpu: databaseCpu.perRequest(answer.sent),
				memory: largest(memory.stop()),
			};
		},
	};
}

/** The bare SQL ledger on the same database server. */
export function referenceFigure(
	reference: Reference,
	kind: ReferenceKind,
	databasePid: number | undefined,
): Figure {
	return {
		name: `reference-${kind}`,
		async measure(seconds) {
			const databaseCpu = watchProcessor(databasePid);
			const {perSecond, sent} = await reference.run(kind, seconds);
			return {...nothing, perSecond, databaseCpu: databaseCpu.perRequest(sent)};
		},
	};
}

const nothing: Sample = {
	perSecond: 0,
	p50: undefined,
	p99: undefined,
	max: undefined,
	failed: 0,
	loadCpu: undefined,
	serverCpu: undefined,
	databaseCpu: undefined,
	memory: undefined,
};

function speedOf({perSecond, p50, p99, max, errors, statuses, cpuMicroseconds}: LoadAnswer): Sample {
	const refused = Object.entries(statuses).filter(([status]) => !status.startsWith('2'));
	return {
		...nothing,
		perSecond,
		p50: p50 / 1000,
		p99: p99 / 1000,
		max: max / 1000,
		failed: refused.reduce((sum, [, count]) => sum + count, errors),
		loadCpu: cpuMicroseconds,
	};
}

function watchProcessor(pid: number | undefined): {
	readonly perRequest: (sent: number) => number | undefined;
} {
	const used = (): number | undefined => (pid === undefined ? undefined : processorMicroseconds(pid));
	const before = used();
	return {
		perRequest(sent) {
			const after = used();
			return before === undefined || after === undefined ? undefined : (after - before) / sent;
		},
	};
}

/** The machine is noisy: each figure's rounds are spread over the whole run, and the median of each number stands for it. */
export function summarize(name: string, samples: readonly Sample[]): FigureResult {
	const all = (pick: (sample: Sample) => number | undefined): number[] =>
		samples.map(pick).filter(value => value !== undefined);
	const medianOf = (pick: (sample: Sample) => number | undefined): number | undefined => {
		const values = all(pick);
		return values.length === 0 ? undefined : median(values);
	};
	return {
		name,
		perSecond: medianOf(({perSecond}) => perSecond) ?? 0,
		p50: medianOf(({p50}) => p50),
		p99: medianOf(({p99}) => p99),
		max: medianOf(({max}) => max),
		failed: samples.reduce((sum, {failed}) => sum + failed, 0),
		loadCpu: medianOf(({loadCpu}) => loadCpu),
		serverCpu: medianOf(({serverCpu}) => serverCpu),
		databaseCpu: medianOf(({databaseCpu}) => databaseCpu),
		memory: largest(all(({memory}) => memory)),
	};
}

function largest(values: readonly number[]): number | undefined {
	return values.length === 0 ? undefined : Math.max(...values);
}
