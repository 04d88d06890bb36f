import {type Outcome} from './batch.ts';
import {type Command} from './commands.ts';

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

/** A command on its way through the writer, and how to answer it. */
export type Waiting = {
	readonly command: Command;
	readonly deadline: number;
	/** An AbortSignal, or whatever else says that nobody waits any more. */
	readonly signal: {readonly aborted: boolean} | undefined;
	readonly resolve: (outcome: Outcome) => void;
	readonly reject: (error: unknown) => void;
};

/** Those that are still worth doing; the others are told so. Nobody waits for a client that is gone (B3). */
export function withoutLate(batch: readonly Waiting[]): Waiting[] {
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

export function groupByCard(batch: readonly Waiting[]): Waiting[][] {
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
