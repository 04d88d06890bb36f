import {type Fraction, shareOf, zero} from '../money/fraction.ts';
import {type EarnRules} from './earn-rules.ts';
import {type OrderPayment, type SoldOrder} from './order.ts';

/** The share of a purchase that was paid with value that somebody has stored, which earns nothing. */
export type StoredValue = {
	readonly share: Fraction;
	/** Whether nothing says how the purchase was paid. */
	readonly isUnpaid: boolean;
	readonly notes: readonly StoredValueNote[];
};

/** `cardAsDiscount`: a gift card worked as a discount, or so the payment says; see `payingPayments`. */
export type StoredValueNote = 'cardAsDiscount';

/**
 * Stored value ÷ all payments, of the whole purchase and applied to each of its orders (Orders, 3.6 and 6 rule 5): a purchase from several
 * sellers is paid once, and the document has the payments of all of them.
 *
 * @param whole - the value of this order
 * @param isOwnPayment - whether a payment was made to us: stored value whatever its group says
 */
export function storedValueOf(
	order: SoldOrder,
	whole: bigint,
	{giftCardsAreStoredValue}: EarnRules,
	isOwnPayment: (payment: OrderPayment) => boolean,
): StoredValue {
	const payments = payingPayments(order.payments, whole);
	const all = sumOf(payments);
	const stored = sumOf(
		payments.filter(payment => isOwnPayment(payment) || (giftCardsAreStoredValue && payment.isGiftCard)),
	);
	return {
		share: all === 0n ? zero : shareOf(stored, all),
		isUnpaid: all === 0n,
		notes: order.payments.some(({isDiscount}) => isDiscount) ? ['cardAsDiscount'] : [],
	};
}

/**
 * The payments without gift cards that worked as a discount: those have lowered the base already, and would count twice. But only where the
 * others pay for the order by themselves. Where they do not, the card's value is missing among them, so it was no discount whatever the
 * payment says, and it counts: no points for stored value is the safer mistake.
 */
function payingPayments(payments: readonly OrderPayment[], whole: bigint): readonly OrderPayment[] {
	const others = payments.filter(({isDiscount}) => !isDiscount);
	return sumOf(others) >= whole ? others : payments;
}

const sumOf = (payments: readonly OrderPayment[]) => payments.reduce((sum, {value}) => sum + value, 0n);
