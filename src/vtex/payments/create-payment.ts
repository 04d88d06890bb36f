import {type IncomingHttpHeaders} from 'node:http';
import {type z} from 'zod';
import {identifiersOf} from '../../customers/identity.ts';
import {OverloadedError} from '../../ledger/writer.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {type Asset, currency, isCurrencyCode} from '../../money/asset.ts';
import {type PaymentWish} from '../../payments/wish.ts';
import {readTraceContext} from '../../trace-context.ts';
import {endpoint, type Reply} from '../endpoint.ts';
import {CreatePaymentRequest, NoPath, PaymentReply} from './contracts.ts';
import {reasons} from './documented.ts';
import {examples} from './examples.ts';
import {createError, invalid} from './error-replies.ts';
import {wayOf} from './methods.ts';
import {particularsOf} from './particulars.ts';
import {type PaymentParts} from './parts.ts';
import {paymentAnswer, undecidedReply} from './replies.ts';
import {valueIn} from './values.ts';

/**
 * Authorize a payment, once for its id; asked again, it tells how the payment stands (Payment Provider Protocol, 5 and 13). What a
 * shopper can cause is answered `denied`, never an error.
 */
export const createPayment = endpoint(
	{
		method: 'post',
		path: '/payments',
		summary: 'Create a payment, or ask how it stands.',
		access: 'write',
		params: NoPath,
		body: CreatePaymentRequest,
		reply: PaymentReply,
		errorBody: createError,
		documented: {
			operationId: 'createPayment',
			description: `Once for its \`paymentId\`: asked again, it tells how the payment stands, with the same ids and delays. What a shopper can cause is \`denied\` under 200, and what cannot be decided now is \`undefined\`. Errors are only for requests that cannot be understood.\n\n${reasons}`,
			callback: {
				name: 'paymentDecided',
				member: 'callbackUrl',
				summary:
					'Says how a payment ended that was `undefined`, until it is taken. An address that ends in `/retry` is called without a body.',
			},
			example: {body: examples.create, reply: examples.payment},
		},
	},
	(parts: PaymentParts, {caller: {merchant, actorId}, body, headers}) =>
		execute(parts, merchant, wishOf(parts, {merchant, actorId, body, headers})),
);

type Request = z.output<typeof CreatePaymentRequest>;

/** Holds the wish alone while it waits for its batch, hundreds at a time: the cart that it came with is long. */
async function execute(
	parts: PaymentParts,
	merchant: Merchant,
	wish: PaymentWish,
): Promise<Reply<z.input<typeof PaymentReply>>> {
	try {
		return {body: await paymentAnswer(parts, await parts.payments.create(merchant, wish))};
	} catch (error) {
		// Errors put an integration into contingency mode; "not yet" makes the gateway ask again (B4).
		if (error instanceof OverloadedError || parts.isPassing(error)) {
			return {body: undecidedReply(parts, merchant.id, wish.paymentId)};
		}

		throw error;
	}
}

type Asked = {
	readonly merchant: Merchant;
	readonly actorId: number;
	readonly body: Request;
	readonly headers: IncomingHttpHeaders;
};

function wishOf(parts: PaymentParts, {merchant, actorId, body, headers}: Asked): PaymentWish {
	const {card, miniCart} = body;
	const asset = currencyOf(body, merchant);
	const code = card?.number ?? null;
	const {way, method} = wayOf(parts.methods, body.paymentMethod, {
		isSandbox: merchant.sandbox,
		hasCode: code !== null,
	});
	return {
		paymentId: body.paymentId,
		method,
		way,
		code,
		pin: card?.csc ?? null,
		amountText: valueIn(body.value, asset),
		currency: body.currency === null ? null : asset.code,
		verificationOnly: body.verificationOnly,
		buyer: identifiersOf(miniCart?.buyer ?? {}),
		address: body.ipAddress?.trim() ?? null,
		orderId: body.orderId,
		reference: body.reference,
		transactionId: body.transactionId,
		callbackUrl: body.callbackUrl,
		returnUrl: body.returnUrl,
		particulars: particularsOf(body, readTraceContext(headers['traceparent'], headers['tracestate'])),
		actorId,
	};
}

/** The currency named, or the merchant's. @throws {ProtocolError} 400 for one that is none */
function currencyOf({currency: named}: Request, merchant: Merchant): Asset {
	const typed = named?.trim() ?? merchant.currency;
	if (!isCurrencyCode(typed)) {
		throw invalid('currency', 'is not a currency in use. Send its ISO 4217 code, such as BRL.');
	}

	return currency(typed);
}
