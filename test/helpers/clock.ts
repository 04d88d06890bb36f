/** A clock that stands still until the test moves it. */
export type Clock = {
	/** The instant, in milliseconds since 1970; to be passed on as `() => number`. */
	readonly now: () => number;
	/** Forwards by some milliseconds. */
	readonly advance: (ms: number) => void;
	readonly set: (to: number | string | Date) => void;
};

/** @param start - any instant; by default a noon in São Paulo, far from every edge of a calendar */
export function makeClock(start: number | string | Date = '2026-03-11T15:00:00Z'): Clock {
	let at = new Date(start).getTime();
	return {
		now: () => at,
		advance(ms) {
			at += ms;
		},
		set(to) {
			at = new Date(to).getTime();
		},
	};
}
