import test from 'ava';
import {type Lot} from '../../../src/ledger/card-state.ts';
import {
	answer,
	authorizing,
	buildCard,
	buildLot,
	buildState,
	buildUse,
	type CardOverrides,
	day,
	effectOf,
	lines,
	movements,
	noon,
	person,
} from '../../helpers/state.ts';

const debit = test.macro({
	exec(
		t,
		card: CardOverrides,
		command: Parameters<typeof authorizing>[0],
		expected: ReturnType<typeof answer>,
	) {
		t.is(answer(buildState({card: buildCard(card)}), authorizing(command)), expected);
	},
	title: (given = '', _card, _command, expected: string) =>
		`a debit ${expected === 'accepted' ? 'is taken' : `is refused as ${expected}`}: ${given}`,
});

const ann = person('profile', 'ann');
const bob = person('profile', 'bob');
const expired = buildLot({expiresAt: noon});
const live = buildLot({id: 'child', expiresAt: noon + 1});

test('exactly the balance', debit, {}, {amount: 100_00n}, 'accepted');
test('one cent more than the balance', debit, {}, {amount: 100_01n}, 'insufficientBalance');
test(
	'what is held is not spendable',
	debit,
	{lots: [buildLot({held: 1n})]},
	{amount: 100_00n},
	'insufficientBalance',
);

test("the card's currency", debit, {assetId: 1}, {assetId: 1}, 'accepted');
test('another currency', debit, {assetId: 1}, {assetId: 2}, 'currencyMismatch');
test('the card is closed', debit, {status: 'closed'}, {}, 'cardClosed');
test('the card is blocked', debit, {status: 'blocked'}, {}, 'cardBlocked');

test('restricted, by its owner', debit, {restricted: true, owner: [ann]}, {presented: [ann]}, 'accepted');
test(
	'restricted, by somebody else',
	debit,
	{restricted: true, owner: [ann]},
	{presented: [bob]},
	'ownerMismatch',
);
test('restricted, by nobody known', debit, {restricted: true, owner: [ann]}, {}, 'accepted');
test('restricted, nobody owns it', debit, {restricted: true}, {presented: [bob]}, 'accepted');
test('unrestricted, by somebody else', debit, {owner: [ann]}, {presented: [bob]}, 'accepted');

test('the instant of its emission', debit, {emittedAt: noon}, {}, 'accepted');
test('a millisecond before its emission', debit, {emittedAt: noon + 1}, {}, 'cardNotYetValid');

test("a millisecond before the card's end", debit, {expiresAt: noon + 1}, {}, 'accepted');
test("the instant of the card's end", debit, {expiresAt: noon, lots: [expired]}, {}, 'cardExpired');
test(
	'the card has ended, but a restored lot lives',
	debit,
	{expiresAt: noon, lots: [expired, live]},
	{},
	'accepted',
);
test(
	'the card has ended, the restored lot is drained',
	debit,
	{expiresAt: noon, lots: [{...live, remaining: 0n}]},
	{},
	'cardExpired',
);

test("a millisecond before the lot's end", debit, {lots: [live]}, {}, 'accepted');
test("the instant of the lot's end", debit, {lots: [expired]}, {}, 'insufficientBalance');
test(
	'the instant from which the lot is spendable',
	debit,
	{lots: [buildLot({spendableFrom: noon})]},
	{},
	'accepted',
);
test(
	'a millisecond before the lot is spendable',
	debit,
	{lots: [buildLot({spendableFrom: noon + 1})]},
	{},
	'insufficientBalance',
);

test('a single-use card, unused', debit, {singleUse: true}, {}, 'accepted');
test('a single-use card, used', debit, {singleUse: true, uses: [buildUse()]}, {}, 'cardUsed');
test('a card for many uses, used', debit, {singleUse: false, uses: [buildUse()]}, {}, 'accepted');

test('a debit moves value from available to held and opens a hold with the id of its entry', t => {
	const effect = effectOf(buildState(), authorizing({amount: 30_00n}));

	t.is(effect.id, 'new-1');
	t.is(effect.moved, 30_00n);
	t.deepEqual(lines(effect), ['available -3000', 'held +3000']);
	t.deepEqual(movements(effect), ['lot: remaining -3000, held +3000']);
	t.like(effect.entries, {length: 1, 0: {id: 'new-1', kind: 'authorize', answers: null, operationId: null}});
	t.deepEqual(effect.hold, {
		id: 'new-1',
		legs: [
			{
				...{number: 1, cardId: '1', assetId: 1, currencyId: 1},
				...{value: 30_00n, units: 30_00n, rate: null, singleUse: false},
			},
		],
	});
	t.like(effect, {lots: {length: 0}, legSteps: {length: 0}, status: null});
});

test('a leg remembers that its card is for a single use', t => {
	const effect = effectOf(buildState({card: buildCard({singleUse: true})}), authorizing());

	t.true(effect.hold?.legs[0]?.singleUse);
});

const takes = test.macro({
	exec(t, lots: readonly Lot[], amount: bigint, expected: readonly string[]) {
		const effect = effectOf(buildState({card: buildCard({lots})}), authorizing({amount}));

		t.deepEqual(movements(effect), expected);
		t.true(effect.entries[0]?.movements.every(({leg}) => leg === 1));
	},
	title: (given = '') => `lots are spent ${given}`,
});

const early = buildLot({id: 'early', issued: 10n, expiresAt: noon + day});
const late = buildLot({id: 'late', issued: 10n, expiresAt: noon + 2 * day});
const never = buildLot({id: 'never', issued: 10n});
const given = buildLot({id: 'z-given', issued: 10n, origin: 'fundingPromotional', expiresAt: noon + 2 * day});

test('soonest expiry first, without a date last', takes, [never, late, early], 25n, [
	'early: remaining -10, held +10',
	'late: remaining -10, held +10',
	'never: remaining -5, held +5',
]);
test('promotional before purchased where they end together', takes, [late, given], 11n, [
	'z-given: remaining -10, held +10',
	'late: remaining -1, held +1',
]);
test(
	'by id where all else is equal',
	takes,
	[
		{...never, id: 'b'},
		{...never, id: 'a'},
	],
	11n,
	['a: remaining -10, held +10', 'b: remaining -1, held +1'],
);
test('only as far as the debit needs', takes, [early, late], 10n, ['early: remaining -10, held +10']);
test(
	'passing over those that are drained, over, or not begun',
	takes,
	[
		{...early, remaining: 0n},
		{...late, id: 'over', expiresAt: noon},
		{...late, id: 'ahead', spendableFrom: noon + 1},
		never,
	],
	10n,
	['never: remaining -10, held +10'],
);
