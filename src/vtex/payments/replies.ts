import {type z} from 'zod';
import {wireIdOf} from '../../cards/public-id.ts';
import {toJsonNumber} from '../../money/amount.ts';
import {type Asset} from '../../money/asset.ts';
import {nsuOf, type Payment, tidOf} from '../../payments/payment.ts';
import {hidesCard} from '../../payments/stranger.ts';
import {type PaymentReply} from './contracts.ts';
import {type Reason, refusalReason, unknownReason, waitingReason} from './error-replies.ts';
import {connectorMetadataIn, type Pair} from './particulars.ts';
import {type Delays, type PaymentParts} from './parts.ts';

type Answer = z.input<typeof PaymentReply>;

/** What a payment's answer takes besides the payment. */
export type PaymentReplyOptions = Pick<PaymentParts, 'providerId' | 'paymentUrlOf'> & {
	/** Of a payment that was only cancelled, and so has none of its own. */
	readonly delays: Delays;
	/** The payment's currency; null where it has none. */
	readonly asset: Asset | null;
};

/**
 * A payment as it stands now (A8): ids and delays never change, the status does. A create answers this, every time, and a callback
 * sends it (Payment Provider Protocol, 5.2 and 6).
 */
export function paymentReply(payment: Payment, options: PaymentReplyOptions): Answer {
	const {tid, particulars} = payment;
	const status = shownStatus(payment);
	const [code, message] = reasonOf(payment, status);
	const {autoSettle, afterAntifraud, cancel} = particulars === null ? options.delays : delaysOf(particulars);
	const answer: Answer = {
		paymentId: payment.paymentId,
		status,
		authorizationId: authorizationIdOf(payment),
		tid: wireIdOf(tid),
		nsu: nsuOf(tid),
		acquirer: options.providerId,
		code,
		message,
		delayToAutoSettle: autoSettle,
		delayToAutoSettleAfterAntifraud: afterAntifraud,
		delayToCancel: cancel,
	};
	const paymentUrl = status === 'undefined' ? options.paymentUrlOf(payment) : null;
	if (paymentUrl !== null) {
		answer.paymentUrl = paymentUrl;
	}

	const maxValue = status === 'approved' ? maxValueOf(payment, options.asset) : undefined;
	if (maxValue !== undefined) {
		answer.maxValue = maxValue;
	}

	const metadata = particulars === null ? [] : connectorMetadataIn(particulars.particulars);
	if (metadata.length > 0) {
		answer.connectorMetadata = metadata;
	}

	return answer;
}

/** The same, with the payment's currency looked up. */
export async function paymentAnswer(parts: PaymentParts, payment: Payment): Promise<Answer> {
	return paymentReply(payment, {...parts, asset: await assetOf(parts, payment)});
}

/** Nothing could be stored or read now: neither yes nor no, under the ids that the payment will have (B4). */
export function undecidedReply(
	{providerId, delays}: Pick<PaymentParts, 'providerId' | 'delays'>,
	merchantId: number,
	paymentId: string,
): Answer {
	const [code, message] = unknownReason;
	const tid = tidOf(merchantId, paymentId);
	return {
		paymentId,
		status: 'undefined',
		authorizationId: '',
		tid: wireIdOf(tid),
		nsu: nsuOf(tid),
		acquirer: providerId,
		code,
		message,
		delayToAutoSettle: delays.autoSettle,
		delayToAutoSettleAfterAntifraud: delays.afterAntifraud,
		delayToCancel: delays.cancel,
	};
}

/** The currency of a payment; null for one that has none. */
export async function assetOf(
	{assets}: Pick<PaymentParts, 'assets'>,
	{merchantId, assetId}: Payment,
): Promise<Asset | null> {
	return assetId === null ? null : assets.byId(merchantId, assetId);
}

/** Metadata as it goes back, and no member where none came. */
export function echo(connectorMetadata: Pair[]): {connectorMetadata?: Pair[]} {
	return connectorMetadata.length === 0 ? {} : {connectorMetadata};
}

/** `denied` once everything went back before any of it was settled: cancelled by VTEX, timed out, or mended by hand (A8). */
export function shownStatus({status, holdId, value, captured, released}: Payment): Answer['status'] {
	if (status === 'pending') {
		return 'undefined';
	}

	const isReleased = holdId !== null && captured === 0n && value !== null && released >= value;
	const isCancelled = status === 'cancelled' && captured === 0n;
	return status === 'denied' || isCancelled || isReleased ? 'denied' : 'approved';
}

/** Why a code was denied says whether there is a card, so strangers are told one thing for all of it. */
function reasonOf({refusal, way}: Payment, status: Answer['status']): Reason | readonly [null, null] {
	if (status === 'approved') {
		return [null, null];
	}

	if (status === 'undefined') {
		return waitingReason;
	}

	const isHidden = refusal !== null && way === 'code' && hidesCard(refusal);
	return refusalReason(isHidden ? 'codeUnknown' : (refusal ?? 'paymentCancelled'));
}

/** Of a payment that only verified, which holds nothing, its tid. Text always, because the test suite refuses null. */
function authorizationIdOf({holdId, status, tid}: Payment): string {
	return holdId === null && status !== 'approved' ? '' : wireIdOf(holdId ?? tid);
}

function maxValueOf({holdId, value, released}: Payment, asset: Asset | null): number | undefined {
	return holdId === null || value === null || asset === null
		? undefined
		: toJsonNumber(value - released, asset);
}

function delaysOf(particulars: NonNullable<Payment['particulars']>): Delays {
	const {delayToAutoSettle, delayAfterAntifraud, delayToCancel} = particulars;
	return {autoSettle: delayToAutoSettle, afterAntifraud: delayAfterAntifraud, cancel: delayToCancel};
}
