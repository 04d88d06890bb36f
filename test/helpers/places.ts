import {type TestContext} from './test-context.ts';

// The tests of a file begin all at once. If each made its database or server then, and opened its connections, none of them would be
// connected before all are: on a slow machine later than a connection is waited for.
const placesMax = 3;
const placed = new WeakSet<TestContext>();
const queue: (() => void)[] = [];
let places = placesMax;

/** Wait until this test may have databases and servers of its own, as many as it likes. Its place is free again when it has ended. */
export async function takePlace(t: TestContext): Promise<void> {
	if (placed.has(t)) {
		return;
	}

	placed.add(t);
	if (places > 0) {
		places--;
	} else {
		await new Promise<void>(resolve => queue.push(resolve));
	}

	t.teardown(() => {
		const next = queue.shift();
		if (next === undefined) {
			places++;
		} else {
			next();
		}
	});
}
