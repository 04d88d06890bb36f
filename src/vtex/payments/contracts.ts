import {z} from 'zod';
import {isSaid, keptText, saidText, saidUrl} from './values.ts';

/*
 * Readers are lenient (Payment Provider Protocol, 5.1 and 19): null, absent, empty, `"null"` and unfilled placeholders are the same,
 * and nothing but the payment's id can make a request fail by its form. Members that are not named here pass through, to be picked
 * from by name. What is answered is written strictly, in the current form.
 */

/** Ids are compared exactly and never trimmed; what does not print could not be found again. */
const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const idLengthMax = 512;
const noteLengthMax = 256;

const said = z.unknown().optional().transform(saidText);
const note = z
	.unknown()
	.optional()
	.transform(value => keptText(value, noteLengthMax));
const url = z.unknown().optional().transform(saidUrl);

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
	.pipe(id.min(1, 'is empty. Send the id of the payment.'));

export const NoPath = z.object({});
export const NoBody = z.undefined();
export const PaymentPath = z.object({paymentId: PaymentId});
export const InboundPath = PaymentPath.extend({action: z.string()});

const Card = z.object({number: said, csc: said}).nullish().catch(undefined);
const Buyer = z
	.object({id: said, email: said, document: said, corporateDocument: said})
	.nullish()
	.catch(undefined);
const MiniCart = z.looseObject({buyer: Buyer}).nullish().catch(undefined);

export const CreatePaymentRequest = z.looseObject({
	paymentId: PaymentId,
	paymentMethod: note,
	/** Judged under the currency. */
	value: z.unknown().optional(),
	currency: said,
	verificationOnly: z.unknown().optional().transform(isSaid),
	card: Card,
	miniCart: MiniCart,
	ipAddress: said,
	reference: note,
	orderId: note,
	transactionId: note,
	callbackUrl: url,
	returnUrl: url,
});

/** A cancellation, settlement or refund, or a forwarded call. The path says which payment; the body may repeat it. */
export const OperationRequest = z.looseObject({
	paymentId: said,
	requestId: said.pipe(id.nullable()),
	settleId: said.pipe(id.nullable()),
	value: z.unknown().optional(),
});

const Pairs = z.array(z.strictObject({name: z.string(), value: z.string()}));
const seconds = z.int().nonnegative();
const reason = {code: z.string().nullable(), message: z.string().nullable()};
/** Echoed where some came. */
const echoed = {connectorMetadata: Pairs.optional()};

export const ManifestReply = z.strictObject({
	paymentMethods: z.array(
		z.strictObject({name: z.string(), allowsSplit: z.enum(['onAuthorize', 'onCapture', 'disabled'])}),
	),
	customFields: z.array(z.never()),
	/** Whole hours, as text. */
	autoSettleDelay: z.strictObject({minimum: z.string(), maximum: z.string()}),
});

/** What a create answers; a callback sends the same. The ids are always text: VTEX's test suite refuses null. */
export const PaymentReply = z.strictObject({
	paymentId: z.string(),
	status: z.enum(['approved', 'denied', 'undefined']),
	authorizationId: z.string(),
	tid: z.string().min(1),
	nsu: z.string().min(1),
	acquirer: z.string(),
	...reason,
	delayToAutoSettle: seconds,
	delayToAutoSettleAfterAntifraud: seconds,
	delayToCancel: seconds,
	paymentUrl: z.string().optional(),
	/** At most this much can be settled. */
	maxValue: z.number().optional(),
	...echoed,
});

const requested = {...reason, requestId: z.string().nullable(), ...echoed};

export const CancellationReply = z.strictObject({
	paymentId: z.string(),
	cancellationId: z.string().nullable(),
	...requested,
});
export const SettlementReply = z.strictObject({
	paymentId: z.string(),
	settleId: z.string().nullable(),
	value: z.number(),
	...requested,
});
export const RefundReply = z.strictObject({
	paymentId: z.string(),
	refundId: z.string().nullable(),
	value: z.number(),
	...requested,
});

export const InboundReply = z.strictObject({
	paymentId: z.string(),
	...requested,
	/** Replayed by the gateway to whoever called. */
	responseData: z.strictObject({statusCode: z.int(), contentType: z.string(), content: z.string()}),
});
