import test from 'ava';
import {OrderSourceError} from '../../src/orders/source.ts';
import {openPolite} from '../../src/reconcile/polite.ts';

const signal = new AbortController().signal;
const never = () => undefined;

test('requests come no faster than was said, however many are made at a time', async t => {
	// One in 20 ms.
	const {ask} = openPolite({perMinute: 3000, onPause: never, signal});
	const begunAt = performance.now();

	for (const requests of [1, 3, 1]) {
		await ask(requests, () => Promise.resolve());
	}

	await ask(1, () => Promise.resolve());
	// Five came before the last one; timers may be a millisecond early.
	t.true(performance.now() - begunAt >= 95);
});

test('what no waiting mends is told at once', async t => {
	const {ask} = openPolite({perMinute: 6000, onPause: never, signal});
	for (const error of [
		new OrderSourceError('failed', 'no'),
		new OrderSourceError('busy', 'for hours', {waitMs: 3_600_000}),
		new Error('a mistake'),
	]) {
		let asked = 0;
		await t.throwsAsync(
			ask(1, () => {
				asked++;
				return Promise.reject(error);
			}),
			{is: error},
		);
		t.is(asked, 1);
	}
});

test('a busy VTEX is asked four times, and told why it was given up', async t => {
	const pauses: number[] = [];
	const {ask} = openPolite({perMinute: 6000, onPause: ms => pauses.push(ms), signal});
	const busy = new OrderSourceError('busy', 'too often', {waitMs: 5});

	await t.throwsAsync(
		ask(1, () => Promise.reject(busy)),
		{is: busy},
	);
	t.deepEqual(pauses, [5, 5, 5]);
});

test('a pause ends when the run is stopped', async t => {
	const stopping = new AbortController();
	const {ask} = openPolite({
		perMinute: 6000,
		onPause() {
			stopping.abort();
		},
		signal: stopping.signal,
	});

	await t.throwsAsync(
		ask(1, () => Promise.reject(new OrderSourceError('busy', 'too often'))),
		{name: 'AbortError'},
	);
});
