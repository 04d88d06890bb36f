/**
 * The same items in their order, each made while somebody still works on the one before it: a file is read while the database looks up what
 * stood there before. An error is told in its turn, behind the items before it.
 */
export async function* readAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
	const iterator = items[Symbol.asyncIterator]();
	let next = iterator.next();
	try {
		for (let result = await next; result.done !== true; result = await next) {
			next = iterator.next();
			next.catch(() => undefined);
			yield result.value;
		}
	} finally {
		// Whoever stops early waits for what is being read, so that nothing reads a file that is closed.
		await next.catch(() => undefined);
		await iterator.return?.();
	}
}
