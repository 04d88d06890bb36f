import {setImmediate as nextTurn} from 'node:timers/promises';
import test from 'ava';
import {inTurns} from '../src/turns.ts';

test('what arrives at once is handled in order, a few items in each turn of the event loop', async t => {
	const handled: number[] = [];
	const add = inTurns<number>(
		item => handled.push(item),
		2,
		() => 0,
	);

	[1, 2, 3, 4, 5].forEach(add);
	t.deepEqual(handled, []);
	const seen: number[][] = [];
	for (let turn = 0; turn < 3; turn++) {
		await nextTurn();
		seen.push([...handled]);
	}

	t.deepEqual(seen, [
		[1, 2],
		[1, 2, 3, 4],
		[1, 2, 3, 4, 5],
	]);
});

test('an item that arrives while others are handled waits for its own turn, and none is lost', async t => {
	const handled: string[] = [];
	const add = inTurns<string>(
		item => {
			handled.push(item);
			if (item === 'first') {
				add('later');
			}
		},
		1,
		() => 0,
	);

	add('first');
	add('second');
	for (let turn = 0; turn < 4; turn++) {
		await nextTurn();
	}

	t.deepEqual(handled, ['first', 'second', 'later']);
});

test('where others take long between two turns, items get as much time as that took', async t => {
	let now = 0;
	const handled: number[] = [];
	const add = inTurns<number>(
		item => {
			handled.push(item);
			now += 1;
		},
		2,
		() => now,
	);

	[1, 2, 3, 4, 5, 6, 7, 8].forEach(add);
	now += 5;
	await nextTurn();
	t.deepEqual(handled, [1, 2, 3, 4, 5]);

	await nextTurn();
	t.deepEqual(handled, [1, 2, 3, 4, 5, 6, 7]);
});
