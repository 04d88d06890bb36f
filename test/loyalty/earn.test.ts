import test from 'ava';
import {earnedSoFar, type Earning} from '../../src/loyalty/earn.ts';
import {type EarnRules} from '../../src/loyalty/earn-rules.ts';
import {type OrderPayment, type SoldOrder} from '../../src/loyalty/order.ts';
import {currency} from '../../src/money/asset.ts';
import {rate} from '../../src/money/convert.ts';
import {fraction, one, zero} from '../../src/money/fraction.ts';
import {readOrder} from '../../src/vtex/orders/read-order.ts';
import {
	buildLine,
	buildOrder,
	buildPackage,
	buildPayment,
	buildRules,
	buildTotals,
	orderSample,
	type OrderSample,
} from '../helpers/orders.ts';

const nobodys = {isOwnPayment: () => false};

/** One point for each cent, so that the units show every cent. */
const perCent = (members: Partial<EarnRules> = {}) => buildRules({rate: rate(1n, 1n), ...members});

const earn = (members: Partial<SoldOrder> = {}, rules: Partial<EarnRules> = {}): Earning =>
	earnedSoFar(buildOrder(members), perCent(rules), nobodys);

const unitsOf = (earning: Earning) => (earning.kind === 'unknown' ? undefined : earning.units);
const notesOf = (earning: Earning) => (earning.kind === 'earned' ? earning.notes : undefined);

const invoice = (invoiceNumber: string, value: bigint) => buildPackage({invoiceNumber, value});
const refund = (invoiceNumber: string, value: bigint, freight = 0n) =>
	buildPackage({direction: 'return', invoiceNumber, value, freight});

// The published orders. Goods 277.61, freight 15.90, together 293.51; one point for each real.

const sampleEarning = (name: OrderSample, rules: Partial<EarnRules> = {}) =>
	earnedSoFar(readOrder(orderSample(name)), buildRules(rules), nobodys);

test('an invoiced order earns on its goods', t => {
	t.deepEqual(sampleEarning('order-invoiced-full'), {
		kind: 'earned',
		units: 277n,
		base: {goods: 27_761n, freight: 0n, tax: 0n},
		storedValueShare: zero,
		invoicedShare: one,
		refundedShare: zero,
		notes: [],
	});
});

test('an invoiced order earns on its freight too, where the program says so', t => {
	t.like(sampleEarning('order-invoiced-full', {freightEarns: true}), {
		units: 293n,
		base: {goods: 27_761n, freight: 1590n},
	});
});

test('a partly invoiced order earns its part while its state is still "payment approved"', t => {
	t.like(sampleEarning('order-invoiced-partially'), {
		units: 185n, // 277.61 × 195.81 ÷ 293.51 = 185.20
		invoicedShare: fraction(19_581n, 29_351n),
	});
});

test('a return takes back its part of the goods', t => {
	t.like(sampleEarning('order-returned-in-part'), {
		units: 212n, // 277.61 − 65.14 = 212.47
		refundedShare: fraction(6514n, 27_761n),
	});
});

test('money given back without goods counts as a return', t => {
	t.like(sampleEarning('order-returned-twice-second-without-items'), {units: 202n}); // 202.47
});

test('a canceled order has earned nothing', t => {
	t.deepEqual(sampleEarning('order-canceled'), {kind: 'nothing', units: 0n, reason: 'canceled'});
});

test('what was paid with points or gift cards earns nothing', t => {
	t.like(sampleEarning('order-paid-partly-with-points'), {
		units: 183n, // 277.61 × 193.51 ÷ 293.51 = 183.02
		storedValueShare: fraction(10_000n, 29_351n),
	});
});

test('a changed order earns by payment on what is left of it', t => {
	t.like(sampleEarning('order-changed-before-invoice', {earnOn: 'payment'}), {
		units: 245n, // 277.61 − 32.57 = 245.04
		base: {goods: 24_504n},
		notes: ['linesAboveTotals'],
	});
	t.like(sampleEarning('order-changed-before-invoice'), {kind: 'nothing', reason: 'notInvoiced'});
});

test('an incomplete order has earned nothing', t => {
	t.like(sampleEarning('order-incomplete'), {kind: 'nothing', reason: 'incomplete'});
});

test("the seller's copy of an order has earned nothing", t => {
	t.like(sampleEarning('order-fulfillment-side'), {kind: 'nothing', reason: 'notOurSale'});
});

// Reasons, in order of precedence: each order has its own reason and the next one's.

const gone = {value: 0n};
for (const [reason, order, rules] of [
	['notOurSale', {origin: 'chain', isCompleted: false}, {}],
	['incomplete', {isCompleted: false, stage: 'canceled'}, {}],
	['canceled', {stage: 'canceled', affiliateId: 'MND'}, {affiliatesEarn: false}],
	['replaced', {stage: 'replaced', affiliateId: 'MND'}, {affiliatesEarn: false}],
	['affiliate', {affiliateId: 'MND', currency: currency('USD')}, {affiliatesEarn: false}],
	['otherCurrency', {currency: currency('USD'), lines: []}, {}],
	['nothingEligible', {lines: []}, {minimum: 1n}],
	['belowMinimum', {packages: [], stage: 'open'}, {minimum: 10_001n}],
	['notInvoiced', {packages: [], stage: 'open', payments: []}, {}],
	['notPaid', {authorizedAt: null, stage: 'open', payments: []}, {earnOn: 'payment'}],
] as const satisfies readonly (readonly [string, Partial<SoldOrder>, Partial<EarnRules>])[]) {
	test(`an order has earned nothing: ${reason}`, t => {
		t.deepEqual(earn(order, rules), {kind: 'nothing', units: 0n, reason});
	});
}

for (const [reason, order] of [
	['unknownState', {stage: 'unknown', status: 'on-hold'}],
	['cancelling', {stage: 'cancelling'}],
	['noPayments', {payments: []}],
	['noPayments', {payments: [buildPayment(gone)], stage: 'open'}],
] as const satisfies readonly (readonly [string, Partial<SoldOrder>])[]) {
	test(`nothing can be said of an order, so nothing is booked: ${reason} (${JSON.stringify(Object.keys(order))})`, t => {
		t.deepEqual(earn(order), {kind: 'unknown', reason});
	});
}

test('an order that came back in full has earned nothing even where its payments are gone', t => {
	const packages = [invoice('1', 10_000n), refund('D', 10_000n)];

	t.like(earn({payments: [], packages}), {kind: 'earned', units: 0n});
});

test('more points than an account can hold are not booked', t => {
	const most = rate(10n ** 11n, 1n);

	t.is(unitsOf(earn({}, {rate: most})), 10n ** 15n);
	t.deepEqual(
		earn(
			{
				totals: buildTotals({items: 10_001n}),
				lines: [buildLine({value: 10_001n})],
				packages: [invoice('1', 10_001n)],
			},
			{rate: most},
		),
		{
			kind: 'unknown',
			reason: 'beyondLimits',
		},
	);
});

test('an order through an affiliate earns unless the program says otherwise', t => {
	t.is(unitsOf(earn({affiliateId: 'MND'})), 10_000n);
});

test('the minimum is met exactly, and by the whole order, whatever came back', t => {
	t.is(unitsOf(earn({}, {minimum: 10_000n})), 10_000n);
	t.is(unitsOf(earn({packages: [invoice('1', 10_000n), refund('D', 1n)]}, {minimum: 10_000n})), 9999n);
	t.is(unitsOf(earn({packages: [invoice('1', 1n)], stage: 'open'}, {minimum: 10_000n})), 1n);
});

// Invoices.

test('invoices add up, each number once: a new receipt replaces the old one', t => {
	const packages = [invoice('1', 3000n), invoice('2', 2000n), invoice('1', 4000n)];

	t.is(unitsOf(earn({stage: 'open', packages})), 6000n);
});

test('a return may have the number of an invoice', t => {
	t.is(unitsOf(earn({packages: [invoice('1', 10_000n), refund('1', 4000n)]})), 6000n);
});

test('packages without a number all count', t => {
	const packages = [
		{...invoice('', 3000n), invoiceNumber: null},
		{...invoice('', 2000n), invoiceNumber: null},
	];

	t.is(unitsOf(earn({stage: 'open', packages})), 5000n);
});

test('more than the order is never invoiced, and is pointed out', t => {
	const earning = earn({packages: [invoice('1', 10_001n)]});

	t.is(unitsOf(earning), 10_000n);
	t.deepEqual(notesOf(earning), ['invoicedAboveTotals']);
	t.deepEqual(notesOf(earn({packages: [invoice('1', 10_000n)]})), []);
});

test('an order called invoiced earns by its invoices, or in full where it has none; both are pointed out', t => {
	const below = earn({packages: [invoice('1', 9999n)]});
	const missing = earn({packages: []});

	t.is(unitsOf(below), 9999n);
	t.deepEqual(notesOf(below), ['invoicedBelowTotals']);
	t.is(unitsOf(missing), 10_000n);
	t.deepEqual(notesOf(missing), ['invoicesMissing']);
});

test('by payment an order earns everything once it is approved, invoiced or not', t => {
	const rules = {earnOn: 'payment'} as const;

	t.is(unitsOf(earn({stage: 'open', packages: []}, rules)), 10_000n);
	t.is(unitsOf(earn({stage: 'open', packages: [invoice('1', 1n)]}, rules)), 10_000n);
	t.is(unitsOf(earn({authorizedAt: null}, rules)), 10_000n);
	t.is(unitsOf(earn({packages: [invoice('1', 10_000n), refund('D', 2500n)]}, rules)), 7500n);
});

// Returns.

test('a return at no value takes nothing back, and is pointed out', t => {
	const earning = earn({packages: [invoice('1', 10_000n), refund('D', 0n)]});

	t.is(unitsOf(earning), 10_000n);
	t.deepEqual(notesOf(earning), ['returnWithoutValue']);
});

test('more than everything is never taken back, and is pointed out', t => {
	const earning = earn({packages: [invoice('1', 10_000n), refund('D', 10_001n)]});

	t.like(earning, {kind: 'earned', units: 0n, refundedShare: one});
	t.deepEqual(notesOf(earning), ['returnedAboveInvoiced']);
	t.deepEqual(notesOf(earn({packages: [invoice('1', 10_000n), refund('D', 10_000n)]})), []);
});

const withFreight = {totals: buildTotals({freight: 1000n}), payments: [buildPayment({value: 11_000n})]};

test('all goods returned without their freight take everything back where freight earns nothing', t => {
	const packages = [invoice('1', 11_000n), refund('D', 10_000n)];

	t.is(unitsOf(earn({...withFreight, packages})), 0n);
	t.is(unitsOf(earn({...withFreight, packages}, {freightEarns: true})), 1000n);
});

test('freight that is given back takes points back only where freight earned', t => {
	const packages = [invoice('1', 11_000n), refund('D', 6000n, 1000n)];

	t.is(unitsOf(earn({...withFreight, packages})), 5000n);
	t.is(unitsOf(earn({...withFreight, packages}, {freightEarns: true})), 5000n);
	t.is(
		unitsOf(earn({...withFreight, packages: [invoice('1', 11_000n), refund('D', 1000n, 1000n)]})),
		10_000n,
	);
	t.is(
		unitsOf(
			earn(
				{...withFreight, packages: [invoice('1', 11_000n), refund('D', 1000n, 1000n)]},
				{freightEarns: true},
			),
		),
		10_000n,
	);
});

test('no more freight is left out of the returns than the order had', t => {
	const packages = [invoice('1', 11_000n), refund('D', 3000n, 3000n)];

	t.is(unitsOf(earn({...withFreight, packages})), 8000n);
});

test('a full return with its freight, told apart or not, ends at zero', t => {
	for (const freight of [0n, 1000n]) {
		for (const freightEarns of [true, false]) {
			const packages = [invoice('1', 11_000n), refund('D', 11_000n, freight)];
			t.is(unitsOf(earn({...withFreight, packages}, {freightEarns})), 0n);
		}
	}
});

// The base.

test('tax earns only where the program says so, and freight and tax earn at the rate of the program', t => {
	const order = {
		totals: buildTotals({freight: 1000n, tax: 500n}),
		packages: [invoice('1', 11_500n)],
		payments: [buildPayment({value: 11_500n})],
	};
	const bySeller = new Map([['1', {kind: 'factor', factor: rate(2n, 1n)}]] as const);

	t.is(unitsOf(earn(order)), 10_000n);
	t.is(unitsOf(earn(order, {taxEarns: true})), 10_500n);
	t.is(unitsOf(earn(order, {taxEarns: true, freightEarns: true, bySeller})), 21_500n);
});

test('lines above the totals are scaled down together, those that earn nothing too', t => {
	const lines = [
		buildLine({value: 3333n}),
		buildLine({value: 3333n}),
		buildLine({value: 3334n, isGift: true}),
	];
	const earning = earn({
		lines,
		totals: buildTotals({change: -1n}),
		packages: [invoice('1', 9999n)],
	});

	t.like(earning, {base: {goods: 6666n}, notes: ['linesAboveTotals']});
	t.like(earn({lines}), {base: {goods: 6666n}, notes: []});
	t.like(
		earn({lines, totals: buildTotals({change: -5000n}), packages: [invoice('1', 5000n)]}),
		{base: {goods: 3333n}}, // 1666.5 + 1666.5 + 1667
	);
});

test('lines are never scaled up: goods that no line has earn nothing', t => {
	t.like(earn({lines: [buildLine({value: 9000n})]}), {units: 9000n, notes: []});
});

test('whatever lowers the order lowers its goods, under whatever name', t => {
	const lowered = (members: Parameters<typeof buildTotals>[0]) =>
		earn({
			totals: buildTotals(members),
			packages: [invoice('1', 9000n)],
			payments: [buildPayment({value: 9000n})],
		});

	t.like(lowered({discounts: -1000n}), {units: 9000n});
	t.like(lowered({change: -1000n}), {units: 9000n});
	t.like(lowered({others: [{id: 'Loyalty', value: -1000n}]}), {units: 9000n});
	t.like(lowered({tax: -1000n}), {units: 9000n});
	t.like(lowered({freight: -1000n}), {units: 9000n});
});

test('an order whose discounts take all its goods earns at most what its freight left to pay', t => {
	const totals = buildTotals({items: 1000n, discounts: -2000n, freight: 1500n});
	const order = {totals, packages: [invoice('1', 500n)], payments: [buildPayment({value: 500n})]};

	t.like(earn(order, {freightEarns: true}), {units: 500n, base: {goods: 0n, freight: 500n}});
	t.like(earn(order), {kind: 'nothing', reason: 'nothingEligible'});
	t.like(earn({totals: buildTotals({items: 0n, discounts: -2000n, freight: 1500n})}, {freightEarns: true}), {
		reason: 'nothingEligible',
	});
});

test('each line earns at its own rate, and all is rounded once', t => {
	const third = rate(1n, 3n);
	const lines = [
		buildLine({value: 5000n, sku: 'a'}),
		buildLine({value: 5000n, sku: 'b', categoryPath: ['9']}),
	];

	// Each line alone is 1666.67; together 3333.33.
	t.is(unitsOf(earn({lines}, {rate: third})), 3333n);
	t.is(
		unitsOf(
			earn({lines}, {rate: third, byCategory: new Map([['9', {kind: 'factor', factor: rate(2n, 1n)}]])}),
		),
		5000n,
	);
});

// Stored value.

const card = (members: Partial<OrderPayment> = {}) =>
	buildPayment({id: 'C', isGiftCard: true, group: 'giftCard', provider: 'VtexGiftCard', ...members});

test('gift cards of any provider are stored value, unless the program says that only ours are', t => {
	const payments = [buildPayment({value: 7000n}), card({value: 3000n})];

	t.is(unitsOf(earn({payments})), 7000n);
	t.is(unitsOf(earn({payments}, {giftCardsAreStoredValue: false})), 10_000n);
});

test('a payment made to us is stored value whatever its group and the program say', t => {
	const order = buildOrder({
		payments: [buildPayment({value: 6000n}), buildPayment({id: 'ours', value: 4000n})],
	});
	const own = {isOwnPayment: ({id}: OrderPayment) => id === 'ours'};

	t.is(unitsOf(earnedSoFar(order, perCent({giftCardsAreStoredValue: false}), own)), 6000n);
});

test('an order paid with stored value alone earns nothing', t => {
	t.like(earn({payments: [card({value: 10_000n})]}), {kind: 'earned', units: 0n, storedValueShare: one});
});

test('the share is that of the whole purchase, whichever of its orders it is', t => {
	const payments = [buildPayment({value: 30_000n}), card({value: 10_000n})];

	t.is(unitsOf(earn({payments})), 7500n);
});

test('a gift card that worked as a discount counts once: it has lowered the goods already', t => {
	const order = {
		totals: buildTotals({discounts: -3000n}),
		packages: [invoice('1', 7000n)],
		payments: [buildPayment({value: 7000n}), card({value: 3000n, isDiscount: true})],
	};

	t.like(earn(order), {units: 7000n, storedValueShare: zero});
	t.true(notesOf(earn(order))?.includes('cardAsDiscount'));
});

test('a gift card that calls itself a discount and is needed to pay the order is stored value', t => {
	const payments = [buildPayment({value: 7000n}), card({value: 3000n, isDiscount: true})];

	t.like(earn({payments}), {units: 7000n, notes: ['cardAsDiscount']});
	t.like(earn({payments: [buildPayment({value: 6999n}), card({value: 3001n, isDiscount: true})]}), {
		units: 6999n,
	});
});
