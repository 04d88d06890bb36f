import {z} from 'zod';
import {isSaid, keptText, saidText, saidUrl} from './values.ts';

/*
 * Readers are lenient (Payment Provider Protocol, 5.1 and 19): null, absent, empty, `"null"` and unfilled placeholders are the same,
 * and nothing but the payment's id can make a request fail by its form. Members that are not named here pass through, to be picked
 * from by name. What is answered is written strictly, in the current form.
 *
 * `meta` and `describe` are for the published document. Where a reader takes anything, `type` says there what to send.
 */

/** Ids are compared exactly and never trimmed; what does not print could not be found again. */
const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const idLengthMax = 512;
const noteLengthMax = 256;

const textType = {type: ['string', 'number', 'null']};
const said = z.unknown().optional().transform(saidText).meta(textType);
const note = z
	.unknown()
	.optional()
	.transform(value => keptText(value, noteLengthMax))
	.meta(textType);
const url = z
	.unknown()
	.optional()
	.transform(saidUrl)
	.meta({type: ['string', 'null']});
const amount = z
	.unknown()
	.optional()
	.meta({type: ['number', 'string', 'null']});

const id = z
	.string({
		error: ({input}) =>
			input === undefined || input === null ? 'is missing. Send the id of the payment.' : 'must be text',
	})
	.max(idLengthMax, `is longer than ${idLengthMax} characters. Send a shorter one.`)
	.regex(printable, 'has characters that cannot be printed. Send it without them.');

/** VTEX's are 32 hexadecimal digits; dashes and 128 letters have been seen. Kept as it is. */
const PaymentId = z
	.unknown()
	.transform(value => (typeof value === 'number' ? String(value) : value))
	.pipe(id.min(1, 'is empty. Send the id of the payment.'))
	.meta({
		type: 'string',
		minLength: 1,
		maxLength: idLengthMax,
		description: "VTEX's id of the payment, compared as it is.",
	});

export const NoPath = z.object({});
export const NoBody = z.undefined();
export const PaymentPath = z.object({paymentId: PaymentId});
export const InboundPath = PaymentPath.extend({
	action: z.string().describe('`status`, in any case. Another one is answered with a forwarded 404.'),
});

const Card = z
	.object({
		number: said.describe('A redemption code; in a sandbox also a card number of the homologation.'),
		csc: said.describe("The card's PIN, where it has one."),
	})
	.nullish()
	.catch(undefined);
const Buyer = z
	.object({
		id: said.describe("The shopper's profile id at VTEX."),
		email: said,
		document: said,
		corporateDocument: said,
	})
	.nullish()
	.catch(undefined)
	.describe(
		'Whose wallet pays. Profile id, then document, then e-mail: the first that is known names the customer.',
	);
const MiniCart = z.looseObject({buyer: Buyer}).nullish().catch(undefined);

export const CreatePaymentRequest = z
	.looseObject({
		paymentId: PaymentId,
		paymentMethod: note.describe('As the manifest spells it, in any case. Another one is `denied`.'),
		/** Judged under the currency. */
		value: amount.describe(
			"Units of the currency, not cents: `29.9`. Text is read where it has one reading, `'29,90'` too. What is no such amount is `denied`.",
		),
		currency: said.describe("A code of ISO 4217. Without it, the merchant's currency."),
		verificationOnly: z
			.unknown()
			.optional()
			.transform(isSaid)
			.meta({type: ['boolean', 'string', 'null'], description: 'True: nothing is held.'}),
		card: Card,
		miniCart: MiniCart,
		ipAddress: said.describe("The shopper's address: guesses of codes are counted by it."),
		reference: note,
		orderId: note,
		transactionId: note,
		callbackUrl: url.describe('Where VTEX wants to be told how a payment ended that was `undefined`.'),
		returnUrl: url.describe('Where the shopper goes from `paymentUrl`.'),
	})
	.meta({id: 'PaymentRequest'});

/** A cancellation, settlement or refund, or a forwarded call. The path says which payment; the body may repeat it. */
export const OperationRequest = z
	.looseObject({
		paymentId: said.describe("The path's, or nothing."),
		requestId: said.pipe(id.nullable()).meta({
			...textType,
			description: 'The id under which this happens once. Without it, value and `settleId` tell repeats.',
		}),
		settleId: said
			.pipe(id.nullable())
			.meta({...textType, description: 'Of a refund: the settlement that it goes back on.'}),
		value: amount.describe('Not read: a cancellation takes what is open.'),
	})
	.meta({id: 'PaymentOperationRequest'});

/** The same where the amount counts; the operation itself says what is wrong with one. */
export const AmountRequest = z
	.looseObject({
		...OperationRequest.shape,
		value: amount.describe(
			'Units of the currency, not cents. Above what is left, the rest is moved and answered.',
		),
	})
	.meta({id: 'PaymentAmountRequest', required: ['value']});

const Pairs = z.array(z.strictObject({name: z.string(), value: z.string()}));
const seconds = z.int().nonnegative().describe('Seconds.');
const reason = {
	code: z.string().nullable().describe('Why it was refused or is not decided; null for what was done.'),
	message: z.string().nullable(),
};
/** Echoed where some came. */
const echoed = {
	connectorMetadata: Pairs.optional().describe('As it was sent, without what looks like a secret.'),
};

export const ManifestReply = z
	.strictObject({
		paymentMethods: z.array(
			z.strictObject({name: z.string(), allowsSplit: z.enum(['onAuthorize', 'onCapture', 'disabled'])}),
		),
		customFields: z.array(z.never()),
		autoSettleDelay: z
			.strictObject({minimum: z.string(), maximum: z.string()})
			.describe('Whole hours, as text.'),
	})
	.meta({id: 'Manifest'});

/** What a create answers; a callback sends the same. The ids are always text: VTEX's test suite refuses null. */
export const PaymentReply = z
	.strictObject({
		paymentId: z.string(),
		status: z
			.enum(['approved', 'denied', 'undefined'])
			.describe(
				'As the payment stands now. `undefined`: not decided yet; ask again, or wait for the callback.',
			),
		authorizationId: z.string().describe('Empty while nothing is authorized.'),
		tid: z.string().min(1),
		nsu: z.string().min(1),
		acquirer: z.string(),
		...reason,
		delayToAutoSettle: seconds,
		delayToAutoSettleAfterAntifraud: seconds,
		delayToCancel: seconds,
		paymentUrl: z
			.string()
			.optional()
			.describe('Where the shopper confirms. Only of a payment that is `undefined`.'),
		maxValue: z.number().optional().describe('At most this much can be settled.'),
		...echoed,
	})
	.meta({id: 'Payment'});

const requested = {...reason, requestId: z.string().nullable(), ...echoed};
const operationId = z.string().nullable().describe('Null where nothing was done.');
const moved = z.number().describe('What really moved, in units of the currency.');

export const CancellationReply = z
	.strictObject({paymentId: z.string(), cancellationId: operationId, ...requested})
	.meta({id: 'PaymentCancellation'});
export const SettlementReply = z
	.strictObject({paymentId: z.string(), settleId: operationId, value: moved, ...requested})
	.meta({id: 'PaymentSettlement'});
export const RefundReply = z
	.strictObject({paymentId: z.string(), refundId: operationId, value: moved, ...requested})
	.meta({id: 'PaymentRefund'});

/** Without code and message, which VTEX's document wants as text or not at all. */
export const InboundReply = z
	.strictObject({
		paymentId: z.string(),
		requestId: z.string().nullable(),
		responseData: z
			.strictObject({statusCode: z.int(), contentType: z.string(), content: z.string()})
			.describe('What the gateway answers to whoever called the store.'),
		...echoed,
	})
	.meta({id: 'PaymentInbound'});
