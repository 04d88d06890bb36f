import {setTimeout as wait} from 'node:timers/promises';

/** Waits before a piece of work that nobody waits for; not at all while the service is not busy. */
export type Rest = (signal?: AbortSignal) => Promise<void>;

const lookEveryMs = 100;
// Work that is put off for ever is not done.
const usualMaxMs = 60_000;

/**
 * The rests of one run: while the service is busy, until the signal says to stop, and for a minute at most, all of them together.
 * @param isBusy - whether more comes than can be done
 */
export function openRest(isBusy: () => boolean, maxMs = usualMaxMs): Rest {
	let leftMs = maxMs;
	return async signal => {
		const begunAt = performance.now();
		while (isBusy() && signal?.aborted !== true && performance.now() - begunAt < leftMs) {
			await wait(Math.min(lookEveryMs, leftMs));
		}

		leftMs -= performance.now() - begunAt;
	};
}
