import {Decimal} from 'decimal.js';
import {type Asset} from './asset.ts';
import {readWireText} from './wire-text.ts';

/**
 * The largest magnitude of one amount, in minor units: ten trillion reais, far beyond any purchase, well within
 * the database's int8, and within the 15 significant digits that a JSON number carries without loss.
 */
export const MAX_UNITS = 10n ** 15n;

/** An amount as VTEX sent it: its minor units, or what is wrong, worded to follow a field's name ("value …"). */
export type WireAmount =
	{readonly ok: true; readonly units: bigint} | {readonly ok: false; readonly problem: string};

// A clone, so that no default of the library (20 digits) can leak in.
const Exact = Decimal.clone({precision: 40, rounding: Decimal.ROUND_HALF_EVEN});

/** Sums of binary fractions drift: 10.1 + 20.2 is 30.299999999999997 in JavaScript. Rules C2 forgives this much. */
const noiseMax = new Exact('0.000001');

/**
 * Reads an amount that a person or a file wrote as plain decimal text, such as `50`, `50.00` or `-12.30`, into minor units.
 * Never rounds. Digits beyond the asset's decimals are accepted where they are zeros.
 *
 * @throws RangeError that says what to write instead
 */
export function parseAmount(text: string, asset: Asset): bigint {
	const plain = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text.trim());
	if (plain === null) {
		throw new RangeError(
			`"${text.slice(0, 40)}" is not an amount. Write digits with a dot before the decimals, such as ${example(asset)}.`,
		);
	}

	const [, sign = '', whole = '', fraction = ''] = plain;
	const read = unitsOf(sign, whole, fraction, asset);
	if (!read.ok) {
		throw new RangeError(`The amount ${text.trim()} ${read.problem}`);
	}

	return read.units;
}

/**
 * Reads an amount as VTEX sends it, into minor units (Gift Card Provider Protocol, 11; rules C2).
 *
 * A JSON number within 10⁻⁶ of an amount that the asset can hold is that amount; anything finer is refused. A string
 * is read to the letter: dot or comma as decimal mark, thousands marks allowed, nothing forgiven, no exponents.
 * Nothing is ever rounded. Zero and negative amounts are returned: whether they may stand here is the caller's to judge.
 */
export function parseWireAmount(value: unknown, asset: Asset): WireAmount {
	if (typeof value === 'number') {
		return fromJsonNumber(value, asset);
	}

	if (value === undefined || value === null || value === '') {
		return refused('is missing. Send an amount.');
	}

	if (typeof value !== 'string') {
		return refused('is not an amount. Send a number.');
	}

	const read = readWireText(value, asset.scale);
	return read.ok ? unitsOf(read.sign, read.whole, read.fraction, asset) : read;
}

/** Minor units as plain decimal text with all the asset's decimals, such as `-12.30`; `parseAmount` reads it back. */
export function formatAmount(units: bigint, asset: Asset): string {
	const [sign, whole, fraction] = digitsOf(units, asset);
	return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** An amount for people, with thousands marks and its asset: `1,234.56 BRL`. The code comes last, so that columns align right. */
export function formatMoney(units: bigint, asset: Asset): string {
	return `${formatFigure(units, asset)} ${asset.code}`;
}

/** The same without its asset, for columns under a title that names it: `1,234.56`. */
export function formatFigure(units: bigint, asset: Asset): string {
	const [sign, whole, fraction] = digitsOf(units, asset);
	const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
	return `${sign}${grouped}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Minor units as the JSON number that prints exactly that amount, with at most the asset's decimals
 * (Gift Card Provider Protocol, 11; G38).
 *
 * Both operands of the division are whole numbers that a double holds exactly, so the quotient is the double nearest to the
 * amount; and up to 15 significant digits, the shortest text of that double is the amount itself.
 *
 * @throws RangeError beyond MAX_UNITS, where a JSON number may no longer be exact
 */
export function toJsonNumber(units: bigint, asset: Asset): number {
	if (units > MAX_UNITS || units < -MAX_UNITS) {
		throw new RangeError(
			`${formatMoney(units, asset)} is beyond what a JSON number holds exactly. Use formatAmount and send text.`,
		);
	}

	return Number(units) / 10 ** asset.scale;
}

/**
 * The quick way asks whether `toJsonNumber` of the nearest whole units gives this very number; if so, that is the amount.
 * Only numbers with noise, and numbers to refuse, need decimal arithmetic.
 */
function fromJsonNumber(value: number, asset: Asset): WireAmount {
	const factor = 10 ** asset.scale;
	const nearest = Math.round(value * factor);
	if (Number.isSafeInteger(nearest) && nearest / factor === value) {
		return withinLimit(BigInt(nearest));
	}

	return Number.isFinite(value)
		? fromNoisyNumber(value, asset)
		: refused('is not a finite number. Send an amount.');
}

function fromNoisyNumber(value: number, asset: Asset): WireAmount {
	const exact = new Exact(value);
	const amount = exact.toDecimalPlaces(asset.scale);
	if (amount.minus(exact).abs().greaterThan(noiseMax)) {
		return tooFine(asset);
	}

	return withinLimit(BigInt(amount.times(10 ** asset.scale).toFixed(0)));
}

function unitsOf(sign: string, whole: string, fraction: string, asset: Asset): WireAmount {
	if (/[1-9]/.test(fraction.slice(asset.scale))) {
		return tooFine(asset);
	}

	const units = BigInt(whole + fraction.slice(0, asset.scale).padEnd(asset.scale, '0'));
	return withinLimit(sign === '-' ? -units : units);
}

function digitsOf(units: bigint, {scale}: Asset): [sign: string, whole: string, fraction: string] {
	const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
	const point = digits.length - scale;
	return [units < 0n ? '-' : '', digits.slice(0, point), digits.slice(point)];
}

function withinLimit(units: bigint): WireAmount {
	return units > MAX_UNITS || units < -MAX_UNITS
		? refused('is larger than any amount accepted here. Send a smaller one.')
		: {ok: true, units};
}

function tooFine({code, scale}: Asset): WireAmount {
	const send = scale === 0 ? 'no decimals' : `at most ${scale} ${scale === 1 ? 'decimal' : 'decimals'}`;
	return refused(`is finer than ${code} can hold. Send ${send}.`);
}

function refused(problem: string): WireAmount {
	return {ok: false, problem};
}

function example({scale}: Asset): string {
	return scale === 0 ? '50' : `50.${'0'.repeat(scale)}`;
}
