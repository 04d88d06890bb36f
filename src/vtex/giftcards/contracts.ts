import {z} from 'zod';

/*
 * Readers are lenient (Gift Card Provider Protocol, 9 and 11): null, absent and empty are the same, unknown members are
 * dropped, and a member that only informs never makes a request fail. What is answered is written strictly.
 *
 * `meta` and `describe` are for the published document. Where a reader takes anything, `type` says there what to send.
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
		.pipe(keptText(advice).min(1, `is empty. ${advice}`))
		.meta({type: ['string', 'number'], minLength: 1, maxLength: idLengthMax});
}

const RequestId = requiredText('Send the id under which this request is to happen once.').describe(
	'The id under which this happens once: asked again with the same content, the first answer is repeated; with another content it is 409.',
);

/** Judged under the card's currency. */
const Value = z.unknown().meta({
	type: ['number', 'string'],
	description:
		"An amount above zero in units of the currency, with no more decimals than that has: `29.9`. Text is read where it has one reading: `'29.90'`, `'1.234,50'`.",
});

/** A card and a transaction in a path. Any text: what is no id of ours is answered 404 like an unknown one. */
export const CardPath = z.object({giftCardId: z.string().describe('The `id` of a card.')});
export const TransactionPath = CardPath.extend({
	transactionId: z.string().describe('The `id` that was answered when the transaction was created.'),
});
export const NoPath = z.object({});
export const NoBody = z.undefined();

// Where clients have been seen to name the currency.
const namedCurrency = {
	currencyCode: hint.describe(
		"The cart's currency, a code of ISO 4217. Read here, in `cart` and in `orderInfo`.",
	),
	currency: hint.describe('The same, as some clients name it.'),
};
const Cart = z
	.object({...namedCurrency, redemptionCode: hint.describe('What the shopper has typed.')})
	.nullish()
	.catch(undefined);
const Client = z
	.object({
		id: hint.describe("The shopper's profile id at VTEX."),
		email: hint,
		document: hint.describe('Personal document, with or without its punctuation.'),
		corporateDocument: hint,
		ip: hint.describe("The shopper's address: guesses of codes are counted by it."),
	})
	.nullish()
	.catch(undefined);
const OrderInfo = z
	.object({...namedCurrency, orderId: hint, cart: Cart, clientProfile: Client})
	.nullish()
	.catch(undefined);

export const SearchRequest = z
	.object({client: Client, cart: Cart, orderInfo: OrderInfo, ...namedCurrency})
	.meta({id: 'SearchRequest'});

/** A flag as JSON or as text; null where it is not said. */
const flag = z
	.union([z.boolean(), z.stringbool(), z.literal('').transform(() => null)], 'must be true or false')
	.nullish()
	// Published as one list of types, which reads better than what the union would be.
	.meta({type: ['boolean', 'string', 'null'], anyOf: undefined});

export const CreateCardRequest = z
	.object({
		relationName: requiredText(
			'Send the name of the relation between client and store; a new card needs a new one.',
		).describe('Names the relation between client and store. The same request finds the card that it made.'),
		profileId: requiredText("Send the client's e-mail or VTEX user id.").describe(
			"The owner: the client's e-mail or VTEX user id.",
		),
		caption: text.pipe(keptText('').nullish()).describe('What the shopper sees the card under.'),
		emissionDate: text.describe('From when it is valid. No date: from now.'),
		expiringDate: text.describe(
			"Its last day, to the end of that day in the merchant's time zone, whatever the time and offset. No date, or the year 9999: for ever.",
		),
		restrictedToOwner: flag.describe('Only the owner may use it. Without it: false.'),
		multipleRedemptions: flag.describe('It may be used more than once. Without it: true.'),
		multipleCredits: flag.describe('It may be credited more than once. Without it: true.'),
		currencyCode: text.describe("A code of ISO 4217. Without it: the merchant's currency."),
	})
	.meta({id: 'CreateCardRequest'});

export const CreateTransactionRequest = z
	.object({
		operation: z
			.unknown()
			.transform(value => (typeof value === 'string' ? value.toLowerCase() : value))
			.pipe(z.enum(['debit', 'credit'], 'must be Debit or Credit'))
			.meta({enum: ['Debit', 'Credit'], type: 'string', description: 'Read in any case.'}),
		value: Value,
		requestId: RequestId,
		description: hint.describe('Kept with the transaction, up to 256 characters.'),
		orderInfo: OrderInfo,
		...namedCurrency,
	})
	.meta({id: 'TransactionRequest'});

/** A settlement or a cancellation. */
export const OperationRequest = z.object({value: Value, requestId: RequestId}).meta({id: 'OperationRequest'});

const Link = z.strictObject({href: z.string()}).meta({
	id: 'Link',
	description: "A relative reference in the form of VTEX's samples. It informs, and is not followed.",
});
const Amount = z.number().describe('Units of the currency, with its decimals.');
const CardDate = z
	.string()
	.describe('Local time of the merchant, without offset: `2027-12-31T23:59:59.000`.');
const OperationDate = z.string().meta({format: 'date-time', description: 'UTC.'});

export const ListedCards = z.array(
	z
		.strictObject({
			id: z.string(),
			provider: z.string().describe("Our id in the merchant's Gift Card Hub."),
			balance: Amount.describe('What can be spent now, above zero.'),
			totalBalance: Amount.describe('What has not expired, spendable now or not.'),
			relationName: z.string().optional(),
			caption: z.string().optional(),
			_self: Link,
		})
		.meta({id: 'ListedCard'}),
);

const cardMembers = {
	id: z.string(),
	redemptionCode: z
		.string()
		.optional()
		.describe('Masked, but for the answer that made the card. A wallet has none.'),
	balance: Amount.describe('What can be spent now.'),
	relationName: z.string().optional(),
	caption: z.string().optional(),
	provider: z.string().describe("Our id in the merchant's Gift Card Hub."),
	emissionDate: CardDate,
	expiringDate: CardDate.optional().describe(
		'The last second in which it is valid, local time of the merchant without offset. Absent: for ever.',
	),
	currencyCode: z.string().describe("ISO 4217. A wallet of points is shown in the merchant's currency."),
	discount: z.literal(false),
	restrictedToOwner: z.boolean(),
	multipleRedemptions: z.boolean(),
	multipleCredits: z.boolean(),
	transaction: Link,
	transactions: Link,
	_self: Link,
};

export const CardReply = z.strictObject(cardMembers).meta({id: 'Card'});
export const CreatedCardReply = z
	.strictObject({...cardMembers, profileId: z.string()})
	.meta({id: 'CreatedCard'});

export const TransactionLink = z
	.strictObject({
		cardId: z.string(),
		id: z.string().min(1).describe('Names the transaction in the paths of all that follows.'),
		_self: Link,
	})
	.meta({id: 'TransactionLink'});
export const TransactionLinks = z.array(TransactionLink);

export const TransactionReply = z
	.strictObject({
		value: Amount,
		description: z.string(),
		date: OperationDate,
		requestId: z.string(),
		settlement: Link,
		cancellation: Link,
		authorization: Link,
		operation: z.enum(['Debit', 'Credit']),
	})
	.meta({id: 'Transaction'});

/** An authorization, a settlement or a cancellation. */
export const OperationReply = z
	.strictObject({
		oid: z.string().describe('Names the operation.'),
		value: Amount.describe('What really moved.'),
		date: OperationDate,
	})
	.meta({id: 'Operation'});
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
