/** Numbers that follow from a seed: the same seed, the same numbers, whatever runs beside them. */
export type Random = {
	/** A whole number from `min` to `max`, both included. */
	readonly whole: (min: number, max: number) => number;
	/** One of them, each as likely. */
	readonly pick: <Item>(items: readonly Item[]) => Item;
	/** Whether something happens that does so in `share` of all cases, from 0 to 1. */
	readonly chance: (share: number) => boolean;
	/** Some of them, each at most once, in no order. */
	readonly some: <Item>(items: readonly Item[], count: number) => Item[];
};

/** SplitMix32 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators), by any whole number. */
export function openRandom(seed: number): Random {
	let state = seed | 0;
	const next = (): number => {
		state = (state + 0x9e3779b9) | 0;
		let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
		mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
		return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
	};
	const whole: Random['whole'] = (min, max) => min + Math.floor(next() * (max - min + 1));
	return {
		whole,
		pick(items) {
			const item = items[whole(0, items.length - 1)];
			if (item === undefined) {
				throw new RangeError('Nothing can be picked from an empty list.');
			}

			return item;
		},
		chance: share => next() < share,
		some(items, count) {
			const left = [...items];
			return Array.from(
				{length: Math.min(count, items.length)},
				() => left.splice(whole(0, left.length - 1), 1)[0],
			).filter(item => item !== undefined);
		},
	};
}
