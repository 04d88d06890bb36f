import test from 'ava';
import fc from 'fast-check';
import {obstaclesTo, namesSomebody} from '../../src/customers/erasable.ts';
import {type Owed, owedByAsset, type OwedCard, owedOn} from '../../src/customers/owed.ts';
import {type Lot} from '../../src/ledger/card-state.ts';
import {spendableBalance} from '../../src/ledger/lots.ts';
import {buildLot as lot, day, noon} from '../helpers/state.ts';

const lots = (...all: readonly Lot[]) => new Map(all.map(one => [one.id, one]));

const card = (wish: Partial<OwedCard> = {}): OwedCard => ({
	status: 'active',
	forwardsTo: null,
	singleUse: false,
	emittedAt: noon - day,
	expiresAt: null,
	lots: new Map(),
	uses: [],
	assetId: 1,
	held: 0n,
	debt: 0n,
	...wish,
});

test('value is told apart by when and whether it can be spent', t => {
	const owed = owedOn(
		card({
			held: 7n,
			debt: -9n,
			lots: lots(
				lot({id: 'a', remaining: 10n, expiresAt: noon + 2 * day}),
				lot({id: 'b', remaining: 20n, spendableFrom: noon + day, expiresAt: noon + 3 * day}),
				lot({id: 'c', remaining: 40n, expiresAt: noon}),
				lot({id: 'd', remaining: 80n, expiresAt: null}),
			),
		}),
		noon,
	);

	t.deepEqual(owed, {
		balance: 90n,
		pending: 20n,
		barred: 0n,
		held: 7n,
		expired: 40n,
		debt: 9n,
		next: {at: noon + 2 * day, amount: 10n},
	});
});

test('what is on a blocked card is owed and cannot be spent', t => {
	const one = lot({id: 'a', remaining: 10n, expiresAt: null});

	t.like(owedOn(card({status: 'blocked', lots: lots(one)}), noon), {balance: 0n, barred: 10n, next: null});
	t.like(owedOn(card({emittedAt: noon + 1, lots: lots(one)}), noon), {balance: 0n, barred: 10n});
});

test('what ends at one instant on several cards is told together, and assets are never added', t => {
	const ending = (id: string, remaining: bigint, expiresAt: number) => lots(lot({id, remaining, expiresAt}));
	const totals = owedByAsset(
		[
			card({lots: ending('a', 5n, noon + day)}),
			card({lots: ending('b', 6n, noon + day)}),
			card({lots: ending('c', 7n, noon + 2 * day)}),
			card({assetId: 2, lots: ending('d', 100n, noon + 3 * day)}),
		],
		noon,
	);

	t.like(totals.get(1), {balance: 18n, next: {at: noon + day, amount: 11n}});
	t.like(totals.get(2), {balance: 100n, next: {at: noon + 3 * day, amount: 100n}});
});

test('whatever is on a card: its parts add up to what the books have, and the balance is the one of a debit', t => {
	const when = fc.integer({min: -2, max: 2}).map(days => noon + days * day);
	const anyLot = fc.record({
		remaining: fc.bigInt({min: 0n, max: 50n}),
		spendableFrom: when,
		expiresAt: fc.option(when),
	});
	const anyCard = fc.record({
		status: fc.constantFrom('active' as const, 'blocked' as const),
		emittedAt: when,
		lots: fc.array(anyLot, {maxLength: 5}),
	});
	fc.assert(
		fc.property(fc.array(anyCard, {maxLength: 4}), wishes => {
			const cards = wishes.map((wish, index) =>
				card({...wish, lots: lots(...wish.lots.map((one, at) => lot({id: `${index}.${at}`, ...one})))}),
			);
			const owed = owedByAsset(cards, noon).get(1) ?? owedOn(card(), noon);
			const inBooks = wishes.flatMap(wish => wish.lots).reduce((sum, one) => sum + one.remaining, 0n);

			t.is(owed.balance + owed.pending + owed.barred + owed.expired, inBooks);
			t.is(
				owed.balance,
				cards.reduce((sum, one) => sum + spendableBalance(one, noon), 0n),
			);
			t.true(owed.barred >= 0n && owed.pending >= 0n);
		}),
	);
});

const nothing: Owed = {balance: 0n, pending: 0n, barred: 0n, held: 0n, expired: 0n, debt: 0n, next: null};
const obstacles = (owed: Partial<Owed>, isForfeited = false, open = {openPayments: 0, openCallbacks: 0}) =>
	obstaclesTo({totals: new Map([[1, {...nothing, ...owed}]]), ...open}, isForfeited);

test('nobody is erased while something is held, open or owed; value alone can be given up', t => {
	t.deepEqual(obstacles({}), []);
	t.deepEqual(obstacles({expired: 5n}), []);
	for (const owed of [{balance: 1n}, {pending: 1n}, {barred: 1n}]) {
		t.deepEqual(obstacles(owed), ['value']);
		t.deepEqual(obstacles(owed, true), []);
	}

	const open = {openPayments: 1, openCallbacks: 1};
	const all = ['held', 'openPayments', 'openCallbacks', 'debt'] as const;
	t.deepEqual(obstacles({held: 1n, debt: 1n, balance: 1n}, false, open), [...all, 'value']);
	t.deepEqual(obstacles({held: 1n, debt: 1n, balance: 1n}, true, open), [...all]);
});

test('a reason that says who the customer was is recognised however it is written', t => {
	const ana = [
		{kind: 'email', value: 'ana@example.com'},
		{kind: 'document', value: '11144477735'},
		{kind: 'profile', value: '12'},
	] as const;

	t.true(namesSomebody('asked by Ana@Example.com', ana));
	t.true(namesSomebody('CPF 111.444.777-35 asked', ana));
	t.false(namesSomebody('asked by letter, ticket 812', ana));
	t.false(namesSomebody('', ana));
});
