import {type Instant} from '../ledger/calendar.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

// From one failed attempt to the next; the last one repeats. A receiver that hiccups is asked again at once, one that is down is left alone.
const steps = [
	5 * secondMs,
	15 * secondMs,
	30 * secondMs,
	2 * minuteMs,
	10 * minuteMs,
	60 * minuteMs,
] as const;
// What failed together must not come back together.
const jitter = 0.2;
// The last attempt is made this long before nobody listens any more; nearer than twice that, none is worth making.
const lastMs = 5 * secondMs;

export type FailedAttempt = {
	/** How many attempts were made, this one included. */
	readonly attempts: number;
	readonly now: Instant;
	/** Nobody listens from then on. */
	readonly until: Instant;
	/** From 0 to below 1. */
	readonly random: number;
};

/** When to try again after a failed attempt; undefined when it is time to give up. */
export function nextAttempt({attempts, now, until, random}: FailedAttempt): Instant | undefined {
	const restMs = until - now;
	if (restMs <= 2 * lastMs) {
		return undefined;
	}

	const step = steps[Math.min(Math.max(attempts, 1), steps.length) - 1] ?? steps[0];
	const waitMs = step * (1 - jitter + 2 * jitter * random);
	return now + Math.round(Math.min(waitMs, restMs - lastMs));
}
