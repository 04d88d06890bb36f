import test from 'ava';
import fc from 'fast-check';
import {type Lot} from '../../src/ledger/card-state.ts';
import {origins} from '../../src/ledger/chart.ts';
import {bySpendingOrder, graceOf, isCardExpired, liveLots, spendableBalance} from '../../src/ledger/lots.ts';
import {
	answer,
	authorizing,
	buildCard,
	buildLot,
	buildState,
	type CardOverrides,
	day,
	noon,
} from '../helpers/state.ts';

const balance = test.macro({
	exec(t, card: CardOverrides, expected: bigint) {
		t.is(spendableBalance(buildCard(card), noon), expected);
	},
	title: (given = '', _card, expected: bigint) => `${String(expected)} can be spent of a card ${given}`,
});

const lots = [buildLot({id: 'a', issued: 30n}), buildLot({id: 'b', issued: 12n, held: 2n})];

test('with two lots, one partly held', balance, {lots}, 40n);
test('without lots', balance, {lots: []}, 0n);
test('that is blocked', balance, {lots, status: 'blocked'}, 0n);
test('that is closed', balance, {lots, status: 'closed'}, 0n);
test('a millisecond before its emission', balance, {lots, emittedAt: noon + 1}, 0n);
test('from its emission on', balance, {lots, emittedAt: noon}, 40n);
test('that has ended, while its lots live', balance, {lots, expiresAt: noon}, 40n);
test('whose lots end now', balance, {lots: [buildLot({expiresAt: noon})]}, 0n);
test(
	'whose lots end a millisecond later',
	balance,
	{lots: [buildLot({issued: 5n, expiresAt: noon + 1})]},
	5n,
);
test('whose lots begin a millisecond later', balance, {lots: [buildLot({spendableFrom: noon + 1})]}, 0n);
test('whose lots begin now', balance, {lots: [buildLot({issued: 5n, spendableFrom: noon})]}, 5n);

const anyLot: fc.Arbitrary<Lot> = fc
	.record({
		id: fc.uuid(),
		origin: fc.constantFrom(...origins),
		remaining: fc.bigInt(0n, 20n),
		expiresAt: fc.constantFrom(null, noon - 1, noon, noon + 1, noon + day),
		spendableFrom: fc.constantFrom(noon - 1, noon, noon + 1),
	})
	.map(overrides => buildLot({issued: 20n, ...overrides}));
const anyLots = fc.uniqueArray(anyLot, {selector: ({id}) => id, maxLength: 12});
const seed = 3;

test('spending order is one order: total, and the same whatever order the lots come in', t => {
	fc.assert(
		fc.property(anyLots, fc.infiniteStream(fc.nat()), (some, random) => {
			const ordered = liveLots(some, noon).map(({id}) => id);
			const shuffled = some
				.map(lot => [random.next().value, lot] as const)
				.sort(([a], [b]) => a - b)
				.map(([, lot]) => lot);

			t.deepEqual(
				liveLots(shuffled, noon).map(({id}) => id),
				ordered,
			);
			for (const [a, b] of some.flatMap(x => some.map(y => [x, y] as const))) {
				t.is(Math.sign(bySpendingOrder(a, b)) + Math.sign(bySpendingOrder(b, a)), 0);
			}
		}),
		{seed},
	);
});

test('a card pays exactly what it shows: that debit is taken, and one cent more is not', t => {
	fc.assert(
		fc.property(anyLots, some => {
			const card = buildCard({lots: some});
			const shown = spendableBalance(card, noon);

			t.is(answer(buildState({card}), authorizing({amount: shown + 1n})), 'insufficientBalance');
			t.is(
				answer(buildState({card}), authorizing({amount: shown || 1n})),
				shown > 0n ? 'accepted' : 'insufficientBalance',
			);
		}),
		{seed},
	);
});

const expired = test.macro({
	exec(t, card: CardOverrides, expected: boolean) {
		t.is(isCardExpired(buildCard(card), noon), expected);
	},
	title: (given = '', _card, expected) => `a card ${given} is ${expected ? 'expired' : 'not expired'}`,
});

test('without a date', expired, {lots: []}, false);
test('a millisecond before its end', expired, {lots: [], expiresAt: noon + 1}, false);
test('at its end', expired, {lots: [], expiresAt: noon}, true);
test('past its end with a live lot', expired, {expiresAt: noon}, false);
test('past its end with a drained lot', expired, {expiresAt: noon, lots: [buildLot({remaining: 0n})]}, true);
test(
	'past its end with an expired lot',
	expired,
	{expiresAt: noon, lots: [buildLot({expiresAt: noon})]},
	true,
);
test(
	'past its end with all of a live lot held',
	expired,
	{expiresAt: noon, lots: [buildLot({held: 100_00n})]},
	true,
);

test('only points that were given can be without grace; those paid for have 30 days and a cap of a year, or more', t => {
	t.deepEqual(graceOf({days: 0, capDays: 0}, 'fundingPromotional'), {days: 0, capDays: 0});
	t.deepEqual(graceOf({days: 10, capDays: 100}, 'fundingEarned'), {days: 10, capDays: 100});
	for (const origin of ['fundingSold', 'fundingMigrated', 'fundingCredit', 'adjustment'] as const) {
		t.deepEqual(graceOf({days: 0, capDays: 0}, origin), {days: 30, capDays: 365}, origin);
		t.deepEqual(graceOf({days: 60, capDays: 10}, origin), {days: 60, capDays: 365}, origin);
		t.deepEqual(graceOf({days: 5, capDays: 500}, origin), {days: 30, capDays: 500}, origin);
	}
});

test('what came back to a merged wallet whose successor is closed is no balance that a debit would refuse', t => {
	t.is(spendableBalance(buildCard({forwardsTo: '2'}), noon), 0n);
	t.is(spendableBalance(buildCard({forwardsTo: null}), noon), 100_00n);
});
