import {type Cancel, type CommandKey, type Refund, type Settle} from '../ledger/commands.ts';
import {type Outcome} from '../ledger/batch.ts';
import {type Refusal, refusals} from '../ledger/refusals.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {keyOf} from './keys.ts';
import {amountOf} from './means.ts';
import {type Payment, tidOf} from './payment.ts';
import {type PaymentTools} from './tools.ts';
import {type PaymentOperation, type PaymentOutcome} from './wish.ts';

export type OperationVerb = 'settle' | 'cancel' | 'refund';

const spaces = {settle: 'settlement', cancel: 'cancellation', refund: 'refund'} as const;

/** Kind of operation → the number that stands for it in `payment_requests`. */
export const requestKinds = {settle: 1, cancel: 2, refund: 3} as const satisfies Record<
	OperationVerb,
	number
>;

// So often a payment may change between look-up and lock before VTEX is to ask again later.
const attemptsMax = 5;

/**
 * Settle, cancel or refund, once for its request id; of what is asked, as much as is left (A9). What VTEX asked for is noted
 * beside the books, done or refused.
 */
export async function operate(
	tools: PaymentTools,
	merchant: Merchant,
	verb: OperationVerb,
	operation: PaymentOperation,
): Promise<PaymentOutcome> {
	const attempt = await attemptUntilSettled(tools, merchant, verb, operation);
	const {outcome, asset, asked} = attempt;
	const isReplay = outcome.kind === 'done' && outcome.isReplay;
	const [payment] = await Promise.all([
		tools.reader.find(merchant.id, operation.paymentId),
		isReplay ? undefined : noteRequest(tools, merchant.id, verb, {...operation, asked, outcome}),
	]);
	if (outcome.kind === 'refused') {
		return {kind: 'refused', refusal: outcome.refusal, asset};
	}

	if (payment === undefined) {
		throw new Error(`The payment's ${spaces[verb]} is done, and the payment is not there.`);
	}

	const {id, moved, at} = outcome;
	return {kind: 'done', id, moved, at, asset, payment};
}

type Attempt = {
	readonly outcome: Outcome;
	readonly asset: MerchantAsset;
	/** Minor units; null where no amount could be read. */
	readonly asked: bigint | null;
};

/** Look up, and submit what was found; when the payment changed in between, look up again (A2). */
async function attemptUntilSettled(
	tools: PaymentTools,
	merchant: Merchant,
	verb: OperationVerb,
	operation: PaymentOperation,
): Promise<Attempt> {
	for (let attempt = 1; ; attempt++) {
		const done = await attemptOnce(tools, merchant, verb, operation);
		const isChanged = done.outcome.kind === 'refused' && done.outcome.refusal === 'paymentChanged';
		if (!isChanged || attempt === attemptsMax) {
			return done;
		}
	}
}

async function attemptOnce(
	tools: PaymentTools,
	merchant: Merchant,
	verb: OperationVerb,
	operation: PaymentOperation,
): Promise<Attempt> {
	const payment = await tools.reader.find(merchant.id, operation.paymentId);
	const asset = await assetOf(tools, merchant, payment);
	const asked = amountOf(operation.amountText, asset) ?? null;
	const refused = (refusal: Refusal): Attempt => {
		return {outcome: {kind: 'refused', refusal, isReplay: false}, asset, asked};
	};
	if (verb === 'cancel') {
		const command = cancelOf(merchant, payment, asset, operation);
		return {outcome: await tools.writer.submit(merchant, command), asset, asked};
	}

	// It may be overtaken by its create, so it is not remembered (A7).
	if (payment === undefined) {
		return refused('paymentNotApproved');
	}

	if (asked === null || asked === 0n) {
		return refused('amountUnusable');
	}

	const command: Settle | Refund = {
		...commonOf(payment, asset, operation),
		verb,
		key: keyFor(verb, payment.tid, asked, operation),
		amount: asked,
	};
	return {outcome: await tools.writer.submit(merchant, command), asset, asked};
}

/** Also of a payment that is not known yet: then it leaves a tombstone, which denies the payment when it comes (A1). */
export function cancelOf(
	merchant: Pick<Merchant, 'id'>,
	payment: Payment | undefined,
	asset: Pick<MerchantAsset, 'id'>,
	{reason = null, isTimeOut = false, ...operation}: CancelWish,
): Cancel {
	const {paymentId} = operation;
	const tid = tidOf(merchant.id, paymentId);
	return {
		...commonOf(payment ?? unknownPayment(paymentId, tid), asset, operation, reason),
		verb: 'cancel',
		key: keyFor('cancel', tid, 0n, operation),
		amount: 0n,
		isTimeOut,
	};
}

type CancelWish = Pick<PaymentOperation, 'paymentId' | 'requestId' | 'settleId' | 'actorId'> & {
	readonly reason?: string | null;
	readonly isTimeOut?: boolean;
};

function unknownPayment(paymentId: string, tid: string) {
	return {paymentId, tid, holdId: null, cardIds: [], particulars: null} as const;
}

function commonOf(
	payment: Pick<Payment, 'paymentId' | 'tid' | 'holdId' | 'cardIds' | 'particulars'>,
	{id: assetId}: Pick<MerchantAsset, 'id'>,
	{requestId, actorId}: Pick<PaymentOperation, 'requestId' | 'actorId'>,
	reason: string | null = null,
) {
	const {paymentId, tid, holdId, cardIds, particulars} = payment;
	const orderId = particulars?.orderId ?? null;
	return {
		payment: {paymentId, tid},
		cardIds: [...new Set(cardIds)],
		holdId,
		assetId,
		actorId,
		note: {orderId, requestId, description: null, reason, reasonCode: null},
	};
}

/** A request without an id is known by what it asks for (A18). */
function keyFor(
	verb: OperationVerb,
	tid: string,
	asked: bigint,
	{requestId, settleId}: Pick<PaymentOperation, 'requestId' | 'settleId'>,
): CommandKey {
	const key = keyOf(requestId ?? `without id: ${verb} ${asked} ${settleId ?? ''}`.trim());
	return {scope: tid, space: spaces[verb], key};
}

/** That of the payment; the merchant's own currency for a payment that has none. */
async function assetOf(
	{assets}: PaymentTools,
	merchant: Merchant,
	payment: Payment | undefined,
): Promise<MerchantAsset> {
	const assetId = payment?.assetId ?? null;
	return assetId === null
		? assets.ofCurrency(merchant.id, merchant.currency)
		: assets.byId(merchant.id, assetId);
}

type Answered = PaymentOperation & {readonly asked: bigint | null; readonly outcome: Outcome};

/** The journal has what moved already; a note that fails must not make VTEX believe that nothing did. */
async function noteRequest(
	{prisma, clock, options}: PaymentTools,
	merchantId: number,
	verb: OperationVerb,
	{paymentId, requestId, asked, outcome, particulars}: Answered,
): Promise<void> {
	const moved = outcome.kind === 'done' ? outcome.moved : 0n;
	const refusal = outcome.kind === 'refused' ? refusals[outcome.refusal].number : null;
	try {
		await prisma.$executeRaw`
			INSERT INTO payment_requests (merchant_id, payment_id, kind, request_id, asked, moved, refusal, at, particulars)
			VALUES (${merchantId}::int, ${paymentId}, ${requestKinds[verb]}::smallint, ${requestId}, ${asked}::bigint, ${moved}::bigint,
				${refusal}::smallint, ${new Date(clock())}, ${particulars}::jsonb)`;
	} catch (error) {
		options.onFailure?.(error, `What came with a ${spaces[verb]} could not be kept`);
	}
}
