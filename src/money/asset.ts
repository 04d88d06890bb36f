/**
 * What an amount is counted in. A `scale` of 2 means that one whole unit is 100 minor units; every amount
 * in the ledger is a `bigint` of minor units of exactly one asset, and assets are never added together.
 */
export type Asset = {readonly code: string; readonly scale: number; readonly kind: 'money' | 'points'};

/**
 * More decimals than any currency has make no sense, and the tolerance for number noise (rules C2) must stay
 * far below half a minor unit.
 */
export const SCALE_MAX = 4;

/** Points may be finer: they never travel as JSON numbers that would have to be read, only currencies do. */
export const POINTS_SCALE_MAX = 6;

// ISO 4217, the codes in use, by their number of decimals. Ours and not Intl's, because Intl follows the way
// prices are displayed: it gives COP and IDR no decimals where the standard, and VTEX, have two.
// Codes without decimals defined (gold, the IMF's XDR, test codes) are nobody's card balance and left out.
const currencyCodesByScale: readonly (readonly [scale: number, codes: string])[] = [
	[0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
	[
		2,
		`AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
		CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
		IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
		MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
		SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER
		ZAR ZMW ZWG`,
	],
	[3, 'BHD IQD JOD KWD LYD OMR TND'],
	[4, 'CLF UYW'],
];

const currencies: ReadonlyMap<string, Asset> = new Map(
	currencyCodesByScale.flatMap(([scale, codes]) =>
		codes.split(/\s+/).map(code => [code, Object.freeze({code, scale, kind: 'money'} as const)] as const),
	),
);

/**
 * The currency of an ISO 4217 code, in any case.
 *
 * @param overrides - decimals by upper-case code where a merchant counts otherwise, such as `{COP: 0}`
 * @throws RangeError for a code that is not in use, or an override beyond 0 to 4 decimals
 */
export function currency(code: string, overrides: Readonly<Record<string, number>> = {}): Asset {
	const found = inUse(code);
	if (found === undefined) {
		throw new RangeError(
			`"${code.slice(0, 12)}" is not a currency in use. Give a three-letter ISO 4217 code such as BRL, USD or CLP.`,
		);
	}

	const scale = Object.hasOwn(overrides, found.code) ? overrides[found.code] : undefined;
	return scale === undefined || scale === found.scale
		? found
		: {...found, scale: checkedScale(scale, found.code)};
}

/** Whether the text is the code of a currency in use, in any case. */
export function isCurrencyCode(code: string): boolean {
	return inUse(code) !== undefined;
}

/**
 * The asset of a loyalty program.
 *
 * @param code - 3 to 12 capitals and digits, not digits alone: after an amount they would read as another one; and never a currency's code, so
 * that no statement can confuse the two
 * @throws RangeError for another code or a scale beyond 0 to 6
 */
export function pointsAsset(code: string, scale = 0): Asset {
	if (!/^(?=.*[A-Z])[A-Z0-9]{3,12}$/.test(code)) {
		throw new RangeError(
			`"${code.slice(0, 16)}" is no code of points. Write 3 to 12 of A-Z and 0-9, at least one letter, such as PTS.`,
		);
	}

	if (currencies.has(code)) {
		throw new RangeError(`${code} is a currency. Choose another code for the points.`);
	}

	return {code, scale: checkedScale(scale, code, POINTS_SCALE_MAX), kind: 'points'};
}

// Only A to Z change case here: the upper case of "ß" is "SS", and no sender means South Sudan by "ßp".
function inUse(code: string): Asset | undefined {
	return /^[a-z]{3}$/i.test(code) ? currencies.get(code.toUpperCase()) : undefined;
}

function checkedScale(scale: number, code: string, scaleMax = SCALE_MAX): number {
	if (!Number.isInteger(scale) || scale < 0 || scale > scaleMax) {
		throw new RangeError(`${code} cannot have ${scale} decimals. Give a whole number from 0 to ${scaleMax}.`);
	}

	return scale;
}
