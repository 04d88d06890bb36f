import type pg from 'pg';
import {type GuessWatch} from '../cards/guesses.ts';
import {type AnsweredRequest} from '../http/watch.ts';
import {type Job} from '../jobs/job.ts';
import {type JobWatch} from '../jobs/loop.ts';
import {type WriterWatch} from '../ledger/watch.ts';
import {watchBackground} from './background.ts';
import {openRegistry} from './instruments.ts';
import {watchProcess} from './process.ts';
import {watchRequests} from './requests.ts';
import {type SharedReaders, watchShared} from './shared.ts';
import {watchWriter} from './writer.ts';

/** What is asked only when somebody scrapes. */
export type Gauged = {
	/** Commands that wait or are being written, and how long the oldest has waited, milliseconds. */
	readonly writer: {readonly pending: () => number; readonly waitingMs: () => number};
	readonly requestsInFlight: () => number;
	readonly pools: Readonly<
		Record<string, Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'options'>>
	>;
};

export type Metrics = {
	readonly answered: (request: AnsweredRequest) => void;
	readonly turnedAway: (count: number) => void;
	readonly writer: WriterWatch;
	readonly guesses: GuessWatch;
	readonly jobs: JobWatch;
	readonly beginJobs: (jobs: readonly Job[]) => void;
	readonly onAttempt: ReturnType<typeof watchBackground>['onAttempt'];
	readonly onLook: ReturnType<typeof watchBackground>['onLook'];
	/** What there is to ask once the service is put together. */
	readonly open: (gauged: Gauged, shared: SharedReaders) => void;
	/** All figures in the text format of Prometheus; within a second, whatever the database does. */
	readonly render: () => Promise<{readonly contentType: string; readonly text: string}>;
	readonly close: () => void;
};

/** The figures of one service, in a registry of its own. Nothing that counts ever throws: a figure is worth no payment. */
export function openMetrics(): Metrics {
	const registry = openRegistry();
	const requests = watchRequests(registry);
	const writer = watchWriter(registry);
	const background = watchBackground(registry);
	const shared = watchShared(registry);
	const own = watchProcess(registry);
	let gauged: Gauged | undefined;
	const missed = () => {
		requests.guesses.inc({result: 'missed'});
	};
	const limited = () => {
		requests.guesses.inc({result: 'limited'});
	};
	return {
		answered: quietly(requests.answered),
		turnedAway: quietly((count: number) => {
			requests.turnedAway.inc(count);
		}),
		writer: {
			committed: quietly(writer.watch.committed),
			setBack: quietly(writer.watch.setBack),
		},
		guesses: {missed: quietly(missed), limited: quietly(limited)},
		jobs: {ran: quietly(background.jobs.ran)},
		beginJobs: quietly(background.begin),
		onAttempt: quietly(background.onAttempt),
		onLook: quietly(background.onLook),
		open(asked, readers) {
			gauged = asked;
			shared.open(readers);
		},
		async render() {
			await shared.show();
			own.show();
			if (gauged !== undefined) {
				requests.inFlight.set(gauged.requestsInFlight());
				writer.pending.set(gauged.writer.pending());
				writer.oldest.set(gauged.writer.waitingMs() / 1000);
				showPools(writer, gauged.pools);
			}

			return {contentType: registry.contentType, text: await registry.metrics()};
		},
		close() {
			own.close();
			registry.clear();
		},
	};
}

function showPools(
	to: Pick<ReturnType<typeof watchWriter>, 'poolConnections' | 'poolMax' | 'poolWaiting'>,
	pools: Gauged['pools'],
): void {
	for (const [name, {totalCount, idleCount, waitingCount, options}] of Object.entries(pools)) {
		to.poolConnections.set({pool: name, state: 'idle'}, idleCount);
		to.poolConnections.set({pool: name, state: 'busy'}, totalCount - idleCount);
		to.poolMax.set({pool: name}, options.max);
		to.poolWaiting.set({pool: name}, waitingCount);
	}
}

/** The same, without its errors. */
function quietly<Args extends readonly unknown[]>(work: (...args: Args) => void): (...args: Args) => void {
	return (...args) => {
		try {
			work(...args);
		} catch {
			// Whoever told us is in the middle of something that matters.
		}
	};
}
