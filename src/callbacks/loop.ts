import {type Callbacks} from './callbacks.ts';

export type CallbackLoopOptions = {
	readonly everyMs?: number;
	/** Told once when looking for callbacks begins to fail, and not again until it worked in between. */
	readonly onFailure: (error: unknown, what: string) => void;
};

export type CallbackLoop = {
	/** Begin nothing more, and wait for the attempts under way, which takes as long as their time-out at most. */
	readonly stop: () => Promise<void>;
};

/**
 * Deliver what is due, again and again. A look that is still busy with slow receivers does not keep the next one from finding work for
 * the places that are free.
 */
export function runCallbacks(
	callbacks: Callbacks,
	{everyMs = 1000, onFailure}: CallbackLoopOptions,
): CallbackLoop {
	const stopping = new AbortController();
	const running = new Set<Promise<void>>();
	let isFailing = false;

	const look = async (): Promise<void> => {
		try {
			await callbacks.deliverDue(stopping.signal);
			isFailing = false;
		} catch (error) {
			if (!isFailing) {
				onFailure(error, 'Callbacks cannot be looked for; it goes on by itself once the database answers');
			}

			isFailing = true;
		}
	};

	const timer = setInterval(() => {
		const run = look().finally(() => running.delete(run));
		running.add(run);
	}, everyMs);

	return {
		async stop() {
			clearInterval(timer);
			stopping.abort();
			await Promise.all(running);
		},
	};
}
