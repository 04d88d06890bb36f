import test from 'ava';
import fc from 'fast-check';
import {type Asset, currency, pointsAsset} from '../../src/money/asset.ts';
import {
	captureStep,
	convertDown,
	convertUp,
	formatRate,
	inverse,
	parseRate,
	rate,
	refundStep,
	releaseStep,
	split,
	unitsCaptured,
	unitsRefunded,
	unitsReleased,
	type LegValue,
} from '../../src/money/convert.ts';

const BRL = currency('BRL');
const KWD = currency('KWD');
const CLP = currency('CLP');
const points = pointsAsset('STARS');

const anyLeg = fc.record({value: fc.bigInt(1n, 10n ** 9n), units: fc.bigInt(0n, 10n ** 12n)});
const smallLeg = fc.record({value: fc.bigInt(1n, 60n), units: fc.bigInt(0n, 60n)});
const legs = fc.oneof(
	anyLeg,
	smallLeg,
	fc.bigInt(1n, 10n ** 9n).map(value => ({value, units: value})),
);

/** One movement that VTEX may ask for: its kind, and its share of what is left, in thousandths. */
const movements = fc.array(
	fc.record({
		kind: fc.constantFrom('capture', 'release', 'refund'),
		share: fc.oneof(fc.integer({min: 0, max: 1000}), fc.constant(1000)),
	}),
	{maxLength: 25},
);

type Totals = {readonly captured: bigint; readonly released: bigint; readonly refunded: bigint};

/** The movements in order, each within its limit; with the units that they moved, step by step. */
function run(leg: LegValue, sequence: readonly {kind: 'capture' | 'release' | 'refund'; share: number}[]) {
	let values: Totals = {captured: 0n, released: 0n, refunded: 0n};
	let units: Totals = {captured: 0n, released: 0n, refunded: 0n};
	const history: Totals[] = [];
	for (const {kind, share} of sequence) {
		const open = leg.value - values.captured - values.released;
		const left = kind === 'refund' ? values.captured - values.refunded : open;
		const part = (left * BigInt(share)) / 1000n;
		const name = ({capture: 'captured', release: 'released', refund: 'refunded'} as const)[kind];
		const step = {capture: captureStep, release: releaseStep, refund: refundStep}[kind];
		const moved = step(leg, values[name], values[name] + part);
		values = {...values, [name]: values[name] + part};
		units = {...units, [name]: units[name] + moved};
		history.push(units);
	}

	return {values, units, history};
}

test('A5: whatever was captured, released and refunded in whatever steps, the units follow the values', t => {
	fc.assert(
		fc.property(legs, movements, (leg, sequence) => {
			const {values, units} = run(leg, sequence);
			return (
				units.captured === unitsCaptured(leg, values.captured) &&
				units.released === unitsReleased(leg, values.released) &&
				units.refunded === unitsRefunded(leg, values.refunded)
			);
		}),
	);
	t.pass();
});

test('A5: at no moment do captures and releases exceed the units, refunds exceed captures, or a step go backwards', t => {
	fc.assert(
		fc.property(legs, movements, (leg, sequence) => {
			let before: Totals = {captured: 0n, released: 0n, refunded: 0n};
			return run(leg, sequence).history.every(now => {
				const forwards =
					now.captured >= before.captured &&
					now.released >= before.released &&
					now.refunded >= before.refunded;
				before = now;
				return forwards && now.captured + now.released <= leg.units && now.refunded <= now.captured;
			});
		}),
	);
	t.pass();
});

test('A5: once all of the value is captured or released, so are all of the units', t => {
	fc.assert(
		fc.property(
			legs,
			movements,
			fc.constantFrom('capture' as const, 'release' as const),
			(leg, sequence, last) => {
				const {values, units} = run(leg, [...sequence, {kind: last, share: 1000}]);
				t.is(values.captured + values.released, leg.value);
				t.is(units.captured + units.released, leg.units);
			},
		),
	);
});

test('A5: releasing everything restores every unit, and refunding everything captured returns every unit captured', t => {
	fc.assert(
		fc.property(legs, movements, (leg, sequence) => {
			const released = run(leg, [
				...sequence.filter(({kind}) => kind === 'release'),
				{kind: 'release', share: 1000},
			]);
			const refunded = run(leg, [...sequence, {kind: 'refund', share: 1000}]);
			t.is(released.units.released, leg.units);
			t.is(refunded.units.refunded, refunded.units.captured);
		}),
	);
});

test('A5: a gift card, where units are value, moves exactly the value at every step', t => {
	fc.assert(
		fc.property(fc.bigInt(1n, 10n ** 12n), movements, (value, sequence) => {
			const {values, units} = run({value, units: value}, sequence);
			t.deepEqual(units, values);
		}),
	);
});

test('A5: 100 points over three thirds of R$ 10.00 leave as 33, 33 and 34', t => {
	const leg = {value: 1000n, units: 100n};

	t.deepEqual(
		[captureStep(leg, 0n, 333n), captureStep(leg, 333n, 667n), captureStep(leg, 667n, 1000n)],
		[33n, 33n, 34n],
	);
	t.deepEqual(
		[releaseStep(leg, 0n, 333n), releaseStep(leg, 333n, 667n), releaseStep(leg, 667n, 1000n)],
		[34n, 33n, 33n],
	);
	t.is(unitsCaptured(leg, 333n) + unitsReleased(leg, 667n), 100n);
});

test('a step may move no unit, and nothing moves when the value does not', t => {
	const leg = {value: 1000n, units: 1n};

	t.is(captureStep(leg, 0n, 999n), 0n);
	t.is(captureStep(leg, 999n, 1000n), 1n);
	t.is(releaseStep(leg, 0n, 1n), 1n);
	t.is(refundStep(leg, 500n, 500n), 0n);
});

test('a cumulative value stays between nothing and the whole leg', t => {
	const leg = {value: 1000n, units: 100n};
	for (const unitsAt of [unitsCaptured, unitsReleased, unitsRefunded]) {
		t.is(unitsAt(leg, 0n), 0n);
		t.is(unitsAt(leg, 1000n), 100n);
		for (const outside of [-1n, 1001n]) {
			t.throws(() => unitsAt(leg, outside), {instanceOf: RangeError, message: /outside a leg of value 1000/});
		}

		t.throws(() => unitsAt({value: 0n, units: 0n}, 0n), {instanceOf: RangeError});
		t.throws(() => unitsAt({value: 1n, units: -1n}, 0n), {instanceOf: RangeError});
	}
});

test('a step backwards is refused', t => {
	for (const step of [captureStep, releaseStep, refundStep]) {
		t.is(step({value: 1000n, units: 100n}, 500n, 500n), 0n);
		t.throws(() => step({value: 1000n, units: 100n}, 500n, 499n), {
			instanceOf: RangeError,
			message: /never falls/,
		});
	}
});

test('a rate is kept in lowest terms', t => {
	t.deepEqual(rate(100n, 8000n), {numerator: 1n, denominator: 80n});
	t.deepEqual(inverse(rate(1n, 80n)), rate(80n, 1n));
});

test('a rate has positive terms of at most 10^12 in lowest terms', t => {
	const most = 10n ** 12n;

	t.deepEqual(rate(most, 1n), {numerator: most, denominator: 1n});
	t.deepEqual(rate(2n * most, 2n), {numerator: most, denominator: 1n});
	t.deepEqual(rate(1n, most), {numerator: 1n, denominator: most});
	for (const [numerator, denominator] of [
		[most + 1n, 1n],
		[1n, most + 1n],
	] as const) {
		t.throws(() => rate(numerator, denominator), {instanceOf: RangeError, message: /fewer digits/});
	}

	for (const [numerator, denominator] of [
		[0n, 1n],
		[1n, 0n],
		[-1n, 1n],
		[1n, -1n],
	] as const) {
		t.throws(() => rate(numerator, denominator), {instanceOf: RangeError, message: /above zero/});
	}
});

test('a rate in text says what one whole unit is worth, whatever the decimals on both sides', t => {
	t.deepEqual(parseRate('0.0125', points, BRL), {numerator: 5n, denominator: 4n});
	t.deepEqual(parseRate('1', BRL, points), {numerator: 1n, denominator: 100n});
	t.deepEqual(parseRate('2.5', KWD, BRL), {numerator: 1n, denominator: 4n});
	t.deepEqual(parseRate(' 10 ', points, CLP), {numerator: 10n, denominator: 1n});
});

test('a rate in text is plain positive decimals of up to 24 characters', t => {
	t.deepEqual(parseRate(`1.${'0'.repeat(22)}`, points, CLP), rate(1n, 1n));
	for (const text of ['', '-1', '+1', '1,5', '1e3', '.5', '1.', 'NaN', '0x1', `1.${'0'.repeat(23)}`]) {
		t.throws(() => parseRate(text, points, BRL), {
			instanceOf: RangeError,
			message: /is not a rate. Write what one STARS/,
		});
	}

	t.throws(() => parseRate('0.00', points, BRL), {instanceOf: RangeError, message: /above zero/});
	t.throws(() => parseRate('99999999999', points, BRL), {instanceOf: RangeError, message: /fewer digits/});
});

test('a rate is written as it was read, without what it does not need; one that no decimal says is marked', t => {
	const written = (text: string, from: Asset, to: Asset) => formatRate(parseRate(text, from, to), from, to);

	t.is(written('0.0125', points, BRL), '0.0125');
	t.is(written('010.00', points, CLP), '10');
	t.is(written('0.001', points, BRL), '0.001');
	t.is(written('250', KWD, points), '250');
	t.is(formatRate(rate(1n, 100n), BRL, points), '1');
	t.is(formatRate(rate(1n, 3n), points, CLP), '≈0.333333');
	t.is(formatRate(rate(200n, 3n), points, BRL), '≈0.666667');
	fc.assert(
		fc.property(
			fc.bigInt(1n, 10n ** 9n),
			fc.nat({max: 9}),
			fc.constantFrom(points, pointsAsset('FINE', 3), BRL, KWD, CLP),
			fc.constantFrom(BRL, KWD, CLP),
			(digits, decimals, from, to) => {
				const padded = String(digits).padStart(decimals + 1, '0');
				const point = padded.length - decimals;
				const text = decimals === 0 ? padded : `${padded.slice(0, point)}.${padded.slice(point)}`;
				t.deepEqual(
					parseRate(formatRate(parseRate(text, from, to), from, to), from, to),
					parseRate(text, from, to),
				);
			},
		),
	);
});

test('a balance in points is shown rounded down, and the points that a value takes are rounded up', t => {
	const burn = parseRate('0.0125', points, BRL);

	t.is(convertDown(81n, burn), 101n);
	t.is(convertUp(101n, inverse(burn)), 81n);
	t.is(convertDown(0n, burn), 0n);
	t.is(convertUp(0n, burn), 0n);
	for (const convert of [convertDown, convertUp]) {
		t.throws(() => convert(-1n, burn), {instanceOf: RangeError, message: /at least 0/});
	}
});

test('what a balance is shown as can be spent with that balance, and one cent more cannot', t => {
	const rates = fc.tuple(fc.bigInt(1n, 10n ** 6n), fc.bigInt(1n, 10n ** 6n)).map(([n, d]) => rate(n, d));
	fc.assert(
		fc.property(fc.bigInt(0n, 10n ** 15n), rates, (balance, burn) => {
			const shown = convertDown(balance, burn);
			return convertUp(shown, inverse(burn)) <= balance && convertUp(shown + 1n, inverse(burn)) > balance;
		}),
	);
	t.pass();
});

const weights = fc
	.array(fc.bigInt(0n, 10n ** 12n), {minLength: 1, maxLength: 30})
	.filter(all => all.some(weight => weight > 0n));

test('a split loses nothing, gives nothing to a weight of zero, and differs from the exact share by less than one unit', t => {
	fc.assert(
		fc.property(fc.bigInt(0n, 10n ** 15n), weights, (total, all) => {
			const shares = split(total, all);
			const sum = all.reduce((a, b) => a + b, 0n);
			t.is(shares.length, all.length);
			t.is(
				shares.reduce((a, b) => a + b, 0n),
				total,
			);
			shares.forEach((share, index) => {
				const off = share * sum - total * (all[index] ?? 0n);
				t.true(-sum < off && off < sum);
				t.true(all[index] !== 0n || share === 0n);
			});
		}),
	);
});

test('units left over go to the largest remainders, and among equals to the earlier', t => {
	t.deepEqual(split(100n, [1n, 1n, 1n]), [34n, 33n, 33n]);
	t.deepEqual(split(101n, [1n, 1n, 1n]), [34n, 34n, 33n]);
	t.deepEqual(split(10n, [1n, 4n, 2n]), [1n, 6n, 3n]);
	t.deepEqual(split(0n, [1n, 2n]), [0n, 0n]);
});

test('a split needs a total and weights of at least 0, and one weight above', t => {
	t.deepEqual(split(5n, [0n, 1n]), [0n, 5n]);
	for (const [total, all] of [
		[-1n, [1n]],
		[1n, []],
		[1n, [0n, 0n]],
		[1n, [2n, -1n]],
	] as const) {
		t.throws(() => split(total, all), {instanceOf: RangeError, message: /one of them above 0/});
	}
});
