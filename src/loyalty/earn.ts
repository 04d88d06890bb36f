import {MAX_UNITS} from '../money/amount.ts';
import {type Fraction, minus, one, roundDown, times} from '../money/fraction.ts';
import {type EarnRules} from './earn-rules.ts';
import {type EligibleNote, eligibleOf, partsOf} from './eligible.ts';
import {type ProgressNote, progressOf} from './invoiced.ts';
import {type OrderPayment, type SoldOrder} from './order.ts';
import {storedValueOf, type StoredValueNote} from './stored-value.ts';

/** Why an order has earned nothing, in order of precedence: the first that holds is given. */
export type NothingReason =
	| 'notOurSale'
	| 'incomplete'
	| 'canceled'
	| 'replaced'
	| 'affiliate'
	| 'otherCurrency'
	| 'nothingEligible'
	| 'belowMinimum'
	| 'notInvoiced'
	| 'notPaid';

/** Why nothing can be said. `noPayments`: nothing tells what was paid with stored value. `beyondLimits`: more points than an account holds. */
export type UnknownReason = 'cancelling' | 'unknownState' | 'noPayments' | 'beyondLimits';

/** What somebody may want to look at; nothing depends on it. */
export type EarnNote = EligibleNote | ProgressNote | StoredValueNote;

/**
 * What an order should have earned by now: a state, never a difference, so that the caller books `units` less what it has booked, and
 * repeated, late and lost notifications do no harm (Orders, 6 rule 2; rules A12).
 *
 * `nothing`: whatever was booked is to be clawed back. `unknown`: book no change, and remember the order.
 */
export type Earning =
	| {
			readonly kind: 'earned';
			/** Minor units of the points. Zero where all came back or all was paid with stored value. */
			readonly units: bigint;
			/** What earns, in minor units of the currency: of the whole order, before any of the shares. */
			readonly base: {readonly goods: bigint; readonly freight: bigint; readonly tax: bigint};
			readonly storedValueShare: Fraction;
			/** Of the order's value. */
			readonly invoicedShare: Fraction;
			/** Of what was invoiced. */
			readonly refundedShare: Fraction;
			readonly notes: readonly EarnNote[];
	  }
	| {readonly kind: 'nothing'; readonly units: 0n; readonly reason: NothingReason}
	| {readonly kind: 'unknown'; readonly reason: UnknownReason};

/**
 * What an order should have earned by now, by the document alone (Orders, 6 rules 2 to 8).
 *
 * points of the eligible value × (1 − stored value) × invoiced × (1 − refunded): exact to the end and rounded down once, there. All shares
 * are cumulative, so the steps between two states always add up, and a full return ends at exactly zero.
 *
 * @param context.isOwnPayment - whether a payment was made to us, by our payment ids or our provider's id
 */
export function earnedSoFar(
	order: SoldOrder,
	rules: EarnRules,
	{isOwnPayment}: {readonly isOwnPayment: (payment: OrderPayment) => boolean},
): Earning {
	const bar = whyNothing(order, rules);
	if (bar !== undefined) {
		return nothing(bar);
	}

	// Asked for is not done: a denied cancellation leaves the order as it was, and a granted one is announced (Orders, 3.2).
	if (order.stage === 'cancelling' || order.stage === 'unknown') {
		return unknown(order.stage === 'unknown' ? 'unknownState' : 'cancelling');
	}

	const parts = partsOf(order.totals);
	const eligible = eligibleOf(order, parts, rules);
	const {goods, freight, tax} = eligible;
	if (goods + freight + tax === 0n) {
		return nothing('nothingEligible');
	}

	// Of the whole order: else a return or the first of several invoices would fall below it, and all the points with it.
	if (goods + freight + tax < rules.minimum) {
		return nothing('belowMinimum');
	}

	const {invoicedShare, refundedShare, notes} = progressOf(order, parts, rules);
	if (invoicedShare.numerator === 0n) {
		return nothing(rules.earnOn === 'invoice' ? 'notInvoiced' : 'notPaid');
	}

	const kept = times(invoicedShare, minus(one, refundedShare));
	const stored = storedValueOf(order, parts.whole, rules, isOwnPayment);
	// Of nothing kept nothing is earned, however it was paid.
	if (stored.isUnpaid && kept.numerator > 0n) {
		return unknown('noPayments');
	}

	const units = roundDown(times(times(eligible.points, minus(one, stored.share)), kept));
	return units > MAX_UNITS
		? unknown('beyondLimits')
		: {
				kind: 'earned',
				units,
				base: {goods, freight, tax},
				storedValueShare: stored.share,
				invoicedShare,
				refundedShare,
				notes: [...eligible.notes, ...notes, ...stored.notes],
			};
}

/** What settles the matter whatever was bought: a copy of somebody else's sale, an order that never came to be or is none any more. */
function whyNothing(order: SoldOrder, rules: EarnRules): NothingReason | undefined {
	if (order.origin !== 'sale') {
		return 'notOurSale';
	}

	if (!order.isCompleted) {
		return 'incomplete';
	}

	// The new order that replaces one has an id and points of its own.
	if (order.stage === 'canceled' || order.stage === 'replaced') {
		return order.stage;
	}

	if (order.affiliateId !== null && !rules.affiliatesEarn) {
		return 'affiliate';
	}

	return order.currency.code === rules.currency ? undefined : 'otherCurrency';
}

const nothing = (reason: NothingReason): Earning => ({kind: 'nothing', units: 0n, reason});
const unknown = (reason: UnknownReason): Earning => ({kind: 'unknown', reason});
