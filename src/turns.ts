/**
 * Handle items a few at a time, and let the event loop look at everything else in between. Whatever arrives at once,
 * hundreds of requests or the answers to a whole batch, would otherwise be worked off in one go, while the database
 * waits for the next statement of a batch. A lone item is handled in the same turn of the loop.
 * @param handle - must not throw
 * @param perTurn - items handled before others have their turn
 */
export function inTurns<Item>(handle: (item: Item) => void, perTurn: number): (item: Item) => void {
	let waiting: Item[] = [];
	let next = 0;
	let isScheduled = false;

	const turn = () => {
		isScheduled = false;
		const end = Math.min(next + perTurn, waiting.length);
		while (next < end) {
			handle(waiting[next++] as Item);
		}

		if (next < waiting.length) {
			schedule();
		} else {
			waiting = [];
			next = 0;
		}
	};
	const schedule = () => {
		if (!isScheduled) {
			isScheduled = true;
			setImmediate(turn);
		}
	};

	return item => {
		waiting.push(item);
		schedule();
	};
}
