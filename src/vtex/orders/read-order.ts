import {identifiersOf} from '../../customers/identity.ts';
import {type OrderLine, type OrderPayment, type OrderTotals, type SoldOrder} from '../../loyalty/order.ts';
import {type Asset, currency, isCurrencyCode} from '../../money/asset.ts';
import {amountsIn, multipliedPrice, type ReadAmount, UnreadableOrderError} from './cents.ts';
import {OrderDocument, type OrderItem} from './contracts.ts';
import {packagesOf} from './packages.ts';
import {originOf, stageOf} from './stages.ts';
import {timeZoneOf} from './time-zones.ts';

export {UnreadableOrderError} from './cents.ts';

/**
 * Reads an order as `GET /api/oms/pvt/orders/{orderId}` answers it and keeps what a loyalty program may know (Orders, 4 and 6 rule 10).
 * Amounts become minor units of the order's currency.
 *
 * @param document - the parsed body
 * @throws {UnreadableOrderError} that names the first member which cannot be read
 */
export function readOrder(document: unknown): SoldOrder {
	const order = documentOf(document);
	const asset = currencyOf(order);
	const amount = amountsIn(asset);
	const client = order.clientProfileData;
	return {
		id: order.orderId,
		sequence: order.sequence,
		// Older documents have no group; it is the order's id without the number of its seller (Orders, 3.6).
		groupId: order.orderGroup ?? order.orderId.replace(/-\d{2}$/, ''),
		soldAsId: order.marketplaceOrderId,
		account: order.hostname,
		salesChannel: order.salesChannel,
		affiliateId: order.affiliateId,
		origin: originOf(order.origin),
		isCompleted: order.isCompleted,
		stage: stageOf(order.status),
		status: order.status,
		version: order.lastChange,
		createdAt: order.creationDate,
		authorizedAt: order.authorizedDate,
		invoicedAt: order.invoicedDate,
		currency: asset,
		timeZone: timeZoneOf(order.storePreferencesData.timeZone),
		value: amount(order.value, 'value'),
		totals: totalsOf(order, amount),
		lines: order.items.map((item, index) => lineOf(item, index, {asset, amount})),
		payments: paymentsOf(order, amount),
		packages: packagesOf(order, amount),
		// The e-mail is an alias as a rule, and then names nobody.
		shopper: identifiersOf({...client, id: client?.userProfileId}),
	};
}

function documentOf(document: unknown): OrderDocument {
	const read = OrderDocument.safeParse(document);
	if (!read.success) {
		const [issue] = read.error.issues;
		// Without the cause: nothing of the document may reach a log.
		throw new UnreadableOrderError(memberAt(issue?.path ?? []), issue?.message ?? 'is not an order.');
	}

	return read.data;
}

function memberAt(path: readonly PropertyKey[]): string {
	return path.length === 0
		? 'the document'
		: path
				.map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
				.join('')
				.slice(1);
}

function currencyOf({storePreferencesData: {currencyCode}}: OrderDocument): Asset {
	if (!isCurrencyCode(currencyCode)) {
		throw new UnreadableOrderError('storePreferencesData.currencyCode', 'is not a currency in use.');
	}

	return currency(currencyCode);
}

const knownTotals: Readonly<Record<string, Exclude<keyof OrderTotals, 'others'>>> = {
	items: 'items',
	discounts: 'discounts',
	shipping: 'freight',
	tax: 'tax',
	change: 'change',
};

/** One amount for each known total; one that comes twice is added up. Without the items nothing could be reckoned. */
function totalsOf({totals}: OrderDocument, amount: ReadAmount): OrderTotals {
	const sums = {items: 0n, discounts: 0n, change: 0n, freight: 0n, tax: 0n};
	const others: {id: string; value: bigint}[] = [];
	const seen = new Set<string>();
	for (const [index, {id, value: cents}] of totals.entries()) {
		const value = amount(cents, `totals[${index}].value`);
		const key = id.toLowerCase();
		const name = Object.hasOwn(knownTotals, key) ? knownTotals[key] : undefined;
		seen.add(key);
		if (name === undefined) {
			others.push({id, value});
		} else {
			sums[name] += value;
		}
	}

	if (!seen.has('items')) {
		throw new UnreadableOrderError('totals', 'has no entry "Items".');
	}

	return {...sums, others};
}

type Money = {readonly asset: Asset; readonly amount: ReadAmount};

function lineOf(item: OrderItem, index: number, money: Money): OrderLine {
	return {
		// Old documents have lines without a key of their own.
		id: item.uniqueId ?? String(index),
		sku: item.id,
		productId: item.productId,
		categoryPath: categoryPathOf(item, index),
		seller: item.seller,
		quantity: item.quantity,
		value: lineValue(item, `items[${index}]`, money),
		isGift: item.isGift === true,
	};
}

const categoriesMax = 50;

function categoryPathOf({additionalInfo}: OrderItem, index: number): readonly string[] {
	const path = additionalInfo?.categoriesIds?.split('/').filter(id => id !== '') ?? [];
	if (path.length > categoriesMax) {
		throw new UnreadableOrderError(
			`items[${index}].additionalInfo.categoriesIds`,
			`has more than ${categoriesMax} entries.`,
		);
	}

	const leafFirst = additionalInfo?.categories.flatMap(({id}) => id ?? []) ?? [];
	return path.length > 0 ? path : leafFirst.toReversed();
}

/** The line's value from the most exact member that is there (Orders, 4.2): the price per unit is rounded and wrong when multiplied. */
function lineValue(item: OrderItem, member: string, {asset, amount}: Money): bigint {
	const definition = item.priceDefinition ?? item.priceDefinitions;
	if (definition && definition.total !== null) {
		return amount(definition.total, `${member}.priceDefinition.total`);
	}

	if (definition && definition.sellingPrices.length > 0) {
		const sum = definition.sellingPrices.reduce(
			(all, {value, quantity}) => all + value * BigInt(quantity),
			0n,
		);
		return amount(sum, `${member}.priceDefinition.sellingPrices`);
	}

	if (item.sellingPrice === null) {
		throw new UnreadableOrderError(`${member}.sellingPrice`, 'is missing.');
	}

	const {quantity, sellingPrice: cents} = item;
	// A multiplier of zero is one that nobody filled in.
	const multiplier = item.unitMultiplier === 0 ? 1 : (item.unitMultiplier ?? 1);
	return multiplier === 1
		? amount(cents * BigInt(quantity), `${member}.sellingPrice`)
		: multipliedPrice({cents, quantity, multiplier}, asset, `${member}.sellingPrice`);
}

/** The payments that count: those of active transactions (Orders, 4.5). Others are attempts that came to nothing. */
function paymentsOf({paymentData}: OrderDocument, amount: ReadAmount): OrderPayment[] {
	return (paymentData?.transactions ?? []).flatMap(({isActive, transactionId, payments}, transaction) =>
		isActive !== true
			? []
			: payments.map((payment, index) => {
					// Calls of the checkout spell the same groups with a suffix.
					const group = payment.group?.replace(/PaymentGroup$/i, '') ?? null;
					return {
						id: payment.id,
						transactionId,
						system: payment.paymentSystem,
						group,
						value: amount(payment.value, `paymentData.transactions[${transaction}].payments[${index}].value`),
						isGiftCard: group?.toLowerCase() === 'giftcard',
						provider: payment.giftCardProvider,
						cardId: payment.giftCardId,
						isDiscount: payment.giftCardAsDiscount === true,
						tid: payment.tid,
					};
				}),
	);
}
