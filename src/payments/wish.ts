import {type Guesser} from '../cards/guesses.ts';
import {type Identifier} from '../customers/identity.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {type Payment} from './payment.ts';

/** How a method pays; the sandbox's own ways need no card. */
export type WishedWay = 'code' | 'wallet' | 'confirmed' | 'sandboxBankInvoice' | 'sandboxRedirect';

/** A payment as it is asked for. */
export type PaymentWish = {
	readonly paymentId: string;
	/** As VTEX spells it. */
	readonly method: string;
	/** Null: the method is not offered. */
	readonly way: WishedWay | null;
	/** As typed. */
	readonly code: string | null;
	readonly pin: string | null;
	/** Decimal text in currency units, such as `29.90`; null where there was none that could be read. */
	readonly amountText: string | null;
	/** ISO 4217 in capitals; null: the card's, or else the merchant's. */
	readonly currency: string | null;
	/** Approve without holding anything (C4). */
	readonly verificationOnly: boolean;
	readonly buyer: readonly Identifier[];
	/** Of the buyer's device, as VTEX saw it. */
	readonly address: string | null;
	readonly orderId: string | null;
	readonly reference: string | null;
	readonly transactionId: string | null;
	readonly callbackUrl: string | null;
	readonly returnUrl: string | null;
	/** JSON text. */
	readonly particulars: string;
	readonly actorId: number;
};

/** A settlement, cancellation or refund as it is asked for. */
export type PaymentOperation = {
	readonly paymentId: string;
	readonly requestId: string | null;
	/** Decimal text in currency units; a cancellation takes all that is left, whatever it says. */
	readonly amountText: string | null;
	/** JSON text. */
	readonly particulars: string;
	readonly actorId: number;
	/** Which settlement a refund names; it tells requests without an id apart (A18). */
	readonly settleId?: string | null;
};

/** What became of an operation. `id` is a UUID, `moved` minor units of `asset`, `payment` as it stands afterwards. */
export type PaymentOutcome =
	| {
			readonly kind: 'done';
			readonly id: string;
			readonly moved: bigint;
			readonly at: Instant;
			readonly asset: MerchantAsset | null;
			readonly payment: Payment;
	  }
	| {readonly kind: 'refused'; readonly refusal: Refusal; readonly asset: MerchantAsset | null};

/** Who is counted where the code or its PIN is wrong (B12). */
export function guesserOf({buyer, address}: PaymentWish): Guesser {
	return {presented: buyer, address};
}
