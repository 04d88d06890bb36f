import test from 'ava';
import fc from 'fast-check';
import {lagPatienceMs, nextLook, patienceMs} from '../../src/orders/backoff.ts';

const day = 86_400_000;
const waitMs = (failures: number, random: number) =>
	nextLook({failures, now: 0, since: 0, patienceMs, random});

test('the waits grow from five seconds to four hours, and vary by a fifth', t => {
	t.deepEqual(
		[1, 2, 3, 4, 5, 6, 7, 50].map(failures => waitMs(failures, 0.5)),
		[5, 15, 60, 300, 900, 3600, 14_400, 14_400].map(seconds => seconds * 1000),
	);
	t.deepEqual([waitMs(1, 0), waitMs(1, 1)], [4000, 6000]);
});

test('four days after somebody rang it is given up, and a document that only lags after six hours', t => {
	t.not(nextLook({failures: 9, now: 4 * day - 1, since: 0, patienceMs, random: 0}), undefined);
	t.is(nextLook({failures: 1, now: 4 * day, since: 0, patienceMs, random: 0}), undefined);
	t.is(nextLook({failures: 1, now: day / 4, since: 0, patienceMs: lagPatienceMs, random: 0}), undefined);
});

test('whatever fails, looks go on and end, after at least twenty of them', t => {
	fc.assert(
		fc.property(
			fc.array(fc.double({min: 0, max: 0.999, noNaN: true}), {minLength: 1, maxLength: 20}),
			randoms => {
				let now = 0;
				for (let failures = 1; failures < 100; failures++) {
					const next = nextLook({
						failures,
						now,
						since: 0,
						patienceMs,
						random: randoms[failures % randoms.length] ?? 0,
					});
					if (next === undefined) {
						return failures > 20 && now < 5 * day;
					}

					if (next <= now) {
						return false;
					}

					now = next;
				}

				return false;
			},
		),
	);
	t.pass();
});
