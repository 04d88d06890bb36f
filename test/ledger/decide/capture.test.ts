import test from 'ava';
import {type LotShare} from '../../../src/ledger/card-state.ts';
import {
	answer,
	buildCard,
	buildCredit,
	buildHold,
	buildLot,
	buildShare,
	buildState,
	capturing,
	effectOf,
	lines,
	movements,
	noon,
} from '../../helpers/state.ts';

const holding = (...shares: readonly LotShare[]) => buildState({hold: buildHold(shares)});
const share = (counters: Partial<LotShare> = {}) => buildShare('lot', 100n, counters);

const capture = test.macro({
	exec(t, shares: readonly LotShare[], amount: bigint, moved: bigint | 'exceedsHold') {
		const state = holding(...shares);

		if (moved === 'exceedsHold') {
			t.is(answer(state, capturing({amount})), moved);
		} else {
			t.is(effectOf(state, capturing({amount})).moved, moved);
		}
	},
	title: (given = '', _shares, _amount, moved: unknown) =>
		`a capture ${moved === 'exceedsHold' ? 'is refused' : `moves ${String(moved)}`}: ${given}`,
});

test('a part', capture, [share()], 30n, 30n);
test('the whole', capture, [share()], 100n, 100n);
test('one cent more than the whole', capture, [share()], 101n, 'exceedsHold');
test('exactly what is left after a capture', capture, [share({captured: 30n})], 70n, 70n);
test('one cent more than what is left', capture, [share({captured: 30n})], 71n, 'exceedsHold');
test('exactly what is left after a release', capture, [share({released: 30n})], 70n, 70n);
test('one cent more than what a release left', capture, [share({released: 30n})], 71n, 'exceedsHold');
test('the value of the whole, when a part was captured', capture, [share({captured: 99n})], 100n, 1n);
test('the value of the whole, when a part was released', capture, [share({released: 40n})], 100n, 60n);
test(
	'one cent less than the whole, when less is left',
	capture,
	[share({captured: 30n})],
	99n,
	'exceedsHold',
);
test('one cent, when all was captured', capture, [share({captured: 100n})], 1n, 'exceedsHold');
test(
	'the value of the whole, when all was captured',
	capture,
	[share({captured: 100n})],
	100n,
	'exceedsHold',
);
test(
	'the value of the whole, when all was released',
	capture,
	[share({released: 100n})],
	100n,
	'exceedsHold',
);
test(
	'what was refunded is not there to be captured again',
	capture,
	[share({captured: 100n, refunded: 100n})],
	1n,
	'exceedsHold',
);

test('a capture moves value from held to redeemed and answers its hold', t => {
	const effect = effectOf(holding(share()), capturing({amount: 30n}));

	t.is(effect.id, 'new-1');
	t.like(effect.entries, {length: 1, 0: {id: 'new-1', kind: 'capture', answers: 'hold', operationId: null}});
	t.deepEqual(lines(effect), ['held -30', 'redeemed +30']);
	t.deepEqual(movements(effect), ['lot: remaining 0, held -30']);
	t.deepEqual(effect.legSteps, [{holdId: 'hold', leg: 1, captured: 30n, released: 0n, refunded: 0n}]);
	t.like(effect, {lots: {length: 0}, hold: null, status: null});
});

const spends = test.macro({
	exec(t, shares: readonly LotShare[], amount: bigint, expected: readonly string[]) {
		t.deepEqual(movements(effectOf(holding(...shares), capturing({amount}))), expected);
	},
	title: (given = '') => `a capture spends lots ${given}`,
});

const first = (counters: Partial<LotShare> = {}) => buildShare('first', 60n, counters);
const second = (counters: Partial<LotShare> = {}) => buildShare('second', 40n, counters);

test('in the order they were taken', spends, [first(), second()], 61n, [
	'first: remaining 0, held -60',
	'second: remaining 0, held -1',
]);
test('only the first, while it suffices', spends, [first(), second()], 60n, ['first: remaining 0, held -60']);
test('where the last capture ended', spends, [first({captured: 50n}), second()], 20n, [
	'first: remaining 0, held -10',
	'second: remaining 0, held -10',
]);
test('passing over what was released', spends, [first({released: 10n}), second({released: 40n})], 50n, [
	'first: remaining 0, held -50',
]);

const rest = {captured: 10n, released: 20n};
test("a capture asks neither for the card's status nor for any date", t => {
	const hold = buildHold([share(rest)]);
	const past = {emittedAt: noon + 1, expiresAt: noon, lots: [buildLot({expiresAt: noon})]};

	for (const status of ['active', 'blocked'] as const) {
		const card = buildCard({...past, status, singleUse: true, restricted: true});
		t.is(effectOf(buildState({card, hold}), capturing({amount: 70n})).moved, 70n);
	}
});

test('a capture of what does not exist is refused as operationNotFound', t => {
	t.is(answer(buildState(), capturing()), 'operationNotFound');
});

test('a capture of another card’s hold is refused as operationNotFound', t => {
	const hold = buildHold([share()], '2');

	t.is(answer(buildState({hold}), capturing()), 'operationNotFound');
});

test('a capture of a credit is refused as notAHold', t => {
	const state = buildState({credit: buildCredit()});

	t.is(answer(state, capturing({holdId: 'credit'})), 'notAHold');
});

test('a capture of another card’s credit is refused as operationNotFound', t => {
	const state = buildState({credit: buildCredit({cardId: '2'})});

	t.is(answer(state, capturing({holdId: 'credit'})), 'operationNotFound');
});

test('a capture by hand moves exactly what was typed, or for zero all that is held, and never the rest of more', t => {
	const hold = buildHold([share({captured: 40n})]);
	const byHand = (amount: bigint) => capturing({amount, byHand: true});

	t.is(effectOf(buildState({hold}), byHand(60n)).moved, 60n);
	t.is(effectOf(buildState({hold}), byHand(0n)).moved, 60n);
	t.is(answer(buildState({hold}), byHand(61n)), 'exceedsHold');
	t.is(answer(buildState({hold}), byHand(100n)), 'exceedsHold');
	t.is(answer(buildState({hold: buildHold([share({captured: 100n})])}), byHand(0n)), 'exceedsHold');
});
