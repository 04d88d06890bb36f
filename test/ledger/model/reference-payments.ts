/* The rules of payments once more, over the holds of the reference. A command that repeats another one never gets here. */

import {
	type Arrival,
	capture,
	giveBack,
	moveOn,
	refundable,
	reserve,
	uncaptured,
	valueIn,
} from './reference-holds.ts';
import {
	typedOf,
	type ReferenceHold,
	type ReferenceOutcome,
	type ReferencePayment,
	type ReferencePaymentCommand,
} from './reference-state.ts';

export function newReferencePayment(): ReferencePayment {
	const nothingYet = {isCreated: false, isCancelled: false, isForgotten: false} as const;
	return {status: 'new', ...nothingYet, refusal: null, value: 0, hold: null};
}

export function paymentOutcome(
	payment: ReferencePayment,
	command: ReferencePaymentCommand,
	now: number,
): ReferenceOutcome {
	switch (command.verb) {
		case 'pay':
			return pay(payment, command, now);
		case 'settle':
			return payment.isForgotten
				? settleLate(payment, command.amount, now)
				: move(payment, command.amount, uncaptured, capture);
		case 'refund':
			return move(payment, command.amount, refundable, (hold, amount) => {
				moveOn(giveBack(hold, 'refunded', amount, now));
			});
		case 'cancel':
			return cancel(payment, command.isTimeOut, now);
		case 'mend':
			return mend(payment, command, now);
	}
}

/** A person captures or refunds exactly so much, or ends the payment by releasing all that is held and nothing else. */
function mend(
	payment: ReferencePayment,
	{how, amount}: Extract<ReferencePaymentCommand, {verb: 'mend'}>,
	now: number,
): ReferenceOutcome {
	const {hold, status} = payment;
	const rest = valueIn(hold, how === 'refund' ? refundable : uncaptured);
	if (how === 'release') {
		const refusals = [
			payment.isCancelled ? 'exceedsHold' : '',
			hold !== null && rest === 0 ? 'paymentSettled' : '',
			hold === null || (amount !== 0 && amount !== rest) ? 'paymentChanged' : '',
		];
		return refusals.find(name => name !== '') ?? cancel(payment, false, now);
	}

	if (status !== 'approved' || hold === null) {
		return 'paymentNotApproved';
	}

	const moved = typedOf(amount, rest);
	if (moved === null) {
		return 'exceedsHold';
	}

	if (how === 'capture') {
		capture(hold, moved);
	} else {
		moveOn(giveBack(hold, 'refunded', moved, now));
	}

	return {moved};
}

function pay(
	payment: ReferencePayment,
	{cards, amount}: Extract<ReferencePaymentCommand, {verb: 'pay'}>,
	now: number,
): ReferenceOutcome {
	if (payment.status !== 'new') {
		return 'paymentCancelled';
	}

	const hold = reserve(cards, {amount, assetId: 1, by: 'nobody'}, now);
	payment.isCreated = true;
	payment.value = amount;
	if (typeof hold === 'string') {
		payment.status = 'denied';
		payment.refusal = hold;
		return hold;
	}

	payment.status = 'approved';
	payment.hold = hold;
	return {moved: amount, operation: hold};
}

/** As much as is left of it, when more is asked for (A9). */
function move(
	{status, hold}: ReferencePayment,
	amount: number,
	left: Parameters<typeof valueIn>[1],
	how: (hold: ReferenceHold, amount: number) => void,
): ReferenceOutcome {
	if (status !== 'approved' || hold === null) {
		return 'paymentNotApproved';
	}

	const moved = Math.min(amount, valueIn(hold, left));
	how(hold, moved);
	return moved === 0 ? 'exceedsHold' : {moved};
}

/** The value is taken again where it was, for as many points as were agreed, whatever they are worth by now (A6). */
function settleLate(payment: ReferencePayment, amount: number, now: number): ReferenceOutcome {
	const moved = Math.min(amount, payment.value);
	const legs = payment.hold?.legs ?? [];
	const agreed = new Map(
		legs
			.filter(({price}) => price.isPoints)
			.map(({card, price}) => [card, {...price, least: 0, most: Infinity}]),
	);
	const hold = reserve(
		legs.map(({card}) => card),
		{amount: moved, assetId: 1, by: 'nobody', agreed},
		now,
	);
	if (typeof hold === 'string') {
		return 'paymentNotApproved';
	}

	capture(hold, moved);
	Object.assign(payment, {status: 'approved', isForgotten: false, isCancelled: false, hold});
	return {moved, operation: hold};
}

function cancel(payment: ReferencePayment, isTimeOut: boolean, now: number): ReferenceOutcome {
	const {hold} = payment;
	if (payment.isCancelled) {
		return {moved: 0};
	}

	const moved = valueIn(hold, uncaptured);
	if (hold !== null && moved === 0) {
		return 'paymentSettled';
	}

	const isCaptured = valueIn(hold, ({captured}) => captured) > 0;
	const arrivals: Arrival[] = hold === null ? [] : giveBack(hold, 'released', moved, now);
	moveOn(arrivals);
	payment.isCancelled = true;
	payment.isForgotten = isTimeOut && hold !== null && !isCaptured;
	payment.status = payment.status === 'denied' || isCaptured ? payment.status : 'cancelled';
	return {moved};
}
