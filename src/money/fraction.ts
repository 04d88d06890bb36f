/** An exact number, in lowest terms with a positive denominator, so that equal numbers are equal data. A `Rate` is one too. */
export type Fraction = {readonly numerator: bigint; readonly denominator: bigint};

/** @throws RangeError unless the denominator is positive */
export function fraction(numerator: bigint, denominator = 1n): Fraction {
	if (denominator <= 0n) {
		throw new RangeError(
			'A fraction needs a denominator of at least 1. Put the sign and the zero above the line.',
		);
	}

	const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
	return {numerator: numerator / divisor, denominator: denominator / divisor};
}

export const zero: Fraction = fraction(0n);
export const one: Fraction = fraction(1n);

export function plus(a: Fraction, b: Fraction): Fraction {
	return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function minus(a: Fraction, b: Fraction): Fraction {
	return plus(a, {numerator: -b.numerator, denominator: b.denominator});
}

export function times(a: Fraction, b: Fraction): Fraction {
	return fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

/** The part of a whole, kept between 0 and 1. @throws RangeError unless the whole is positive */
export function shareOf(part: bigint, whole: bigint): Fraction {
	const share = fraction(part < 0n ? 0n : part, whole);
	return share.numerator > share.denominator ? one : share;
}

/** The whole number at or below a fraction that is not negative. */
export function roundDown({numerator, denominator}: Fraction): bigint {
	if (numerator < 0n) {
		throw new RangeError('Only what is at least 0 is rounded down here. Keep the sign apart.');
	}

	return numerator / denominator;
}

/** Of whole numbers that are not negative. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
	return b === 0n ? a : greatestCommonDivisor(b, a % b);
}
