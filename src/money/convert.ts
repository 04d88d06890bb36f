import {fraction, greatestCommonDivisor} from './fraction.ts';
import {Decimal} from 'decimal.js';
import {type Asset} from './asset.ts';

/** An exact rate: minor units of the target (a currency) for one minor unit of the source (points). */
export type Rate = {readonly numerator: bigint; readonly denominator: bigint};

/** What a hold's leg is worth: V in minor units of the currency (positive), P in units of the asset it holds (rules A5). */
export type LegValue = {readonly value: bigint; readonly units: bigint};

const Exact = Decimal.clone({precision: 40, rounding: Decimal.ROUND_HALF_EVEN});

/** Ample for any rate that a program may have; each term fits the database's int8. */
const rateTermMax = 10n ** 12n;

/**
 * A rate in lowest terms, so that equal rates are equal data.
 *
 * @throws RangeError unless both terms are positive and, in lowest terms, at most 10¹²
 */
export function rate(numerator: bigint, denominator: bigint): Rate {
	if (numerator <= 0n || denominator <= 0n) {
		throw new RangeError('A rate is a fraction of two positive whole numbers. Give a rate above zero.');
	}

	const divisor = greatestCommonDivisor(numerator, denominator);
	const lowest = {numerator: numerator / divisor, denominator: denominator / divisor};
	if (lowest.numerator > rateTermMax || lowest.denominator > rateTermMax) {
		throw new RangeError('The rate is too large, too small or too fine. Give one with fewer digits.');
	}

	return lowest;
}

/**
 * Reads what one whole unit of `from` is worth in `to`: `0.0125` for points and BRL says that 80 points are one real.
 *
 * @throws RangeError for anything but plain positive decimal text of up to 24 characters
 */
export function parseRate(text: string, from: Asset, to: Asset): Rate {
	const trimmed = text.trim();
	if (trimmed.length > 24 || !/^\d+(?:\.\d+)?$/.test(trimmed)) {
		throw new RangeError(
			`"${text.slice(0, 24)}" is not a rate. Write what one ${from.code} is worth in ${to.code}, such as 0.01.`,
		);
	}

	const worth = new Exact(trimmed);
	const decimals = worth.decimalPlaces();
	return rate(
		BigInt(worth.times(new Exact(10).pow(decimals)).toFixed(0)) * 10n ** BigInt(to.scale),
		10n ** BigInt(decimals + from.scale),
	);
}

/**
 * What one whole unit of `from` is worth in `to`, as the plain decimal text that `parseRate` reads: `0.0125`. A rate that no such text
 * says exactly is rounded and marked: `≈0.333333`.
 */
export function formatRate({numerator, denominator}: Rate, from: Asset, to: Asset): string {
	const {numerator: above, denominator: below} = fraction(
		numerator * 10n ** BigInt(from.scale),
		denominator * 10n ** BigInt(to.scale),
	);
	const worth = new Exact(above.toString()).div(below.toString());
	// A denominator without other factors than ten's divides a power of ten; no rate has more than so many of them.
	const endsAsDecimal = 10n ** 80n % below === 0n;
	return endsAsDecimal ? worth.toFixed() : `≈${worth.toSignificantDigits(6).toFixed()}`;
}

/** The same rate in the other direction. */
export function inverse({numerator, denominator}: Rate): Rate {
	return {numerator: denominator, denominator: numerator};
}

/** Units of the target, rounded down: what a points balance is shown as. Throws RangeError for negative units. */
export function convertDown(units: bigint, {numerator, denominator}: Rate): bigint {
	return (notNegative(units) * numerator) / denominator;
}

/** Units of the target, rounded up: the points that a currency value takes, by the inverse rate. Throws RangeError for negative units. */
export function convertUp(units: bigint, {numerator, denominator}: Rate): bigint {
	return ceilDivide(notNegative(units) * numerator, denominator);
}

/**
 * Units captured once `captured` of the leg's value was captured in all: ⌊P·C/V⌋ (rules A5).
 *
 * Flooring what leaves and ceiling what comes back makes the two add up to P whenever the values add up to V,
 * in whatever steps they came. Like its two siblings it takes a cumulative value, never a step's.
 *
 * @throws RangeError for a value outside 0 to V, as its siblings do
 */
export function unitsCaptured(leg: LegValue, captured: bigint): bigint {
	return (leg.units * within(leg, captured)) / leg.value;
}

/** Units released once `released` of the leg's value was released in all: ⌈P·R/V⌉ (rules A5). */
export function unitsReleased(leg: LegValue, released: bigint): bigint {
	return ceilDivide(leg.units * within(leg, released), leg.value);
}

/** Units refunded once `refunded` of the leg's value was refunded in all: ⌊P·F/V⌋, never more than was captured (rules A5). */
export function unitsRefunded(leg: LegValue, refunded: bigint): bigint {
	return (leg.units * within(leg, refunded)) / leg.value;
}

/**
 * Units that one capture moves when it takes the cumulative captured value from `before` to `after`; may be none.
 *
 * @throws RangeError for a step backwards, as its siblings do
 */
export function captureStep(leg: LegValue, before: bigint, after: bigint): bigint {
	return step(unitsCaptured, leg, before, after);
}

/** Units that one release moves when it takes the cumulative released value from `before` to `after`; may be none. */
export function releaseStep(leg: LegValue, before: bigint, after: bigint): bigint {
	return step(unitsReleased, leg, before, after);
}

/** Units that one refund moves when it takes the cumulative refunded value from `before` to `after`; may be none. */
export function refundStep(leg: LegValue, before: bigint, after: bigint): bigint {
	return step(unitsRefunded, leg, before, after);
}

/**
 * Splits a total by weights so that nothing is lost: everybody gets their share rounded down, and the units left over go
 * one each to the largest remainders, earlier first.
 *
 * @throws RangeError for a negative total or weight, or weights that are all zero
 */
export function split(total: bigint, weights: readonly bigint[]): bigint[] {
	const sum = weights.reduce((all, weight) => all + weight, 0n);
	if (total < 0n || sum <= 0n || weights.some(weight => weight < 0n)) {
		throw new RangeError(
			'A split needs a total of at least 0 and weights of at least 0, one of them above 0.',
		);
	}

	const shares = weights.map(weight => (total * weight) / sum);
	const left = Number(total - shares.reduce((all, share) => all + share, 0n));
	const byRemainder = weights
		.map((weight, index) => ({index, remainder: (total * weight) % sum}))
		.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
	const lucky = new Set(byRemainder.slice(0, left).map(({index}) => index));
	return shares.map((share, index) => (lucky.has(index) ? share + 1n : share));
}

function step(unitsAt: typeof unitsCaptured, leg: LegValue, before: bigint, after: bigint): bigint {
	if (after < before) {
		throw new RangeError(
			`A cumulative value never falls, but this goes from ${before} to ${after}. Record a movement of its own.`,
		);
	}

	return unitsAt(leg, after) - unitsAt(leg, before);
}

function within({value, units}: LegValue, part: bigint): bigint {
	if (value <= 0n || units < 0n || part < 0n || part > value) {
		throw new RangeError(`A part of ${part} is outside a leg of value ${value} and ${units} units.`);
	}

	return part;
}

function notNegative(units: bigint): bigint {
	if (units < 0n) {
		throw new RangeError(
			'Only amounts of at least 0 are converted. Convert the magnitude and keep the sign apart.',
		);
	}

	return units;
}

/** Division of what is not negative by what is positive; bigint division by itself rounds down. */
function ceilDivide(dividend: bigint, divisor: bigint): bigint {
	return (dividend + divisor - 1n) / divisor;
}
