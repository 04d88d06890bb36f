import test from 'ava';
import {Decimal} from 'decimal.js';
import fc from 'fast-check';
import {MAX_UNITS, parseWireAmount} from '../../src/money/amount.ts';
import {currency, pointsAsset, type Asset} from '../../src/money/asset.ts';

const BRL = currency('BRL');
const CLP = currency('CLP');
const KWD = currency('KWD');
const CLF = currency('CLF');
const Exact = Decimal.clone({precision: 400});

/** A value as a title shows it: minus zero with its sign, and marks that look like others by their number. */
function shown(value: unknown): string {
	const text =
		typeof value === 'string' ? JSON.stringify(value) : Object.is(value, -0) ? '-0' : String(value);
	return text.replaceAll(/[^ -~]/g, mark => `U+${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function reads(value: unknown, asset: Asset, units: bigint): void {
	test(`${shown(value)} from VTEX is ${units} minor units of ${asset.code}`, t => {
		t.deepEqual(parseWireAmount(value, asset), {ok: true, units});
	});
}

function refuses(value: unknown, asset: Asset, problem: RegExp): void {
	test(`${shown(value)} from VTEX is no amount of ${asset.code}: ${problem.source}`, t => {
		const read = parseWireAmount(value, asset);
		t.false(read.ok);
		t.regex(read.ok ? '' : read.problem, problem);
	});
}

reads(5.9, BRL, 590n);
reads(182, BRL, 18_200n);
reads(-20, BRL, -2000n);
reads(0, BRL, 0n);
reads(-0, BRL, 0n);
reads(1e3, CLP, 1000n);
reads(29.9, KWD, 29_900n);
reads(1.2345, CLF, 12_345n);

// Rules C2: noise of binary fractions is forgiven up to one millionth, and not more.
reads(10.1 + 20.2, BRL, 3030n);
reads(30.300000000000001, BRL, 3030n);
reads(0.1 + 0.2, BRL, 30n);
reads(1.1 + 2.2, KWD, 3300n);
reads(12.300001, BRL, 1230n);
reads(12.299999, BRL, 1230n);
reads(-12.300001, BRL, -1230n);
reads(0.000001, CLP, 0n);
reads(0.999999, CLP, 1n);
refuses(12.3000011, BRL, /finer than BRL/);
refuses(12.2999989, BRL, /finer than BRL/);
refuses(-12.3000011, BRL, /finer than BRL/);
refuses(0.0000011, CLP, /finer than CLP can hold. Send no decimals/);
refuses(0.9999989, CLP, /finer than CLP/);
refuses(0.005, BRL, /finer than BRL can hold. Send at most 2 decimals/);
refuses(1.005, BRL, /finer/);
refuses(0.0005, KWD, /finer than KWD/);

// The forgiveness is for JSON numbers only; text is what somebody wrote.
reads('30.30', BRL, 3030n);
reads('30.3000000', BRL, 3030n);
refuses('30.300000000000001', BRL, /finer than BRL/);
refuses('12.300001', BRL, /finer than BRL/);

// Limits.
reads(1e13, BRL, MAX_UNITS);
reads('10.000.000.000.000,00', BRL, MAX_UNITS);
reads(-1e13, BRL, -MAX_UNITS);
refuses(1e13 + 0.01, BRL, /larger than any amount/);
refuses(-1e13 - 0.01, BRL, /larger than any amount/);
refuses('10000000000000.01', BRL, /larger than any amount/);
refuses(1e300, BRL, /larger than any amount/);
refuses(Number.MAX_VALUE, BRL, /larger than any amount/);
refuses('9'.repeat(40), BRL, /larger than any amount/);
refuses('9'.repeat(41), BRL, /longer than 40 characters/);

for (const value of [NaN, Infinity, -Infinity]) {
	refuses(value, BRL, /not a finite number/);
}

for (const value of [null, undefined, '']) {
	refuses(value, BRL, /^is missing/);
}

for (const value of [true, [], {}, ['5'], {value: 5}, 5n]) {
	test(`${typeof value} ${JSON.stringify(value, (_key, it: unknown) => (typeof it === 'bigint' ? 'bigint' : it))} is no amount`, t => {
		t.deepEqual(parseWireAmount(value, BRL), {ok: false, problem: 'is not an amount. Send a number.'});
	});
}

// Text with a dot or a comma as decimal mark, with and without thousands marks.
for (const text of [
	'1234.56',
	'1234,56',
	'1.234,56',
	'1,234.56',
	'1 234,56',
	'1 234.56',
	'1\u00A0234,56',
	'1\u202F234,56',
	'1\u2009234,56',
	"1'234.56",
	'1\u2019234.56',
	'01234.5600',
]) {
	reads(text, BRL, 123_456n);
	reads(`-${text.trim()}`, BRL, -123_456n);
}

reads('29,9', BRL, 2990n);
reads('1.234.567', BRL, 123_456_700n);
reads('1,234,567.8', BRL, 123_456_780n);
reads('1 234', CLP, 1234n);
reads("1'234", BRL, 123_400n);
reads('0.500', BRL, 50n);
reads('1234.500', BRL, 123_450n);
reads('500.0000', BRL, 50_000n);
reads('1.234', KWD, 1234n);
reads('1,234', KWD, 1234n);
reads('1,234.567', KWD, 1_234_567n);

for (const text of ['1.234', '1,234', '1.230', '-999.999', '12,000']) {
	for (const asset of [BRL, CLP, CLF]) {
		refuses(text, asset, /may mean thousands or decimals/);
	}
}

for (const text of [
	'abc',
	'NaN',
	'Infinity',
	'1e3',
	'1E-2',
	'+5',
	'--5',
	'-',
	'.5',
	'5.',
	'0x10',
	'R$ 5',
	'5 BRL',
	'5-',
	'(5)',
	'٥',
	'１２',
	'1.23.45',
	'1.234.56',
	'1,234,56',
	'1.234,567,8',
	'1.234.567.8',
	'12.34,56',
	'1234.567,89',
	'0.234.567',
	'1 234.567 890',
	"1'23.45",
	'1  234',
	'1,234.567.890',
	'1;5',
]) {
	refuses(text, BRL, /^is not an amount. Send a number\.$/);
}

test('every way of marking thousands reads as the same amount', t => {
	const styles = [
		[',', '.'],
		['.', ','],
		[' ', ','],
		[' ', '.'],
		["'", '.'],
		['\u00A0', ','],
	] as const;
	fc.assert(
		fc.property(
			fc.bigInt({min: 0n, max: MAX_UNITS}),
			fc.constantFrom(...styles),
			fc.constantFrom(BRL, KWD),
			(units, [thousands, mark], asset) => {
				const digits = units.toString().padStart(asset.scale + 1, '0');
				const whole = digits.slice(0, -asset.scale).replaceAll(/\B(?=(?:\d{3})+$)/g, thousands);
				const text = `${whole}${mark}${digits.slice(-asset.scale)}`;
				t.deepEqual(parseWireAmount(text, asset), {ok: true, units}, text);
			},
		),
	);
});

/** Rules C2 once more, the slow and obvious way. */
function byDecimals(value: number, asset: Asset): false | bigint {
	const exact = new Exact(value);
	const nearest = exact.times(10 ** asset.scale).round();
	const noise = nearest
		.dividedBy(10 ** asset.scale)
		.minus(exact)
		.abs();
	return noise.greaterThan('0.000001') || nearest.abs().greaterThan(MAX_UNITS.toString())
		? false
		: BigInt(nearest.toFixed());
}

test('the quick way of reading a JSON number never differs from decimal arithmetic', t => {
	const assets = fc.constantFrom(CLP, pointsAsset('TENTHS', 1), BRL, KWD, CLF);
	const nearAmounts = fc
		.tuple(
			fc.maxSafeInteger(),
			fc.integer({min: -3, max: 3}),
			fc.constantFrom(1e-5, 1e-6, 1e-7, 1e-12, 0),
			assets,
		)
		.map(([units, times, noise, {scale}]) => units / 10 ** scale + times * noise);
	const numbers = fc.oneof(
		fc.double({noNaN: true, noDefaultInfinity: true}),
		fc.double({min: -1e6, max: 1e6, noNaN: true}),
		fc.double({min: -1e15, max: 1e15, noNaN: true}),
		fc.tuple(fc.integer(), fc.integer()).map(([a, b]) => a / 100 + b / 100),
		nearAmounts,
	);
	fc.assert(
		fc.property(numbers, assets, (value, asset) => {
			const read = parseWireAmount(value, asset);
			t.is(read.ok && read.units, byDecimals(value, asset), `${value} ${asset.code}`);
		}),
		{numRuns: 3000},
	);
});

test('sums and differences of amounts keep their cents whatever the noise', t => {
	const cents = fc.integer({min: 0, max: 10_000_000});
	fc.assert(
		fc.property(fc.array(cents, {minLength: 1, maxLength: 20}), all => {
			const noisy = all.reduce((sum, one) => sum + one / 100, 0);
			const units = BigInt(all.reduce((sum, one) => sum + one, 0));
			t.deepEqual(parseWireAmount(noisy, BRL), {ok: true, units});
		}),
	);
});
