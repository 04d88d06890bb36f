import test from 'ava';
import {openErrands, repeatErrands} from '../src/errands.ts';
import {deferred} from './helpers/deferred.ts';

/* What callbacks and looks at orders have in common; how each of them uses it, their own tests say. */

type Errand = {readonly party: string; readonly name: string};

/** A list of errands, of which one is claimed at a time; `asked` is told which parties have enough. */
function openList(
	errands: readonly Errand[],
	asked: (busy: readonly string[]) => Promise<void> = () => Promise.resolve(),
) {
	const waiting = [...errands];
	return async (busy: readonly string[]): Promise<Errand | undefined> => {
		const index = waiting.findIndex(({party}) => !busy.includes(party));
		await asked(busy);
		return index === -1 ? undefined : waiting.splice(index, 1)[0];
	};
}

const partyOf = ({party}: Errand) => party;
const three = ['a', 'b', 'c'].map(name => ({party: 'one', name}));

test('no more is under way than there are places, and no more of one party than it may have', async t => {
	const errands = [...three, {party: 'two', name: 'd'}, {party: 'three', name: 'e'}];
	const underWay = new Map<string, number>();
	let most = 0;
	const workOff = openErrands(
		{
			claimNext: openList(errands),
			partyOf,
			async run({party}) {
				underWay.set(party, (underWay.get(party) ?? 0) + 1);
				most = Math.max(
					most,
					[...underWay.values()].reduce((sum, one) => sum + one),
				);
				t.true((underWay.get(party) ?? 0) <= 2);
				await new Promise(resolve => setImmediate(resolve));
				underWay.set(party, (underWay.get(party) ?? 0) - 1);
				return 'done';
			},
			counts: {done: 0},
		},
		{parallelMax: 3, perPartyMax: 2},
	);

	t.deepEqual(await workOff(), {done: 5});
	t.is(most, 3);
});

test('what is left for a party is done when its errand ends while others are asked for', async t => {
	const ends = new Map(three.map(({name}) => [name, deferred<'done'>()]));
	let questions = 0;
	const workOff = openErrands(
		{
			// The second question finds the party busy, and its errand ends before the answer is there.
			claimNext: openList(three, async busy => {
				questions++;
				if (busy.length > 0) {
					ends.get('a')?.resolve('done');
					await new Promise(resolve => setImmediate(resolve));
				}
			}),
			partyOf,
			run: ({name}) =>
				name === 'a' ? (ends.get(name)?.promise ?? Promise.resolve('done')) : Promise.resolve('done'),
			counts: {done: 0},
		},
		{parallelMax: 4, perPartyMax: 1},
	);

	t.deepEqual(await workOff(), {done: 3});
	t.true(questions >= 4);
});

test('after an abort nothing more is begun, and what is under way is finished', async t => {
	const controller = new AbortController();
	const workOff = openErrands(
		{
			claimNext: openList(three),
			partyOf,
			run() {
				controller.abort();
				return Promise.resolve('done');
			},
			counts: {done: 0},
		},
		{parallelMax: 1, perPartyMax: 1},
	);

	t.deepEqual(await workOff(controller.signal), {done: 1});
});

test('a loop that fails says so once, until it worked in between', async t => {
	const told: unknown[] = [];
	const enough = deferred();
	const rounds = [true, false, false, true, false];
	const loop = repeatErrands(
		() => {
			const works = rounds.shift();
			if (works === undefined) {
				enough.resolve();
			}

			return works === false ? Promise.reject(new Error('away')) : Promise.resolve();
		},
		{everyMs: 1, onFailure: error => told.push(error)},
	);

	await enough.promise;
	await loop.stop();
	t.is(told.length, 2);
});
