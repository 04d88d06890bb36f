import test from 'ava';
import {type EarnTerms} from '../../../src/ledger/commands.ts';
import {type Effect} from '../../../src/ledger/entry.ts';
import {
	answer,
	buildCard,
	buildLot,
	buildOrder,
	buildState,
	type CardOverrides,
	circumstances,
	day,
	earning,
	effectOf,
	lines,
	movements,
	noon,
	type StateParts,
} from '../../helpers/state.ts';
import {decideEarn} from '../../../src/ledger/decide/earn.ts';

const wallet = (overrides: CardOverrides = {}) => buildCard({lots: [], ...overrides});
const earlier = '2026-06-15T13:00:00.0000000Z';
const applied = '2026-06-15T14:00:00.0000000Z';

/** What is booked afterwards, as `wallet: units + forgone`. */
const bookings = ({order}: Effect) =>
	[...(order?.bookings ?? [])].map(([id, {units, forgone}]) => `${id}: ${units} + ${forgone}`);

test('an order that earns for the first time opens a lot of its own under the dates of the program', t => {
	const state = buildState({card: wallet()});

	const effect = effectOf(state, earning({}, {spendableFrom: noon + day, expiresAt: noon + 9 * day}));

	t.is(effect.moved, 100n);
	t.like(effect.entries, {length: 1, 0: {id: effect.id, kind: 'earn', answers: null, operationId: null}});
	t.deepEqual(lines(effect), ['fundingEarned -100', 'available +100']);
	t.deepEqual(movements(effect), ['new-1: remaining +100, held 0']);
	t.like(effect.lots, {
		length: 1,
		0: {
			id: 'new-1',
			cardId: '1',
			origin: 'fundingEarned',
			issued: 100n,
			spendableFrom: noon + day,
			expiresAt: noon + 9 * day,
			parentId: null,
			rootExpiresAt: noon + 9 * day,
		},
	});
	t.like(effect.order, {
		appliedVersion: '2026-06-15T15:00:00.0000000Z',
		earningId: 'new-1',
		lotIds: ['new-1'],
	});
	t.deepEqual(bookings(effect), ['1: 100 + 0']);
});

test('an order that was booked before gives the difference, in a lot that answers the first earning', t => {
	const state = buildState({order: buildOrder(60n)});

	const effect = effectOf(state, earning());

	t.is(effect.moved, 40n);
	t.like(effect.entries, {length: 1, 0: {id: 'new-1', kind: 'earn', answers: 'lot'}});
	t.deepEqual(lines(effect), ['fundingEarned -40', 'available +40']);
	t.like(effect.order, {earningId: 'lot', lotIds: ['lot', 'new-1']});
	t.deepEqual(bookings(effect), ['1: 100 + 0']);
});

test('an older version of the document than the one that was applied changes nothing, and says so', t => {
	for (const target of [0n, 60n, 100n]) {
		const decision = decideEarn(
			buildState({order: buildOrder(60n)}),
			earning({target, version: earlier}),
			circumstances(),
		);

		t.like(decision, {
			kind: 'accepted',
			moved: 0n,
			isSuperseded: true,
			effect: {entries: {length: 0}, order: null},
		});
	}
});

test('versions are compared to the ten-millionth of a second', t => {
	const order = buildOrder(60n, {appliedVersion: '2026-06-15T14:00:00.9051144Z'});
	const state = buildState({order});

	const [older, newer] = ['2026-06-15T14:00:00.9051143Z', '2026-06-15T14:00:00.9051145Z'].map(version =>
		decideEarn(state, earning({version}), circumstances()),
	);

	t.like(older, {moved: 0n, isSuperseded: true});
	t.like(newer, {moved: 40n});
});

test('the version that was applied changes nothing when it comes again, and books what its program says by now', t => {
	const order = buildOrder(60n);

	const again = effectOf(buildState({order}), earning({version: applied, target: 60n}));
	const more = effectOf(buildState({order}), earning({version: applied}));

	t.like(again, {moved: 0n, id: 'lot', order: null, entries: {length: 0}});
	t.is(more.moved, 40n);
});

test('a newer version without a difference is remembered as applied, and moves nothing', t => {
	const effect = effectOf(buildState({order: buildOrder(100n)}), earning());

	t.like(effect, {moved: 0n, entries: {length: 0}, order: {appliedVersion: '2026-06-15T15:00:00.0000000Z'}});
});

test('an order that earned nothing is remembered with its version, so that an older document gives nothing', t => {
	const effect = effectOf(buildState(), earning({cardId: null, target: 0n}));

	t.like(effect, {moved: 0n, entries: {length: 0}, order: {appliedVersion: '2026-06-15T15:00:00.0000000Z'}});
	t.deepEqual(bookings(effect), []);
});

test('where nobody is known nothing is given, and the version counts as applied', t => {
	const effect = effectOf(buildState(), earning({cardId: null}));

	t.like(effect, {moved: 0n, entries: {length: 0}, order: {appliedVersion: '2026-06-15T15:00:00.0000000Z'}});
	t.deepEqual(bookings(effect), []);
});

test('what other wallets were given for the order is given to nobody again', t => {
	const order = buildOrder(60n, {bookings: new Map([['2', {units: 60n, forgone: 10n}]])});
	const state = buildState({card: wallet(), target: wallet({id: '2'}), order});

	const effect = effectOf(state, earning());

	t.is(effect.moved, 30n);
	t.deepEqual(bookings(effect), ['2: 60 + 10', '1: 30 + 0']);
});

test('points of another program that the order gave do not count', t => {
	const order = buildOrder(60n, {bookings: new Map([['2', {units: 60n, forgone: 0n}]])});
	const state = buildState({card: wallet(), target: wallet({id: '2', assetId: 2}), order});

	t.is(effectOf(state, earning()).moved, 100n);
});

test('what a wallet owes is paid first, and only the rest can be spent', t => {
	const effect = effectOf(buildState({card: wallet({debt: -30n})}), earning());

	t.is(effect.moved, 100n);
	t.deepEqual(lines(effect), ['fundingEarned -100', 'debt +30', 'available +70']);
	t.like(effect.lots, {length: 1, 0: {issued: 70n}});
	t.deepEqual(bookings(effect), ['1: 100 + 0']);
});

test('points that pay a debt to the last open no lot', t => {
	const effect = effectOf(buildState({card: wallet({debt: -100n})}), earning());

	t.deepEqual(lines(effect), ['fundingEarned -100', 'debt +100']);
	t.like(effect, {lots: {length: 0}, entries: {0: {movements: {length: 0}}}});
	t.deepEqual(bookings(effect), ['1: 100 + 0']);
});

// What is booked, what is forgone, and what is posted, of 100 points that a wallet earns which carries 50 and holds 20.
const carrying = {lots: [buildLot({id: 'other', issued: 70n, held: 20n})]};
const caps: readonly [
	what: string,
	terms: Partial<EarnTerms>,
	parts: StateParts,
	booked: string,
	posted: string[],
][] = [
	['no cap', {}, {}, '1: 100 + 0', ['fundingEarned -100', 'available +100']],
	[
		'a cap on the balance that is just kept',
		{balanceMax: 170n},
		{},
		'1: 100 + 0',
		['fundingEarned -100', 'available +100'],
	],
	[
		'a cap on the balance, one short',
		{balanceMax: 169n},
		{},
		'1: 99 + 1',
		['fundingEarned -99', 'available +99'],
	],
	['a cap on the balance that is reached', {balanceMax: 70n}, {}, '1: 0 + 100', []],
	['a cap on the balance that is exceeded already', {balanceMax: 10n}, {}, '1: 0 + 100', []],
	[
		'a cap on the day',
		{dayMax: 100n},
		{earnedToday: 40n},
		'1: 60 + 40',
		['fundingEarned -60', 'available +60'],
	],
	['a cap on the day that is used up', {dayMax: 100n}, {earnedToday: 100n}, '1: 0 + 100', []],
	['a cap on the day that was lowered', {dayMax: 10n}, {earnedToday: 40n}, '1: 0 + 100', []],
	['both caps', {dayMax: 60n, balanceMax: 80n}, {}, '1: 10 + 90', ['fundingEarned -10', 'available +10']],
	[
		'a cap on the balance, which a debt is no part of',
		{balanceMax: 80n},
		{card: wallet({...carrying, debt: -30n})},
		'1: 40 + 60',
		['fundingEarned -40', 'debt +30', 'available +10'],
	],
	[
		'a cap on the day, which what pays a debt counts for',
		{dayMax: 40n},
		{card: wallet({...carrying, debt: -30n})},
		'1: 40 + 60',
		['fundingEarned -40', 'debt +30', 'available +10'],
	],
];

for (const [what, terms, parts, booked, posted] of caps) {
	test(`under ${what} an order of 100 points books ${booked}`, t => {
		const effect = effectOf(buildState({card: wallet(carrying), ...parts}), earning({}, terms));

		t.deepEqual(bookings(effect), [booked]);
		t.deepEqual(lines(effect), posted);
		t.is(effect.entries.length, posted.length === 0 ? 0 : 1);
	});
}

test('what an order may earn at most is neither given nor forgone beyond that', t => {
	const effect = effectOf(buildState({card: wallet()}), earning({}, {orderMax: 80n}));

	t.deepEqual(bookings(effect), ['1: 80 + 0']);
});

test('what a cap kept away is not given by a later look, even when there is room by then', t => {
	const order = buildOrder(60n, {bookings: new Map([['1', {units: 60n, forgone: 40n}]])});

	t.is(effectOf(buildState({order}), earning()).moved, 0n);
	t.is(effectOf(buildState({order}), earning({target: 110n})).moved, 10n);
});

test('what its own lots still owe is theirs again when the order earns again, and only the rest is new', t => {
	const lot = buildLot({issued: 60n, remaining: 0n, owed: 50n});
	const state = buildState({card: buildCard({lots: [lot]}), order: buildOrder(10n)});

	const effect = effectOf(state, earning({target: 80n}));

	t.is(effect.moved, 70n);
	t.deepEqual(effect.owed, [{cardId: '1', lotId: 'lot', delta: -50n}]);
	t.deepEqual(lines(effect), ['fundingEarned -20', 'available +20']);
	t.deepEqual(bookings(effect), ['1: 80 + 0']);
});

test('the caps say nothing of what was given before and is only owed', t => {
	const lot = buildLot({issued: 60n, remaining: 0n, owed: 60n});
	const state = buildState({card: buildCard({lots: [lot]}), order: buildOrder(0n), earnedToday: 60n});

	const effect = effectOf(state, earning({target: 60n}, {dayMax: 60n, balanceMax: 1n}));

	t.like(effect, {moved: 60n, entries: {length: 0}, owed: {length: 1}});
	t.deepEqual(bookings(effect), ['1: 60 + 0']);
});

test('a blocked wallet earns, and its points wait there', t => {
	t.is(effectOf(buildState({card: wallet({status: 'blocked'})}), earning()).moved, 100n);
});

test('the wallet that took over earns instead of one that was merged into it', t => {
	const state = buildState({card: wallet({forwardsTo: '2'}), target: wallet({id: '2'})});

	const effect = effectOf(state, earning());

	t.deepEqual(bookings(effect), ['2: 100 + 0']);
	t.is(effect.lots[0]?.cardId, '2');
});

for (const [refusal, parts] of [
	['cardNotFound', {card: wallet({id: '9'})}],
	['currencyMismatch', {card: wallet({assetId: 2})}],
	['cardClosed', {card: wallet({status: 'closed'})}],
	['cardClosed', {card: wallet({forwardsTo: '2'}), target: wallet({id: '2', status: 'closed'})}],
] as const satisfies readonly (readonly [string, StateParts])[]) {
	test(`a wallet that cannot earn refuses: ${refusal} ${Object.keys(parts).length}`, t => {
		t.is(answer(buildState(parts), earning()), refusal);
	});
}

test('a closed wallet is no reason to refuse when nothing is to be given', t => {
	const closed = buildState({card: wallet({status: 'closed'}), order: buildOrder(100n)});

	t.is(answer(closed, earning()), 'accepted');
	t.is(answer(closed, earning({target: 40n})), 'accepted');
});
