import test from 'ava';
import {type LotShare} from '../../../src/ledger/card-state.ts';
import {
	answer,
	buildCard,
	buildHold,
	buildLot,
	buildShare,
	buildState,
	effectOf,
	lines,
	movements,
	noon,
	undoing,
} from '../../helpers/state.ts';

const card = (...ids: readonly string[]) => buildCard({lots: ids.map(id => buildLot({id, issued: 100n}))});
const holding = (...shares: readonly LotShare[]) =>
	buildState({card: card(...shares.map(({lotId}) => lotId)), hold: buildHold(shares)});
const share = (counters: Partial<LotShare> = {}) => buildShare('lot', 100n, counters);

const undo = test.macro({
	exec(t, shares: readonly LotShare[], amount: bigint, expected: readonly string[] | 'exceedsHold') {
		const state = holding(...shares);

		if (expected === 'exceedsHold') {
			t.is(answer(state, undoing({amount})), expected);
			return;
		}

		const effect = effectOf(state, undoing({amount}));
		t.deepEqual(
			effect.entries.map(({kind}, entry) => `${kind}: ${lines(effect, entry).join(', ')}`),
			expected,
		);
	},
	title: (given = '', _shares, _amount, expected) =>
		`a cancellation ${expected === 'exceedsHold' ? 'is refused' : 'is taken'}: ${given}`,
});

const all = {captured: 100n};
const half = {captured: 50n};
test('a part, uncaptured', undo, [share()], 30n, ['release: held -30, available +30']);
test('the whole, uncaptured', undo, [share()], 100n, ['release: held -100, available +100']);
test('one cent more than the whole', undo, [share()], 101n, 'exceedsHold');
test('a part, captured', undo, [share(all)], 30n, ['refund: redeemed -30, available +30']);
test('the whole, captured', undo, [share(all)], 100n, ['refund: redeemed -100, available +100']);
test('one cent more than the whole, captured', undo, [share(all)], 101n, 'exceedsHold');
test('exactly what is uncaptured', undo, [share(half)], 50n, ['release: held -50, available +50']);
test('one cent more than what is uncaptured: then a refund', undo, [share(half)], 51n, [
	'release: held -50, available +50',
	'refund: redeemed -1, available +1',
]);
test('the whole, half captured', undo, [share(half)], 100n, [
	'release: held -50, available +50',
	'refund: redeemed -50, available +50',
]);
test('exactly what a release left', undo, [share({released: 40n})], 60n, [
	'release: held -60, available +60',
]);
test('one cent more than a release left', undo, [share({released: 40n})], 61n, 'exceedsHold');
test('exactly what a refund left', undo, [share({...all, refunded: 40n})], 60n, [
	'refund: redeemed -60, available +60',
]);
test('one cent more than a refund left', undo, [share({...all, refunded: 40n})], 61n, 'exceedsHold');
test('the value of the whole, when a part is left', undo, [share({released: 99n})], 100n, [
	'release: held -1, available +1',
]);
test(
	'the value of the whole, when a part of each is left',
	undo,
	[share({captured: 60n, refunded: 10n, released: 30n})],
	100n,
	['release: held -10, available +10', 'refund: redeemed -50, available +50'],
);
test('one cent less than the whole, when less is left', undo, [share({released: 99n})], 99n, 'exceedsHold');
test('the value of the whole, when all was released', undo, [share({released: 100n})], 100n, 'exceedsHold');
test(
	'the value of the whole, when all was refunded',
	undo,
	[share({...all, refunded: 100n})],
	100n,
	'exceedsHold',
);
test('one cent, when all was refunded', undo, [share({...all, refunded: 100n})], 1n, 'exceedsHold');

test('a release and its refund are two entries of one operation that answer the hold', t => {
	const effect = effectOf(holding(share(half)), undoing({amount: 70n}));

	t.is(effect.moved, 70n);
	const [release, refund] = effect.entries;
	t.like(release, {id: effect.id, kind: 'release', answers: 'hold', operationId: null});
	t.like(refund, {kind: 'refund', answers: 'hold', operationId: effect.id});
	t.not(refund?.id, effect.id);
	t.deepEqual(effect.legSteps, [
		{holdId: 'hold', leg: 1, captured: 0n, released: 50n, refunded: 0n},
		{holdId: 'hold', leg: 1, captured: 0n, released: 0n, refunded: 20n},
	]);
});

test('a cancellation of the rest answers with what it moved, not with what was asked', t => {
	t.is(effectOf(holding(share({released: 40n})), undoing({amount: 100n})).moved, 60n);
});

const restores = test.macro({
	exec(t, shares: readonly LotShare[], amount: bigint, ...expected: readonly (readonly string[])[]) {
		const effect = effectOf(holding(...shares), undoing({amount}));

		t.deepEqual(
			effect.entries.map((_, entry) => movements(effect, entry)),
			expected,
		);
		t.deepEqual(effect.lots, []);
	},
	title: (given = '') => `value returns ${given}`,
});

const first = (counters: Partial<LotShare> = {}) => buildShare('first', 60n, counters);
const second = (counters: Partial<LotShare> = {}) => buildShare('second', 40n, counters);

test('to the lot taken last, while it suffices', restores, [first(), second()], 40n, [
	'second: remaining +40, held -40',
]);
test('to the lot taken last, then to the one before', restores, [first(), second()], 41n, [
	'second: remaining +40, held -40',
	'first: remaining +1, held -1',
]);
test('where the last release ended', restores, [first(), second({released: 30n})], 20n, [
	'second: remaining +10, held -10',
	'first: remaining +10, held -10',
]);
test('by refund to the lot captured last', restores, [first({captured: 60n}), second({captured: 40n})], 41n, [
	'second: remaining +40, held 0',
	'first: remaining +1, held 0',
]);
test(
	'by release past lots that are captured, then by refund to the last captured',
	restores,
	[first({captured: 60n}), second({captured: 10n})],
	45n,
	['second: remaining +30, held -30'],
	['second: remaining +10, held 0', 'first: remaining +5, held 0'],
);

test('value returns to a card of any status, owner or date', t => {
	const hold = buildHold([share(half)]);
	const ended = {
		emittedAt: noon + 1,
		expiresAt: noon,
		restricted: true,
		singleUse: true,
		rechargeable: false,
	};

	for (const status of ['active', 'blocked', 'closed'] as const) {
		const state = buildState({card: buildCard({...ended, status}), hold});
		t.is(effectOf(state, undoing({amount: 100n})).moved, 100n);
	}
});

test('a cancellation of what does not exist is refused as operationNotFound', t => {
	t.is(answer(buildState(), undoing()), 'operationNotFound');
});

test('a cancellation of another card’s hold is refused as operationNotFound', t => {
	t.is(answer(buildState({hold: buildHold([share()], '2')}), undoing()), 'operationNotFound');
});

test('a hold that names a lot which is not there is a broken ledger, not a refusal', t => {
	const state = buildState({card: card('another'), hold: buildHold([share()])});

	t.throws(() => effectOf(state, undoing()), {message: /Lot lot was taken by a hold/});
});

// By hand: one of the two and never the other, by exactly so much.

const typed = test.macro({
	exec(t, shares: readonly LotShare[], byHand: 'release' | 'refund', amount: bigint, expected: string) {
		const state = holding(...shares);
		const command = undoing({amount, byHand});

		if (expected === 'exceedsHold') {
			t.is(answer(state, command), expected);
			return;
		}

		const effect = effectOf(state, command);
		t.deepEqual(
			effect.entries.map(({kind}, entry) => `${kind}: ${lines(effect, entry).join(', ')}`),
			[expected],
		);
	},
	title: (given = '', _shares, byHand: string, amount: bigint) =>
		`a ${byHand} of ${amount} by hand: ${given}`,
});

test('a part of what is held', typed, [share()], 'release', 30n, 'release: held -30, available +30');
test('all that is held', typed, [share(half)], 'release', 50n, 'release: held -50, available +50');
test('one cent more than is held never refunds', typed, [share(half)], 'release', 51n, 'exceedsHold');
test('the value of the whole never takes the rest', typed, [share(half)], 'release', 100n, 'exceedsHold');
test('what is left, unnamed', typed, [share(half)], 'release', 0n, 'release: held -50, available +50');
test('all was captured meanwhile', typed, [share(all)], 'release', 0n, 'exceedsHold');
test(
	'a part of what was captured',
	typed,
	[share(half)],
	'refund',
	30n,
	'refund: redeemed -30, available +30',
);
test('all that was captured', typed, [share(half)], 'refund', 50n, 'refund: redeemed -50, available +50');
test('one cent more than was captured never releases', typed, [share(half)], 'refund', 51n, 'exceedsHold');
test('the value of the whole never releases', typed, [share(half)], 'refund', 100n, 'exceedsHold');
test(
	'what is left of what was captured, unnamed',
	typed,
	[share({captured: 60n, refunded: 10n, released: 30n})],
	'refund',
	0n,
	'refund: redeemed -50, available +50',
);
test('nothing was captured', typed, [share()], 'refund', 0n, 'exceedsHold');

test('what was refunded to a lot is not refunded to it again, but to the one that was taken before it', t => {
	const state = holding(
		buildShare('first', 60n, {captured: 60n}),
		buildShare('second', 40n, {captured: 40n, refunded: 30n}),
	);

	const effect = effectOf(state, undoing({amount: 50n}));

	t.deepEqual(movements(effect), ['second: remaining +10, held 0', 'first: remaining +40, held 0']);
});
