/**
 * Handle items a few at a time, and let the event loop look at everything else in between. Whatever arrives at once,
 * hundreds of requests or the answers to a whole batch, would otherwise be worked off in one go, while the database
 * waits for the next statement of a batch. A lone item is handled in the same turn of the loop.
 *
 * Where everything else takes long, because thousands of requests come that are turned away, items get as much time as that took: otherwise
 * whoever was let in would wait behind all that are not.
 * @param handle - must not throw
 * @param perTurn - items handled before others have their turn
 * @param now - milliseconds that go on evenly
 */
export function inTurns<Item>(
	handle: (item: Item) => void,
	perTurn: number,
	now: () => number = () => performance.now(),
): (item: Item) => void {
	let waiting: Item[] = [];
	let next = 0;
	let isScheduled = false;
	let scheduledAt = 0;

	const turn = () => {
		isScheduled = false;
		const begunAt = now();
		const until = begunAt + (begunAt - scheduledAt);
		const few = next + perTurn;
		while (next < waiting.length && (next < few || now() < until)) {
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
			scheduledAt = now();
			setImmediate(turn);
		}
	};

	return item => {
		waiting.push(item);
		schedule();
	};
}
