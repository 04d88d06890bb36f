import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {startChild, type Child} from './child.ts';
import {openThrowAwayDatabase, query, type BenchDatabase} from './database.ts';
import type {LoadAnswer, LoadQuestion} from './load-process.ts';
import type {AnswerTimes, OpenLoadResult} from './open-load.ts';
import {setApart, type Apart} from './processors.ts';
import {launch, root, seedCards, serviceEnvironment, startService, type BenchService} from './service.ts';

/** What a service made of more debits than it can do. */
export type OverloadTrial = {
	/** Undefined where servers and clients had to share. */
	readonly apart: Apart | undefined;
	/** Debits a second that it does, each of 256 connections waiting for its answer. */
	readonly capacity: number;
	readonly storms: readonly Storm[];
	/** Debits that were answered 200 in the whole trial, and debits that the ledger holds. */
	readonly answered: number;
	readonly booked: number;
	readonly isAuditClean: boolean;
};

export type Storm = {
	/** Debits sent for one that it can do. */
	readonly factor: number;
	/** Debits that came, each second. */
	readonly offered: number;
	/** Debits answered 200, each second. */
	readonly goodput: number;
	readonly accepted: AnswerTimes;
	readonly turnedAway: AnswerTimes;
	/** Neither done nor turned away. */
	readonly failed: number;
	/** Reads of cards meanwhile, fifty a second. */
	readonly reads: AnswerTimes & {readonly failed: number};
	/** Seconds after the storm until debits were answered as before it, none turned away. */
	readonly recovery: number;
};

export type OverloadPlan = {
	readonly seconds: number;
	readonly warmUpSeconds: number;
	readonly signal: AbortSignal;
};

const factors = [2, 4];
// More than the service lets in, so that those that are turned away find a free one.
const connections = {debits: 1400, reads: 32} as const;
const readsPerSecond = 50;
const calmPerSecond = 100;
const recoverySecondsMax = 20;
// A debit is answered as usual again when it takes no longer than this.
const usualMs = 250;

/** Storms of two and four times what the service can do, on a throw-away database. */
export async function runOverload(
	plan: OverloadPlan,
	stops: (() => Promise<void>)[],
): Promise<OverloadTrial> {
	const database = await openThrowAwayDatabase();
	stops.push(database.stop);
	const service = await startService(database);
	stops.push(service.stop);
	const [debtors, readers] = [startChild('load-process.ts'), startChild('load-process.ts')];
	stops.push(debtors.stop, readers.stop);
	plan.signal.addEventListener('abort', () => void debtors.stop());
	const cards = await seedCards(database, service, debtors);
	await readers.ask({caller: service.caller, cards, wallets: []} satisfies LoadQuestion);

	// Who sends is elsewhere in the world: a storm must not take from the service by being sent.
	const apart = await setApart(database.pid === undefined ? [service.pid] : [database.pid, service.pid], [
		debtors.pid,
		readers.pid,
	]);

	const heldBefore = await countDebits(database);
	const stage = {service, debtors, readers};
	const warm = await closedLoop(stage, plan.warmUpSeconds);
	const measured = await closedLoop(stage, Math.min(plan.seconds, 10));
	const storms: Storm[] = [];
	let answered = (warm.statuses[200] ?? 0) + (measured.statuses[200] ?? 0);
	for (const factor of factors) {
		plan.signal.throwIfAborted();
		const {storm, done} = await runStorm(stage, factor, {
			capacity: measured.perSecond,
			seconds: plan.seconds,
		});
		storms.push(storm);
		answered += done;
	}

	return {
		apart,
		capacity: measured.perSecond,
		storms,
		answered,
		booked: (await countDebits(database)) - heldBefore,
		isAuditClean: await audit(database, service),
	};
}

type Stage = {readonly service: BenchService; readonly debtors: Child; readonly readers: Child};

async function closedLoop({service, debtors}: Stage, seconds: number): Promise<LoadAnswer> {
	return debtors.ask({
		workload: 'debits',
		target: {port: service.port},
		connections: 256,
		warmUpMs: 0,
		duration: {seconds},
	} satisfies LoadQuestion);
}

async function runStorm(
	stage: Stage,
	factor: number,
	{capacity, seconds}: {readonly capacity: number; readonly seconds: number},
): Promise<{readonly storm: Storm; readonly done: number}> {
	const offered = Math.round(factor * capacity);
	const [debits, reads] = await Promise.all([
		openLoop(stage, stage.debtors, {workload: 'debits', perSecond: offered, seconds}),
		openLoop(stage, stage.readers, {workload: 'reads', perSecond: readsPerSecond, seconds}),
	]);
	const {recovery, done} = await recover(stage);
	const {accepted, turnedAway, others, unanswered} = debits;
	return {
		storm: {
			...{factor, offered, accepted, turnedAway, recovery},
			goodput: accepted.count / debits.seconds,
			failed: others + unanswered,
			reads: {...reads.accepted, failed: reads.due - reads.accepted.count},
		},
		done: accepted.count + done,
	};
}

/** A second at a time, until one is as those before the storm. */
async function recover(stage: Stage): Promise<{readonly recovery: number; readonly done: number}> {
	const startedAt = performance.now();
	let done = 0;
	for (let second = 0; second < recoverySecondsMax; second++) {
		const slice = await openLoop(stage, stage.debtors, {
			...{workload: 'debits', perSecond: calmPerSecond, seconds: 1},
		});
		done += slice.accepted.count;
		if (slice.accepted.count === slice.due && slice.accepted.p99 <= usualMs) {
			return {recovery: second, done};
		}
	}

	return {recovery: (performance.now() - startedAt) / 1000, done};
}

async function openLoop(
	{service}: Stage,
	load: Child,
	plan: {readonly workload: keyof typeof connections; readonly perSecond: number; readonly seconds: number},
): Promise<OpenLoadResult> {
	return load.ask({
		...plan,
		port: service.port,
		connections: connections[plan.workload],
	} satisfies LoadQuestion);
}

async function countDebits(database: BenchDatabase): Promise<number> {
	const [row] = await query<{count: number}>(database.url, 'SELECT count(*)::int AS count FROM holds');
	return row?.count ?? 0;
}

async function audit(database: BenchDatabase, service: BenchService): Promise<boolean> {
	const script = path.join(root, 'scripts/ledger-audit.ts');
	return promisify(execFile)(process.execPath, [launch, script, '--json'], {
		cwd: database.dataDir,
		env: serviceEnvironment(database, service.port),
	}).then(
		() => true,
		() => false,
	);
}
