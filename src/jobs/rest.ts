import {setTimeout as wait} from 'node:timers/promises';

/** Waits before a piece of work that nobody waits for; not at all while the service is not busy. */
export type Rest = (signal?: AbortSignal) => Promise<void>;

const lookEveryMs = 100;
// Work that is put off for ever is not done: then it goes on slowly, a piece at a time.
const usualMaxMs = 60_000;

/**
 * Rests while the service is busy, for a minute at most each time, or until the signal says to stop.
 * @param isBusy - whether more comes than can be done
 */
export function openRest(isBusy: () => boolean, maxMs = usualMaxMs): Rest {
	return async signal => {
		const until = performance.now() + maxMs;
		while (isBusy() && signal?.aborted !== true && performance.now() < until) {
			await wait(Math.min(lookEveryMs, maxMs));
		}
	};
}
