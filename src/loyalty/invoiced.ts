import {type Fraction, one, shareOf} from '../money/fraction.ts';
import {type EarnRules} from './earn-rules.ts';
import {type OrderParts} from './eligible.ts';
import {type OrderPackage, type SoldOrder} from './order.ts';

/** How far an order has come: the share of its value that was invoiced, and the share of that which came back. */
export type Progress = {
	readonly invoicedShare: Fraction;
	readonly refundedShare: Fraction;
	readonly notes: readonly ProgressNote[];
};

/**
 * What somebody may want to look at. `invoicedAboveTotals`: more was invoiced than sold (KI-1348894); it counts as all. `invoicedBelowTotals`:
 * the order is called invoiced, its invoices say less; they decide. `invoicesMissing`: it is called invoiced and has no invoice; it counts as
 * all. `returnedAboveInvoiced`: more came back than was invoiced. `returnWithoutValue`: goods came back at no value (KI-387933).
 */
export type ProgressNote =
	| 'invoicedAboveTotals'
	| 'invoicedBelowTotals'
	| 'invoicesMissing'
	| 'returnedAboveInvoiced'
	| 'returnWithoutValue';

/**
 * How much of an order was invoiced and came back, cumulatively, by value (Orders, 4.4 and 6 rule 6). Items are not looked at: their indexes
 * and unit prices are wrong too often (KI-1008459, KI-605517), and only values make a full return come to exactly nothing.
 *
 * Where freight earns nothing, it cannot be clawed back either: the freight of a return is left out, and what is left is compared with the
 * goods alone. So all goods returned without their freight take everything back.
 *
 * @param parts - of the same order, with a whole above its freight wherever freight does not earn
 */
export function progressOf(order: SoldOrder, parts: OrderParts, rules: EarnRules): Progress {
	const {invoiced, notes} = invoicedValue(order, parts, rules);
	const returns = distinct(order.packages, 'return');
	const returned = sumOf(returns.map(({value}) => value));
	const freight = rules.freightEarns ? 0n : parts.freight;
	const freightReturned = sumOf(returns.map(one => one.freight));
	const counted = returned - min(freightReturned, freight);
	return {
		invoicedShare: shareOf(invoiced, parts.whole),
		// counted ÷ (invoiced × what of the whole counts), without a fraction in between.
		refundedShare: invoiced === 0n ? one : shareOf(counted * parts.whole, invoiced * (parts.whole - freight)),
		notes: [
			...notes,
			...(returned > invoiced ? (['returnedAboveInvoiced'] as const) : []),
			...(returns.some(({value}) => value === 0n) ? (['returnWithoutValue'] as const) : []),
		],
	};
}

/**
 * The value that earns by now, at most the whole. By payment it is all of it once the payment was approved.
 *
 * By invoice, the invoices decide even where the order is called invoiced, so that a change which shows in no total earns nothing for what
 * was never delivered. Only where there is none at all is the state believed: it says that invoices cover the order (Orders, 3.2).
 */
function invoicedValue(
	{packages, stage, authorizedAt}: SoldOrder,
	{whole}: OrderParts,
	{earnOn}: EarnRules,
): {readonly invoiced: bigint; readonly notes: readonly ProgressNote[]} {
	if (earnOn === 'payment') {
		return {invoiced: authorizedAt === null && stage !== 'invoiced' ? 0n : whole, notes: []};
	}

	const sum = sumOf(distinct(packages, 'sale').map(({value}) => value));
	if (stage === 'invoiced' && sum < whole) {
		return sum === 0n
			? {invoiced: whole, notes: ['invoicesMissing']}
			: {invoiced: sum, notes: ['invoicedBelowTotals']};
	}

	return sum > whole ? {invoiced: whole, notes: ['invoicedAboveTotals']} : {invoiced: sum, notes: []};
}

/**
 * The packages of one direction, one for each invoice number: a new receipt under the same number replaces the old one (Orders, 3.3), and the
 * document lists it later. Dates do not tell which is newer, because they are the store's own. One without a number stands for itself.
 */
function distinct(packages: readonly OrderPackage[], direction: OrderPackage['direction']): OrderPackage[] {
	const byNumber = new Map<unknown, OrderPackage>();
	for (const one of packages) {
		if (one.direction === direction) {
			byNumber.set(one.invoiceNumber ?? one, one);
		}
	}

	return [...byNumber.values()];
}

const sumOf = (values: readonly bigint[]) => values.reduce((sum, value) => sum + value, 0n);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
