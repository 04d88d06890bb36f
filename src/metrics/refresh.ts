/** Something that is read now and then, and shown again and again. */
export type Refreshed<Value> = {
	/** Read it again, unless that is under way, or was done a moment ago. Never fails. */
	readonly refresh: () => Promise<void>;
	/** As it was last read; undefined before the first time. */
	readonly latest: () => {readonly value: Value; readonly at: number} | undefined;
	/** Readings that failed, ever. */
	readonly failures: () => number;
};

export type RefreshOptions = {
	/** From the end of one reading, failed or not, to the beginning of the next. */
	readonly everyMs: number;
	/** Milliseconds since 1970. */
	readonly clock?: () => number;
	/** Told when readings begin to fail, and not again until one went well in between. */
	readonly onFailure: (error: unknown) => void;
};

/** However many scrapes come, and however long the database takes: one reading at a time, and rarely. */
export function refreshing<Value>(
	read: () => Promise<Value>,
	{everyMs, clock = Date.now, onFailure}: RefreshOptions,
): Refreshed<Value> {
	let latest: {readonly value: Value; readonly at: number} | undefined;
	let failures = 0;
	let isFailing = false;
	let running: Promise<void> | undefined;
	let endedAt = -Infinity;

	const readOnce = async () => {
		try {
			latest = {value: await read(), at: clock()};
			isFailing = false;
		} catch (error) {
			failures++;
			if (!isFailing) {
				onFailure(error);
			}

			isFailing = true;
		} finally {
			running = undefined;
			endedAt = performance.now();
		}
	};
	return {
		refresh() {
			if (running === undefined && performance.now() - endedAt < everyMs) {
				return Promise.resolve();
			}

			return (running ??= readOnce());
		},
		latest: () => latest,
		failures: () => failures,
	};
}
