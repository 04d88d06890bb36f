import test from 'ava';
import fc from 'fast-check';
import {
	formatAmount,
	formatFigure,
	formatMoney,
	MAX_UNITS,
	parseAmount,
	parseWireAmount,
	toJsonNumber,
} from '../../src/money/amount.ts';
import {currency, pointsAsset, type Asset} from '../../src/money/asset.ts';

const BRL = currency('BRL');
const CLP = currency('CLP');
const KWD = currency('KWD');
const scaled = [CLP, pointsAsset('TENTHS', 1), BRL, KWD, currency('CLF')];

const anyUnits = fc.bigInt({min: -MAX_UNITS, max: MAX_UNITS});

for (const asset of scaled) {
	test(`printing and parsing an amount of ${asset.code} (scale ${asset.scale}) is the identity`, t => {
		fc.assert(fc.property(anyUnits, units => parseAmount(formatAmount(units, asset), asset) === units));
		t.pass();
	});

	test(`parsing and printing plain text of ${asset.code} (scale ${asset.scale}) is the identity`, t => {
		const text = fc
			.tuple(fc.constantFrom('', '-'), fc.nat(), fc.bigInt(0n, 10n ** BigInt(asset.scale) - 1n))
			.filter(([sign, whole, fraction]) => sign === '' || whole > 0 || fraction > 0n)
			.map(([sign, whole, fraction]) =>
				asset.scale === 0
					? `${sign}${whole}`
					: `${sign}${whole}.${fraction.toString().padStart(asset.scale, '0')}`,
			);
		fc.assert(fc.property(text, printed => formatAmount(parseAmount(printed, asset), asset) === printed));
		t.pass();
	});

	test(`a JSON number of ${asset.code} (scale ${asset.scale}) is read back as the same units, also through text`, t => {
		fc.assert(
			fc.property(anyUnits, units => {
				const number = toJsonNumber(units, asset);
				const overTheWire: unknown = JSON.parse(JSON.stringify(number));
				t.deepEqual(parseWireAmount(number, asset), {ok: true, units});
				t.deepEqual(parseWireAmount(overTheWire, asset), {ok: true, units});
				t.deepEqual(parseWireAmount(formatAmount(units, asset), asset), {ok: true, units});
			}),
		);
	});

	test(`a JSON number of ${asset.code} prints the amount to the letter, with at most ${asset.scale} decimals`, t => {
		fc.assert(
			fc.property(anyUnits, units => {
				const printed = JSON.stringify(toJsonNumber(units, asset));
				const [whole = '', decimals = ''] = printed.split('.');
				return (
					/^-?\d+$/.test(whole) && decimals.length <= asset.scale && parseAmount(printed, asset) === units
				);
			}),
		);
		t.pass();
	});
}

function reads(text: string, asset: Asset, units: bigint): void {
	test(`"${text}" ${asset.code} typed by a person is ${units} minor units`, t => {
		t.is(parseAmount(text, asset), units);
	});
}

reads('50', BRL, 5000n);
reads('50.5', BRL, 5050n);
reads('-12.30', BRL, -1230n);
reads(' 0.01 ', BRL, 1n);
reads('-0', BRL, 0n);
reads('500.0000', BRL, 50_000n);
reads('007', CLP, 7n);
reads('7.00', CLP, 7n);
reads('1.234', KWD, 1234n);
reads('10000000000000.00', BRL, MAX_UNITS);
reads('-10000000000000.00', BRL, -MAX_UNITS);

function refuses(text: string, asset: Asset, message: RegExp): void {
	test(`"${text}" ${asset.code} typed by a person is refused with ${message.source}`, t => {
		t.throws(() => parseAmount(text, asset), {instanceOf: RangeError, message});
	});
}

for (const text of [
	'',
	' ',
	'abc',
	'1,50',
	'1 000',
	'+1',
	'.5',
	'5.',
	'1e3',
	'0x10',
	'--1',
	'NaN',
	'Infinity',
	'１',
	'1\n2',
]) {
	refuses(text, BRL, /is not an amount. Write digits with a dot/);
}

refuses('1.005', BRL, /is finer than BRL can hold. Send at most 2 decimals/);
refuses('0.5', CLP, /is finer than CLP can hold. Send no decimals/);
refuses('0.55', pointsAsset('TENTHS', 1), /Send at most 1 decimal\./);
refuses('1.0001', KWD, /Send at most 3 decimals/);
refuses('10000000000000.01', BRL, /is larger than any amount/);
refuses('-10000000000000.01', BRL, /is larger than any amount/);

test('a refusal shows an example in the decimals of its asset, and not much of a long text', t => {
	t.throws(() => parseAmount('x', CLP), {message: /such as 50\.$/});
	t.throws(() => parseAmount('x', KWD), {message: /such as 50\.000\.$/});
	const error = t.throws(() => parseAmount('9'.repeat(10_000), BRL));
	t.true(error.message.length < 200);
});

test('a JSON number is exact up to the largest amount and refused one unit beyond', t => {
	t.is(toJsonNumber(MAX_UNITS, BRL), 10_000_000_000_000);
	t.is(toJsonNumber(-MAX_UNITS, KWD), -1_000_000_000_000);
	t.is(toJsonNumber(MAX_UNITS - 1n, BRL), 9_999_999_999_999.99);
	for (const units of [MAX_UNITS + 1n, -MAX_UNITS - 1n]) {
		t.throws(() => toJsonNumber(units, BRL), {instanceOf: RangeError, message: /Use formatAmount/});
	}
});

test('nothing is printed as minus zero', t => {
	t.is(JSON.stringify(toJsonNumber(0n, BRL)), '0');
	t.true(Object.is(toJsonNumber(0n, BRL), 0));
	t.is(formatAmount(0n, BRL), '0.00');
});

test('amounts for people have thousands marks, all decimals, and their asset last', t => {
	t.is(formatMoney(123_456n, BRL), '1,234.56 BRL');
	t.is(formatMoney(99_999n, BRL), '999.99 BRL');
	t.is(formatMoney(-100_000_000n, BRL), '-1,000,000.00 BRL');
	t.is(formatMoney(1234n, CLP), '1,234 CLP');
	t.is(formatMoney(-5n, KWD), '-0.005 KWD');
	t.is(formatMoney(12n, pointsAsset('STARS')), '12 STARS');
	t.is(formatFigure(-123_456n, BRL), '-1,234.56');
});

test('totals beyond the largest amount still print in full', t => {
	t.is(formatAmount(10n ** 20n + 1n, BRL), '1000000000000000000.01');
	t.is(parseAmount(formatAmount(-1n, KWD), KWD), -1n);
});
