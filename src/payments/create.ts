import {type Instant} from '../ledger/calendar.ts';
import {noNote, type Pay, type PaymentOpening} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type Intent, intentOf} from './intent.ts';
import {amountOf, type Tender, tenderOf} from './means.ts';
import {pageHashOf, pageSecretOf} from './page.ts';
import {type Payment, tidOf} from './payment.ts';
import {type PaymentTools} from './tools.ts';
import {hidesCard} from './stranger.ts';
import {guesserOf, type PaymentWish} from './wish.ts';

/** VTEX settles by itself after its delay, and repeats that for a day; then nobody asks for the value any more (A6). */
const forgottenAfterMs = 25 * 3_600_000;

/** When a hold that is made now is released although VTEX said nothing. */
export function holdUntil(delayToAutoSettle: number, now: Instant): Instant {
	return now + delayToAutoSettle * 1000 + forgottenAfterMs;
}

/**
 * Create a payment, once for its id: the writer knows what it has taken already, and where a PIN would be counted or a card issued
 * for it, that is asked before. A repeated create is answered with the payment as it stands (A8).
 */
export async function createPayment(
	tools: PaymentTools,
	merchant: Merchant,
	wish: PaymentWish,
): Promise<Payment> {
	const tender = await tenderOf(tools, merchant, wish);
	const existing = leavesTraces(tender) ? await tools.reader.find(merchant.id, wish.paymentId) : undefined;
	if (existing !== undefined) {
		return again(tools, merchant, wish, existing);
	}

	const command = await commandFor(tools, merchant, wish, tender);
	const outcome = await tools.writer.submit(merchant, command);
	if (outcome.kind === 'done' && !outcome.isReplay) {
		const fresh = freshPayment(merchant, command, outcome);
		if (fresh !== undefined) {
			return fresh;
		}
	}

	if (outcome.kind === 'refused' && !outcome.isReplay) {
		await countMiss(tools, merchant, wish, {means: tender.means, refusal: outcome.refusal});
	}

	const payment = await tools.reader.find(merchant.id, wish.paymentId);
	if (payment === undefined) {
		throw new Error(
			`The payment was ${outcome.kind === 'done' ? 'made' : `refused as ${outcome.refusal}`} and is not there.`,
		);
	}

	return outcome.kind === 'done' && !outcome.isReplay ? payment : again(tools, merchant, wish, payment);
}

/** A card that was denied in the words for a stranger is a guess, the first time that it is asked for (B12). Unknown ones are counted. */
async function countMiss(
	{payingCards}: PaymentTools,
	merchant: Merchant,
	wish: PaymentWish,
	{means, refusal}: {readonly means: Tender['means']; readonly refusal: Refusal},
): Promise<void> {
	const {code, pin} = wish;
	if (means.kind === 'card' && code !== null && hidesCard(refusal)) {
		await payingCards.miss(merchant, code, pin, guesserOf(wish));
	}
}

/** Whether deciding how it pays changes something already. */
function leavesTraces({means}: Tender): boolean {
	return means.kind === 'sandbox' || (means.kind === 'card' && means.card.hasPin);
}

/** Another amount or currency is told to the log, and changes nothing (A8). What else differs, VTEX masks or repeats otherwise (A18). */
async function again(
	{assets, options}: PaymentTools,
	merchant: Merchant,
	{amountText, currency}: PaymentWish,
	payment: Payment,
): Promise<Payment> {
	const {paymentId, particulars, assetId, value} = payment;
	// A cancellation that came first knows neither.
	if (particulars !== null && assetId !== null) {
		const asset = await assets.byId(merchant.id, assetId);
		const isSameCurrency = currency === null || currency === asset.code;
		if (!isSameCurrency || (amountOf(amountText, asset) ?? 0n) !== value) {
			options.onChanged?.(merchant.id, paymentId);
		}
	}

	return payment;
}

async function commandFor(
	tools: PaymentTools,
	merchant: Merchant,
	wish: PaymentWish,
	tender: Tender,
): Promise<Pay> {
	const intent = await intentOf(tools, merchant, wish, tender);
	const tid = tidOf(merchant.id, wish.paymentId);
	return {
		verb: 'pay',
		key: null,
		payment: {paymentId: wish.paymentId, tid},
		cardIds: intent.cardIds,
		amount: tender.amount,
		assetId: tender.asset.id,
		actorId: wish.actorId,
		note: {...noNote, orderId: wish.orderId, requestId: wish.paymentId},
		plan: intent.plan,
		presented: wish.buyer,
		opening: openingOf(tools, wish, tid, intent),
	};
}

function openingOf(
	{clock, options}: PaymentTools,
	wish: PaymentWish,
	tid: string,
	{plan, way, customerId, hasPage, concludeAt, isApprovedLater}: Intent,
): PaymentOpening {
	return {
		way,
		holdUntil: plan.kind === 'hold' ? holdUntil(options.delayToAutoSettle, clock()) : null,
		concludeAt,
		concludeApproved: isApprovedLater,
		particulars: {
			method: wish.method,
			orderId: wish.orderId,
			reference: wish.reference,
			transactionId: wish.transactionId,
			callbackUrl: wish.callbackUrl,
			returnUrl: wish.returnUrl,
			particulars: wish.particulars,
			customerId,
			delayToAutoSettle: options.delayToAutoSettle,
			delayAfterAntifraud: options.delayToAutoSettleAfterAntifraud,
			delayToCancel: options.delayToCancel,
			pageHash: hasPage ? pageHashOf(pageSecretOf(options.secretsKey, tid)) : null,
			pageUntil: hasPage ? concludeAt : null,
		},
	};
}

/** The payment that was made just now, where it can be told without asking the database: not which of several cards pay. */
function freshPayment(
	merchant: Merchant,
	{plan, payment: {paymentId, tid}, cardIds, amount, assetId, opening}: Pay,
	{id, at}: {readonly id: string; readonly at: Instant},
): Payment | undefined {
	if (cardIds.length > 1 || plan.kind === 'refuse') {
		return undefined;
	}

	return {
		merchantId: merchant.id,
		paymentId,
		tid,
		status: plan.kind === 'wait' ? 'pending' : 'approved',
		refusal: null,
		way: opening.way,
		assetId,
		value: amount,
		holdId: plan.kind === 'hold' ? id : null,
		cardIds,
		captured: 0n,
		released: 0n,
		refunded: 0n,
		cancellationId: null,
		concludeAt: opening.concludeAt,
		concludeApproved: opening.concludeApproved,
		createdAt: at,
		particulars: opening.particulars,
	};
}
