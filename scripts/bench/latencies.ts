/** How long answers took, in microseconds; every one is kept, so that percentiles are exact. */
export type Latencies = {
	readonly count: () => number;
	readonly add: (microseconds: number) => void;
	readonly clear: () => void;
	/** The smallest latency that at least `share` (0 < share <= 1) of all answers did not exceed; 0 without answers. */
	readonly percentile: (share: number) => number;
};

export function createLatencies(capacity = 65_536): Latencies {
	let values = new Uint32Array(capacity);
	let count = 0;

	return {
		count: () => count,
		add(microseconds) {
			if (count === values.length) {
				const larger = new Uint32Array(count * 2);
				larger.set(values);
				values = larger;
			}

			values[count++] = microseconds;
		},
		clear() {
			count = 0;
		},
		percentile(share) {
			const sorted = values.slice(0, count).sort();
			return sorted[Math.ceil(share * count) - 1] ?? 0;
		},
	};
}

/** The middle value; of an even number of values, the lower of the two in the middle, so that it was really measured. */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
}
