import {z} from 'zod';
import {MAX_UNITS} from '../../money/amount.ts';
import {saidText} from '../payments/values.ts';
import {momentOf} from './moments.ts';

/*
 * What is read of `GET /api/oms/pvt/orders/{orderId}` (Orders, 4). Members that are not named here do not get past this file: names,
 * addresses, telephones, cards and the clear redemption codes of gift cards among them. Readers are lenient (null, absent and empty are the
 * same), except with what points are reckoned from. Messages follow a member's name and never repeat what stands in it.
 */

/** VTEX's carts have a few hundred items at most; the rest follows from that, with room. */
const limits = {
	totals: 100,
	lines: 2000,
	categories: 50,
	transactions: 100,
	payments: 500,
	packages: 2000,
	packageItems: 4000,
	prices: 1000,
	textLength: 256,
} as const;

const unprintable = /[\p{Cc}\p{Cs}]/u;

/** Text that may be missing. Ids are compared, so a long one is refused and not cut. A number stands for its digits. */
export const text = z
	.unknown()
	.optional()
	.transform((value, ctx) => {
		const said = saidText(value)?.trim() ?? null;
		if (said !== null && (said.length > limits.textLength || unprintable.test(said))) {
			ctx.addIssue(`is longer than ${limits.textLength} characters or does not print.`);
			return z.NEVER;
		}

		return said;
	});

export const present = <Value>(value: Value | null, ctx: {addIssue: (message: string) => void}): Value => {
	if (value === null) {
		ctx.addIssue('is missing.');
		return z.NEVER;
	}

	return value;
};

export const requiredText = text.transform(present);

/** A date that only informs: what cannot be read is left out. */
export const moment = z
	.unknown()
	.optional()
	.transform(value => momentOf(saidText(value) ?? '') ?? null);

const requiredMoment = requiredText.transform((value, ctx) => {
	const read = momentOf(value);
	if (read === undefined) {
		ctx.addIssue('is not a date with its time.');
		return z.NEVER;
	}

	return read;
});

/** Hundredths, as a JSON number or as digits, which is how they are written when an invoice is sent to VTEX. */
const signedCents = z
	.unknown()
	.optional()
	.transform((value, ctx) => {
		if (value === undefined || value === null || value === '') {
			return null;
		}

		const isWhole =
			typeof value === 'number'
				? Number.isSafeInteger(value)
				: typeof value === 'string' && /^-?\d{1,16}$/.test(value);
		const cents = isWhole ? BigInt(value as number | string) : MAX_UNITS + 1n;
		if (cents > MAX_UNITS || cents < -MAX_UNITS) {
			ctx.addIssue('is not a whole number of cents.');
			return z.NEVER;
		}

		return cents;
	});

export const cents = signedCents.transform((value, ctx) => {
	if (value !== null && value < 0n) {
		ctx.addIssue('is below zero.');
		return z.NEVER;
	}

	return value;
});

const quantity = z.int('is not a whole number.').nonnegative('is below zero.');

/** Of what a package holds, which decides nothing: what cannot be read is none. */
const packedQuantity = z
	.unknown()
	.optional()
	.transform(value => (Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null));

/** A list, counted before anything in it is read; null and absent are empty. */
const listOf = <Element extends z.ZodType>(element: Element, lengthMax: number) =>
	z
		.unknown()
		.optional()
		.transform((value, ctx) => {
			const list: unknown = value ?? [];
			if (!Array.isArray(list)) {
				ctx.addIssue('is not a list.');
				return z.NEVER;
			}

			if (list.length > lengthMax) {
				ctx.addIssue(`has more than ${lengthMax} entries.`);
				return z.NEVER;
			}

			return list as unknown[];
		})
		.pipe(z.array(element));

export const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape, 'is not an object.');

const PriceDefinition = object({
	total: cents,
	sellingPrices: listOf(object({value: cents.transform(present), quantity}), limits.prices),
}).nullish();

const Item = object({
	uniqueId: text,
	id: requiredText,
	productId: text,
	seller: requiredText,
	quantity,
	unitMultiplier: z.number('is not a number.').nonnegative('is below zero.').nullish(),
	sellingPrice: cents,
	/** The schema of the Orders API calls it by the plural, its examples do not. */
	priceDefinition: PriceDefinition,
	priceDefinitions: PriceDefinition.catch(undefined),
	isGift: z.unknown().optional(),
	additionalInfo: object({
		/** `/12/34/`, root first. */
		categoriesIds: text,
		/** Leaf first. */
		categories: listOf(object({id: text}), limits.categories),
	}).nullish(),
});

const Payment = object({
	id: text,
	paymentSystem: text,
	group: text,
	value: cents.transform(present),
	giftCardProvider: text,
	giftCardId: text,
	giftCardAsDiscount: z.unknown().optional(),
	tid: text,
});

const Transaction = object({
	isActive: z.unknown().optional(),
	transactionId: text,
	payments: listOf(Payment, limits.payments),
});

const Refund = object({
	value: cents,
	items: listOf(
		object({
			id: text,
			quantity: packedQuantity,
			price: cents,
			useFreight: z.unknown().optional(),
			isCompensation: z.unknown().optional(),
			compensationValue: cents,
		}),
		limits.packageItems,
	),
});

const Package = object({
	type: requiredText,
	invoiceNumber: text,
	invoiceValue: cents,
	issuanceDate: moment,
	items: listOf(object({itemIndex: z.unknown().optional(), quantity: packedQuantity}), limits.packageItems),
	restitutions: object({Refund: Refund.nullish()}).nullish(),
});

export const OrderDocument = object({
	orderId: requiredText,
	sequence: text,
	orderGroup: text,
	marketplaceOrderId: text,
	hostname: text,
	salesChannel: text,
	affiliateId: text,
	origin: requiredText,
	isCompleted: z.boolean('is neither true nor false.'),
	status: text,
	lastChange: requiredMoment,
	creationDate: moment,
	authorizedDate: moment,
	invoicedDate: moment,
	value: signedCents.transform(present),
	totals: listOf(object({id: requiredText, value: signedCents.transform(present)}), limits.totals),
	storePreferencesData: object({currencyCode: requiredText, timeZone: text}),
	clientProfileData: object({
		userProfileId: z.unknown().optional().transform(saidText),
		email: z.unknown().optional().transform(saidText),
		document: z.unknown().optional().transform(saidText),
		corporateDocument: z.unknown().optional().transform(saidText),
	}).nullish(),
	items: listOf(Item, limits.lines),
	packageAttachment: object({packages: listOf(Package, limits.packages)}).nullish(),
	paymentData: object({transactions: listOf(Transaction, limits.transactions)}).nullish(),
});

export type OrderDocument = z.output<typeof OrderDocument>;
export type OrderItem = z.output<typeof Item>;
export type OrderPackageDocument = z.output<typeof Package>;
