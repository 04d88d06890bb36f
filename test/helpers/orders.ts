import {readFileSync} from 'node:fs';
import {type EarnRules} from '../../src/loyalty/earn-rules.ts';
import {
	type OrderLine,
	type OrderPackage,
	type OrderPayment,
	type OrderTotals,
	type SoldOrder,
} from '../../src/loyalty/order.ts';
import {currency} from '../../src/money/asset.ts';
import {rate} from '../../src/money/convert.ts';

const folder = new URL('../fixtures/vtex/orders/', import.meta.url);

export type Body = Record<string, unknown>;

/** The published orders, one of each kind. */
export const orderSamples = [
	'order-invoiced-full',
	'order-invoiced-partially',
	'order-returned-in-part',
	'order-returned-twice-second-without-items',
	'order-canceled',
	'order-paid-partly-with-points',
	'order-changed-before-invoice',
	'order-incomplete',
	'order-fulfillment-side',
] as const;

export type OrderSample = (typeof orderSamples)[number];

/** A published order; members over that. */
export function orderSample(name: OrderSample, members: Body = {}): Body {
	return {...(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Body), ...members};
}

export function buildLine(members: Partial<OrderLine> = {}): OrderLine {
	return {
		id: 'L1',
		sku: '1001',
		productId: '501',
		categoryPath: ['12', '34'],
		seller: '1',
		quantity: 1,
		value: 10_000n,
		isGift: false,
		...members,
	};
}

export function buildPayment(members: Partial<OrderPayment> = {}): OrderPayment {
	return {
		id: 'P1',
		transactionId: 'T1',
		system: '2',
		group: 'creditCard',
		value: 10_000n,
		isGiftCard: false,
		provider: null,
		cardId: null,
		isDiscount: false,
		tid: null,
		...members,
	};
}

export function buildPackage(members: Partial<OrderPackage> = {}): OrderPackage {
	return {
		direction: 'sale',
		invoiceNumber: '1',
		value: 10_000n,
		freight: 0n,
		issuedAt: null,
		items: [],
		...members,
	};
}

export function buildTotals(members: Partial<OrderTotals> = {}): OrderTotals {
	return {items: 10_000n, discounts: 0n, change: 0n, freight: 0n, tax: 0n, others: [], ...members};
}

/** One line of 100.00 BRL, paid by card, invoiced at once; members over that. */
export function buildOrder(members: Partial<SoldOrder> = {}): SoldOrder {
	return {
		id: '1-01',
		sequence: '1',
		groupId: '1',
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
		invoicedAt: null,
		currency: currency('BRL'),
		timeZone: 'America/Sao_Paulo',
		value: 10_000n,
		totals: buildTotals(),
		lines: [buildLine()],
		payments: [buildPayment()],
		packages: [buildPackage()],
		shopper: [],
		...members,
	};
}

/** One point without decimals for each real, and no special cases; members over that. */
export function buildRules(members: Partial<EarnRules> = {}): EarnRules {
	return {
		currency: 'BRL',
		rate: rate(1n, 100n),
		byCategory: new Map(),
		bySeller: new Map(),
		minimum: 0n,
		excluded: {categories: new Set(), skus: new Set(), sellers: new Set()},
		freightEarns: false,
		taxEarns: false,
		affiliatesEarn: true,
		giftCardsAreStoredValue: true,
		earnOn: 'invoice',
		...members,
	};
}
