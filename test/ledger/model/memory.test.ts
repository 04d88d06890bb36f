import test from 'ava';
import fc from 'fast-check';
import {play, type Play} from './player.ts';
import {stories} from './steps.ts';

const seed = 20_260_615;

// Goal: no sequence of commands leads the ledger to where the rules, written a second time, would not be.
// Method: the same story is told to the books and to the reference, and after every step both are compared, the books
// are checked by themselves, and whatever was refused or repeated is shown to have changed nothing.
test('whatever happens to two cards, the books agree with the rules and with themselves', t => {
	fc.assert(
		fc.property(stories(60), story => {
			play(story);
		}),
		{seed, numRuns: 400, includeErrorInReport: true},
	);
	t.pass();
});

// A model that only ever sees refusals proves little.
test('the stories reach every verb, every refusal of the ledger, and every kind of restoration', t => {
	const seen = new Set<string>();
	for (const story of fc.sample(stories(60), {seed, numRuns: 400})) {
		for (const happening of happenings(play(story))) {
			seen.add(happening);
		}
	}

	t.deepEqual([...seen].sort(), [...expected].sort());
});

const expected = [
	...['authorize', 'capture', 'close', 'credit', 'expire', 'issue', 'refund', 'release', 'reverseCredit'],
	...[
		'keyConflict',
		'notAHold',
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
];

function* happenings({ledger}: Play): Generator<string> {
	for (const {kind, operationId, movements} of ledger.books.changes().entries) {
		yield kind;
		if (operationId !== null) {
			yield 'a second entry of one operation';
		}

		if (kind === 'authorize' && movements.length > 1) {
			yield 'several lots in one debit';
		}
	}

	for (const deed of ledger.deeds) {
		if (deed.do === 'command') {
			yield* outcomeOf(deed);
		}
	}

	for (const {parentId, rootId} of ledger.books.changes().openedLots) {
		if (parentId !== null) {
			yield parentId === rootId ? 'a child lot' : 'a child of a child';
		}
	}

	const live = [...ledger.books.cards.values()].map(({uses}) =>
		uses.filter(({value, released}) => value > released),
	);
	if (live.some(uses => uses.length > 1)) {
		yield 'a second use';
	}
}

function* outcomeOf({
	command,
	outcome,
}: Extract<Play['ledger']['deeds'][number], {do: 'command'}>): Generator<string> {
	if (outcome.kind === 'refused') {
		yield outcome.isReplay ? 'a replayed refusal' : outcome.refusal;
		return;
	}

	if (outcome.isReplay) {
		yield 'a replay';
	}

	if (command.key !== null && outcome.moved < command.amount) {
		yield 'a rest';
	}
}
