import fc from 'fast-check';
import test from 'ava';
import {nearest, slipsBetween} from '../../scripts/lib/nearest.ts';

const flags = [
	'amount',
	'currency',
	'card',
	'code',
	'customer-email',
	'customer-document',
	'key',
	'yes',
	'json',
];
const funding = ['courtesy', 'promotional', 'sold', 'migrated'];

for (const [typed, words, meant] of [
	['amout', flags, 'amount'],
	['ammount', flags, 'amount'],
	['amuont', flags, 'amount'],
	['Amount', flags, 'amount'],
	['customer_email', flags, 'customer-email'],
	['customeremail', flags, 'customer-email'],
	['curency', flags, 'currency'],
	['crad', flags, 'card'],
	['kye', flags, 'key'],
	['promo', funding, 'promotional'],
	['promotion', funding, 'promotional'],
	['migrate', funding, 'migrated'],
	['solde', funding, 'sold'],
	['', flags, undefined],
	['v', flags, undefined],
	['cu', flags, undefined],
	// Begins two.
	['customer', flags, undefined],
	['weather', flags, undefined],
	['gift', funding, undefined],
	['x'.repeat(2000), flags, undefined],
	['amount', [], undefined],
] as const) {
	test(`"${typed.slice(0, 20)}" ${meant === undefined ? 'is like none' : `may mean ${meant}`} of ${words.length} words`, t => {
		t.is(nearest(typed, words), meant);
	});
}

test('slips are counted: a letter too many, too few, wrong, or two that changed places', t => {
	t.deepEqual(
		[
			['card', 'card'],
			['card', 'cards'],
			['card', 'crd'],
			['card', 'cord'],
			['card', 'crad'],
			['abc', ''],
			['amount', 'code'],
		].map(([a = '', b = '']) => slipsBetween(a, b)),
		[0, 1, 1, 1, 1, 3, 5],
	);
});

const word = fc.string({unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8});

test('as many slips lead back, none only to the same word, and never more than the longer word has letters', t => {
	fc.assert(
		fc.property(word, word, (a, b) => {
			const slips = slipsBetween(a, b);
			t.is(slips, slipsBetween(b, a));
			t.is(slips === 0, a === b);
			t.true(slips <= Math.max(a.length, b.length) && slips >= Math.abs(a.length - b.length));
		}),
	);
	t.pass();
});
