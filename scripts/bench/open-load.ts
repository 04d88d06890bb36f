import {connect, type Socket} from 'node:net';
import {performance} from 'node:perf_hooks';
import {createLatencies, type Latencies} from './latencies.ts';
import {createResponseReader} from './response-reader.ts';
import type {RenderRequest} from './load.ts';

export type OpenLoadPlan = {
	readonly port: number;
	/** Open before the first request, as balancers keep them. */
	readonly connections: number;
	/** Requests that begin each second, however long those before take. */
	readonly perSecond: number;
	readonly seconds: number;
	readonly request: RenderRequest;
};

/** How long answers of one sort took, milliseconds, from the moment when their request was due. */
export type AnswerTimes = {
	readonly count: number;
	readonly p50: number;
	readonly p99: number;
	readonly max: number;
};

export type OpenLoadResult = {
	/** Requests that were due. */
	readonly due: number;
	/** From the first that was due to the last answer. */
	readonly seconds: number;
	readonly accepted: AnswerTimes;
	/** Answered 503. */
	readonly turnedAway: AnswerTimes;
	/** Answered something else. */
	readonly others: number;
	/** Not answered, or not readably, within 15 s. */
	readonly unanswered: number;
};

type Connection = {readonly socket: Socket; dueAt: number | undefined};

type Run = {
	readonly plan: OpenLoadPlan;
	readonly free: Connection[];
	readonly open: Set<Connection>;
	/** When the requests that wait for a connection were due. */
	readonly backlog: number[];
	readonly accepted: Latencies;
	readonly turnedAway: Latencies;
	others: number;
	unanswered: number;
	due: number;
};

const tickMs = 2;
const answerTimeoutMs = 15_000;
const readBufferBytes = 4096;

/**
 * Send requests at a steady rate, as shoppers come: those that come later do not wait for those before. A request that finds no free
 * connection waits, and its time counts from when it was due.
 */
export async function runOpenLoad(plan: OpenLoadPlan): Promise<OpenLoadResult> {
	const run: Run = {
		...{plan, free: [], open: new Set(), backlog: []},
		...{accepted: createLatencies(), turnedAway: createLatencies()},
		...{others: 0, unanswered: 0, due: 0},
	};
	await Promise.all(Array.from({length: plan.connections}, async () => greet(run)));
	const startedAt = performance.now();
	const total = plan.perSecond * plan.seconds;
	await new Promise<void>(resolve => {
		const timer = setInterval(() => {
			const now = performance.now();
			const end = Math.min(total, Math.floor(((now - startedAt) / 1000) * plan.perSecond));
			for (; run.due < end; run.due++) {
				send(run, startedAt + (run.due / plan.perSecond) * 1000);
			}

			if (run.due >= total && answered(run) >= total) {
				clearInterval(timer);
				resolve();
			}
		}, tickMs);
	});
	const seconds = (performance.now() - startedAt) / 1000;
	run.open.forEach(({socket}) => socket.destroy());
	const {due, others, unanswered} = run;
	return {
		due,
		seconds,
		accepted: timesOf(run.accepted),
		turnedAway: timesOf(run.turnedAway),
		others,
		unanswered,
	};
}

function answered({accepted, turnedAway, others, unanswered}: Run): number {
	return accepted.count() + turnedAway.count() + others + unanswered;
}

function send(run: Run, dueAt: number): void {
	const free = run.free.pop();
	if (free !== undefined) {
		ask(run, free, dueAt);
	} else if (run.open.size < run.plan.connections) {
		// One that was lost is replaced.
		ask(run, openConnection(run), dueAt);
	} else {
		run.backlog.push(dueAt);
	}
}

/** Open a connection and wait until the server has answered on it: what has only been accepted by its machine may wait for long. */
function greet(run: Run): Promise<void> {
	return new Promise((resolve, reject) => {
		const connection = openConnection(run, resolve);
		connection.socket.on('error', reject);
		connection.socket.write('GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
	});
}

function ask({plan, due}: Run, connection: Connection, dueAt: number): void {
	connection.dueAt = dueAt;
	connection.socket.write(plan.request(due), 'latin1');
}

function openConnection(run: Run, onGreeted?: () => void): Connection {
	let isGreeting = onGreeted !== undefined;
	const read = createResponseReader(status => {
		if (isGreeting) {
			isGreeting = false;
			run.free.push(connection);
			onGreeted?.();
			return;
		}

		count(run, connection, status);
		const dueAt = run.backlog.shift();
		if (dueAt === undefined) {
			run.free.push(connection);
		} else {
			ask(run, connection, dueAt);
		}
	});
	const callback = (length: number, bytes: Uint8Array): boolean => {
		try {
			read(bytes as Buffer, length);
		} catch (error) {
			connection.socket.destroy(error as Error);
		}

		return true;
	};
	const socket = connect({
		host: '127.0.0.1',
		port: run.plan.port,
		onread: {buffer: Buffer.allocUnsafe(readBufferBytes), callback},
	});
	const connection: Connection = {socket, dueAt: undefined};
	run.open.add(connection);
	socket.setNoDelay(true);
	socket.setTimeout(answerTimeoutMs, () => {
		if (connection.dueAt !== undefined) {
			socket.destroy();
		}
	});
	socket.on('error', () => undefined);
	socket.on('close', () => {
		forget(run, connection);
	});
	return connection;
}

function count(run: Run, connection: Connection, status: number): void {
	const microseconds = Math.round((performance.now() - (connection.dueAt ?? 0)) * 1000);
	connection.dueAt = undefined;
	if (status === 503) {
		run.turnedAway.add(microseconds);
	} else if (status >= 200 && status < 300) {
		run.accepted.add(microseconds);
	} else {
		run.others++;
	}
}

function forget(run: Run, connection: Connection): void {
	run.open.delete(connection);
	const place = run.free.indexOf(connection);
	if (place !== -1) {
		run.free.splice(place, 1);
	}

	if (connection.dueAt !== undefined) {
		connection.dueAt = undefined;
		run.unanswered++;
	}

	const dueAt = run.backlog.shift();
	if (dueAt !== undefined) {
		send(run, dueAt);
	}
}

function timesOf(latencies: Latencies): AnswerTimes {
	const [p50 = 0, p99 = 0, max = 0] =
		latencies.count() === 0 ? [] : [0.5, 0.99, 1].map(share => latencies.percentile(share) / 1000);
	return {count: latencies.count(), p50, p99, max};
}
