import {type Conclude, noNote} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {holdUntil} from './create.ts';
import {type Payment} from './payment.ts';
import {issueSandboxCard} from './sandbox.ts';
import {type PaymentTools} from './tools.ts';

/** The answer that a pending payment waits for: take it from these cards, or deny it. */
export type Answer =
	| {readonly kind: 'pay'; readonly cardIds: readonly string[]}
	| {readonly kind: 'refuse'; readonly refusal: Refusal};

/** The answer to the create must have left before the callback comes. */
const callbackAfterMs = 1000;

/**
 * End a pending payment, once: of several who answer, the first one counts. The callback is written with it.
 * @returns the payment as it stands afterwards
 */
export async function concludePayment(
	tools: PaymentTools,
	merchant: Merchant,
	payment: Payment,
	{answer, actorId}: {readonly answer: Answer; readonly actorId: number},
): Promise<Payment> {
	await tools.writer.submit(merchant, commandOf(tools, payment, answer, actorId));
	const concluded = await tools.reader.find(merchant.id, payment.paymentId);
	if (concluded === undefined) {
		throw new Error('The payment was concluded and is not there.');
	}

	return concluded;
}

/** As its selector wants; an approval needs a card of its own first. */
export async function sandboxAnswer(
	tools: PaymentTools,
	merchant: Merchant,
	payment: Payment,
	actorId: number,
): Promise<Answer> {
	const {tid, value, assetId, concludeApproved} = payment;
	if (concludeApproved !== true || value === null || assetId === null) {
		return {kind: 'refuse', refusal: 'sandboxDenied'};
	}

	if (value === 0n) {
		return {kind: 'pay', cardIds: []};
	}

	const issued = await issueSandboxCard(tools, merchant, {tid, value, assetId, actorId});
	return 'refusal' in issued
		? {kind: 'refuse', refusal: issued.refusal}
		: {kind: 'pay', cardIds: [issued.cardId]};
}

function commandOf(
	{clock, options}: PaymentTools,
	{paymentId, tid, value, assetId, createdAt, particulars}: Payment,
	answer: Answer,
	actorId: number,
): Conclude {
	if (value === null || assetId === null || particulars === null) {
		throw new Error('A payment that was never created cannot be concluded.');
	}

	const now = clock();
	const {callbackUrl, delayToCancel, orderId} = particulars;
	const plan = answer.kind === 'refuse' ? answer : ({kind: value === 0n ? 'verify' : 'hold'} as const);
	return {
		verb: 'conclude',
		key: {scope: tid, space: 'conclusion', key: 'conclusion'},
		payment: {paymentId, tid},
		cardIds: answer.kind === 'pay' ? answer.cardIds : [],
		amount: value,
		assetId,
		actorId,
		note: {...noNote, orderId, requestId: paymentId},
		plan,
		// Who pays was settled when the payment was created, and by the PIN.
		presented: [],
		holdUntil: plan.kind === 'hold' ? holdUntil(options.delayToAutoSettle, now) : null,
		callback:
			callbackUrl === null ? null : {nextAt: now + callbackAfterMs, until: createdAt + delayToCancel * 1000},
	};
}
