import {split} from '../money/convert.ts';
import {fraction, type Fraction, plus, times, zero} from '../money/fraction.ts';
import {type EarnRules, isEligible, rateOf} from './earn-rules.ts';
import {orderValue, type OrderTotals, type SoldOrder} from './order.ts';

/** What an order's value consists of, in minor units; nothing is below zero, and goods, freight and tax never exceed the whole. */
export type OrderParts = {
	readonly whole: bigint;
	readonly goods: bigint;
	readonly freight: bigint;
	readonly tax: bigint;
};

/** What of an order earns, in minor units of its currency, and the points that it would earn in full, unrounded. */
export type Eligible = {
	readonly goods: bigint;
	readonly freight: bigint;
	readonly tax: bigint;
	readonly points: Fraction;
	readonly notes: readonly EligibleNote[];
};

/** `linesAboveTotals`: the lines said more than the totals, so they were scaled down. */
export type EligibleNote = 'linesAboveTotals';

/**
 * The parts of an order, of its totals.
 *
 * Whatever lowers the order lowers the goods: discounts, which may hold a discount on freight and are not taken apart; changes; and what is
 * below zero under a name that we do not know. That way no discount can be overlooked, and points are never given for what nobody paid.
 */
export function partsOf(totals: OrderTotals): OrderParts {
	const {items, discounts, change, others} = totals;
	const whole = notBelowZero(orderValue(totals));
	const lowering = [totals.freight, totals.tax, ...others.map(({value}) => value)]
		.filter(value => value < 0n)
		.reduce((sum, value) => sum + value, 0n);
	const freight = min(notBelowZero(totals.freight), whole);
	return {
		whole,
		goods: notBelowZero(items + discounts + change + lowering),
		freight,
		tax: min(notBelowZero(totals.tax), whole - freight),
	};
}

/**
 * What of an order earns, and how much in full: each eligible line at its own rate, freight and tax at the program's, because they belong
 * to no category or seller.
 */
export function eligibleOf(order: SoldOrder, parts: OrderParts, rules: EarnRules): Eligible {
	const values = scaledValues(order, parts);
	let goods = 0n;
	let points = zero;
	for (const [index, line] of order.lines.entries()) {
		const value = isEligible(line, rules) ? (values[index] ?? 0n) : 0n;
		if (value > 0n) {
			goods += value;
			points = plus(points, times(fraction(value), rateOf(line, rules)));
		}
	}

	const freight = rules.freightEarns ? parts.freight : 0n;
	const tax = rules.taxEarns ? parts.tax : 0n;
	return {
		goods,
		freight,
		tax,
		points: plus(points, times(fraction(freight + tax), rules.rate)),
		notes: values.some((value, index) => value !== order.lines[index]?.value) ? ['linesAboveTotals'] : [],
	};
}

/**
 * The lines' values, scaled down to what the totals say of the goods (Orders, 4.2 and 6 rule 4). A line that was removed still stands in
 * the document (KI-784171) and nobody says which one it is, so all of them share the difference, those that earn nothing too. They are never
 * scaled up: goods that the lines do not have (a service, a gift wrapping) earn nothing.
 */
function scaledValues({lines}: SoldOrder, {goods}: OrderParts): bigint[] {
	const values = lines.map(({value}) => value);
	const sum = values.reduce((all, value) => all + value, 0n);
	return sum > goods ? split(goods, values) : values;
}

const notBelowZero = (value: bigint) => (value < 0n ? 0n : value);
const min = (a: bigint, b: bigint) => (a < b ? a : b);
