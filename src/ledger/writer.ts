import {type SqlClient} from '../db/client.ts';
import {sqlStateOf} from '../db/sql-state.ts';
import {inTurns} from '../turns.ts';
import {type MerchantClock, type Outcome} from './batch.ts';
import {type Command} from './commands.ts';
import {type Commit} from './commit.ts';
import {isKeyTaken, isPassing, pause, setbackOf} from './passing.ts';
import {answerRemembered, findFree} from './patience.ts';
import {type Stages} from './stages.ts';
import {
	freeAmong,
	groupByRow,
	meetsAny,
	OverloadedError,
	rowsOf,
	type Waiting,
	withoutLate,
} from './waiting.ts';
import {type WriterWatch} from './watch.ts';

export {OverloadedError} from './waiting.ts';

export type WriterLimits = {
	/** Commands in one batch. More make it no faster, and hold its locks longer. */
	readonly batchMax: number;
	/**
	 * So many that wait are one batch. Where more are under way, a batch takes no more than half of those: while it is committed, the other
	 * half is answered and sends what comes next. All in one batch, everybody waits for the database, and then the database for everybody.
	 */
	readonly wholeMax: number;
	/**
	 * Batches of one merchant under way at once. A service has one: its cores are busy with requests, and two that want the same card wait
	 * for each other. Work in bulk, where a thread decides one while the database writes the other, has two.
	 */
	readonly batchesAtOnce: number;
	/** Commands that wait, over all merchants. One more is turned away at once. */
	readonly queueMax: number;
	/** How long a command may take, from its arrival. VTEX gives up after 15 s (Gift Card Provider Protocol, 6). */
	readonly deadlineMs: number;
};

const defaults: WriterLimits = {
	batchMax: 256,
	wholeMax: 64,
	batchesAtOnce: 1,
	queueMax: 4096,
	deadlineMs: 8000,
};

export type WriterTools = {
	readonly commit: Commit;
	/** To look at locks, and at what is remembered, beside the batches. */
	readonly prisma: SqlClient;
	/** Told of failures that the caller only sees as an error: the log. */
	readonly onFailure?: (error: unknown, what: string) => void;
	/** Looks on, batch by batch. */
	readonly watch?: WriterWatch | undefined;
	readonly limits?: Partial<WriterLimits>;
};

/**
 * The only place that writes the ledger. `submit` resolves when the command's effect is durable, or when it is refused.
 * @throws {OverloadedError} when the queue is full, the deadline has passed, or the writer is draining
 */
export type Writer = {
	readonly submit: (
		merchant: MerchantClock,
		command: Command,
		signal?: Waiting['signal'],
	) => Promise<Outcome>;
	/** Take no more commands and wait until all that were taken are answered. */
	readonly drain: () => Promise<void>;
	/** Commands waiting or being written. */
	readonly pending: () => number;
	/** How long the oldest command has been waiting for its batch, milliseconds; not one whose card somebody else holds. */
	readonly waitingMs: () => number;
};

/** One merchant's commands: a batch holds nobody else's (A2). */
type Lane = {
	readonly merchant: MerchantClock;
	queue: Waiting[];
	/** Batches under way. */
	running: number;
	/** A batch is about to begin. */
	isCalled: boolean;
	/** What those lock, where there may be several: another batch leaves it alone, so that they never wait for each other. */
	readonly taken: Set<string>;
	/** Commands whose card or payment somebody else holds; they wait here and hold up nobody (B3). */
	patient: Waiting[];
	isPatient: boolean;
};

export function openWriter(tools: WriterTools): Writer {
	return new BatchingWriter(tools);
}

type Answer = {readonly resolve: Waiting['resolve']; readonly outcome: Outcome};

// Rendering one takes some 40 µs.
const answersPerTurn = 16;

class BatchingWriter implements Writer {
	readonly #tools: WriterTools;
	readonly #limits: WriterLimits;
	readonly #lanes = new Map<number, Lane>();
	#pending = 0;
	#isDraining = false;
	/** The next batch begins before the answers of the last one are rendered. */
	readonly #answer = inTurns<Answer>(({resolve, outcome}) => {
		resolve(outcome);
	}, answersPerTurn);
	#whenIdle: (() => void)[] = [];

	constructor(tools: WriterTools) {
		this.#tools = tools;
		this.#limits = {...defaults, ...tools.limits};
	}

	readonly pending = () => this.#pending;

	readonly waitingMs = () => {
		let oldest = Infinity;
		for (const {queue} of this.#lanes.values()) {
			oldest = Math.min(oldest, queue[0]?.deadline ?? Infinity);
		}

		return oldest === Infinity ? 0 : this.#limits.deadlineMs - (oldest - performance.now());
	};

	readonly submit = async (
		merchant: MerchantClock,
		command: Command,
		signal?: Waiting['signal'],
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
				if (meetsAny(command, lane.patient)) {
					lane.patient.push(waiting);
				} else {
					lane.queue.push(waiting);
					this.#call(lane);
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
			lane = {
				merchant,
				queue: [],
				running: 0,
				isCalled: false,
				taken: new Set(),
				patient: [],
				isPatient: false,
			};
			this.#lanes.set(merchant.id, lane);
		}

		return lane;
	}

	/** A lone command starts at once, with those that come in the same breath: a look-up in the database answers many who asked together. */
	#call(lane: Lane): void {
		if (!lane.isCalled && lane.running < this.#limits.batchesAtOnce) {
			lane.isCalled = true;
			process.nextTick(() => {
				lane.isCalled = false;
				for (let running = lane.running; running < this.#limits.batchesAtOnce; running++) {
					void this.#run(lane);
				}
			});
		}
	}

	/** While one batch is being committed, arriving commands gather for the next. */
	async #run(lane: Lane): Promise<void> {
		if (lane.running >= this.#limits.batchesAtOnce) {
			return;
		}

		lane.running++;
		for (let batch = this.#take(lane); batch.length > 0; batch = this.#take(lane)) {
			const rows = this.#limits.batchesAtOnce === 1 ? [] : batch.flatMap(({command}) => rowsOf(command));
			rows.forEach(row => lane.taken.add(row));
			await this.#finish(lane, batch);
			rows.forEach(row => lane.taken.delete(row));
		}

		lane.running--;
	}

	/** The next batch: commands in the order of their arrival, but for those that want what another batch has. */
	#take(lane: Lane): Waiting[] {
		const {batchMax, wholeMax} = this.#limits;
		const most = Math.min(batchMax, Math.max(wholeMax, Math.ceil(this.#pending / 2)));
		if (lane.taken.size === 0) {
			return lane.queue.splice(0, most);
		}

		const batch: Waiting[] = [];
		const left: Waiting[] = [];
		for (const waiting of lane.queue) {
			const isFree = batch.length < most && !rowsOf(waiting.command).some(row => lane.taken.has(row));
			(isFree ? batch : left).push(waiting);
		}

		lane.queue = left;
		return batch;
	}

	/** See a batch through to an answer for each of its commands. Never throws. */
	async #finish(lane: Lane, batch: readonly Waiting[]): Promise<void> {
		const waitedMs = this.#waited(batch[0]);
		for (let attempt = 1; ; attempt++) {
			const timely = withoutLate(batch);
			if (timely.length === 0) {
				return;
			}

			try {
				const outcomes = await this.#commit(lane.merchant, timely, waitedMs);
				timely.forEach(({resolve}, index) => {
					const outcome = outcomes[index];
					if (outcome !== undefined) {
						this.#answer({resolve, outcome});
					}
				});
				return;
			} catch (error) {
				this.#tools.watch?.setBack(setbackOf(error, attempt));
				if (sqlStateOf(error) === '55P03') {
					await this.#setAside(lane, timely);
					return;
				}

				if (!isPassing(error) && !(attempt === 1 && isKeyTaken(error))) {
					await this.#isolate(lane, timely, error);
					return;
				}

				// The commit may have happened (B4): the keys tell when the same batch runs again. That another process made the same
				// payment at the same moment is how duplicates meet, and nothing has failed.
				if (!isKeyTaken(error)) {
					this.#tools.onFailure?.(error, `A batch of ${timely.length} commands runs again`);
					await pause(attempt);
				}
			}
		}
	}

	async #commit(
		merchant: MerchantClock,
		batch: readonly Waiting[],
		waitedMs: number,
	): Promise<readonly Outcome[]> {
		const commands = batch.map(({command}) => command);
		let stages: Stages | undefined;
		const outcomes = await this.#tools.commit({merchant: clockOf(merchant), commands}, told => {
			stages = told;
		});
		this.#tools.watch?.committed({merchantId: merchant.id, commands, outcomes, waitedMs, stages});
		return outcomes;
	}

	/** How long a command has been here, milliseconds. */
	#waited(waiting: Waiting | undefined): number {
		const {deadlineMs} = this.#limits;
		return waiting === undefined ? 0 : performance.now() - (waiting.deadline - deadlineMs);
	}

	/** A failure that one command causes must fail that command alone: by card and payment first, then singly. */
	async #isolate(lane: Lane, batch: readonly Waiting[], error: unknown): Promise<void> {
		const [first] = batch;
		if (batch.length === 1 && first !== undefined) {
			this.#tools.onFailure?.(error, `The command ${first.command.verb} failed`);
			first.reject(error);
			return;
		}

		const byRow = groupByRow(batch);
		const parts = byRow.length > 1 ? byRow : batch.map(waiting => [waiting]);
		for (const part of parts) {
			await this.#finish(lane, part);
		}
	}

	/** Some card or payment of the batch is locked by somebody else. Its commands wait aside; the others go on at once (B3). */
	async #setAside(lane: Lane, batch: readonly Waiting[]): Promise<void> {
		const free = await this.#findFree(lane, batch);
		const isFree = freeAmong(free, batch);
		const [others, taken] = [batch.filter(isFree), batch.filter(waiting => !isFree(waiting))];
		lane.patient.push(...taken);
		void this.#waitPatiently(lane);
		if (others.length > 0) {
			await this.#finish(lane, others);
		}
	}

	/** Ask for what is taken again and again, never waiting on a lock, until they are free or the commands are late. */
	async #waitPatiently(lane: Lane): Promise<void> {
		if (lane.isPatient) {
			return;
		}

		lane.isPatient = true;
		for (let attempt = 1; lane.patient.length > 0; attempt++) {
			await pause(attempt);
			const answered = await this.#answerRemembered(lane);
			// Others may have joined meanwhile, so only those that were looked at leave.
			lane.patient = withoutLate(lane.patient.filter(waiting => !answered.has(waiting)));
			const free = await this.#findFree(lane, lane.patient);
			const isReady = ({command}: Waiting) => rowsOf(command).every(row => free.has(row));
			const ready = lane.patient.filter(isReady);
			lane.patient = lane.patient.filter(waiting => !isReady(waiting));
			lane.queue.unshift(...ready);
			void this.#run(lane);
		}

		lane.isPatient = false;
	}

	async #answerRemembered(lane: Lane): Promise<Set<Waiting>> {
		try {
			return await answerRemembered(this.#tools.prisma, lane.merchant, lane.patient);
		} catch (error) {
			this.#tools.onFailure?.(error, 'Remembered commands could not be read');
			return new Set();
		}
	}

	async #findFree(lane: Lane, batch: readonly Waiting[]): Promise<Set<string>> {
		try {
			return await findFree(this.#tools.prisma, lane.merchant, batch);
		} catch (error) {
			this.#tools.onFailure?.(error, 'The locks of a batch could not be looked at');
			return new Set();
		}
	}
}

/** Of all that a caller may know of its merchant, what a batch needs: it may be copied to another thread. */
function clockOf({id, timeZone}: MerchantClock): MerchantClock {
	return {id, timeZone};
}
