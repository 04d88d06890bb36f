import test from 'ava';
import {type Batch, type Commit, commitBySize} from '../../src/ledger/commit.ts';

const batch: Batch = {merchant: {id: 1, timeZone: 'UTC'}, commands: []};

/** Where a batch is committed while so many commands are under way. */
async function placeOf(underWay: number): Promise<string> {
	let place = 'nowhere';
	const at =
		(name: string): Commit =>
		() => {
			place = name;
			return Promise.resolve([]);
		};
	await commitBySize(at('here'), at('there'), () => underWay)(batch);
	return place;
}

test('a lone checkout is committed in the thread that serves it', async t => {
	t.is(await placeOf(1), 'here');
	t.is(await placeOf(8), 'here');
});

test('where more are under way the other thread commits, for this one has their requests and answers to look after', async t => {
	t.is(await placeOf(9), 'there');
	t.is(await placeOf(256), 'there');
});
