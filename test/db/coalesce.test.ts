import {setImmediate as turn} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {coalesce} from '../../src/db/coalesce.ts';

type Query = {
	readonly lane: number;
	readonly questions: readonly string[];
	readonly answer: (answers?: readonly string[]) => void;
	readonly fail: (error: Error) => void;
};

const made: Query[] = [];

// What nobody has answered would be waited for until its patience ends.
test.after.always(async () => {
	for (const query of made) {
		query.answer();
		await turn();
	}
});

/** A database whose queries are answered by hand, each question by itself in capitals. */
function stage(limits: Parameters<typeof coalesce>[1] = {patienceMs: 60_000}) {
	const queries: Query[] = [];
	let now = 0;
	const ask = coalesce<string, string>(
		(lane, questions) =>
			new Promise((resolve, reject) => {
				const query: Query = {
					lane,
					questions,
					answer: (answers = questions.map(question => question.toUpperCase())) => {
						resolve(answers);
					},
					fail: reject,
				};
				queries.push(query);
				made.push(query);
			}),
		limits,
		() => now,
	);
	return {
		ask,
		/** Ask each letter by itself. */
		askAll: (letters: string) => {
			for (const letter of letters) {
				void ask(1, letter);
			}
		},
		queries,
		asked: () => queries.map(({questions}) => questions),
		answerAfter: async (ms: number, query: number) => {
			now += ms;
			queries[query]?.answer();
			await turn();
		},
	};
}

test.serial(
	'a lone question is asked at once, and those that come meanwhile share the next query',
	async t => {
		const {ask, queries, asked} = stage();

		const first = ask(1, 'a');
		await turn();
		const others = [ask(1, 'b'), ask(1, 'c')];
		t.deepEqual(asked(), [['a']]);
		queries[0]?.answer();
		t.is(await first, 'A');
		await turn();
		t.deepEqual(asked(), [['a'], ['b', 'c']]);
		queries[1]?.answer();

		t.deepEqual(await Promise.all(others), ['B', 'C']);
		void ask(1, 'd');
		await turn();
		t.deepEqual(asked()[2], ['d']);
	},
);

test.serial('questions that come in one turn share the first query', async t => {
	const {askAll, asked} = stage();

	askAll('abc');
	await turn();
	t.deepEqual(asked(), [['a', 'b', 'c']]);
});

test.serial('a question never joins a query that began before it', async t => {
	const {ask, queries, asked} = stage();

	const early = ask(1, 'a');
	await turn();
	const late = ask(1, 'a');
	queries[0]?.answer(['old']);
	t.is(await early, 'old');
	await turn();
	queries[1]?.answer(['new']);

	t.is(await late, 'new');
	t.deepEqual(asked(), [['a'], ['a']]);
});

test.serial('one merchant does not wait for another', async t => {
	const {ask, queries} = stage();

	void ask(1, 'a');
	void ask(2, 'b');
	await turn();

	t.deepEqual(
		queries.map(({lane, questions}) => [lane, questions]),
		[
			[1, ['a']],
			[2, ['b']],
		],
	);
});

test.serial('a query that fails, fails for its own questions only', async t => {
	const {ask, queries} = stage();

	const first = ask(1, 'a');
	await turn();
	const second = ask(1, 'b');
	queries[0]?.fail(new Error('gone'));
	await t.throwsAsync(first, {message: 'gone'});
	await turn();
	queries[1]?.answer();

	t.is(await second, 'B');
});

test.serial(
	'a query that brings another number of answers than questions is an error, not a wrong answer',
	async t => {
		const {ask, queries} = stage();

		const asked = ask(1, 'a');
		await turn();
		queries[0]?.answer(['A', 'B']);

		await t.throwsAsync(asked, {message: /1 questions brought 2 answers/});
	},
);

test.serial('a query holds up the next one for its patience and no longer', async t => {
	const timers = timersByHand(t);
	const {ask, queries, asked} = stage();

	void ask(1, 'slow');
	await turn();
	const next = ask(1, 'b');
	t.deepEqual(asked(), [['slow']]);
	timers[0]?.end();
	t.deepEqual(asked(), [['slow'], ['b']]);

	// When the slow one ends after all, the lane belongs to the other one, and whoever waits goes on waiting.
	const last = ask(1, 'c');
	queries[0]?.answer();
	await turn();
	t.is(asked().length, 2);
	queries[1]?.answer();
	await turn();
	queries[2]?.answer();
	t.deepEqual(await Promise.all([next, last]), ['B', 'C']);
});

test.serial(
	'a query that several shared is followed by a rest as long as it took, and a lone one by none',
	async t => {
		const timers = timersByHand(t);
		const {ask, askAll, asked, answerAfter} = stage({restMaxMs: 10});
		const rests = () => timers.map(({ms}) => ms).filter(ms => ms !== 50);

		void ask(1, 'a');
		await turn();
		askAll('bc');
		await answerAfter(7, 0);
		t.deepEqual([asked(), rests()], [[['a'], ['b', 'c']], []]);

		void ask(1, 'd');
		await answerAfter(7, 1);
		void ask(1, 'e');
		t.deepEqual([asked().length, rests()], [2, [7]]);
		timers.at(-1)?.end();
		t.deepEqual(asked()[2], ['d', 'e']);

		void ask(1, 'f');
		await answerAfter(40, 2);
		t.deepEqual([asked().length, rests()], [3, [7, 10]]);
		timers.at(-1)?.end();
		t.deepEqual(asked()[3], ['f']);
	},
);

test.serial(
	'a rest ends as soon as those who wait are worth a query, and half as many as shared the last',
	async t => {
		const timers = timersByHand(t);
		const {askAll, asked, answerAfter} = stage({worthwhile: 2});

		askAll('abcdef');
		await turn();
		await answerAfter(7, 0);
		askAll('gh');
		t.deepEqual(asked().slice(1), []);
		askAll('i');
		t.deepEqual(asked().slice(1), [['g', 'h', 'i']]);

		// While the query ran, two came, and two are worth it.
		askAll('jk');
		await answerAfter(7, 1);
		t.deepEqual(asked().slice(2), [['j', 'k']]);

		await answerAfter(7, 2);
		askAll('l');
		t.deepEqual(asked().slice(3), []);
		// The rests that were over early mean nothing any more.
		t.deepEqual(
			timers.filter(({ms}) => ms === 7).map(({isCleared}) => isCleared()),
			[true, false],
		);
	},
);

test.serial(
	'a query that ends after its patience changes nothing about the rest after a later one',
	async t => {
		const timers = timersByHand(t);
		const {askAll, asked, answerAfter} = stage({worthwhile: 2});

		askAll('ab');
		await turn();
		askAll('cd');
		timers[0]?.end();
		t.deepEqual(asked(), [
			['a', 'b'],
			['c', 'd'],
		]);
		await answerAfter(7, 1);
		await answerAfter(0, 0);

		askAll('ef');
		t.deepEqual(asked()[2], ['e', 'f']);
	},
);

test.serial('a query that had no room for all is followed by the next at once', async t => {
	const {askAll, asked, answerAfter} = stage({batchMax: 2, patienceMs: 60_000});

	askAll('abcd');
	await turn();
	await answerAfter(7, 0);
	t.deepEqual(asked(), [
		['a', 'b'],
		['c', 'd'],
	]);
});

test.serial('a query takes no more questions than its limit', async t => {
	const {ask, queries, asked} = stage({batchMax: 2, patienceMs: 60_000});

	const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map(question => ask(1, question)));
	for (let n = 0; n < 3; n++) {
		await turn();
		queries[n]?.answer();
	}

	t.deepEqual(await answers, ['A', 'B', 'C', 'D', 'E']);
	t.deepEqual(asked(), [['a', 'b'], ['c', 'd'], ['e']]);
});

type Timer = {readonly ms: number; readonly end: () => void; readonly isCleared: () => boolean};

/** Every timer that is set from now on, in order; none ends by itself. */
function timersByHand(t: ExecutionContext): Timer[] {
	const timers: Timer[] = [];
	const cleared = new Set<unknown>();
	const {setTimeout, clearTimeout} = globalThis;
	Object.assign(globalThis, {
		setTimeout(end: () => void, ms: number) {
			const timer = {ms, end, isCleared: () => cleared.has(timer)};
			timers.push(timer);
			return timer;
		},
		clearTimeout: (timer: unknown) => cleared.add(timer),
	});
	t.teardown(() => {
		Object.assign(globalThis, {setTimeout, clearTimeout});
	});
	return timers;
}
