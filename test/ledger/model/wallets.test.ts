import test from 'ava';
import fc from 'fast-check';
import {happenings} from './happenings.ts';
import {play} from './player.ts';
import {fixed, holds, takeTime} from './runs.ts';
import {walletStories} from './steps.ts';
import {walletHappenings} from './wallet-happenings.ts';

// Goal and method as for cards; what is added is that points and money meet in holds of several legs, that wallets are merged while
// something is held, and that lots begin and end at the very instant of a command.
test('whatever happens to wallets and to payments with points, the books agree with the rules and with themselves', async t => {
	await holds(
		t,
		fc.property(walletStories(100), story => {
			play(story);
		}),
	);
});

const verbs = [
	...['adjust', 'authorize', 'capture', 'clawback', 'close', 'credit', 'earn', 'expire'],
	...['refund', 'release', 'reverseCredit', 'transfer', 'extend'],
];
const refusals = [
	...['currencyMismatch', 'cardClosed', 'cardBlocked', 'cardExpired', 'cardHasHolds'],
	...['insufficientBalance', 'redemptionTooSmall', 'redemptionTooLarge', 'exceedsHold', 'creditSpent'],
	...['dateTooEarly', 'alreadyExtended'],
	...['sameCard', 'targetClosed', 'targetCurrency', 'keyConflict'],
	...['paymentCancelled', 'paymentNotApproved', 'paymentSettled'],
];
const occasions = [
	...['points and money in one hold', 'points of two programs in one hold'],
	...['a leg that was captured and released', 'a part of a value that moves no point'],
	...['a payment that was settled after it was forgotten', 'a second entry of one operation'],
	...['value that moved on after a merge', 'a line of merged wallets'],
	...['a lot that moves before it can be spent', 'a child of a child'],
	...['a lot that is extended before it can be spent', 'points taken back out of an extended lot'],
	...['points restored without any grace', 'points restored with grace'],
	...['several lots in one debit', 'a replay', 'a replayed refusal'],
	...['a debt of a wallet', 'a debt that was paid by earning', 'a debt that a merge moved'],
	...['a lot that owes', 'a lot that was paid what it was owed', 'points that a cap kept away'],
	...['points taken back from breakage', 'a document that came too late'],
	...['capture', 'release', 'refund'].flatMap(how => [`a ${how} by hand`, `a ${how} by hand, of a payment`]),
];

// A model that only ever sees refusals proves little.
test('the stories reach every verb on points, every refusal that points bring, and what comes back after a merge', async t => {
	await takeTime(t);
	const seen = new Set<string>();
	for (const story of fc.sample(walletStories(100), fixed)) {
		const stage = play(story);
		for (const happening of [...happenings(stage), ...walletHappenings(stage)]) {
			seen.add(happening);
		}
	}

	t.deepEqual(
		[...verbs, ...refusals, ...occasions].filter(happening => !seen.has(happening)),
		[],
	);
});
