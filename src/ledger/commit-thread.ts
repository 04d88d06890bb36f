import {once} from 'node:events';
import {setFlagsFromString} from 'node:v8';
import {Worker} from 'node:worker_threads';
import {type PortableError, unpackError} from '../db/portable-error.ts';
import {type Outcome} from './batch.ts';
import {type Batch, type Commit} from './commit.ts';
import {type Stages} from './stages.ts';

export type ThreadOptions = {
	readonly url: string;
	readonly statementNames: boolean;
	/** One batch after the other, without a pause: worth a larger young heap. */
	readonly isBulk?: boolean;
};

export type CommitThread = {
	readonly commit: Commit;
	/** To be called when nothing is being committed any more. */
	readonly close: () => Promise<void>;
};

/** The thread ended under a batch, whose fate is unknown (B4). */
export class ThreadLostError extends Error {
	constructor(cause: unknown) {
		super('The thread that writes the ledger ended; another one takes its place.', {cause});
		this.name = 'ThreadLostError';
	}
}

/** What the thread is asked, and what it tells. Both are copied on their way: no functions, and buffers arrive as bytes. */
export type Question =
	{readonly kind: 'commit'; readonly number: number; readonly batch: Batch} | {readonly kind: 'close'};
export type Answer =
	| {readonly kind: 'ready'}
	| {
			readonly kind: 'done';
			readonly number: number;
			readonly outcomes: Outcome[];
			readonly stages: Stages | undefined;
	  }
	| {readonly kind: 'failed'; readonly number: number; readonly error: PortableError}
	/** An idle connection broke; the pool replaces it. */
	| {readonly kind: 'broken'; readonly error: PortableError};

type Waiting = {
	readonly resolve: (outcomes: Outcome[]) => void;
	readonly onStages: ((stages: Stages) => void) | undefined;
	readonly reject: (error: unknown) => void;
};

// Enough for a batch of 256 commands and what it reads and writes; more would only make the process larger.
const resourceLimits = {maxOldGenerationSizeMb: 256};
const semiSpaceMb = 8;
// Of batches that follow each other without a pause a small one keeps half of each, and copying that took half of the thread's time.
const bulkSemiSpaceMb = 24;
const compiledWorker = new URL(import.meta.resolve('./commit-worker.ts').replace(/\.ts$/, '.js'));

/**
 * Commit in a thread of its own, with connections of its own: while it decides and writes one batch, this thread reads requests and
 * renders answers, on another core. A thread that ends is replaced when the next batch comes.
 * @throws DatabaseUnreachableError's sentence when the database does not answer
 */
export async function openCommitThread(
	options: ThreadOptions,
	onConnectionError?: (error: Error) => void,
): Promise<CommitThread> {
	const open = () => start(options, onConnectionError);
	let opening = open();
	await opening;
	/** Batches of two merchants may find the thread lost at once, and need one new thread between them. */
	const running = async (): Promise<Thread> => {
		const found = opening;
		const isUsable = await found.then(
			thread => !thread.isLost(),
			() => false,
		);
		if (!isUsable && found === opening) {
			opening = open();
		}

		return opening;
	};
	return {
		commit: async (batch, onStages) => (await running()).commit(batch, onStages),
		close: async () => {
			const thread = await opening.catch(() => undefined);
			await thread?.close();
		},
	};
}

type Thread = CommitThread & {readonly isLost: () => boolean};

async function start(
	options: ThreadOptions,
	onConnectionError: ((error: Error) => void) | undefined,
): Promise<Thread> {
	// The size that `npm start` gives this thread's young heap on the command line would be the other's, too; heaps that exist keep theirs.
	setFlagsFromString(`--max-semi-space-size=${options.isBulk === true ? bulkSemiSpaceMb : semiSpaceMb}`);
	const worker = new Worker(compiledWorker, {workerData: options, resourceLimits, name: 'ledger'});
	const waiting = new Map<number, Waiting>();
	let count = 0;
	let isLost = false;
	const lose = (cause: unknown) => {
		isLost = true;
		const error = new ThreadLostError(cause);
		waiting.forEach(({reject}) => {
			reject(error);
		});
		waiting.clear();
	};
	const ask = (question: Question) => {
		worker.postMessage(question);
	};
	// Rejects when the thread ends before it is ready.
	await once(worker, 'message');
	worker.on('error', lose);
	worker.on('exit', lose);
	worker.on('message', (answer: Answer) => {
		if (answer.kind === 'broken') {
			onConnectionError?.(unpackError(answer.error));
		} else if (answer.kind !== 'ready') {
			const asked = waiting.get(answer.number);
			waiting.delete(answer.number);
			if (answer.kind === 'done') {
				if (answer.stages !== undefined) {
					asked?.onStages?.(answer.stages);
				}

				asked?.resolve(answer.outcomes);
			} else {
				asked?.reject(unpackError(answer.error));
			}
		}
	});
	return {
		isLost: () => isLost,
		commit: (batch, onStages) =>
			new Promise((resolve, reject) => {
				waiting.set(++count, {resolve, reject, onStages});
				ask({kind: 'commit', number: count, batch});
			}),
		async close() {
			if (!isLost) {
				const ended = once(worker, 'exit');
				ask({kind: 'close'});
				await ended;
			}
		},
	};
}
