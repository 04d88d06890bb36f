import test from 'ava';
import {readAhead} from '../../scripts/lib/read-ahead.ts';

/** Numbers from 1, and what happened to them. */
function open(count: number, failure?: Error) {
	const told: string[] = [];
	async function* numbers(): AsyncGenerator<number> {
		try {
			for (let number = 1; number <= count; number++) {
				told.push(`made ${number}`);
				yield await Promise.resolve(number);
			}

			if (failure !== undefined) {
				throw failure;
			}
		} finally {
			told.push('closed');
		}
	}

	return {told, numbers: readAhead(numbers())};
}

test('each item is made while the one before it is worked on, and all come in their order', async t => {
	const {told, numbers} = open(3);

	for await (const number of numbers) {
		await Promise.resolve();
		told.push(`worked on ${number}`);
	}

	t.deepEqual(told, ['made 1', 'made 2', 'worked on 1', 'made 3', 'worked on 2', 'closed', 'worked on 3']);
});

test('whoever stops early closes what is read, and a failure comes behind the items before it', async t => {
	const {told, numbers} = open(9);
	for await (const number of numbers) {
		t.is(number, 1);
		break;
	}

	t.deepEqual(told, ['made 1', 'made 2', 'closed']);

	const failing = open(2, new Error('unreadable'));
	const seen: number[] = [];
	await t.throwsAsync(
		async () => {
			for await (const number of failing.numbers) {
				seen.push(number);
			}
		},
		{message: 'unreadable'},
	);
	t.deepEqual(seen, [1, 2]);
});
