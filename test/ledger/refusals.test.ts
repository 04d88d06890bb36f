import test from 'ava';
import {type Refusal, refusalOf, refusals} from '../../src/ledger/refusals.ts';

const names = Object.keys(refusals) as Refusal[];

test('refusals are numbered in their order of precedence', t => {
	t.deepEqual(
		names.map(name => refusals[name].number as number),
		names.map((_, index) => index + 1),
	);
});

test('a refusal is found again by its number', t => {
	t.deepEqual(
		names.map(name => refusalOf(refusals[name].number)),
		names,
	);
});

for (const number of [0, names.length + 1, 1.5, -1]) {
	test(`${number} is no refusal, and the error asks for the version`, t => {
		t.throws(() => refusalOf(number), {instanceOf: RangeError, message: /older than the database/});
	});
}

// A7, word by word: business refusals of a debit and a credit stay the answer to their key for ever. Nothing else does:
// a settlement that overtakes its debit must succeed when it comes again, and so must one after a correction.
const remembered: readonly Refusal[] = [
	'currencyMismatch',
	'cardClosed',
	'cardBlocked',
	'ownerMismatch',
	'cardNotYetValid',
	'cardExpired',
	'cardUsed',
	'notRechargeable',
	'insufficientBalance',
	'balanceLimit',
	// What a create was denied for, and a tombstone.
	'paymentCancelled',
	'methodNotOffered',
	'codeUnknown',
	'pinLocked',
	'walletUnknown',
	'declined',
	'sandboxDenied',
	'amountUnusable',
	'redemptionTooSmall',
	'redemptionTooLarge',
];

for (const name of names) {
	test(`${name} ${remembered.includes(name) ? 'is remembered' : 'may become a success on retry'}`, t => {
		const {isRemembered}: {isRemembered: boolean} = refusals[name];

		t.is(isRemembered, remembered.includes(name));
	});
}
