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
	...['transfer', 'adjust'],
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
	...['sameCard', 'targetClosed', 'targetExpired', 'targetUsed', 'targetNotRechargeable'],
	...[
		'a whole card at once',
		'several lots in one transfer',
		'a child of a transferred lot',
		'a hold that a transfer left behind',
	],
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

		if (kind === 'transfer' && movements.length > 2) {
			yield 'several lots in one transfer';
		}
	}

	for (const deed of ledger.deeds) {
		if (deed.do === 'command') {
			yield* outcomeOf(deed);
		}
	}

	yield* childrenIn(ledger.books);

	const live = [...ledger.books.cards.values()].map(({uses}) =>
		uses.filter(({value, released}) => value > released),
	);
	if (live.some(uses => uses.length > 1)) {
		yield 'a second use';
	}
}

function* childrenIn(books: Play['ledger']['books']): Generator<string> {
	const {entries, openedLots} = books.changes();
	const transferred = new Set(
		entries.flatMap(({kind, movements}) => (kind === 'transfer' ? movements.map(({lotId}) => lotId) : [])),
	);
	for (const {id, parentId, rootId} of openedLots) {
		if (parentId === null) {
			continue;
		}

		yield parentId === rootId ? 'a child lot' : 'a child of a child';
		if (transferred.has(parentId) && !transferred.has(id)) {
			yield 'a child of a transferred lot';
		}
	}

	// Released, captured or refunded after a part of the very lot went to another card.
	const moved = new Set<string>();
	for (const {kind, answers, movements} of entries) {
		if (kind === 'transfer') {
			movements.filter(({remainingDelta}) => remainingDelta < 0n).forEach(({lotId}) => moved.add(lotId));
		} else if (answers !== null && movements.some(({lotId, leg}) => leg !== null && moved.has(lotId))) {
			yield 'a hold that a transfer left behind';
		}
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

	if (command.verb === 'transfer' && command.amount === 0n) {
		yield 'a whole card at once';
	}

	if (command.key !== null && outcome.moved < command.amount) {
		yield 'a rest';
	}
}
