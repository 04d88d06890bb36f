import test from 'ava';
import fc from 'fast-check';
import {type Use} from '../../../src/ledger/card-state.ts';
import {reopenedValue, spendableBalance} from '../../../src/ledger/lots.ts';
import {answer, authorizing, buildCard, buildLot, buildState, buildUse, noon} from '../../helpers/state.ts';

/** A single-use card of which `remaining` is not taken by any of its uses. */
const used = (remaining: bigint, ...uses: readonly Use[]) =>
	buildCard({singleUse: true, lots: [buildLot({issued: 1000n, remaining})], uses});

const spendable = test.macro({
	exec(t, remaining: bigint, uses: readonly Use[], expected: bigint) {
		const card = used(remaining, ...uses);

		t.is(spendableBalance(card, noon), expected);
		if (expected === 0n) {
			t.is(answer(buildState({card}), authorizing({amount: 1n})), 'cardUsed');
		} else {
			t.is(answer(buildState({card}), authorizing({amount: expected})), 'accepted');
			t.is(answer(buildState({card}), authorizing({amount: expected + 1n})), 'insufficientBalance');
		}
	},
	title: (given = '', _remaining, _uses, expected: bigint) =>
		`a single-use card shows ${String(expected)}: ${given}`,
});

const hold = (value: bigint, counters: Partial<Use> = {}) => buildUse({value, ...counters});
const again = (value: bigint, counters: Partial<Use> = {}) => hold(value, {holdId: 'second', ...counters});

test('it is unused', spendable, 100n, [], 100n);
test('a part of it is held, and the rest stays owed', spendable, 70n, [hold(30n)], 0n);
test('one cent of the hold is not released', spendable, 99n, [hold(30n, {released: 29n})], 0n);
test('the hold is released', spendable, 100n, [hold(30n, {released: 30n})], 100n);
test('the hold is captured, and nothing is refunded', spendable, 70n, [hold(30n)], 0n);
test('one cent is refunded', spendable, 71n, [hold(30n, {refunded: 1n})], 1n);
test(
	'all is refunded, and what was never spent stays closed',
	spendable,
	100n,
	[hold(30n, {refunded: 30n})],
	30n,
);
test(
	'the uncaptured part is released, the captured one refunded',
	spendable,
	100n,
	[hold(30n, {released: 10n, refunded: 20n})],
	20n,
);
test('a part of the refund is spent again', spendable, 88n, [hold(30n, {refunded: 30n}), again(12n)], 18n);
test('all of the refund is spent again', spendable, 70n, [hold(30n, {refunded: 30n}), again(30n)], 0n);
test(
	'the second use is released',
	spendable,
	100n,
	[hold(30n, {refunded: 30n}), again(12n, {released: 12n})],
	30n,
);
test(
	'the second use is partly released',
	spendable,
	93n,
	[hold(30n, {refunded: 30n}), again(12n, {released: 5n})],
	23n,
);
test(
	'the second use is refunded',
	spendable,
	100n,
	[hold(30n, {refunded: 30n}), again(12n, {refunded: 12n})],
	30n,
);
test(
	'a released hold was before the one that counts',
	spendable,
	70n,
	[hold(50n, {released: 50n}), again(30n, {refunded: 10n})],
	10n,
);
test('more is opened again than its lots still have', spendable, 4n, [hold(30n, {refunded: 30n})], 4n);

test('a card that is for many uses shows all that remains, whatever its holds', t => {
	t.is(spendableBalance({...used(70n, hold(30n)), singleUse: false}, noon), 70n);
});

test('an unused card has nothing opened again', t => {
	t.is(reopenedValue([]), null);
	t.is(reopenedValue([hold(30n, {released: 30n})]), null);
});

// Two service processes make ids by two clocks, so that a later hold may have the smaller id and be read first.
test('what a refund opened does not depend on the order in which the uses are read', t => {
	const uses = fc
		.record({
			value: fc.bigInt(1n, 50n),
			refunded: fc.bigInt(0n, 50n),
			second: fc.bigInt(1n, 50n),
			back: fc.bigInt(0n, 50n),
		})
		.filter(({value, refunded, second, back}) => refunded <= value && second <= refunded && back <= second)
		.map(({value, refunded, second, back}) => [
			hold(value, {refunded}),
			again(second, {refunded: back}),
			hold(7n, {holdId: 'third', released: 7n}),
		]);
	fc.assert(
		fc.property(uses, fc.boolean(), (inOrder, isReversed) => {
			const [first, second] = inOrder;
			const expected = (first?.refunded ?? 0n) - (second?.value ?? 0n) + (second?.refunded ?? 0n);

			return reopenedValue(isReversed ? inOrder.toReversed() : inOrder) === expected;
		}),
		{seed: 14},
	);
	t.pass();
});
