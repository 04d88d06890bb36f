import test from 'ava';
import fc from 'fast-check';
import {nextAttempt} from '../../src/callbacks/backoff.ts';

const day = 86_400_000;
const waitMs = (attempts: number, random: number, restMs = day) =>
	nextAttempt({attempts, now: 0, until: restMs, random});

test('the waits grow from five seconds to an hour, and vary by a fifth', t => {
	const waits = [1, 2, 3, 4, 5, 6, 7, 50].map(attempts => waitMs(attempts, 0.5));
	t.deepEqual(
		waits,
		[5, 15, 30, 120, 600, 3600, 3600, 3600].map(seconds => seconds * 1000),
	);
	t.deepEqual([waitMs(1, 0), waitMs(1, 1)], [4000, 6000]);
});

test('the last attempt is made five seconds before the end, and none when less than that would be left', t => {
	t.is(waitMs(6, 0.5, 600_000), 595_000);
	t.is(waitMs(6, 0.5, 10_001), 5001);
	t.is(waitMs(6, 0.5, 10_000), undefined);
	t.is(waitMs(1, 0.5, -1), undefined);
});

test('whatever fails, attempts go on before the end, never after it, and end', t => {
	fc.assert(
		fc.property(
			fc.integer({min: 0, max: 30 * day}),
			fc.array(fc.double({min: 0, max: 0.999, noNaN: true}), {minLength: 1, maxLength: 20}),
			(until, randoms) => {
				let now = 0;
				let attempts = 1;
				for (;;) {
					const random = randoms[attempts % randoms.length] ?? 0;
					const next = nextAttempt({attempts, now, until, random});
					if (next === undefined) {
						return until - now <= 10_000;
					}

					if (next <= now || next > until - 5000 || (attempts === 1 && next > 30_000)) {
						return false;
					}

					now = next;
					attempts++;
					if (attempts > 1000) {
						return false;
					}
				}
			},
		),
	);
	t.pass();
});
