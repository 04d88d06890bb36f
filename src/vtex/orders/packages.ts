import {type OrderPackage} from '../../loyalty/order.ts';
import {type ReadAmount, UnreadableOrderError} from './cents.ts';
import {type OrderDocument, type OrderPackageDocument} from './contracts.ts';

/** The order's invoices and returns (Orders, 4.4). @throws {UnreadableOrderError} */
export function packagesOf(order: OrderDocument, amount: ReadAmount): OrderPackage[] {
	return (order.packageAttachment?.packages ?? []).map((one, index) =>
		packageOf(one, order, {amount, member: `packageAttachment.packages[${index}]`}),
	);
}

type Place = {readonly amount: ReadAmount; readonly member: string};

function packageOf(
	document: OrderPackageDocument,
	order: OrderDocument,
	{amount, member}: Place,
): OrderPackage {
	const direction = directionOf(document.type);
	// To leave out what has another direction could as well be to overlook a return.
	if (direction === undefined) {
		throw new UnreadableOrderError(`${member}.type`, 'is neither "Output" nor "Input".');
	}

	const refund = direction === 'return' ? (document.restitutions?.Refund ?? undefined) : undefined;
	const [cents, source] =
		typeof refund?.value === 'bigint'
			? [refund.value, `${member}.restitutions.Refund.value`]
			: [document.invoiceValue, `${member}.invoiceValue`];
	if (cents === null) {
		throw new UnreadableOrderError(source, 'is missing.');
	}

	const value = amount(cents, source);
	return {
		direction,
		// Opaque: blanks and signs in it are known (KI-631970); those around it were taken away where it was read.
		invoiceNumber: document.invoiceNumber,
		value,
		freight:
			refund === undefined ? 0n : freightOf(refund, value, {amount, member: `${member}.restitutions.Refund`}),
		issuedAt: document.issuanceDate,
		items: itemsOf(document, order, refund),
	};
}

function directionOf(type: string): OrderPackage['direction'] | undefined {
	const name = type.toLowerCase();
	return name === 'output' ? 'sale' : name === 'input' ? 'return' : undefined;
}

type Refund = NonNullable<NonNullable<OrderPackageDocument['restitutions']>['Refund']>;

/**
 * What a return gives back beyond its goods, where it says that freight is among it. No member holds the freight itself; a return without
 * items or without the sign has none that could be told apart, and counts as goods.
 */
function freightOf({items}: Refund, value: bigint, {amount, member}: Place): bigint {
	if (!items.some(({useFreight}) => useFreight === true)) {
		return 0n;
	}

	const goods = items.reduce(
		(sum, {quantity, price, isCompensation, compensationValue}) =>
			sum + (isCompensation === true ? (compensationValue ?? 0n) : (price ?? 0n) * BigInt(quantity ?? 1)),
		0n,
	);
	const rest = value - amount(goods, `${member}.items`);
	return rest < 0n ? 0n : rest;
}

/** By SKU, which returns use; invoices point to lines, and two lines of one SKU are mixed up there (KI-1008459). */
function itemsOf(document: OrderPackageDocument, order: OrderDocument, refund: Refund | undefined) {
	const packed =
		refund !== undefined && refund.items.length > 0
			? refund.items.map(({id, quantity}) => ({sku: id, quantity}))
			: document.items.map(({itemIndex, quantity}) => ({
					sku: (typeof itemIndex === 'number' ? order.items[itemIndex]?.id : undefined) ?? null,
					quantity,
				}));
	return packed.flatMap(({sku, quantity}) => (quantity === null ? [] : [{sku, quantity}]));
}
