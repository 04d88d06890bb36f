import test from 'ava';
import fc from 'fast-check';
import {fraction, minus, one, plus, roundDown, shareOf, times, zero} from '../../src/money/fraction.ts';

const anyFraction = fc
	.tuple(fc.bigInt(-(10n ** 12n), 10n ** 12n), fc.bigInt(1n, 10n ** 12n))
	.map(([numerator, denominator]) => fraction(numerator, denominator));

test('equal numbers are equal data', t => {
	t.deepEqual(fraction(50n, 100n), fraction(1n, 2n));
	t.deepEqual(fraction(0n, 7n), zero);
	t.deepEqual(fraction(-6n, 4n), {numerator: -3n, denominator: 2n});
});

test('sums, differences and products are exact, so they can be undone', t => {
	fc.assert(
		fc.property(anyFraction, anyFraction, (a, b) => {
			t.deepEqual(minus(plus(a, b), b), a);
			t.deepEqual(plus(a, b), plus(b, a));
			t.deepEqual(times(a, plus(b, one)), plus(times(a, b), a));
		}),
	);
});

test('a fraction is rounded down only at the end: three thirds are one', t => {
	const third = fraction(1n, 3n);

	t.is(roundDown(plus(plus(third, third), third)), 1n);
	t.is(roundDown(plus(third, third)), 0n);
	t.is(roundDown(fraction(7n, 2n)), 3n);
});

test('a share is between 0 and 1', t => {
	t.deepEqual(shareOf(5n, 10n), fraction(1n, 2n));
	t.deepEqual(shareOf(11n, 10n), one);
	t.deepEqual(shareOf(-1n, 10n), zero);
});

test('there is no fraction over zero or less, and nothing below zero is rounded', t => {
	t.throws(() => fraction(1n, 0n), {instanceOf: RangeError, message: /denominator of at least 1/});
	t.throws(() => fraction(1n, -1n), {instanceOf: RangeError});
	t.throws(() => shareOf(1n, 0n), {instanceOf: RangeError});
	t.throws(() => roundDown(fraction(-1n, 2n)), {instanceOf: RangeError, message: /Keep the sign apart/});
});
