import test from 'ava';
import {type Effect} from '../../../src/ledger/entry.ts';
import {
	buildCard,
	buildLot,
	buildOrder,
	buildState,
	day,
	earning,
	effectOf,
	lines,
	movements,
	noon,
	type StateParts,
} from '../../helpers/state.ts';

/** A lot of 100 points that the order gave. */
const given = (remaining: bigint, held = 0n) => buildLot({issued: 100n, remaining, held});
const owed = ({owed: changes}: Effect) =>
	changes.map(({cardId, lotId, delta}) => `${cardId}/${lotId} ${delta}`);
const bookings = ({order}: Effect) =>
	[...(order?.bookings ?? [])].map(([id, {units, forgone}]) => `${id}: ${units} + ${forgone}`);

test('what is still there is taken back out of the own lots of the order', t => {
	const state = buildState({
		card: buildCard({lots: [given(100n), buildLot({id: 'bought'})]}),
		order: buildOrder(100n),
	});

	const effect = effectOf(state, earning({target: 30n}));

	t.is(effect.moved, -70n);
	t.like(effect.entries, {
		length: 1,
		0: {id: effect.id, kind: 'clawback', answers: 'lot', operationId: null},
	});
	t.deepEqual(lines(effect), ['available -70', 'fundingEarned +70']);
	t.deepEqual(movements(effect), ['lot: remaining -70, held 0']);
	t.deepEqual(bookings(effect), ['1: 30 + 0']);
});

// What is posted of a full return, by what became of the 100 points, under each of the policies.
const fates: readonly [what: string, parts: StateParts, asDebt: string[], onLot: string[], owed: string[]][] =
	[
		[
			'not spent',
			{card: buildCard({lots: [given(100n)]})},
			['available -100', 'fundingEarned +100'],
			['available -100', 'fundingEarned +100'],
			[],
		],
		[
			'spent in part',
			{card: buildCard({lots: [given(40n)]})},
			['available -40', 'debt -60', 'fundingEarned +100'],
			['available -40', 'fundingEarned +40'],
			['1/lot 60'],
		],
		[
			'held',
			{card: buildCard({lots: [given(0n, 100n)]})},
			['debt -100', 'fundingEarned +100'],
			[],
			['1/lot 100'],
		],
		[
			'not spendable yet',
			{card: buildCard({lots: [{...given(100n), spendableFrom: noon + day}]})},
			['available -100', 'fundingEarned +100'],
			['available -100', 'fundingEarned +100'],
			[],
		],
		[
			'past their date and not swept yet',
			{card: buildCard({lots: [{...given(100n), expiresAt: noon - day}]})},
			['available -100', 'fundingEarned +100'],
			['available -100', 'fundingEarned +100'],
			[],
		],
		[
			'spent in part and then expired',
			{card: buildCard({lots: [given(0n)]}), losses: {lot: {expired: 70n}}},
			['debt -30', 'breakage -70', 'fundingEarned +100'],
			['breakage -70', 'fundingEarned +70'],
			['1/lot 30'],
		],
		[
			'left on a wallet that was closed',
			{card: buildCard({lots: [given(0n)], status: 'closed'}), losses: {lot: {adjusted: 100n}}},
			['adjustment -100', 'fundingEarned +100'],
			['adjustment -100', 'fundingEarned +100'],
			[],
		],
		[
			'spent, and owed by the lot already in part',
			{card: buildCard({lots: [{...given(0n), owed: 100n}]})},
			['debt -100', 'fundingEarned +100'],
			['debt -100', 'fundingEarned +100'],
			[],
		],
	];

for (const [what, parts, asDebt, onLot, byLots] of fates) {
	test(`after a full return of points that were ${what}, only what was spent is owed`, t => {
		const state = buildState({...parts, order: buildOrder(100n)});

		const debt = effectOf(state, earning({target: 0n}));
		const lots = effectOf(state, earning({target: 0n}, {clawback: 'owed'}));

		t.deepEqual([debt.moved, lots.moved], [-100n, -100n]);
		t.deepEqual([lines(debt), owed(debt)], [asDebt, []]);
		t.deepEqual([lines(lots), owed(lots)], [onLot, byLots]);
		t.deepEqual([bookings(debt), bookings(lots)], [['1: 0 + 0'], ['1: 0 + 0']]);
	});
}

test('what expired is taken back from breakage once: what is missing after that was spent', t => {
	const card = buildCard({lots: [given(0n)]});
	const losses = {lot: {expired: 60n}};
	const first = effectOf(buildState({card, losses, order: buildOrder(100n)}), earning({target: 50n}));

	const {order} = first;
	const second = effectOf(
		buildState({card, losses, ...(order && {order})}),
		earning({target: 0n, version: '2026-06-16'}),
	);

	t.deepEqual(lines(first), ['breakage -50', 'fundingEarned +50']);
	t.deepEqual(lines(second), ['debt -40', 'breakage -10', 'fundingEarned +50']);
});

test('what was forgone goes first: nobody ever had it', t => {
	const order = buildOrder(60n, {bookings: new Map([['1', {units: 60n, forgone: 40n}]])});
	const card = buildCard({lots: [given(60n)]});

	const some = effectOf(buildState({card, order}), earning({target: 70n}));
	const more = effectOf(buildState({card, order}), earning({target: 50n}));

	t.like(some, {moved: 0n, entries: {length: 0}});
	t.deepEqual(bookings(some), ['1: 60 + 10']);
	t.is(more.moved, -10n);
	t.deepEqual(bookings(more), ['1: 50 + 0']);
});

test('an order that may earn less by now gives the rest back', t => {
	const state = buildState({card: buildCard({lots: [given(100n)]}), order: buildOrder(100n)});

	t.is(effectOf(state, earning({}, {orderMax: 90n})).moved, -10n);
});

test('nobody needs to be known for points to be taken back', t => {
	const state = buildState({card: buildCard({lots: [given(100n)]}), order: buildOrder(100n)});

	t.is(effectOf(state, earning({cardId: null, target: 0n})).moved, -100n);
});

test('lots that go on of the own lots of the order are its own, too; those of other orders are not', t => {
	const child = buildLot({id: 'child', issued: 30n, parentId: 'lot', rootId: 'lot', expiresAt: noon + day});
	const other = buildLot({id: 'other', issued: 30n, origin: 'fundingEarned'});
	const state = buildState({card: buildCard({lots: [given(20n), child, other]}), order: buildOrder(100n)});

	const effect = effectOf(state, earning({target: 0n}));

	t.deepEqual(movements(effect), ['child: remaining -30, held 0', 'lot: remaining -20, held 0']);
	t.deepEqual(lines(effect), ['available -50', 'debt -50', 'fundingEarned +100']);
});

test('what came back to a child is out of its lot no more, so the lot owes no more than was spent', t => {
	const child = buildLot({id: 'child', issued: 30n, remaining: 10n, parentId: 'lot', rootId: 'lot'});
	const state = buildState({card: buildCard({lots: [given(0n), child]}), order: buildOrder(100n)});

	const effect = effectOf(state, earning({target: 0n}, {clawback: 'owed'}));

	t.deepEqual(movements(effect), ['child: remaining -10, held 0']);
	t.deepEqual(owed(effect), ['1/child 20', '1/lot 70']);
});

test('what was clawed back before is not owed again', t => {
	const state = buildState({
		card: buildCard({lots: [given(0n)]}),
		losses: {lot: {clawedBack: 70n}},
		order: buildOrder(30n),
	});

	t.deepEqual(owed(effectOf(state, earning({target: 0n}, {clawback: 'owed'}))), ['1/lot 30']);
});

test('what an earning paid of a debt is a debt again, whatever the policy is', t => {
	const lot = buildLot({issued: 70n, remaining: 70n});
	const state = buildState({card: buildCard({lots: [lot]}), order: buildOrder(100n)});

	const effect = effectOf(state, earning({target: 0n}, {clawback: 'owed'}));

	t.deepEqual(lines(effect), ['available -70', 'debt -30', 'fundingEarned +100']);
});

test('points are taken back from a wallet that earned once before the one that earns now', t => {
	const order = buildOrder(0n, {
		bookings: new Map([
			['1', {units: 40n, forgone: 0n}],
			['2', {units: 60n, forgone: 0n}],
		]),
		lotIds: ['lot', 'second'],
	});
	const card = buildCard({lots: [buildLot({issued: 40n})]});
	const target = buildCard({id: '2', lots: [buildLot({id: 'second', issued: 60n})]});
	const state = buildState({card, target, order});

	t.deepEqual(bookings(effectOf(state, earning({target: 50n}))), ['1: 40 + 0', '2: 10 + 0']);
	t.deepEqual(bookings(effectOf(state, earning({target: 50n, cardId: '2'}))), ['1: 0 + 0', '2: 50 + 0']);
	const all = effectOf(state, earning({target: 0n}));
	t.deepEqual(
		[lines(all), lines(all, 1)],
		[
			['available -60', 'fundingEarned +60'],
			['available -40', 'fundingEarned +40'],
		],
	);
	t.deepEqual(
		all.entries.map(({id, operationId, answers}) => [id, operationId, answers]),
		[
			['new-1', null, 'lot'],
			['new-2', 'new-1', 'lot'],
		],
	);
});

test("a merged wallet's points are with the one that took over, and so is its debt", t => {
	const merged = buildCard({lots: [given(0n, 10n)], forwardsTo: '2'});
	const moved = buildLot({id: 'moved', issued: 50n, remaining: 20n, parentId: 'lot', rootId: 'lot'});
	const survivor = buildCard({id: '2', lots: [moved]});
	const state = buildState({card: merged, target: survivor, order: buildOrder(100n)});

	const debt = effectOf(state, earning({target: 0n}));
	const lots = effectOf(state, earning({target: 0n}, {clawback: 'owed'}));

	t.deepEqual(lines(debt), ['available -20', 'debt -80', 'fundingEarned +100']);
	t.true(debt.entries[0]?.postings.every(({cardId}) => cardId === null || cardId === '2'));
	t.deepEqual(owed(lots), ['1/lot 50', '2/moved 30']);
	t.deepEqual(bookings(debt), ['1: 0 + 0']);
});

test('what a lot owes for value that turns up again after a merge makes no other lot owe more', t => {
	const merged = buildCard({lots: [{...given(0n), owed: 80n}], forwardsTo: '2'});
	const moved = buildLot({id: 'moved', issued: 100n, remaining: 0n, parentId: 'lot', rootId: 'lot'});
	const second = buildLot({id: 'second', issued: 50n, remaining: 0n});
	const order = buildOrder(0n, {
		bookings: new Map([
			['1', {units: 20n, forgone: 0n}],
			['2', {units: 50n, forgone: 0n}],
		]),
		lotIds: ['lot', 'second'],
	});
	const survivor = buildCard({id: '2', lots: [moved, second]});
	const state = buildState({card: merged, target: survivor, order});

	const effect = effectOf(state, earning({target: 0n}, {clawback: 'owed'}));

	t.deepEqual(owed(effect), ['2/moved 70']);
	t.deepEqual(effect.entries, []);
});
