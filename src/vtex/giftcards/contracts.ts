import {z} from 'zod';

/*
 * Readers are lenient (Gift Card Provider Protocol, 9 and 11): null, absent and empty are the same, unknown members are
 * dropped, and a member that only informs never makes a request fail. What is answered is written strictly.
 */

/** Ids are compared exactly and never trimmed; what does not print could not be found again. */
const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const idLengthMax = 256;

/** Text that may be missing; a number stands for its digits. */
const text = z.union([z.string(), z.number().transform(String)], 'must be text').nullish();

/** Text that only informs: whatever else is sent in its place counts as nothing. */
const hint = text.catch(undefined);

function required(text: string | null | undefined): text is string {
	return text !== null && text !== undefined && text !== '';
}

/** Text that is kept, and found again by what it says. */
function keptText(advice: string) {
	return z
		.string({
			error: ({input}) => (input === undefined || input === null ? `is missing. ${advice}` : 'must be text'),
		})
		.max(idLengthMax, `is longer than ${idLengthMax} characters. Send a shorter one.`)
		.regex(printable, 'has characters that cannot be printed. Send it without them.');
}

function requiredText(advice: string) {
	return z
		.unknown()
		.transform(value => (typeof value === 'number' ? String(value) : value))
		.pipe(keptText(advice).min(1, `is empty. ${advice}`));
}

const RequestId = requiredText('Send the id under which this request is to happen once.');

/** A card and a transaction in a path. Any text: what is no id of ours is answered 404 like an unknown one. */
export const CardPath = z.object({giftCardId: z.string()});
export const TransactionPath = CardPath.extend({transactionId: z.string()});
export const NoPath = z.object({});
export const NoBody = z.undefined();

// Where clients have been seen to name the currency.
const namedCurrency = {currencyCode: hint, currency: hint};
const Cart = z
	.object({...namedCurrency, redemptionCode: hint})
	.nullish()
	.catch(undefined);
const Client = z
	.object({id: hint, email: hint, document: hint, corporateDocument: hint, ip: hint})
	.nullish()
	.catch(undefined);
const OrderInfo = z
	.object({...namedCurrency, orderId: hint, cart: Cart, clientProfile: Client})
	.nullish()
	.catch(undefined);

export const SearchRequest = z.object({client: Client, cart: Cart, orderInfo: OrderInfo, ...namedCurrency});

/** A flag as JSON or as text; null where it is not said. */
const flag = z
	.union([z.boolean(), z.stringbool(), z.literal('').transform(() => null)], 'must be true or false')
	.nullish();

export const CreateCardRequest = z.object({
	relationName: requiredText(
		'Send the name of the relation between client and store; a new card needs a new one.',
	),
	profileId: requiredText("Send the client's e-mail or VTEX user id."),
	caption: text.pipe(keptText('').nullish()),
	emissionDate: text,
	expiringDate: text,
	restrictedToOwner: flag,
	multipleRedemptions: flag,
	multipleCredits: flag,
	currencyCode: text,
});

export const CreateTransactionRequest = z.object({
	operation: z
		.unknown()
		.transform(value => (typeof value === 'string' ? value.toLowerCase() : value))
		.pipe(z.enum(['debit', 'credit'], 'must be Debit or Credit')),
	/** Judged under the card's currency. */
	value: z.unknown(),
	requestId: RequestId,
	description: hint,
	orderInfo: OrderInfo,
	...namedCurrency,
});

/** A settlement or a cancellation. */
export const OperationRequest = z.object({value: z.unknown(), requestId: RequestId});

const Link = z.strictObject({href: z.string()});

export const ListedCards = z.array(
	z.strictObject({
		id: z.string(),
		provider: z.string(),
		balance: z.number(),
		totalBalance: z.number(),
		relationName: z.string().optional(),
		caption: z.string().optional(),
		_self: Link,
	}),
);

const cardMembers = {
	id: z.string(),
	redemptionCode: z.string().optional(),
	balance: z.number(),
	relationName: z.string().optional(),
	caption: z.string().optional(),
	provider: z.string(),
	emissionDate: z.string(),
	expiringDate: z.string().optional(),
	currencyCode: z.string(),
	discount: z.literal(false),
	restrictedToOwner: z.boolean(),
	multipleRedemptions: z.boolean(),
	multipleCredits: z.boolean(),
	transaction: Link,
	transactions: Link,
	_self: Link,
};

export const CardReply = z.strictObject(cardMembers);
export const CreatedCardReply = z.strictObject({...cardMembers, profileId: z.string()});

export const TransactionLink = z.strictObject({cardId: z.string(), id: z.string().min(1), _self: Link});
export const TransactionLinks = z.array(TransactionLink);

export const TransactionReply = z.strictObject({
	value: z.number(),
	description: z.string(),
	date: z.string(),
	requestId: z.string(),
	settlement: Link,
	cancellation: Link,
	authorization: Link,
	operation: z.enum(['Debit', 'Credit']),
});

/** An authorization, a settlement or a cancellation. */
export const OperationReply = z.strictObject({oid: z.string(), value: z.number(), date: z.string()});
export const OperationReplies = z.array(OperationReply);

/** The currency that a request names anywhere, in capitals; null when it names none. */
export function currencyNamed(
	...places: readonly (
		| {readonly currencyCode?: string | null | undefined; readonly currency?: string | null | undefined}
		| null
		| undefined
	)[]
): string | null {
	const names = places.flatMap(place => [place?.currencyCode, place?.currency]);
	return names.find(required)?.trim().toUpperCase() ?? null;
}

/** Null where the text is missing or empty. */
export function textOrNull(value: string | null | undefined): string | null {
	return required(value) ? value : null;
}
