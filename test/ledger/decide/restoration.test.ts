import test from 'ava';
import {endOfLocalDay} from '../../../src/ledger/calendar.ts';
import {type Lot} from '../../../src/ledger/card-state.ts';
import {
	buildCard,
	buildHold,
	buildLot,
	buildShare,
	buildState,
	day,
	effectOf,
	movements,
	noon,
	undoing,
} from '../../helpers/state.ts';

const saoPaulo = 'America/Sao_Paulo';
const endOf = (date: string) => endOfLocalDay(date, saoPaulo);

/** A card with one lot of 100, all of it held by one hold, of which `captured` is captured. */
function heldLot(overrides: Partial<Lot>, captured = 0n) {
	const lot = buildLot({issued: 100n, remaining: 0n, held: 100n - captured, ...overrides});
	const share = buildShare(lot.id, 100n, {captured});
	return buildState({card: buildCard({lots: [lot]}), hold: buildHold([share])});
}

test('a lot takes its value back in the last millisecond of its life', t => {
	const effect = effectOf(heldLot({expiresAt: noon + 1}), undoing({amount: 40n}));

	t.deepEqual(movements(effect), ['lot: remaining +40, held -40']);
	t.deepEqual(effect.lots, []);
});

test('a release to an expired lot leaves it and goes on in a child lot', t => {
	const effect = effectOf(heldLot({expiresAt: noon, origin: 'fundingCourtesy'}), undoing({amount: 40n}));

	t.deepEqual(movements(effect), ['lot: remaining 0, held -40', 'new-1: remaining +40, held 0']);
	t.like(effect.lots, {length: 1});
	t.like(effect.lots[0], {
		id: 'new-1',
		cardId: '1',
		origin: 'fundingCourtesy',
		issued: 40n,
		parentId: 'lot',
		rootId: 'lot',
		rootExpiresAt: noon,
	});
});

test('a refund to an expired lot goes straight into a child lot', t => {
	const effect = effectOf(heldLot({expiresAt: noon}, 100n), undoing({amount: 40n}));

	t.deepEqual(movements(effect), ['new-1: remaining +40, held 0']);
	t.like(effect.lots, {length: 1, 0: {issued: 40n, parentId: 'lot', rootId: 'lot'}});
});

test('a release and a refund of one cancellation make a child lot each', t => {
	const effect = effectOf(heldLot({expiresAt: noon}, 60n), undoing({amount: 100n}));

	const [released, refunded] = effect.lots;
	t.like(effect.lots, {length: 2, 0: {issued: 40n, parentId: 'lot'}, 1: {issued: 60n, parentId: 'lot'}});
	t.deepEqual(movements(effect, 0), ['lot: remaining 0, held -40', `${released?.id}: remaining +40, held 0`]);
	t.deepEqual(movements(effect, 1), [`${refunded?.id}: remaining +60, held 0`]);
});

test('of two lots only the expired one goes on in a child', t => {
	const lots = [buildLot({id: 'over', issued: 50n, expiresAt: noon}), buildLot({id: 'live', issued: 50n})];
	const hold = buildHold([buildShare('over', 50n), buildShare('live', 50n)]);

	const effect = effectOf(buildState({card: buildCard({lots}), hold}), undoing({amount: 60n}));

	t.deepEqual(movements(effect), [
		'live: remaining +50, held -50',
		'over: remaining 0, held -10',
		'new-1: remaining +10, held 0',
	]);
});

test('a child of a child has the same root', t => {
	const state = heldLot({expiresAt: noon, parentId: 'first', rootId: 'first', rootExpiresAt: noon - day});

	const effect = effectOf(state, undoing({amount: 40n}));

	t.like(effect.lots[0], {parentId: 'lot', rootId: 'first', rootExpiresAt: noon - day});
});

const lasts = test.macro({
	exec(t, {end, root = end, now}: {end: number; root?: number; now: number}, expected: number) {
		const family = root === end ? {} : {parentId: 'first', rootId: 'first', rootExpiresAt: root};

		const [child] = effectOf(heldLot({expiresAt: end, ...family}), undoing(), now).lots;

		t.is(new Date(child?.expiresAt ?? 0).toISOString(), new Date(expected).toISOString());
		t.is(child?.spendableFrom, now);
	},
	title: (given = '') => `a child lot lasts ${given}`,
});

const end = endOf('2026-06-14');
test('30 days from now, to the end of that day', lasts, {end, now: noon}, endOf('2026-07-15'));
test('30 days from its first instant', lasts, {end, now: end}, endOf('2026-07-15'));
test(
	'30 days, when the local day is still yesterday',
	lasts,
	{end, now: endOf('2026-06-20') - 1},
	endOf('2026-07-20'),
);
test(
	'30 days, while that is within a year of its date',
	lasts,
	{end, now: endOf('2027-05-15') - 1},
	endOf('2027-06-14'),
);
test('a year from its date and no longer', lasts, {end, now: endOf('2027-05-15')}, endOf('2027-06-14'));
test('not at all, a year after its date', lasts, {end, now: endOf('2028-01-01')}, endOf('2027-06-14'));
test(
	'a year from the date of its root, however often it is spent and returned',
	lasts,
	{end: endOf('2027-06-01'), root: end, now: endOf('2027-06-01')},
	endOf('2027-06-14'),
);
test(
	'as long as its parent did, when the cap lies before that',
	lasts,
	{end: endOf('2027-08-01'), root: end, now: endOf('2027-08-01')},
	endOf('2027-08-01'),
);

test('what a lot owes is paid once, out of what a release and a refund of it bring back', t => {
	const effect = effectOf(heldLot({expiresAt: noon - day, owed: 70n}, 40n), undoing({amount: 100n}));

	t.deepEqual(
		effect.owed.map(({lotId, delta}) => [lotId, delta]),
		[
			['lot', -60n],
			['lot', -10n],
		],
	);
});
