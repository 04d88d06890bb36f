import test from 'ava';
import fc from 'fast-check';
import {shrink} from './shrink.ts';

const never = {isOver: () => false};

test('what is left is exactly what it takes, in its order', async t => {
	const items = Array.from({length: 200}, (_, n) => n);
	const fails = (left: readonly number[]) => Promise.resolve([17, 90, 151].every(n => left.includes(n)));
	t.deepEqual(await shrink(items, fails, never), [17, 90, 151]);
});

test('whatever it takes, what is left fails and could not do without any of its items', async t => {
	await fc.assert(
		fc.asyncProperty(fc.uniqueArray(fc.nat(40), {minLength: 1, maxLength: 5}), async needed => {
			const items = Array.from({length: 41}, (_, n) => n);
			const left = await shrink(items, rest => Promise.resolve(needed.every(n => rest.includes(n))), never);
			t.deepEqual(
				left,
				needed.toSorted((a, b) => a - b),
			);
		}),
	);
});

test('when the time is over, what is left so far is given', async t => {
	let tries = 0;
	const left = await shrink([1, 2, 3, 4, 5, 6, 7, 8], rest => Promise.resolve(rest.includes(8)), {
		isOver: () => ++tries > 2,
	});
	t.true(left.includes(8) && left.length < 8);
});
