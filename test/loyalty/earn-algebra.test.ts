import test from 'ava';
import fc from 'fast-check';
import {earnedSoFar} from '../../src/loyalty/earn.ts';
import {type EarnRules, type Override} from '../../src/loyalty/earn-rules.ts';
import {eligibleOf, partsOf} from '../../src/loyalty/eligible.ts';
import {type OrderPackage, orderValue, type SoldOrder} from '../../src/loyalty/order.ts';
import {rate} from '../../src/money/convert.ts';
import {roundDown, times} from '../../src/money/fraction.ts';
import {
	buildLine,
	buildOrder,
	buildPackage,
	buildPayment,
	buildRules,
	buildTotals,
} from '../helpers/orders.ts';

// Goal: whatever an order goes through, what it earns moves in the right direction and adds up. Method: random orders under random rules,
// and what must not matter about them, or must matter in one direction only.

const amounts = fc.oneof(fc.bigInt(0n, 50n), fc.bigInt(0n, 10n ** 6n), fc.bigInt(0n, 10n ** 7n));
// Small enough that no order earns more than an account holds.
const rates = fc.tuple(fc.bigInt(1n, 100n), fc.bigInt(1n, 1000n)).map(([a, b]) => rate(a, b));
const overrides: fc.Arbitrary<Override> = fc.oneof(
	rates.map(one => ({kind: 'rate', rate: one}) as const),
	rates.map(one => ({kind: 'factor', factor: one}) as const),
);
const ids = ['1', '2', '3'] as const;

const anyRules: fc.Arbitrary<EarnRules> = fc
	.record({
		rate: rates,
		byCategory: fc.dictionary(fc.constantFrom(...ids), overrides).map(all => new Map(Object.entries(all))),
		bySeller: fc.dictionary(fc.constantFrom(...ids), overrides).map(all => new Map(Object.entries(all))),
		freightEarns: fc.boolean(),
		taxEarns: fc.boolean(),
		excludedSku: fc.constantFrom('1', 'none'),
	})
	.map(({excludedSku, ...rules}) =>
		buildRules({
			...rules,
			excluded: {categories: new Set(), skus: new Set([excludedSku]), sellers: new Set()},
		}),
	);

const lines = fc.array(
	fc.record({
		value: amounts,
		sku: fc.constantFrom(...ids),
		seller: fc.constantFrom(...ids),
		categoryPath: fc.subarray([...ids]),
		isGift: fc.constantFrom(false, false, false, true),
	}),
	{minLength: 1, maxLength: 6},
);

const payments = fc
	.array(
		fc.record({value: amounts, isGiftCard: fc.boolean(), isDiscount: fc.constantFrom(false, false, true)}),
		{
			maxLength: 4,
		},
	)
	// One that is never nothing, so that the order is paid.
	.map(all => [...all, {value: 1n, isGiftCard: false, isDiscount: false}].map(buildPayment));

/** An order on its way, without packages, whose lines agree with its totals or do not. */
const anyOrder: fc.Arbitrary<SoldOrder> = fc
	.record({
		lines,
		payments,
		freight: amounts,
		tax: amounts,
		discounts: amounts,
		change: amounts,
		exact: fc.boolean(),
	})
	.map(given => {
		const items = given.lines.reduce((sum, {value}) => sum + value, 0n);
		const [discounts, change] = given.exact ? [0n, 0n] : [-given.discounts, given.change - given.discounts];
		return buildOrder({
			stage: 'open',
			packages: [],
			payments: given.payments,
			lines: given.lines.map(buildLine),
			totals: buildTotals({items, discounts, change, freight: given.freight, tax: given.tax}),
		});
	})
	.filter(({totals}) => orderValue(totals) > 0n);

/** Invoices and returns with numbers of their own, as thousandths of the order's value. */
const steps = fc.array(
	fc.record({
		direction: fc.constantFrom('sale', 'return'),
		share: fc.integer({min: 0, max: 1200}),
		freightShare: fc.integer({min: 0, max: 1000}),
	}),
	{maxLength: 8},
);
type Step = {readonly direction: 'sale' | 'return'; readonly share: number; readonly freightShare: number};

function packagesOf(order: SoldOrder, all: readonly Step[]): OrderPackage[] {
	const whole = orderValue(order.totals);
	return all.map(({direction, share, freightShare}, index) => {
		const value = (whole * BigInt(share)) / 1000n;
		const freight = direction === 'return' ? (value * BigInt(freightShare)) / 1000n : 0n;
		return buildPackage({direction, value, freight, invoiceNumber: String(index)});
	});
}

const fully = (order: SoldOrder) => buildPackage({invoiceNumber: 'all', value: orderValue(order.totals)});

function unitsOf(order: SoldOrder, rules: EarnRules): bigint {
	const earning = earnedSoFar(order, rules, {isOwnPayment: () => false});
	if (earning.kind === 'unknown') {
		throw new Error(`The order must be one that something can be said of, not ${earning.reason}.`);
	}

	return earning.units;
}

const holds = (
	title: string,
	property: (order: SoldOrder, rules: EarnRules, packages: readonly OrderPackage[]) => boolean,
) => {
	test(title, t => {
		fc.assert(
			fc.property(anyOrder, anyRules, steps, (order, rules, all) =>
				property(order, rules, packagesOf(order, all)),
			),
			{numRuns: 500},
		);
		t.pass();
	});
};

holds('what an order earns is never negative and never above its full earning', (order, rules, packages) => {
	const units = unitsOf({...order, packages}, rules);
	return units >= 0n && units <= unitsOf({...order, packages: [fully(order)]}, rules);
});

holds('the full earning is never above what the eligible value earns at its rates', (order, rules) => {
	const parts = partsOf(order.totals);
	const {points, goods, freight, tax} = eligibleOf(order, parts, rules);
	const units = unitsOf({...order, packages: [fully(order)]}, rules);
	return (
		units <= roundDown(points) &&
		goods <= parts.goods &&
		freight + tax <= parts.whole &&
		(parts.goods === 0n || goods + freight + tax <= parts.whole)
	);
});

holds('a further invoice never lowers what an order has earned', (order, rules, packages) => {
	const sales = packages.filter(({direction}) => direction === 'sale');
	const others = packages.filter(({direction}) => direction === 'return');
	const history = sales.map((_, index) =>
		unitsOf({...order, packages: [...others, ...sales.slice(0, index + 1)]}, rules),
	);
	return history.every((units, index) => units >= (history[index - 1] ?? 0n));
});

holds('a further return never raises what an order has earned', (order, rules, packages) => {
	const sales = packages.filter(({direction}) => direction === 'sale');
	const returns = packages
		.filter(({direction}) => direction === 'return')
		.map(one => ({...one, freight: 0n}));
	const history = [0, ...returns.keys()].map(count =>
		unitsOf({...order, packages: [...sales, ...returns.slice(0, count)]}, rules),
	);
	return history.every((units, index) => units <= (history[index - 1] ?? units));
});

holds('a full return ends at exactly zero, however it was invoiced', (order, rules, packages) => {
	const back = {...fully(order), direction: 'return'} as const;
	return unitsOf({...order, packages: [...packages, back]}, rules) === 0n;
});

holds('a full return in parts ends at exactly zero', (order, rules, packages) => {
	const sales = packages.filter(({direction}) => direction === 'sale');
	const back = sales.map(one => ({...one, direction: 'return'}) as const);
	return unitsOf({...order, packages: [...sales, ...back]}, rules) === 0n;
});

holds('the order of the packages does not matter', (order, rules, packages) => {
	const units = unitsOf({...order, packages}, rules);
	const rotated = packages.map((_, index) => [...packages.slice(index), ...packages.slice(0, index)]);
	return [packages.toReversed(), ...rotated].every(
		other => unitsOf({...order, packages: other}, rules) === units,
	);
});

holds('an invoice or a return in two parts is the same as in one', (order, rules, packages) => {
	const halves = packages.flatMap(one => {
		const [value, freight] = [one.value / 3n, one.freight / 3n];
		return [
			{...one, value, freight},
			{
				...one,
				value: one.value - value,
				freight: one.freight - freight,
				invoiceNumber: `${one.invoiceNumber}b`,
			},
		];
	});
	return unitsOf({...order, packages: halves}, rules) === unitsOf({...order, packages}, rules);
});

holds('a package that is there twice under one number counts once', (order, rules, packages) => {
	const twice = [...packages, ...packages];
	return unitsOf({...order, packages: twice}, rules) === unitsOf({...order, packages}, rules);
});

holds('an order paid with stored value alone earns nothing', (order, rules) => {
	const stored = order.payments.map(payment => ({...payment, isGiftCard: true, isDiscount: false}));
	return unitsOf({...order, packages: [fully(order)], payments: stored}, rules) === 0n;
});

holds('more paid with stored value never earns more', (order, rules) => {
	const plain = order.payments.map(payment => ({...payment, isDiscount: false}));
	const more = plain.map((payment, index) => (index === 0 ? {...payment, isGiftCard: true} : payment));
	const packages = [fully(order)];
	return (
		unitsOf({...order, packages, payments: more}, rules) <=
		unitsOf({...order, packages, payments: plain}, rules)
	);
});

holds('a canceled order ends at zero, whatever it went through', (order, rules, packages) =>
	(['canceled', 'replaced'] as const).every(stage => unitsOf({...order, packages, stage}, rules) === 0n),
);

test('the orders of one purchase earn together at most what the purchase earns, and lose less than a unit each', t => {
	const purchase = fc.array(fc.record({lines, freight: amounts, tax: amounts}), {minLength: 1, maxLength: 4});
	const merged = (parts: readonly {lines: {value: bigint}[]; freight: bigint; tax: bigint}[]) => ({
		lines: parts.flatMap(part => part.lines),
		freight: parts.reduce((sum, part) => sum + part.freight, 0n),
		tax: parts.reduce((sum, part) => sum + part.tax, 0n),
	});

	fc.assert(
		fc.property(purchase, payments, anyRules, (parts, paid, rules) => {
			const shared = paid.map(payment => ({...payment, isDiscount: false}));
			const units = (part: ReturnType<typeof merged>) => {
				const items = part.lines.reduce((sum, {value}) => sum + value, 0n);
				const totals = buildTotals({items, freight: part.freight, tax: part.tax});
				const order = buildOrder({lines: part.lines.map(buildLine), payments: shared, totals, packages: []});
				return unitsOf({...order, packages: [fully(order)]}, rules);
			};

			const together = units(merged(parts));
			const apart = parts.reduce((sum, part) => sum + units(part), 0n);
			return apart <= together && together - apart < BigInt(parts.length);
		}),
		{numRuns: 500},
	);
	t.pass();
});

test('in proportion: half of an order earns half, rounded down', t => {
	fc.assert(
		fc.property(fc.bigInt(1n, 10n ** 9n), rates, (half, one) => {
			const whole = 2n * half;
			const order = buildOrder({
				stage: 'open',
				lines: [buildLine({value: whole})],
				totals: buildTotals({items: whole}),
				payments: [buildPayment({value: whole})],
				packages: [buildPackage({value: half})],
			});
			return (
				unitsOf(order, buildRules({rate: one})) === roundDown(times(one, {numerator: half, denominator: 1n}))
			);
		}),
	);
	t.pass();
});
