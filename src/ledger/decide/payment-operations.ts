import {type HoldState, type LedgerState, type PaymentState} from '../card-state.ts';
import {type Cancel, type Refund, type Settle} from '../commands.ts';
import {captureOf, uncaptured} from './capture.ts';
import {type Terms} from '../terms.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {exactly, min, sum} from './portion.ts';
import {type Reservation, reserve} from './reserve.ts';
import {giveBack, inOneOperation, refundable} from './undo.ts';

/**
 * Capture a payment's value, or what is left of it when more is asked for (A9): held → redeemed, first leg first. What timed out is taken
 * again for VTEX alone: to a person it is the shopper's, and nothing is held.
 */
export function decideSettle(
	state: LedgerState,
	payment: PaymentState,
	command: Settle,
	circumstances: Circumstances,
): Decision {
	if (payment.timedOutAt !== null && command.byHand === undefined) {
		return settleAfterTimeOut(state, payment, command, circumstances);
	}

	const hold = holdToMove(state, payment, command);
	if (typeof hold === 'string') {
		return refuse(hold);
	}

	const left = sum(hold.legs.map(uncaptured));
	const moved = asMuchAs(left, command);
	if (moved === null) {
		return refuse('exceedsHold');
	}

	const {entry, legSteps} = captureOf(state, hold, moved);
	const id = circumstances.newId();
	const {paymentId} = payment;
	return accept(id, moved, {
		entries: [{id, ...entry}],
		legSteps,
		payment: moved === left ? {paymentId, holdUntil: null} : null,
	});
}

/**
 * Take the value of a forgotten payment again, as much as is settled, where it is still there, and capture it: one command, two
 * entries (A6). Only while nothing was captured, and from the cards that had paid.
 */
function settleAfterTimeOut(
	state: LedgerState,
	payment: PaymentState,
	command: Settle,
	circumstances: Circumstances,
): Decision {
	const released = heldBy(state, payment, command);
	if (typeof released === 'string' || released === null) {
		return refuse(released ?? 'paymentNotApproved');
	}

	const {paymentId, value} = payment;
	const moved = min(command.amount, value ?? 0n);
	const cards = released.legs.flatMap(({cardId}) => state.cards.get(cardId) ?? []);
	const wish = {amount: moved, assetId: command.assetId, presented: [], agreed: agreedIn(released)};
	const taken = reserve(cards, wish, circumstances);
	if (typeof taken === 'string') {
		return refuse('paymentNotApproved');
	}

	const {entry, legSteps} = captureOf(state, heldAnew(taken), moved);
	const id = circumstances.newId();
	return accept(id, moved, {
		entries: [taken.entry, {id, ...entry}],
		hold: taken.hold,
		legSteps,
		payment: {
			paymentId,
			status: 'approved',
			holdId: taken.hold.id,
			formerHoldId: released.id,
			cancellationId: null,
			timedOutAt: null,
		},
	});
}

/** What points were worth when they were held first: the shopper was told so, whatever they are worth by now. */
function agreedIn({legs}: HoldState): Map<string, Terms> {
	return new Map(
		legs.flatMap(({cardId, rate}) =>
			rate === null ? [] : [[cardId, {rate, least: 1n, most: null}] as const],
		),
	);
}

/** A hold as it stands right after it was made. */
function heldAnew({entry, hold}: Reservation): HoldState {
	const untouched = {captured: 0n, released: 0n, refunded: 0n};
	return {
		id: hold.id,
		legs: hold.legs.map(leg => ({
			...leg,
			...untouched,
			shares: entry.movements
				.filter(movement => movement.leg === leg.number)
				.map(({lotId, heldDelta}) => ({lotId, taken: heldDelta, ...untouched})),
		})),
	};
}

/** Give captured value back, or what was not given back yet when more is asked for (A9): redeemed → available, last leg first. */
export function decideRefund(
	state: LedgerState,
	payment: PaymentState,
	command: Refund,
	circumstances: Circumstances,
): Decision {
	const hold = holdToMove(state, payment, command);
	if (typeof hold === 'string') {
		return refuse(hold);
	}

	const moved = asMuchAs(sum(hold.legs.map(refundable)), command);
	if (moved === null) {
		return refuse('exceedsHold');
	}

	const id = circumstances.newId();
	const given = giveBack(state, hold, {kind: 'refund', amount: moved}, circumstances);
	return accept(id, moved, inOneOperation(state, id, [given], circumstances));
}

/** What is left of what VTEX asks for, and for a person exactly the amount; null for nothing. */
function asMuchAs(left: bigint, {amount, byHand}: Operation): bigint | null {
	const moved = byHand === true ? exactly(amount, left) : min(amount, left);
	return moved !== null && moved > 0n ? moved : null;
}

/**
 * Cancel a payment: release all that is not captured, whatever it asks for. One that is not known yet becomes a tombstone (A1); a
 * second cancellation answers the first one's id and moves nothing. What was captured as a whole can only be refunded. A person who
 * cancels must know what is held.
 */
export function decideCancel(
	state: LedgerState,
	payment: PaymentState,
	command: Cancel,
	circumstances: Circumstances,
): Decision {
	const {paymentId, status, cancellationId} = payment;
	if (cancellationId !== null) {
		return command.byHand === true ? refuse('exceedsHold') : accept(cancellationId, 0n, {});
	}

	const hold = heldBy(state, payment, command);
	if (typeof hold === 'string') {
		return refuse(hold);
	}

	const left = sum((hold?.legs ?? []).map(uncaptured));
	if (hold !== null && left === 0n) {
		return refuse('paymentSettled');
	}

	if (command.byHand === true && (hold === null || ![0n, left].includes(command.amount))) {
		return refuse('paymentChanged');
	}

	const id = circumstances.newId();
	const given =
		hold === null ? undefined : giveBack(state, hold, {kind: 'release', amount: left}, circumstances);
	const isCaptured = sum((hold?.legs ?? []).map(leg => leg.captured)) > 0n;
	return accept(id, left, {
		...inOneOperation(state, id, [given], circumstances),
		payment: {
			paymentId,
			cancellationId: id,
			holdUntil: null,
			concludeAt: null,
			timedOutAt: command.isTimeOut && hold !== null && !isCaptured ? circumstances.now : null,
			// A denied payment stays denied, and one that paid in part stays a payment that can be refunded.
			...(status === 'denied' || isCaptured ? {} : {status: 'cancelled', decidedAt: circumstances.now}),
		},
	});
}

type Operation = Settle | Cancel | Refund;

/** The hold of an approved payment, or why its value cannot be moved. */
function holdToMove(
	state: LedgerState,
	payment: PaymentState,
	command: Operation,
): HoldState | 'paymentNotApproved' | 'paymentChanged' | 'exceedsHold' {
	return payment.status === 'approved'
		? (heldBy(state, payment, command) ?? 'exceedsHold')
		: 'paymentNotApproved';
}

/** A payment's hold, null without one. Its cards were looked up before they were locked, and must all be here (A2). */
function heldBy(
	state: LedgerState,
	{holdId}: PaymentState,
	command: Operation,
): HoldState | null | 'paymentChanged' {
	if (holdId === null && command.holdId === null) {
		return null;
	}

	const hold = holdId === command.holdId && holdId !== null ? state.holds.get(holdId) : undefined;
	return hold?.legs.every(({cardId}) => state.cards.has(cardId)) === true ? hold : 'paymentChanged';
}
