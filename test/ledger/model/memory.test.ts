import test from 'ava';
import fc from 'fast-check';
import {happenings} from './happenings.ts';
import {play} from './player.ts';
import {fixed, holds, takeTime} from './runs.ts';
import {stories} from './steps.ts';

// Goal: no sequence of commands leads the ledger to where the rules, written a second time, would not be.
// Method: the same story is told to the books and to the reference, and after every step both are compared, the books
// are checked by themselves, and whatever was refused or repeated is shown to have changed nothing.
test('whatever happens to two cards, the books agree with the rules and with themselves', async t => {
	await holds(
		t,
		fc.property(stories(60), story => {
			play(story);
		}),
	);
});

// A model that only ever sees refusals proves little.
test('the stories reach every verb, every refusal of the ledger, and every kind of restoration', async t => {
	await takeTime(t);
	const seen = new Set<string>();
	for (const story of fc.sample(stories(60), {...fixed, numRuns: 250})) {
		for (const happening of happenings(play(story))) {
			seen.add(happening);
		}
	}

	t.deepEqual([...seen].sort(), [...expected].sort());
});

const expected = [
	...['authorize', 'capture', 'close', 'credit', 'expire', 'issue', 'refund', 'release', 'reverseCredit'],
	...['transfer', 'adjust', 'extend', 'dateTooEarly', 'alreadyExtended'],
	...[
		'keyConflict',
		'notAHold',
		'operationNotFound',
		'currencyMismatch',
		'cardClosed',
		'cardBlocked',
		'ownerMismatch',
		'cardNotYetValid',
	],
	...[
		'cardExpired',
		'cardUsed',
		'notRechargeable',
		'insufficientBalance',
		'exceedsHold',
		'creditSpent',
		'cardHasHolds',
	],
	...[
		'a replay',
		'a replayed refusal',
		'a second entry of one operation',
		'a rest',
		'a child lot',
		'a child of a child',
	],
	...['several lots in one debit', 'a second use'],
	...['a capture by hand', 'a release by hand', 'a refund by hand', 'all that is left, by hand'],
	...['sameCard', 'targetClosed', 'targetExpired', 'targetUsed', 'targetNotRechargeable'],
	...[
		'a whole card at once',
		'several lots in one transfer',
		'a child of a transferred lot',
		'a hold that a transfer left behind',
	],
];
