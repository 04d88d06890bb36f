import {setTimeout as wait} from 'node:timers/promises';

/** Waits before a piece of work that nobody waits for. */
export type Rest = (signal?: AbortSignal) => Promise<void>;

export type RestOptions = {
	/** The longest that work is put off while the service is busy, all rests of a run together. */
	readonly putOffMaxMs?: number;
	/** Milliseconds that go on evenly. */
	readonly now?: () => number;
	/** Resolves after so many milliseconds, and never rejects. */
	readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
};

const lookEveryMs = 100;
// Work that is put off for ever is not done.
const usualPutOffMaxMs = 60_000;
// A quarter of the time is for work of this sort, or whoever debits at that moment would notice.
const restPerWork = 3;
const restMaxMs = 2000;

/**
 * The rests of one run. After each piece of work three times as long as that took; and while the service is busy, for a minute at most, all of
 * them together. A signal ends a rest.
 * @param isBusy - whether more comes than can be done
 */
export function openRest(
	isBusy: () => boolean,
	{putOffMaxMs = usualPutOffMaxMs, now = () => performance.now(), sleep = sleepUnless}: RestOptions = {},
): Rest {
	let leftMs = putOffMaxMs;
	let workSince: number | undefined;
	return async signal => {
		if (workSince !== undefined) {
			await sleep(Math.min((now() - workSince) * restPerWork, restMaxMs), signal);
		}

		const begunAt = now();
		while (isBusy() && signal?.aborted !== true && now() - begunAt < leftMs) {
			await sleep(Math.min(lookEveryMs, leftMs), signal);
		}

		workSince = now();
		leftMs -= workSince - begunAt;
	};
}

async function sleepUnless(ms: number, signal?: AbortSignal): Promise<void> {
	await wait(ms, undefined, {...(signal !== undefined && {signal})}).catch(() => undefined);
}
