import test from 'ava';
import {
	reasonCodeOf,
	reasonCodes,
	reasonMeanings,
	reasonNumberOf,
	storedWhy,
} from '../../src/ledger/reasons.ts';

test('a number is read as the word that it was kept for, and none as none', t => {
	t.deepEqual(
		reasonCodes.map(code => reasonCodeOf(reasonNumberOf(code))),
		reasonCodes,
	);
	t.is(reasonCodeOf(reasonNumberOf(null)), null);
	t.throws(() => reasonCodeOf(99), {instanceOf: RangeError, message: /older than the database/});
});

test('every word is one that can be typed, and is for something of its own', t => {
	t.deepEqual(
		reasonCodes.filter(code => !/^[a-z]+$/.test(code)),
		[],
	);
	t.is(new Set(Object.values(reasonMeanings)).size, reasonCodes.length);
});

test('a sentence needs no word', t => {
	t.deepEqual(storedWhy({reason: 'late delivery'}), {reason: 'late delivery', reasonCode: null});
	t.deepEqual(storedWhy({reason: 'late delivery', reasonCode: 'courtesy'}), {
		reason: 'late delivery',
		reasonCode: 1,
	});
});
