import {setTimeout as delay} from 'node:timers/promises';
import {type PrismaClient} from '../db/client.ts';
import {isConnectionLost, isRetryable, sqlStateOf} from '../db/sql-state.ts';
import {type MerchantClock, type Outcome, replay, runBatch} from './batch.ts';
import {type Instant} from './calendar.ts';
import {type Command, keyText} from './commands.ts';
import {findRemembered} from './store/load.ts';
import {freeCards} from './store/lock.ts';

/** The service cannot take the command now, or could not finish it in time. Sending it again is safe and right. */
export class OverloadedError extends Error {
	/** For the header Retry-After. */
	readonly retryAfterSeconds: number;

	constructor(message: string, options: ErrorOptions & {readonly retryAfterSeconds?: number} = {}) {
		super(message, options);
		this.name = 'OverloadedError';
		this.retryAfterSeconds = options.retryAfterSeconds ?? 1;
	}
}

export type WriterLimits = {
	/** Commands in one batch. More make it no faster, and hold its locks longer. */
	readonly batchMax: number;
	/** Commands that wait, over all merchants. One more is turned away at once. */
	readonly queueMax: number;
	/** How long a command may take, from its arrival. VTEX gives up after 15 s (Gift Card Provider Protocol, 6). */
	readonly deadlineMs: number;
};

const defaults: WriterLimits = {batchMax: 256, queueMax: 4096, deadlineMs: 8000};

// A lock or a connection that somebody else needs is free again after a few of these.
const pauseMs = 20;
const pauseMsMax = 400;

export type WriterTools = {
	readonly prisma: PrismaClient;
	readonly clock: () => Instant;
	readonly newId: () => string;
	/** Told of failures that the caller only sees as an error: the log. */
	readonly onFailure?: (error: unknown, what: string) => void;
	readonly limits?: Partial<WriterLimits>;
};

/**
 * The only place that writes the ledger. `submit` resolves when the command's effect is durable, or when it is refused.
 * @throws {OverloadedError} when the queue is full, the deadline has passed, or the writer is draining
 */
export type Writer = {
	readonly submit: (merchant: MerchantClock, command: Command, signal?: AbortSignal) => Promise<Outcome>;
	/** Take no more commands and wait until all that were taken are answered. */
	readonly drain: () => Promise<void>;
	/** Commands waiting or being written. */
	readonly pending: () => number;
};

type Waiting = {
	readonly command: Command;
	readonly deadline: number;
	readonly signal: AbortSignal | undefined;
	readonly resolve: (outcome: Outcome) => void;
	readonly reject: (error: unknown) => void;
};

/** One merchant's commands: a batch holds nobody else's (A2). */
type Lane = {
	readonly merchant: MerchantClock;
	queue: Waiting[];
	isRunning: boolean;
	/** Commands whose card somebody else holds; they wait here and hold up nobody (B3). */
	patient: Waiting[];
};

export function openWriter(tools: WriterTools): Writer {
	return new BatchingWriter(tools);
}

class BatchingWriter implements Writer {
	readonly #tools: WriterTools;
	readonly #limits: WriterLimits;
	readonly #lanes = new Map<number, Lane>();
	#pending = 0;
	#isDraining = false;
	#whenIdle: (() => void)[] = [];

	constructor(tools: WriterTools) {
		this.#tools = tools;
		this.#limits = {...defaults, ...tools.limits};
	}

	readonly pending = () => this.#pending;

	readonly submit = async (
		merchant: MerchantClock,
		command: Command,
		signal?: AbortSignal,
	): Promise<Outcome> => {
		if (this.#isDraining) {
			throw new OverloadedError('The service is stopping; send the request again in a moment.');
		}

		if (this.#pending >= this.#limits.queueMax) {
			throw new OverloadedError('Too many requests wait already; send this one again in a moment.');
		}

		const lane = this.#lane(merchant);
		this.#pending++;
		try {
			return await new Promise<Outcome>((resolve, reject) => {
				const deadline = performance.now() + this.#limits.deadlineMs;
				const waiting: Waiting = {command, deadline, signal, resolve, reject};
				if (lane.patient.some(other => other.command.cardId === command.cardId)) {
					lane.patient.push(waiting);
				} else {
					lane.queue.push(waiting);
					void this.#run(lane);
				}
			});
		} finally {
			this.#pending--;
			if (this.#pending === 0) {
				this.#whenIdle.splice(0).forEach(tell => {
					tell();
				});
			}
		}
	};

	readonly drain = async (): Promise<void> => {
		this.#isDraining = true;
		if (this.#pending > 0) {
			await new Promise<void>(resolve => this.#whenIdle.push(resolve));
		}
	};

	#lane(merchant: MerchantClock): Lane {
		let lane = this.#lanes.get(merchant.id);
		if (lane === undefined) {
			lane = {merchant, queue: [], isRunning: false, patient: []};
			this.#lanes.set(merchant.id, lane);
		}

		return lane;
	}

	/** While one batch is being committed, arriving commands gather for the next; a lone one starts at once. */
	async #run(lane: Lane): Promise<void> {
		if (lane.isRunning) {
			return;
		}

		lane.isRunning = true;
		while (lane.queue.length > 0) {
			await this.#finish(lane, lane.queue.splice(0, this.#limits.batchMax));
		}

		lane.isRunning = false;
	}

	/** See a batch through to an answer for each of its commands. Never throws. */
	async #finish(lane: Lane, batch: readonly Waiting[]): Promise<void> {
		for (let attempt = 1; ; attempt++) {
			const timely = this.#withoutLate(batch);
			if (timely.length === 0) {
				return;
			}

			try {
				const outcomes = await this.#commit(lane.merchant, timely);
				timely.forEach(({resolve}, index) => {
					const outcome = outcomes[index];
					if (outcome !== undefined) {
						resolve(outcome);
					}
				});
				return;
			} catch (error) {
				if (sqlStateOf(error) === '55P03') {
					await this.#setAside(lane, timely);
					return;
				}

				if (!isPassing(error)) {
					await this.#isolate(lane, timely, error);
					return;
				}

				// The commit may have happened (B4): the keys tell when the same batch runs again.
				this.#tools.onFailure?.(error, `A batch of ${timely.length} commands runs again`);
				await pause(attempt);
			}
		}
	}

	async #commit(merchant: MerchantClock, batch: readonly Waiting[]): Promise<Outcome[]> {
		const {prisma, clock, newId} = this.#tools;
		const commands = batch.map(({command}) => command);
		return prisma.$transaction(tx => runBatch(tx, {merchant, clock, newId}, commands));
	}

	/** A failure that one command causes must fail that command alone: by card first, then singly. */
	async #isolate(lane: Lane, batch: readonly Waiting[], error: unknown): Promise<void> {
		const [first] = batch;
		if (batch.length === 1 && first !== undefined) {
			this.#tools.onFailure?.(error, `The command ${first.command.verb} failed`);
			first.reject(error);
			return;
		}

		const byCard = groupByCard(batch);
		const parts = byCard.length > 1 ? byCard : batch.map(waiting => [waiting]);
		for (const part of parts) {
			await this.#finish(lane, part);
		}
	}

	/** Some card of the batch is locked by somebody else. Its commands wait aside; the others go on at once (B3). */
	async #setAside(lane: Lane, batch: readonly Waiting[]): Promise<void> {
		const free = await this.#free(lane.merchant, batch);
		const taken = batch.filter(({command}) => !free.has(command.cardId));
		if (taken.length > 0) {
			const isFirst = lane.patient.length === 0;
			lane.patient.push(...taken);
			if (isFirst) {
				void this.#waitPatiently(lane);
			}
		}

		const others = batch.filter(({command}) => free.has(command.cardId));
		if (others.length > 0) {
			await this.#finish(lane, others);
		}
	}

	/** Ask for the taken cards again and again, never waiting on a lock, until they are free or the commands are late. */
	async #waitPatiently(lane: Lane): Promise<void> {
		for (let attempt = 1; lane.patient.length > 0; attempt++) {
			await pause(attempt);
			await this.#answerRemembered(lane);
			lane.patient = this.#withoutLate(lane.patient);
			const free = await this.#free(lane.merchant, lane.patient);
			const ready = lane.patient.filter(({command}) => free.has(command.cardId));
			if (ready.length > 0) {
				lane.patient = lane.patient.filter(waiting => !ready.includes(waiting));
				lane.queue.unshift(...ready);
				void this.#run(lane);
			}
		}
	}

	/** What was decided before needs no lock (B16). */
	async #answerRemembered(lane: Lane): Promise<void> {
		const keys = lane.patient.flatMap(({command: {key}}) => (key === null ? [] : [key]));
		if (keys.length === 0) {
			return;
		}

		try {
			const remembered = await findRemembered(this.#tools.prisma, lane.merchant.id, keys);
			lane.patient = lane.patient.filter(({command, resolve}) => {
				const known = command.key === null ? undefined : remembered.get(keyText(command.key));
				if (known === undefined || command.key === null) {
					return true;
				}

				resolve(replay(known, command));
				return false;
			});
		} catch (error) {
			this.#tools.onFailure?.(error, 'Remembered commands could not be read');
		}
	}

	async #free(merchant: MerchantClock, batch: readonly Waiting[]): Promise<Set<string>> {
		const cards = [...new Set(batch.map(({command}) => command.cardId))];
		// A card that is about to be issued has no row that anybody could hold.
		const unborn = batch.filter(({command}) => command.verb === 'issue').map(({command}) => command.cardId);
		try {
			const free = await this.#tools.prisma.$transaction(tx => freeCards(tx, merchant.id, cards));
			return new Set([...free, ...unborn]);
		} catch (error) {
			this.#tools.onFailure?.(error, 'The locks of a batch could not be looked at');
			return new Set(unborn);
		}
	}

	/** Those that are still worth doing; the others are told so. Nobody waits for a client that is gone (B3). */
	#withoutLate(batch: readonly Waiting[]): Waiting[] {
		const now = performance.now();
		return batch.filter(({deadline, signal, reject}) => {
			const isLate = now > deadline || signal?.aborted === true;
			if (isLate) {
				reject(
					new OverloadedError('The request could not be finished in time; send it again under the same id.'),
				);
			}

			return !isLate;
		});
	}
}

// 53: the server is out of connections, memory or disk; 57014: a statement took longer than it may.
const passingStates = /^(?:53...|57014)$/;

/** Whether the same batch may succeed when it runs again: conflicts, lost connections, a database that restarts or is full. */
function isPassing(error: unknown): boolean {
	// P2028: Prisma could not begin or end its transaction in time.
	const isLateTransaction = (error as {code?: unknown} | null)?.code === 'P2028';
	return (
		isRetryable(error) ||
		isConnectionLost(error) ||
		isLateTransaction ||
		passingStates.test(sqlStateOf(error) ?? '')
	);
}

/** Growing pauses with full jitter: contenders that met once must not wake together. */
async function pause(attempt: number): Promise<void> {
	await delay(Math.random() * Math.min(pauseMsMax, pauseMs * 2 ** Math.min(attempt, 10)));
}

function groupByCard(batch: readonly Waiting[]): Waiting[][] {
	const groups = new Map<string, Waiting[]>();
	for (const waiting of batch) {
		const group = groups.get(waiting.command.cardId);
		if (group === undefined) {
			groups.set(waiting.command.cardId, [waiting]);
		} else {
			group.push(waiting);
		}
	}

	return [...groups.values()];
}
