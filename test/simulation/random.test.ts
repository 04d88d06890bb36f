import test from 'ava';
import {openRandom} from './random.ts';

test('the same seed gives the same numbers, and another seed others', t => {
	const numbers = (seed: number) => {
		const random = openRandom(seed);
		return Array.from({length: 50}, () => random.whole(0, 1_000_000));
	};

	t.deepEqual(numbers(7), numbers(7));
	t.notDeepEqual(numbers(7), numbers(8));
});

test('numbers keep within their limits and reach both', t => {
	const random = openRandom(1);
	const seen = new Set(Array.from({length: 500}, () => random.whole(3, 6)));
	t.deepEqual([...seen].toSorted(), [3, 4, 5, 6]);
});

test('some of a list are as many as are asked for, each once', t => {
	const picked = openRandom(3).some([1, 2, 3, 4, 5], 3);
	t.is(new Set(picked).size, 3);
	t.is(openRandom(3).some([1, 2], 9).length, 2);
});
