import {connect, type Socket} from 'node:net';
import {performance} from 'node:perf_hooks';
import {createLatencies, type Latencies} from './latencies.ts';
import {createResponseReader, UnreadableAnswerError} from './response-reader.ts';

/** Where the server listens: TCP on this machine, or a Unix socket. */
export type Target = {readonly port: number; readonly host?: string} | {readonly socketPath: string};

/** The bytes of the n-th request of a run, complete, as latin1 text. A plain string costs the load client least. */
export type RenderRequest = (n: number) => string;

export type LoadPlan = {
	readonly target: Target;
	/** Keep-alive connections; each sends its next request when it has the answer to the last. */
	readonly connections: number;
	readonly warmUpMs: number;
	/** Counted time after the warm-up, or an exact number of requests (then give no warm-up). */
	readonly duration: {readonly seconds: number} | {readonly requests: number};
	readonly request: RenderRequest;
};

/** What was counted after the warm-up. Latencies in microseconds. Only 2xx answers are in `perSecond` and the latencies. */
export type LoadResult = {
	readonly perSecond: number;
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
	/** Requests of the whole run that got no readable answer: connection lost, time-out, answer without a length. */
	readonly errors: number;
	readonly statuses: Readonly<Record<string, number>>;
	/** All requests of the run, the warm-up's too: what processor time is divided by. */
	readonly sent: number;
};

// The Hub gives up on a provider after 15 s (Gift Card Provider Protocol, section 6); so do we.
const answerTimeoutMs = 15_000;
// A server that is gone must end the run with an error, not with a loop of connection attempts.
const lostConnectionsMax = 100;
const readBufferBytes = 16_384;

type Run = {
	readonly plan: LoadPlan;
	readonly latencies: Latencies;
	readonly statuses: Map<number, number>;
	requestsLeft: number;
	sent: number;
	errors: number;
	isCounting: boolean;
	lostConnections: number;
};

/**
 * Load a server over raw sockets, closed loop, and tell how fast it answered. It shares the machine with the server that
 * it measures, so it does as little per request as it can.
 *
 * Throws when the server cannot be reached or keeps dropping connections.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
	const {duration} = plan;
	const isTimed = 'seconds' in duration;
	const run: Run = {
		plan,
		latencies: createLatencies(),
		statuses: new Map(),
		requestsLeft: isTimed ? Infinity : duration.requests,
		sent: 0,
		errors: 0,
		isCounting: plan.warmUpMs === 0,
		lostConnections: 0,
	};
	let countingSince = performance.now();
	let countedMs: number | undefined;

	const timers: NodeJS.Timeout[] = [];
	if (plan.warmUpMs > 0) {
		timers.push(
			setTimeout(() => {
				run.isCounting = true;
				countingSince = performance.now();
			}, plan.warmUpMs),
		);
	}

	if (isTimed) {
		timers.push(
			setTimeout(
				() => {
					run.isCounting = false;
					run.requestsLeft = 0;
					countedMs = performance.now() - countingSince;
				},
				plan.warmUpMs + duration.seconds * 1000,
			),
		);
	}

	try {
		await Promise.all(Array.from({length: plan.connections}, async () => keepAsking(run)));
	} finally {
		timers.forEach(clearTimeout);
	}

	return summarize(run, countedMs ?? performance.now() - countingSince);
}

/** One client: connects, and connects again while requests are left and the server drops it. */
async function keepAsking(run: Run): Promise<void> {
	while (run.requestsLeft > 0) {
		const failure = await askOverOneConnection(run);
		if (failure !== undefined) {
			run.lostConnections++;
			if (run.lostConnections > lostConnectionsMax) {
				run.requestsLeft = 0;
				throw new Error('The server drops connections or does not answer; look at its log.', {
					cause: failure,
				});
			}
		}
	}
}

/** Resolves with why the connection ended, or with undefined when nothing is left to ask. */
function askOverOneConnection(run: Run): Promise<Error | undefined> {
	return new Promise(resolve => {
		let failure: Error | undefined;
		let askedAt = 0;
		let isWaiting = false;

		const askNext = (): void => {
			if (run.requestsLeft <= 0) {
				socket.destroy();
				return;
			}

			run.requestsLeft--;
			isWaiting = true;
			const text = run.plan.request(run.sent++);
			askedAt = performance.now();
			socket.write(text, 'latin1');
		};

		const read = createResponseReader(status => {
			if (!isWaiting) {
				throw new UnreadableAnswerError('The server answered more often than it was asked.');
			}

			isWaiting = false;
			if (run.isCounting) {
				count(run, status, performance.now() - askedAt);
			}

			askNext();
		});

		const socket = openSocket(run.plan.target, (length, bytes) => {
			try {
				read(bytes, length);
			} catch (error) {
				socket.destroy(error as Error);
			}

			return true;
		});
		socket.setNoDelay(true);
		socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error('No answer within 15 s.')));
		socket.on('connect', askNext);
		socket.on('error', error => (failure = error));
		socket.on('close', () => {
			// Also when the time is up we wait for the last answers, so a request without one is always an error.
			if (isWaiting) {
				run.errors++;
			}

			resolve(
				failure ?? (isWaiting ? new Error('The server closed the connection before its answer.') : undefined),
			);
		});
		socket.resume();
	});
}

function openSocket(target: Target, onBytes: (length: number, bytes: Buffer) => boolean): Socket {
	// With `onread`, Node reads into this one buffer instead of allocating one per chunk.
	const onread = {
		buffer: Buffer.allocUnsafe(readBufferBytes),
		callback: onBytes as (length: number, bytes: Uint8Array) => boolean,
	};
	return 'port' in target
		? connect({host: target.host ?? '127.0.0.1', port: target.port, onread})
		: connect({path: target.socketPath, onread});
}

function count(run: Run, status: number, milliseconds: number): void {
	run.statuses.set(status, (run.statuses.get(status) ?? 0) + 1);
	if (status >= 200 && status < 300) {
		run.latencies.add(milliseconds * 1000);
	}
}

function summarize(run: Run, countedMs: number): LoadResult {
	const {latencies, statuses, errors, sent} = run;
	return {
		perSecond: (latencies.count() / countedMs) * 1000,
		p50: latencies.percentile(0.5),
		p99: latencies.percentile(0.99),
		max: latencies.percentile(1),
		errors,
		statuses: Object.fromEntries(statuses),
		sent,
	};
}
