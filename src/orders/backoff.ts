import {type Instant} from '../ledger/calendar.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

// From one look that failed to the next; the last one repeats. A document that lags is there within seconds, as a rule (Orders, 6 rule 3).
const steps = [
	5 * secondMs,
	15 * secondMs,
	minuteMs,
	5 * minuteMs,
	15 * minuteMs,
	hourMs,
	4 * hourMs,
] as const;
// What failed together must not come back together.
const jitter = 0.2;
/** For how long looks go on. VTEX itself gives a notification up after four days (Orders, 1.4). */
export const patienceMs = 4 * 24 * hourMs;
/** The same, where the document is there and lags behind: it has been applied, and its time may be another one for good. */
export const lagPatienceMs = 6 * hourMs;

export type FailedLook = {
	/** How many looks have failed, this one included. */
	readonly failures: number;
	readonly now: Instant;
	/** Since when the order could have been read: it was rung for, or the keys were entered. */
	readonly since: Instant;
	/** How long after that it is given up. */
	readonly patienceMs: number;
	/** From 0 to below 1. */
	readonly random: number;
};

/** When to look again after a look that failed; undefined when it is time to give up. */
export function nextLook(failed: FailedLook): Instant | undefined {
	const {failures, now, since, random} = failed;
	if (now - since >= failed.patienceMs) {
		return undefined;
	}

	const step = steps[Math.min(Math.max(failures, 1), steps.length) - 1] ?? steps[0];
	return now + Math.round(step * (1 - jitter + 2 * jitter * random));
}
