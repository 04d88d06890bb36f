import {Failure} from '../check.ts';
import {shown} from '../expect.ts';

/** Amounts of one currency. The checks count in minor units, whole numbers; on the wire amounts are decimals. */
export type Money = {
	/** ISO 4217. */
	readonly currency: string;
	readonly decimals: number;
	/** 330 of BRL is 3.3. */
	readonly toWire: (minor: number) => number;
	/**
	 * 3.3 of BRL is 330.
	 * @param what - for the failure: `balance of the card`
	 * @throws Failure for anything but a JSON number with at most the currency's decimals
	 */
	readonly fromWire: (value: unknown, what: string) => number;
	/** For people: `3.30`. */
	readonly text: (minor: number) => string;
};

// A binary fraction's noise, which every JSON library may add.
const noiseMax = 1e-6;

/** @param currency - three letters */
export function openMoney(currency: string): Money {
	const decimals = decimalsOf(currency);
	const scale = 10 ** decimals;
	return {
		currency,
		decimals,
		toWire: minor => minor / scale,
		fromWire(value, what) {
			if (typeof value !== 'number') {
				throw new Failure(`a JSON number as ${what}`, shown(value));
			}

			const minor = Math.round(value * scale);
			if (Math.abs(value * scale - minor) > noiseMax * scale) {
				throw new Failure(`at most ${decimals} decimals in the ${what}`, String(value));
			}

			return minor;
		},
		text: minor => (minor / scale).toFixed(decimals),
	};
}

function decimalsOf(currency: string): number {
	const format = new Intl.NumberFormat('en', {style: 'currency', currency});
	return format.resolvedOptions().maximumFractionDigits ?? 2;
}
