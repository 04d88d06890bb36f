import test from 'ava';
import {
	type HoldState,
	type LedgerState,
	newPayment,
	type PaymentState,
} from '../../../src/ledger/card-state.ts';
import {cancel, refund, rootOf, settle} from '../../helpers/payment-commands.ts';
import {answer, buildCard, buildLot, effectOf, lines, movements, noon} from '../../helpers/state.ts';

const place = {actorId: 1, assetId: 1};
const target = {paymentId: 'p', cardIds: ['1', '2'], holdId: 'hold'};

type Counters = {readonly captured?: bigint; readonly released?: bigint; readonly refunded?: bigint};

/** Two legs, of 30 on card 1 and of 20 on card 2. */
function holdOf(...counters: readonly Counters[]): HoldState {
	return {
		id: 'hold',
		legs: [30n, 20n].map((value, index) => {
			const moved = {captured: 0n, released: 0n, refunded: 0n, ...counters[index]};
			const shares = [{lotId: `lot ${index + 1}`, taken: value, ...moved}];
			const worth = {currencyId: 1, value, units: value, rate: null};
			return {number: index + 1, cardId: String(index + 1), ...worth, ...moved, shares};
		}),
	};
}

function stateOf(hold: HoldState | null, payment: Partial<PaymentState> = {}): LedgerState {
	const cards = ['1', '2'].map(id => buildCard({id, lots: [buildLot({id: `lot ${id}`, held: 30n})]}));
	return {
		cards: new Map(cards.map(card => [card.id, card])),
		holds: new Map(hold === null ? [] : [[hold.id, hold]]),
		credits: new Map(),
		orders: new Map(),
		losses: new Map(),
		earned: new Map(),
		payments: new Map([
			[
				'p',
				{
					...newPayment(rootOf('p')),
					status: 'approved',
					holdId: hold?.id ?? null,
					holdUntil: noon,
					...payment,
				},
			],
		]),
	};
}

const settling = (amount: bigint) => settle(place, target, amount, 's1');
const refunding = (amount: bigint) => refund(place, target, amount, 'r1');
const cancelling = cancel(place, target, 'c1');

const whole = holdOf();
const captured = holdOf({captured: 30n}, {captured: 20n});

test('a settlement captures the first leg first, and the hold stays open for the rest', t => {
	const effect = effectOf(stateOf(whole), settling(35n));

	t.is(effect.moved, 35n);
	t.deepEqual(lines(effect), ['held -30', 'redeemed +35', 'held -5']);
	t.deepEqual(movements(effect), ['lot 1: remaining 0, held -30', 'lot 2: remaining 0, held -5']);
	t.is(effect.payment, null);
});

test('a settlement of the rest leaves nothing to be released', t => {
	t.deepEqual(effectOf(stateOf(whole), settling(50n)).payment, {paymentId: 'p', holdUntil: null});
	t.is(effectOf(stateOf(whole), settling(49n)).payment, null);
});

test('a settlement above the rest captures the rest, and one of nothing is refused', t => {
	t.is(effectOf(stateOf(holdOf({captured: 30n})), settling(999n)).moved, 20n);
	t.is(answer(stateOf(captured), settling(1n)), 'exceedsHold');
	t.is(answer(stateOf(whole), settling(0n)), 'exceedsHold');
});

test('a refund gives the last leg back first, never more than was captured', t => {
	const effect = effectOf(stateOf(captured), refunding(25n));

	t.deepEqual(
		effect.entries.map(({kind}) => kind),
		['refund'],
	);
	t.deepEqual(movements(effect), ['lot 2: remaining +20, held 0', 'lot 1: remaining +5, held 0']);
	t.is(effectOf(stateOf(captured), refunding(999n)).moved, 50n);
	t.is(effectOf(stateOf(holdOf({captured: 10n, refunded: 3n})), refunding(999n)).moved, 7n);
	t.is(answer(stateOf(whole), refunding(1n)), 'exceedsHold');
	t.is(answer(stateOf(holdOf({captured: 10n, refunded: 10n})), refunding(1n)), 'exceedsHold');
	t.is(answer(stateOf(captured), refunding(0n)), 'exceedsHold');
});

test('a cancellation releases everything under its id, and the payment is cancelled', t => {
	const effect = effectOf(stateOf(whole), cancelling);

	t.is(effect.moved, 50n);
	t.deepEqual(movements(effect), ['lot 2: remaining +20, held -20', 'lot 1: remaining +30, held -30']);
	t.deepEqual(effect.payment, {
		paymentId: 'p',
		status: 'cancelled',
		cancellationId: effect.id,
		holdUntil: null,
		concludeAt: null,
		timedOutAt: null,
		decidedAt: noon,
	});
	t.is(effect.entries[0]?.id, effect.id);
});

test('a cancellation after a part was captured releases the rest, and the payment stays approved', t => {
	const effect = effectOf(stateOf(holdOf({captured: 30n}, {captured: 1n})), cancelling);

	t.is(effect.moved, 19n);
	t.is(effect.payment?.status, undefined);
	t.like(effect.payment, {cancellationId: effect.id, holdUntil: null});
});

test('a time-out is told from a cancellation only while nothing was captured', t => {
	const timeOut = {...cancelling, isTimeOut: true};

	t.is(effectOf(stateOf(whole), timeOut).payment?.timedOutAt, noon);
	t.is(effectOf(stateOf(holdOf({captured: 1n})), timeOut).payment?.timedOutAt, null);
});

test('a settlement after a time-out holds what it settles anew, and captures it', t => {
	const released = holdOf({released: 30n}, {released: 20n});
	const after = stateOf(released, {status: 'cancelled', value: 50n, cancellationId: 'c', timedOutAt: noon});

	const effect = effectOf(after, settling(35n));

	t.is(effect.moved, 35n);
	t.deepEqual(
		effect.entries.map(({kind}) => kind),
		['authorize', 'capture'],
	);
	t.deepEqual(
		effect.hold?.legs.map(({cardId, value}) => [cardId, value]),
		[['1', 35n]],
	);
	t.like(effect.payment, {status: 'approved', formerHoldId: 'hold', cancellationId: null, timedOutAt: null});
	t.is(effect.payment?.holdId, effect.hold?.id);
	t.is(answer(after, settling(1000n)), 'accepted');
});

test('a cancellation after everything was captured is refused', t => {
	t.is(answer(stateOf(captured), cancelling), 'paymentSettled');
	t.is(answer(stateOf(holdOf({captured: 30n}, {captured: 19n})), cancelling), 'accepted');
});

test('a second cancellation answers the first one’s id and moves nothing', t => {
	for (const status of ['cancelled', 'approved', 'denied'] as const) {
		const effect = effectOf(stateOf(null, {status, cancellationId: 'first'}), cancelling);

		t.like(effect, {id: 'first', moved: 0n, entries: [], payment: null});
	}
});

const unheld = cancel(place, {...target, holdId: null}, 'c1');

test('what holds nothing is cancelled without an entry', t => {
	for (const status of ['new', 'pending', 'approved'] as const) {
		const effect = effectOf(stateOf(null, {status}), unheld);

		t.like(effect, {moved: 0n, entries: []});
		t.like(effect.payment, {status: 'cancelled', cancellationId: effect.id});
	}
});

test('a denied payment that is cancelled stays denied', t => {
	const effect = effectOf(stateOf(null, {status: 'denied', refusal: 'codeUnknown'}), unheld);

	t.is(effect.payment?.status, undefined);
	t.is(effect.payment?.cancellationId, effect.id);
});

test('only an approved payment is settled or refunded', t => {
	for (const status of ['new', 'pending', 'denied', 'cancelled'] as const) {
		const state = stateOf(null, {status, cancellationId: status === 'cancelled' ? 'c' : null});

		t.is(answer(state, settling(1n)), 'paymentNotApproved');
		t.is(answer(state, refunding(1n)), 'paymentNotApproved');
	}

	const verified = {...target, holdId: null};
	t.is(answer(stateOf(null), settle(place, verified, 1n, 's1')), 'exceedsHold');
	t.is(answer(stateOf(null), refund(place, verified, 1n, 'r1')), 'exceedsHold');
});

test('a payment whose hold is another one than was looked up, or on other cards, is to be looked up again', t => {
	const other = {...target, holdId: 'other'};
	for (const wrong of [other, {...target, holdId: null}]) {
		t.is(answer(stateOf(whole), settle(place, wrong, 1n, 's1')), 'paymentChanged');
		t.is(answer(stateOf(whole), refund(place, wrong, 1n, 'r1')), 'paymentChanged');
		t.is(answer(stateOf(whole), cancel(place, wrong, 'c1')), 'paymentChanged');
	}

	const state = {...stateOf(whole), cards: new Map([['1', buildCard()]])};
	t.is(answer(state, settling(1n)), 'paymentChanged');
});

// By hand: exactly so much, or for zero all that is left.

const byHand = true as const;
const none = {paymentId: 'p'};

test('a capture by hand moves what was typed, or all that is held, and never the rest of more', t => {
	const state = stateOf(holdOf({captured: 10n}));
	const capturing = (amount: bigint) => ({...settling(amount), byHand});

	t.is(effectOf(state, capturing(40n)).moved, 40n);
	t.is(effectOf(state, capturing(39n)).moved, 39n);
	t.is(answer(state, capturing(41n)), 'exceedsHold');
	t.is(answer(state, capturing(50n)), 'exceedsHold');
	const all = effectOf(state, capturing(0n));
	t.is(all.moved, 40n);
	t.deepEqual(all.payment, {...none, holdUntil: null});
	t.is(answer(stateOf(captured), capturing(0n)), 'exceedsHold');
});

test('a refund by hand moves what was typed, or all that was captured, and never releases', t => {
	const state = stateOf(holdOf({captured: 20n, refunded: 5n}));
	const giving = (amount: bigint) => ({...refunding(amount), byHand});

	t.is(effectOf(state, giving(15n)).moved, 15n);
	t.is(answer(state, giving(16n)), 'exceedsHold');
	t.is(effectOf(state, giving(0n)).moved, 15n);
	t.is(answer(stateOf(whole), giving(0n)), 'exceedsHold');
});

test('a release by hand ends the payment with all that is held, or does nothing', t => {
	const state = stateOf(holdOf({captured: 10n}));
	const releasing = (amount: bigint) => ({...cancelling, amount, byHand});

	t.is(effectOf(state, releasing(0n)).moved, 40n);
	const all = effectOf(state, releasing(40n));
	t.is(all.moved, 40n);
	t.like(all.payment, {cancellationId: all.entries[0]?.id, timedOutAt: null});
	t.is(answer(state, releasing(39n)), 'paymentChanged');
	t.is(answer(state, releasing(41n)), 'paymentChanged');
	t.is(answer(stateOf(captured), releasing(0n)), 'paymentSettled');
	t.is(answer(stateOf(whole, {cancellationId: 'earlier'}), releasing(0n)), 'exceedsHold');
	t.is(answer(stateOf(null), {...releasing(0n), holdId: null}), 'paymentChanged');
});

test('what timed out is not captured by hand, and still by VTEX', t => {
	const released = holdOf({released: 30n}, {released: 20n});
	const state = stateOf(released, {
		status: 'cancelled',
		timedOutAt: noon,
		cancellationId: 'timeout',
		value: 50n,
	});

	t.is(answer(state, {...settling(0n), byHand}), 'paymentNotApproved');
	t.is(answer(state, {...settling(10n), byHand}), 'paymentNotApproved');
});

test('the hold that was looked up is moved only while it is the payment’s', t => {
	const state = stateOf(holdOf(), {holdId: 'another hold'});

	t.is(answer(state, settle(place, target, 1n, 's1')), 'paymentChanged');
	t.is(answer(state, refund(place, target, 1n, 'r1')), 'paymentChanged');
	t.is(answer(state, cancel(place, target, 'c1')), 'paymentChanged');
});

test('what timed out is taken again of the hold that was looked up only', t => {
	const state = stateOf(holdOf({released: 30n}, {released: 20n}), {timedOutAt: noon, status: 'cancelled'});

	t.is(answer(state, settle(place, {...target, holdId: 'other'}, 1n, 's1')), 'paymentChanged');
});

test('what timed out is not taken again where its value is gone', t => {
	const state = stateOf(holdOf({released: 30n}, {released: 20n}), {
		...{timedOutAt: noon, status: 'cancelled', value: 50n},
	});
	const cards = new Map(['1', '2'].map(id => [id, buildCard({id, lots: []})]));

	t.is(answer({...state, cards}, settling(50n)), 'paymentNotApproved');
});
