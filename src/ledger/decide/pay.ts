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

	const {assetId, amount: value} = command;
	const {way, holdUntil, concludeAt, concludeApproved} = opening;
	if (plan.kind === 'wait') {
		const {paymentId, tid} = payment;
		const waiting = {
			paymentId,
			assetId,
			value,
			way,
			concludeAt,
			concludeApproved,
			status: 'pending',
		} as const;
		return accept(tid, 0n, {payment: waiting});
	}

	return outcomeOf(state, {payment, assetId, value, way, holdUntil}, command, circumstances);
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
			const {assetId, value, way} = payment;
			const {holdUntil} = command;
			return outcomeOf(state, {payment, assetId, value, way, holdUntil}, command, circumstances);
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
type Ending = Pick<PaymentState, 'assetId' | 'value' | 'way' | 'holdUntil'> & {
	readonly payment: PaymentState;
};

function outcomeOf(
	state: LedgerState,
	ending: Ending,
	command: Pick<Pay, 'plan' | 'cardIds' | 'amount' | 'assetId' | 'presented'>,
	circumstances: Circumstances,
): Decision {
	const {plan, cardIds, amount} = command;
	const {tid} = ending.payment;
	const {now} = circumstances;
	if (plan.kind === 'refuse') {
		return deny(plan.refusal, ending, now);
	}

	if (plan.kind === 'verify') {
		return accept(tid, 0n, {payment: ended(ending, now, null, null)});
	}

	const cards = [...new Set(cardIds)].flatMap(id => state.cards.get(id) ?? []);
	if (amount <= 0n || (cards.length === 0 && cardIds.length === 1)) {
		return deny(amount <= 0n ? 'amountUnusable' : 'cardNotFound', ending, now);
	}

	const reserved = reserve(cards, command, circumstances);
	if (typeof reserved === 'string') {
		return deny(reserved, ending, now);
	}

	const {entry, hold} = reserved;
	return accept(hold.id, amount, {entries: [entry], hold, payment: ended(ending, now, null, hold.id)});
}

function deny(refusal: Refusal, ending: Ending, now: Instant): Decision {
	return {kind: 'refused', refusal, payment: ended(ending, now, refusal, null)};
}

/** Field by field: most of what a batch of payments makes are these. */
function ended(
	{payment: {paymentId}, assetId, value, way, holdUntil}: Ending,
	decidedAt: Instant,
	refusal: Refusal | null,
	holdId: string | null,
): PaymentChange {
	const status = refusal === null ? 'approved' : 'denied';
	const until = holdId === null ? null : holdUntil;
	return {
		paymentId,
		status,
		refusal,
		assetId,
		value,
		way,
		holdId,
		holdUntil: until,
		concludeAt: null,
		decidedAt,
	};
}
