import {type Instant} from '../ledger/calendar.ts';
import {type PaymentStatus} from '../ledger/card-state.ts';

/** What became of an amount that was authorized, in minor units of one asset. `held` is what is neither captured nor released. */
export type Standing = {
	readonly authorized: bigint;
	readonly captured: bigint;
	readonly released: bigint;
	/** Of what was captured. */
	readonly refunded: bigint;
	readonly held: bigint;
};

/** What one card gives to a hold. */
export type ListedLeg = {
	/** The number of the card's row. */
	readonly cardId: string;
	/** A UUID. */
	readonly publicId: string;
	/** In the currency of the hold. */
	readonly value: Standing;
	/** In the card's own asset, such as points, where that is another one than the currency; otherwise null. */
	readonly own: {readonly assetId: number; readonly units: Standing} | null;
};

/** The payment that a hold belongs to. */
export type PaymentOfHold = {
	readonly paymentId: string;
	/** A UUID. */
	readonly tid: string;
	readonly status: PaymentStatus;
	/** When what is held is released although VTEX said nothing (A6); null where nothing is. */
	readonly holdUntil: Instant | null;
};

/** A hold as it stands now, with everything that a person needs who wants to mend it. */
export type ListedHold = {
	/** A UUID. */
	readonly id: string;
	readonly openedAt: Instant;
	readonly orderId: string | null;
	/** What VTEX asked for it under, mostly the id of the payment; null once it was erased. */
	readonly requestId: string | null;
	/** Null for a debit of the Gift Card Provider Protocol. */
	readonly payment: PaymentOfHold | null;
	/** The currency's row. */
	readonly assetId: number;
	/** The sum of its legs. */
	readonly value: Standing;
	/** In the order in which they pay; one for a gift card. */
	readonly legs: readonly ListedLeg[];
};

/** What can still be done to a hold, in minor units of its currency. */
export function leftOf({value}: Pick<ListedHold, 'value'>, verb: 'capture' | 'release' | 'refund'): bigint {
	return verb === 'refund' ? value.captured - value.refunded : value.held;
}

const dayMs = 86_400_000;

/**
 * How long a gift card's debit is left to VTEX before it counts as overdue. The protocol sets no time: VTEX settles when the order is
 * invoiced and cancels when the order is, and a shop that needs longer than a month for that knows so.
 */
export const giftCardPatienceMs = 30 * dayMs;

/**
 * Whether VTEX should have ended a hold by now: a payment past the time that it has for settling (its delay and a day of retries, A6), or
 * a gift card's debit that is older than a time, because those never time out by themselves.
 */
export function isOverdue(
	{openedAt, payment, value}: Pick<ListedHold, 'openedAt' | 'payment' | 'value'>,
	now: Instant,
	patienceMs = giftCardPatienceMs,
): boolean {
	const until = payment?.holdUntil ?? openedAt + patienceMs;
	return value.held > 0n && until <= now;
}
