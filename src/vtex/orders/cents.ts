import {Decimal} from 'decimal.js';
import {MAX_UNITS} from '../../money/amount.ts';
import {type Asset} from '../../money/asset.ts';

/** An order that cannot be read. The message names the member and what is wrong with it, and never repeats what stands in it. */
export class UnreadableOrderError extends Error {
	/** Where it stands in the document: `items[1].priceDefinition.total`. */
	readonly member: string;

	constructor(member: string, problem: string) {
		super(`The order cannot be read: ${member} ${problem}`);
		this.name = 'UnreadableOrderError';
		this.member = member;
	}
}

/** Reads amounts of one order into minor units of its currency. `member` names what is read, for the error. */
export type ReadAmount = (cents: bigint, member: string) => bigint;

// The rounding of prices: half a cent goes up.
const Exact = Decimal.clone({precision: 40, rounding: Decimal.ROUND_HALF_UP});

/**
 * Amounts of orders are hundredths, whatever the currency: 19,990 Chilean pesos, which have no cents, are 1999000. The documents say so of all
 * currencies, and no sample proves it (Orders, 4.1). So nothing is rounded: what does not divide shows that the assumption is wrong.
 *
 * @throws {UnreadableOrderError} from the reader it gives
 */
export function amountsIn({code, scale}: Asset): ReadAmount {
	return (cents, member) => {
		const [factor, divisor] = scale < 2 ? [1n, 10n ** BigInt(2 - scale)] : [10n ** BigInt(scale - 2), 1n];
		if (cents % divisor !== 0n) {
			throw new UnreadableOrderError(
				member,
				`is finer than ${code} can hold, if amounts of orders are hundredths. Compare the order with its payment before anything is booked.`,
			);
		}

		return withinLimit((cents * factor) / divisor, member);
	};
}

/** Price × quantity × unit multiplier (0.35 kg), rounded to a minor unit: the least exact way to a line's value. */
export function multipliedPrice(
	{
		cents,
		quantity,
		multiplier,
	}: {readonly cents: bigint; readonly quantity: number; readonly multiplier: number},
	{scale}: Asset,
	member: string,
): bigint {
	const product = new Exact(cents.toString())
		.times(quantity)
		.times(multiplier)
		.times(new Exact(10).pow(scale - 2));
	return withinLimit(BigInt(product.toFixed(0)), member);
}

function withinLimit(units: bigint, member: string): bigint {
	if (units > MAX_UNITS || units < -MAX_UNITS) {
		throw new UnreadableOrderError(member, 'is larger than any amount accepted here.');
	}

	return units;
}
