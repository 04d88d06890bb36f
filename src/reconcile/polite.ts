import {setTimeout} from 'node:timers/promises';
import {OrderSourceError} from '../orders/source.ts';

/** Asks VTEX no faster than it is told to, and waits when VTEX says so. */
export type Polite = {
	/** Ends when so many requests more may be made. */
	readonly turn: (requests: number) => Promise<void>;
	/** Ask in turn, and again after each pause that VTEX wants; `ask` must be safe to repeat. */
	readonly ask: <Answer>(requests: number, ask: () => Promise<Answer>) => Promise<Answer>;
};

export type Politeness = {
	/** Requests in a minute, over all of them. */
	readonly perMinute: number;
	/** Tells that there is a pause. */
	readonly onPause: (ms: number) => void;
	/** Ends a pause early, with an error. */
	readonly signal: AbortSignal;
};

const minuteMs = 60_000;
const pausesMax = 3;
// Longer than that nobody waits at a terminal.
const pauseMsMax = 10 * minuteMs;

/**
 * The limit of a store's account is shared with everything else that the store runs, so this takes a steady part of it. After a 429 VTEX is
 * left alone for as long as it says, a minute where it says nothing (Orders, 5).
 * @throws OrderSourceError also when VTEX is still too busy after some pauses
 */
export function openPolite({perMinute, onPause, signal}: Politeness): Polite {
	let nextAt = performance.now();
	const turn = async (requests: number) => {
		const now = performance.now();
		const at = Math.max(nextAt, now);
		nextAt = at + (requests * minuteMs) / perMinute;
		if (at > now) {
			await setTimeout(at - now, undefined, {signal});
		}
	};

	return {
		turn,
		async ask(requests, ask) {
			for (let pauses = 0; ; pauses++) {
				await turn(requests);
				try {
					return await ask();
				} catch (error) {
					const waitMs = pauses < pausesMax ? pauseOf(error) : undefined;
					if (waitMs === undefined) {
						throw error;
					}

					onPause(waitMs);
					await setTimeout(waitMs, undefined, {signal});
				}
			}
		},
	};
}

/** How long VTEX wants to be left alone; undefined for what no waiting mends. */
function pauseOf(error: unknown): number | undefined {
	if (!(error instanceof OrderSourceError) || error.problem !== 'busy') {
		return undefined;
	}

	const ms = error.waitMs === 0 ? minuteMs : error.waitMs;
	return ms > pauseMsMax ? undefined : ms;
}
