export type Shrinking = {
	/** No more tries once it says so. */
	readonly isOver: () => boolean;
	/** Told of every try. */
	readonly onTry?: (size: number, stillFails: boolean) => void;
};

/**
 * Leave out as much as possible of a list that makes something fail: larger parts first, then smaller ones (delta debugging; Zeller and
 * Hildebrandt, Simplifying and Isolating Failure-Inducing Input). What is left is in its old order, and fails.
 */
export async function shrink<Item>(
	items: readonly Item[],
	fails: (items: readonly Item[]) => Promise<boolean>,
	{isOver, onTry}: Shrinking,
): Promise<Item[]> {
	let left = [...items];
	for (let parts = 2; left.length > 1;) {
		const size = Math.ceil(left.length / parts);
		let hasShrunk = false;
		for (let from = 0; from < left.length && !isOver();) {
			const rest = [...left.slice(0, from), ...left.slice(from + size)];
			const stillFails = rest.length > 0 && (await fails(rest));
			onTry?.(rest.length, stillFails);
			if (stillFails) {
				left = rest;
				hasShrunk = true;
			} else {
				from += size;
			}
		}

		if (isOver() || (size === 1 && !hasShrunk)) {
			break;
		}

		parts = size === 1 ? left.length : hasShrunk ? Math.max(parts - 1, 2) : Math.min(parts * 2, left.length);
	}

	return left;
}
