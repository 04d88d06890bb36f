import {type Looks} from './looks.ts';

export type LookLoopOptions = {
	readonly everyMs?: number;
	/** Told once when looking for orders begins to fail, and not again until it worked in between. */
	readonly onFailure: (error: unknown, what: string) => void;
};

export type LookLoop = {
	/** Begin nothing more, and wait for the looks under way, which takes as long as their time-out at most. */
	readonly stop: () => Promise<void>;
};

/** Look at what is due, again and again. A look that is still busy with a slow account does not keep the next one from finding work. */
export function runLooks(looks: Looks, {everyMs = 1000, onFailure}: LookLoopOptions): LookLoop {
	const stopping = new AbortController();
	const running = new Set<Promise<void>>();
	let isFailing = false;

	const once = async (): Promise<void> => {
		try {
			await looks.lookDue(stopping.signal);
			isFailing = false;
		} catch (error) {
			if (!isFailing) {
				onFailure(error, 'Orders cannot be looked for; it goes on by itself once the database answers');
			}

			isFailing = true;
		}
	};

	const timer = setInterval(() => {
		const run = once().finally(() => running.delete(run));
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
