import {hash} from 'node:crypto';
import {type Instant} from '../ledger/calendar.ts';
import {type PaymentStatus} from '../ledger/card-state.ts';
import {type PaymentParticulars, type PaymentWay} from '../ledger/commands.ts';
import {type Refusal} from '../ledger/refusals.ts';

/** A payment as it stands now. Amounts are minor units of its currency. */
export type Payment = {
	readonly merchantId: number;
	readonly paymentId: string;
	/** UUID: our transaction id, the same for ever. */
	readonly tid: string;
	readonly status: PaymentStatus;
	readonly refusal: Refusal | null;
	readonly way: PaymentWay | null;
	readonly assetId: number | null;
	readonly value: bigint | null;
	readonly holdId: string | null;
	/** Row numbers of the hold's cards, in leg order; empty without a hold. */
	readonly cardIds: readonly string[];
	/** Sums over the hold's legs. */
	readonly captured: bigint;
	readonly released: bigint;
	readonly refunded: bigint;
	readonly cancellationId: string | null;
	readonly concludeAt: Instant | null;
	readonly concludeApproved: boolean | null;
	readonly createdAt: Instant;
	/** Null for a tombstone: VTEX cancelled it and never created it. */
	readonly particulars: PaymentParticulars | null;
};

/** Derived, so that it is known even where nothing could be stored (B4): a UUID of the merchant and the payment's id. */
export function tidOf(merchantId: number, paymentId: string): string {
	const digits = hash('sha256', `payment ${merchantId} ${paymentId}`);
	const part = (from: number, to: number) => digits.slice(from, to);
	// Version 8: a UUID of one's own making (RFC 9562).
	return `${part(0, 8)}-${part(8, 12)}-8${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}

/** The sequence number that goes with a tid: its first twelve hexadecimal digits as a decimal number, as text. */
export function nsuOf(tid: string): string {
	return BigInt(`0x${tid.replaceAll('-', '').slice(0, 12)}`).toString();
}
