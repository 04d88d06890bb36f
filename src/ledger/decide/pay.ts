import {type Instant} from '../calendar.ts';
import {type LedgerState, type PaymentState} from '../card-state.ts';
import {type Conclude, type Pay} from '../commands.ts';
import {type PaymentChange} from '../entry.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {reserve} from './reserve.ts';

/**
 * Create a payment: hold its value now, approve it and hold nothing (C4), let it wait for the shopper, or deny it. A tombstone
 * refuses it, so that a create which a cancellation overtook holds nothing (A1).
 */
export function decidePay(
	state: LedgerState,
	payment: PaymentState,
	command: Pay,
	circumstances: Circumstances,
): Decision {
	const {plan, opening} = command;
	if (payment.status !== 'new') {
		return refuse(
			payment.status === 'cancelled' ? 'paymentCancelled' : (payment.refusal ?? 'paymentChanged'),
		);
	}

	const opened: PaymentChange = {
		paymentId: payment.paymentId,
		assetId: command.assetId,
		value: command.amount,
		way: opening.way,
	};
	if (plan.kind === 'wait') {
		const {concludeAt, concludeApproved} = opening;
		return accept(payment.tid, 0n, {payment: {...opened, status: 'pending', concludeAt, concludeApproved}});
	}

	return outcomeOf(state, {payment, opened, holdUntil: opening.holdUntil}, command, circumstances);
}

/** End a pending payment, once: whoever comes second is told what the first made of it. */
export function decideConclude(
	state: LedgerState,
	payment: PaymentState,
	command: Conclude,
	circumstances: Circumstances,
): Decision {
	switch (payment.status) {
		case 'pending': {
			const opened: PaymentChange = {paymentId: payment.paymentId, concludeAt: null};
			return outcomeOf(state, {payment, opened, holdUntil: command.holdUntil}, command, circumstances);
		}

		case 'approved':
			return accept(payment.holdId ?? payment.tid, 0n, {});
		case 'denied':
			return refuse(payment.refusal ?? 'declined');
		case 'cancelled':
			return refuse('paymentCancelled');
		case 'new':
			return refuse('paymentNotApproved');
	}
}

/** A payment that gets its end, and what its row says besides. */
type Ending = {
	readonly payment: PaymentState;
	readonly opened: PaymentChange;
	readonly holdUntil: Instant | null;
};

function outcomeOf(
	state: LedgerState,
	{payment, opened, holdUntil}: Ending,
	command: Pick<Pay, 'plan' | 'cardIds' | 'amount' | 'assetId' | 'presented'>,
	circumstances: Circumstances,
): Decision {
	const {plan, cardIds, amount} = command;
	const decided = {...opened, decidedAt: circumstances.now};
	if (plan.kind === 'refuse') {
		return deny(plan.refusal, decided);
	}

	if (plan.kind === 'verify') {
		return accept(payment.tid, 0n, {payment: {...decided, status: 'approved'}});
	}

	const cards = [...new Set(cardIds)].flatMap(id => state.cards.get(id) ?? []);
	if (amount <= 0n || (cards.length === 0 && cardIds.length === 1)) {
		return deny(amount <= 0n ? 'amountUnusable' : 'cardNotFound', decided);
	}

	const reserved = reserve(cards, command, circumstances);
	if (typeof reserved === 'string') {
		return deny(reserved, decided);
	}

	const {entry, hold} = reserved;
	return accept(hold.id, amount, {
		entries: [entry],
		hold,
		payment: {...decided, status: 'approved', holdId: hold.id, holdUntil},
	});
}

function deny(refusal: Refusal, decided: PaymentChange): Decision {
	return {kind: 'refused', refusal, payment: {...decided, status: 'denied', refusal}};
}
