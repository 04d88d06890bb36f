import {type Rate} from '../money/convert.ts';
import {type Fraction, times} from '../money/fraction.ts';
import {type OrderLine} from './order.ts';

/** What a category or seller earns other than the rest: at a rate of its own, or the rate of the rest times a factor. */
export type Override =
	{readonly kind: 'rate'; readonly rate: Rate} | {readonly kind: 'factor'; readonly factor: Fraction};

/**
 * How a program's points are earned with orders of one currency. A rate is minor units of the points for one minor unit of the currency:
 * a point without decimals for each real is 1/100.
 */
export type EarnRules = {
	/** ISO 4217. A rate means nothing in another currency, so orders in others earn nothing by these rules. */
	readonly currency: string;
	readonly rate: Rate;
	readonly byCategory: ReadonlyMap<string, Override>;
	readonly bySeller: ReadonlyMap<string, Override>;
	/** In minor units: an order whose eligible value is below it earns nothing. */
	readonly minimum: bigint;
	readonly excluded: {
		readonly categories: ReadonlySet<string>;
		readonly skus: ReadonlySet<string>;
		readonly sellers: ReadonlySet<string>;
	};
	readonly freightEarns: boolean;
	readonly taxEarns: boolean;
	/** Whether orders that came in through an affiliate earn. */
	readonly affiliatesEarn: boolean;
	/** Whether a gift card of any provider is stored value, which earns nothing; our own payments always are. */
	readonly giftCardsAreStoredValue: boolean;
	/** What is earned when: with each invoice its part, or everything when the payment is approved. */
	readonly earnOn: 'invoice' | 'payment';
};

/** Whether a line earns at all. Gifts never do: nobody paid for them. An excluded category excludes all below it. */
export function isEligible({isGift, sku, seller, categoryPath}: OrderLine, {excluded}: EarnRules): boolean {
	return (
		!isGift &&
		!excluded.skus.has(sku) &&
		!excluded.sellers.has(seller) &&
		!categoryPath.some(category => excluded.categories.has(category))
	);
}

/**
 * The rate of a line. An own rate replaces the program's, the category's before the seller's, because what a thing is says more about its
 * margin than who sells it; factors multiply whatever rate that is, so that "double points at this seller" holds for all it sells.
 * Of a line's categories the one nearest to the leaf that has an override decides.
 */
export function rateOf({seller, categoryPath}: OrderLine, rules: EarnRules): Fraction {
	const category = categoryPath.findLast(one => rules.byCategory.has(one));
	const overrides = [
		category === undefined ? undefined : rules.byCategory.get(category),
		rules.bySeller.get(seller),
	].filter(override => override !== undefined);
	const own = overrides.find(override => override.kind === 'rate');
	return overrides.reduce<Fraction>(
		(rate, override) => (override.kind === 'factor' ? times(rate, override.factor) : rate),
		own?.rate ?? rules.rate,
	);
}
