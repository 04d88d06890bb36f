import test from 'ava';
import fc from 'fast-check';
import {readOrder, UnreadableOrderError} from '../../../src/vtex/orders/read-order.ts';
import {type Body, type OrderSample, orderSample, orderSamples} from '../../helpers/orders.ts';

const read = (name: OrderSample, members: Body = {}) => readOrder(orderSample(name, members));

const [firstItem, secondItem] = orderSample('order-invoiced-full')['items'] as readonly [Body, Body];

/** The full order with its first item changed. */
const withItem = (members: Body) =>
	read('order-invoiced-full', {items: [{...firstItem, ...members}, secondItem]});

const withPackages = (...packages: readonly Body[]) =>
	read('order-invoiced-full', {packageAttachment: {packages}});

const withPayments = (...payments: readonly Body[]) =>
	read('order-invoiced-full', {paymentData: {transactions: [{isActive: true, payments}]}});

const inCurrency = (currencyCode: string, members: Body = {}) =>
	read('order-invoiced-full', {storePreferencesData: {currencyCode, timeZone: null}, ...members});

test('of an order the ids, dates, totals, lines, payments and packages are kept', t => {
	const order = read('order-invoiced-full');

	t.deepEqual(order, {
		id: '1530241870044-01',
		sequence: '502901',
		groupId: '1530241870044',
		soldAsId: null,
		account: 'lojamonedero',
		salesChannel: '1',
		affiliateId: null,
		origin: 'sale',
		isCompleted: true,
		stage: 'invoiced',
		status: 'invoiced',
		version: '2026-03-12T14:02:12.9051144Z',
		createdAt: '2026-03-10T12:15:08.3594140Z',
		authorizedAt: '2026-03-10T12:16:02.3019977Z',
		invoicedAt: '2026-03-12T14:02:12.9051144Z',
		currency: {code: 'BRL', scale: 2, kind: 'money'},
		timeZone: 'America/Sao_Paulo',
		value: 29_351n,
		totals: {items: 30_760n, discounts: -2999n, change: 0n, freight: 1590n, tax: 0n, others: []},
		lines: [
			{
				id: '94913BB553334977BFD669A24E678C69',
				sku: '1001',
				productId: '501',
				categoryPath: ['12', '34'],
				seller: '1',
				quantity: 1,
				value: 17_991n,
				isGift: false,
			},
			{
				id: '368A04D405BE40F9888D23920ACA17EC',
				sku: '1002',
				productId: '502',
				categoryPath: ['20', '21'],
				seller: '1',
				quantity: 3,
				value: 9770n,
				isGift: false,
			},
		],
		payments: [
			{
				id: 'A536832D9B95439DB73A11558B6F2C2C',
				transactionId: 'E4CFCEA1A2BF42AE9A3FAE8ED460CBFE',
				system: '2',
				group: 'creditCard',
				value: 29_351n,
				isGiftCard: false,
				provider: null,
				cardId: null,
				isDiscount: false,
				tid: '65738757',
			},
		],
		packages: [
			{
				direction: 'sale',
				invoiceNumber: '000123',
				value: 29_351n,
				freight: 0n,
				issuedAt: '2026-03-12T14:01:58.0000000Z',
				items: [
					{sku: '1001', quantity: 1},
					{sku: '1002', quantity: 3},
				],
			},
		],
		shopper: [
			{kind: 'profile', value: '92de2249-0e02-4ca9-a4aa-a09cc9d8f7ff'},
			{kind: 'document', value: '52998224725'},
		],
	});
});

test('a return is what was given back, by SKU; without items it has none', t => {
	const {packages} = read('order-returned-twice-second-without-items');

	t.is(packages.length, 3);
	t.like(packages[1], {direction: 'return', invoiceNumber: 'DEV000124', value: 6514n, freight: 0n});
	t.deepEqual(packages[1]?.items, [{sku: '1002', quantity: 2}]);
	t.like(packages[2], {direction: 'return', invoiceNumber: 'DEV000130', value: 1000n});
	t.deepEqual(packages[2]?.items, []);
});

test('a gift card payment keeps its provider and card id', t => {
	const [card, visa] = read('order-paid-partly-with-points').payments;

	t.like(card, {isGiftCard: true, provider: 'Monedero', cardId: 'mnd_01JX8Z5T3Q', value: 10_000n});
	t.like(visa, {isGiftCard: false, value: 19_351n});
});

test('a changed order has its total "Change", a fulfilment copy its origin, an incomplete order no stage', t => {
	t.is(read('order-changed-before-invoice').totals.change, -3257n);
	t.like(read('order-fulfillment-side'), {
		origin: 'delivery',
		soldAsId: '1530241870091-02',
		affiliateId: 'MND',
		groupId: 'MND-1530241870091',
		payments: [],
	});
	t.like(read('order-incomplete'), {isCompleted: false, stage: 'unknown', status: null});
});

// What must never get past the reader. The helper collects every value that stands under such a name, or below such an object, in a
// sample, and looks for it in every value that the reader kept.
const secretNames =
	/^(?:redemptionCode|card(?:Holder|Number)|cvv2|firstDigits|lastDigits|expire(?:Month|Year)|email|followUpEmail|firstName|lastName|.*[pP]hone|corporateName|tradeName|.*[nN]ame|description|address|selectedAddresses|billingAddress|connectorResponses|giftCardCaption|embeddedInvoice|optinNewsLetter|orderFormId|changesAttachment|cancellationData|cancelReason|.*Url|seller(?:OrderId|Sku)|refId)$/;

function leavesOf(value: unknown): string[] {
	if (typeof value === 'object' && value !== null) {
		return Object.values(value).flatMap(leavesOf);
	}

	return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
		? [String(value)]
		: [];
}

function secretsOf(value: unknown): string[] {
	return typeof value !== 'object' || value === null
		? []
		: Object.entries(value).flatMap(([name, member]) =>
				secretNames.test(name) ? leavesOf(member) : secretsOf(member),
			);
}

// These stand in the samples under harmless names as well: the account, an SKU, the payment's id at the acquirer, whose end the connector
// repeats, the order's own id.
const alsoHarmless = /^(?:lojamonedero|lojaparceira|100[12]|(?:65)?738757|\d{13}-01|MND-.*|[\d.]{1,3})$/i;

for (const name of orderSamples) {
	test(`no name, address, telephone, card or code of ${name} gets past the reader`, t => {
		const document = orderSample(name);
		const secrets = secretsOf(document).filter(secret => secret !== '' && !alsoHarmless.test(secret));

		const kept = leavesOf(read(name));

		t.true(secrets.length > 15);
		for (const secret of secrets) {
			t.false(
				kept.some(text => text === secret || (secret.length > 5 && text.includes(secret))),
				secret,
			);
		}
	});
}

test('the clear redemption code of a sample is dropped', t => {
	const kept = leavesOf(read('order-paid-partly-with-points')).join('\n');

	t.true(secretsOf(orderSample('order-paid-partly-with-points')).includes('7K3M-PQ9W-XR4T-VN8C'));
	t.false(kept.includes('7K3M'));
	for (const secret of ['Ana', 'Prado', 'Rua Exemplo', '22250', '+5521', '444433', '1111', '@']) {
		t.false(kept.includes(secret), secret);
	}
});

test('members that nobody knows are dropped, wherever they stand', t => {
	const kept = leavesOf(
		readOrder(
			JSON.parse(
				JSON.stringify(orderSample('order-returned-in-part'), (_, value: unknown) =>
					typeof value === 'object' && value !== null && !Array.isArray(value)
						? {...value, surprise: 'SECRET'}
						: value,
				),
			),
		),
	);

	t.false(kept.includes('SECRET'));
});

test('an e-mail names the shopper only if it is no alias, and what is masked names nobody', t => {
	const shopper = (clientProfileData: unknown) => read('order-invoiced-full', {clientProfileData}).shopper;

	t.deepEqual(shopper({email: 'Ana@Example.com'}), [{kind: 'email', value: 'ana@example.com'}]);
	t.deepEqual(shopper({email: 'ana@example.com-207700027841b.ct.vtex.com.br'}), []);
	t.deepEqual(shopper({userProfileId: '***', document: '***.982.***', email: '***@***'}), []);
	t.deepEqual(shopper({document: '529.982.247-25', corporateDocument: '11.222.333/0001-81'}), [
		{kind: 'document', value: '52998224725'},
		{kind: 'document', value: '11222333000181', corporate: true},
	]);
	t.deepEqual(shopper(null), []);
});

test('a line has the value of its definition; else of its prices; else of its price times quantity', t => {
	const value = (members: Body) => withItem(members).lines[0]?.value;
	const sellingPrices = [
		{value: 3257, quantity: 2},
		{value: 3256, quantity: 1},
	];

	t.is(value({priceDefinition: {total: 9770, sellingPrices: []}, sellingPrice: 1}), 9770n);
	t.is(value({priceDefinition: {total: null, sellingPrices}, sellingPrice: 1}), 9770n);
	t.is(value({priceDefinition: undefined, priceDefinitions: {total: 9770}}), 9770n);
	t.is(value({priceDefinition: null, sellingPrice: 3257, quantity: 3}), 9771n);
	t.is(value({priceDefinition: {sellingPrices: null}, sellingPrice: 3257, quantity: 3}), 9771n);
	t.is(value({priceDefinition: {total: 0}, sellingPrice: 3257}), 0n);
});

test('a price per weight is multiplied exactly, and half a cent goes up', t => {
	const value = (sellingPrice: number, unitMultiplier: number | null, quantity = 1) =>
		withItem({priceDefinition: null, sellingPrice, unitMultiplier, quantity}).lines[0]?.value;

	t.is(value(1990, 0.35), 697n); // 696.5
	t.is(value(1990, 0.35, 2), 1393n);
	t.is(value(103, 0.35), 36n); // 36.05
	t.is(value(1990, null), 1990n);
	t.is(value(1990, 0), 1990n);
});

test('categories stand root first, from the path or from the list', t => {
	const path = (additionalInfo: unknown) => withItem({additionalInfo}).lines[0]?.categoryPath;
	const categories = [
		{id: 34, name: 'Tênis'},
		{id: 12, name: 'Calçados'},
	];

	t.deepEqual(path({categoriesIds: '/12/34/', categories}), ['12', '34']);
	t.deepEqual(path({categoriesIds: null, categories}), ['12', '34']);
	t.deepEqual(path({categoriesIds: '', categories: null}), []);
	t.deepEqual(path(null), []);
});

test('a line without a key of its own is called by its place', t => {
	t.is(withItem({uniqueId: null}).lines[0]?.id, '0');
});

test('amounts become minor units of the currency: hundredths, whatever it is', t => {
	const total = (code: string, value: number) =>
		inCurrency(code, {
			items: [],
			packageAttachment: null,
			paymentData: null,
			value,
			totals: [{id: 'Items', value}],
		}).totals.items;

	t.is(total('BRL', 1_999_000), 1_999_000n);
	t.is(total('CLP', 1_999_000), 19_990n);
	t.is(total('KWD', 1999), 19_990n);
	t.is(total('CLF', 1999), 199_900n);
});

test('what a currency without cents cannot hold is refused, naming the member and not the amount', t => {
	const error = t.throws(() => inCurrency('CLP'), {instanceOf: UnreadableOrderError});

	t.is(error.member, 'value');
	t.regex(error.message, /finer than CLP can hold/);
	t.false(error.message.includes('29351'));
});

test('a weighed line of a currency without cents is rounded to what it can hold', t => {
	const item = {...firstItem, priceDefinition: null, sellingPrice: 199_000, unitMultiplier: 0.333};
	const order = inCurrency('CLP', {
		items: [item],
		packageAttachment: null,
		paymentData: null,
		value: 66_300,
		totals: [{id: 'Items', value: 66_300}],
	});

	t.is(order.lines[0]?.value, 663n); // 662.67
});

test('totals that are not known here are kept by their id; one that comes twice is added up', t => {
	const {totals} = read('order-invoiced-full', {
		totals: [
			{id: 'Items', value: 100},
			{id: 'Discounts', value: -10},
			{id: 'Discounts', value: -5},
			{id: 'Interest', value: 7},
			{id: 'constructor', value: 1},
		],
	});

	t.like(totals, {items: 100n, discounts: -15n, freight: 0n});
	t.deepEqual(totals.others, [
		{id: 'Interest', value: 7n},
		{id: 'constructor', value: 1n},
	]);
});

test('payments of attempts that came to nothing do not count', t => {
	const payment = {id: 'P1', group: 'creditCard', value: 100};
	const {payments} = read('order-invoiced-full', {
		paymentData: {
			transactions: [
				{isActive: false, payments: [payment]},
				{payments: [payment]},
				{isActive: true, transactionId: 'T2', payments: [payment]},
			],
		},
	});

	t.deepEqual(
		payments.map(({transactionId}) => transactionId),
		['T2'],
	);
});

test('a gift card is known by its group in both spellings', t => {
	const {payments} = withPayments(
		{group: 'giftCard', value: 1},
		{group: 'giftCardPaymentGroup', value: 2, giftCardAsDiscount: true},
		{group: 'creditCardPaymentGroup', value: 3},
	);

	t.deepEqual(
		payments.map(({group, isGiftCard, isDiscount}) => [group, isGiftCard, isDiscount]),
		[
			['giftCard', true, false],
			['giftCard', true, true],
			['creditCard', false, false],
		],
	);
});

test('an invoice number is trimmed and otherwise left alone; a value may be digits', t => {
	const {packages} = withPackages({
		type: 'Output',
		invoiceNumber: ' 12 # / 7 ',
		invoiceValue: '29351',
		issuanceDate: 'yesterday',
		items: null,
	});

	t.like(packages[0], {invoiceNumber: '12 # / 7', value: 29_351n, issuedAt: null});
});

test('a return without a refund has the value of its invoice, one whose refund is zero has none', t => {
	const input = {type: 'Input', invoiceNumber: 'D', invoiceValue: 500};

	const {packages} = withPackages(
		{...input, restitutions: {}},
		{...input, restitutions: null},
		{...input, restitutions: {Refund: {value: null}}},
		{...input, restitutions: {Refund: {value: 0, items: []}}},
		{...input, type: 'Output', restitutions: {Refund: {value: 3}}},
	);

	t.deepEqual(
		packages.map(({value}) => value),
		[500n, 500n, 500n, 0n, 500n],
	);
});

test('the freight of a return is what it gives back beyond its goods, where it says so', t => {
	const freight = (value: number, items: unknown) =>
		withPackages({type: 'Input', invoiceNumber: 'D', restitutions: {Refund: {value, items}}}).packages[0]
			?.freight;
	const sock = {id: '1002', quantity: 2, price: 3257};

	t.is(freight(8104, [{...sock, useFreight: true}]), 1590n);
	t.is(freight(8104, [{...sock, useFreight: false}]), 0n);
	t.is(freight(6514, [{...sock, useFreight: true}]), 0n);
	t.is(freight(6000, [{...sock, useFreight: true}]), 0n);
	t.is(freight(2090, [{...sock, isCompensation: true, compensationValue: 500, useFreight: true}]), 1590n);
	t.is(freight(8104, []), 0n);
	t.is(freight(8104, null), 0n);
});

test('an item of a package that points nowhere has no SKU, and one without a quantity is left out', t => {
	const items = [
		{itemIndex: 1, quantity: 1},
		{itemIndex: 9, quantity: 1},
		{itemIndex: -1, quantity: 1},
		{itemIndex: 'x', quantity: 1},
		{itemIndex: 0, quantity: null},
	];

	t.deepEqual(withPackages({type: 'Output', invoiceValue: 1, items}).packages[0]?.items, [
		{sku: '1002', quantity: 1},
		{sku: null, quantity: 1},
		{sku: null, quantity: 1},
		{sku: null, quantity: 1},
	]);
});

const secret = 'SECRET-7K3M';
const refusals: readonly (readonly [member: string, members: Body, problem: RegExp])[] = [
	['orderId', {orderId: null}, /is missing/],
	['orderId', {orderId: secret.repeat(99)}, /longer than 256/],
	['orderId', {orderId: `${secret}\u0000`}, /does not print/],
	['origin', {origin: ''}, /is missing/],
	['isCompleted', {isCompleted: secret}, /neither true nor false/],
	['lastChange', {lastChange: null}, /is missing/],
	['lastChange', {lastChange: secret}, /not a date/],
	['value', {value: null}, /is missing/],
	['value', {value: secret}, /not a whole number of cents/],
	['totals', {totals: secret}, /is not a list/],
	['totals', {totals: []}, /no entry "Items"/],
	['totals', {totals: Array.from({length: 101}, () => secret)}, /more than 100/],
	['totals[0].value', {totals: [{id: 'Items', value: secret}]}, /not a whole number of cents/],
	['totals[0].value', {totals: [{id: 'Items'}]}, /is missing/],
	['storePreferencesData', {storePreferencesData: null}, /not an object/],
	['storePreferencesData.currencyCode', {storePreferencesData: {}}, /is missing/],
	[
		'storePreferencesData.currencyCode',
		{storePreferencesData: {currencyCode: secret}},
		/not a currency in use/,
	],
	['items', {items: Array.from({length: 2001}, () => firstItem)}, /more than 2000/],
	['items[0]', {items: [secret]}, /not an object/],
	['items[0].id', {items: [{...firstItem, id: null}]}, /is missing/],
	['items[0].seller', {items: [{...firstItem, seller: null}]}, /is missing/],
	['items[0].quantity', {items: [{...firstItem, quantity: 0.5}]}, /not a whole number/],
	['items[0].quantity', {items: [{...firstItem, quantity: -1}]}, /below zero/],
	[
		'items[0].priceDefinition.total',
		{items: [{...firstItem, priceDefinition: {total: -1}}]},
		/is below zero/,
	],
	[
		'items[0].sellingPrice',
		{items: [{...firstItem, priceDefinition: null, sellingPrice: null}]},
		/is missing/,
	],
	[
		'items[0].sellingPrice',
		{items: [{...firstItem, priceDefinition: null, sellingPrice: 1e15, quantity: 2}]},
		/larger than any amount/,
	],
	['items[0].unitMultiplier', {items: [{...firstItem, unitMultiplier: secret}]}, /not a number/],
	[
		'items[0].additionalInfo.categoriesIds',
		{items: [{...firstItem, additionalInfo: {categoriesIds: '/1'.repeat(51)}}]},
		/more than 50/,
	],
	[
		'paymentData.transactions[0].payments[0].value',
		{paymentData: {transactions: [{isActive: true, payments: [{id: secret}]}]}},
		/is missing/,
	],
	[
		'paymentData.transactions[0].payments[0].value',
		{paymentData: {transactions: [{isActive: true, payments: [{value: -5}]}]}},
		/is below zero/,
	],
	[
		'packageAttachment.packages[0].type',
		{packageAttachment: {packages: [{type: secret, invoiceValue: 1}]}},
		/neither "Output" nor "Input"/,
	],
	[
		'packageAttachment.packages[0].invoiceValue',
		{packageAttachment: {packages: [{type: 'Output'}]}},
		/is missing/,
	],
	[
		'packageAttachment.packages[0].restitutions.Refund.value',
		{packageAttachment: {packages: [{type: 'Input', restitutions: {Refund: {value: secret}}}]}},
		/not a whole number of cents/,
	],
];

for (const [member, members, problem] of refusals) {
	test(`an order is refused where ${member} ${problem.source}`, t => {
		const error = t.throws(() => read('order-invoiced-full', members), {
			instanceOf: UnreadableOrderError,
			message: problem,
		});

		t.is(error.member, member);
		t.true(error.message.startsWith(`The order cannot be read: ${member} `));
		t.false(error.message.includes(secret));
		t.is(error.cause, undefined);
	});
}

test('an amount with a part of a cent, beyond all limits or in words is refused', t => {
	for (const value of [1.5, 1e16, '1.5', '1e3', ' ', true, [], {}, Number.MAX_SAFE_INTEGER]) {
		t.throws(() => read('order-invoiced-full', {value}), {message: /value is not a whole number of cents/});
	}
});

for (const [name, document] of [
	['null', null],
	['an absent body', undefined],
	['text', 'x'],
	['a number', 7],
	['a list', []],
] as const) {
	test(`${name} is no order`, t => {
		t.throws(() => readOrder(document), {instanceOf: UnreadableOrderError, message: /the document is not/});
	});
}

// Goal: whatever VTEX may send one day, the reader answers with an order or with its own error. Method: one member anywhere in a sample is
// replaced by an odd value.
test('whatever stands in an order, it is read or refused with the error that names a member', t => {
	const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', 'null', -1, 1e308, 0.5, {}, [], [[]], true));
	const paths: string[][] = [];
	const collect = (value: unknown, path: string[]) => {
		if (typeof value === 'object' && value !== null) {
			for (const [key, member] of Object.entries(value)) {
				paths.push([...path, key]);
				collect(member, [...path, key]);
			}
		}
	};
	collect(orderSample('order-returned-in-part'), []);

	fc.assert(
		fc.property(fc.constantFrom(...paths), odd, (path, value) => {
			const document = orderSample('order-returned-in-part');
			let parent: Body = document;
			for (const key of path.slice(0, -1)) {
				parent = parent[key] as Body;
			}

			parent[path.at(-1) ?? ''] = value;
			try {
				return readOrder(document).id.length > 0;
			} catch (error) {
				return error instanceof UnreadableOrderError;
			}
		}),
		{numRuns: 500},
	);
	t.pass();
});
