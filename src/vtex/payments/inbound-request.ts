import {type z} from 'zod';
import {toJsonNumber} from '../../money/amount.ts';
import {type Payment} from '../../payments/payment.ts';
import {type Call, endpoint} from '../endpoint.ts';
import {InboundPath, InboundReply, OperationRequest} from './contracts.ts';
import {examples} from './examples.ts';
import {createError} from './error-replies.ts';
import {paymentNamed} from './operate.ts';
import {pairsOf} from './particulars.ts';
import {type PaymentParts} from './parts.ts';
import {assetOf, echo, shownStatus} from './replies.ts';

/** A call that the gateway forwards from the store (Payment Provider Protocol, 11). It reads only, so it may be repeated. */
export const inboundRequest = inboundAt('/payments/:paymentId/inbound/:action', 'forwardCall');

/** The path of the 2022 guide. */
export const inboundRequestOf2022 = inboundAt(
	'/payments/:paymentId/inbound-request/:action',
	'forwardCallOf2022',
);

function inboundAt(path: `/${string}`, operationId: string) {
	return endpoint(
		{
			method: 'post',
			path,
			summary: 'Answer a call that the gateway forwards: the action `status` tells how the payment stands.',
			access: 'read',
			params: InboundPath,
			body: OperationRequest,
			reply: InboundReply,
			errorBody: createError,
			documented: {
				operationId,
				description:
					'It reads only, so it may be repeated. An unknown action or payment is a 404 in `responseData`, under 200.',
				example: {body: examples.inboundRequest, reply: examples.inbound},
			},
		},
		answer,
	);
}

type InboundCall = Call<z.output<typeof InboundPath>, z.output<typeof OperationRequest>>;

async function answer(parts: PaymentParts, call: InboundCall) {
	const paymentId = paymentNamed(call);
	const {requestId} = call.body;
	const [statusCode, content] = await responseTo(parts, call, paymentId);
	const responseData = {statusCode, contentType: 'application/json', content: JSON.stringify(content)};
	const echoed = echo(pairsOf(call.body['connectorMetadata']));
	return {body: {paymentId, requestId, responseData, ...echoed}};
}

type Response = readonly [statusCode: number, content: Readonly<Record<string, unknown>>];

async function responseTo(
	parts: PaymentParts,
	{caller: {merchant}, params: {action}}: InboundCall,
	paymentId: string,
): Promise<Response> {
	if (action.toLowerCase() !== 'status') {
		return [404, {code: 'unknown_action', message: 'There is no such action. Ask for status.'}];
	}

	const payment = await parts.payments.find(merchant.id, paymentId);
	return payment === undefined
		? [404, {code: 'payment_not_found', message: 'There is no such payment.'}]
		: [200, await standingOf(parts, payment)];
}

async function standingOf(parts: PaymentParts, payment: Payment): Promise<Response[1]> {
	const {paymentId, value, captured, refunded} = payment;
	const asset = await assetOf(parts, payment);
	const status = shownStatus(payment);
	return asset === null
		? {paymentId, status}
		: {
				paymentId,
				status,
				currency: asset.code,
				value: toJsonNumber(value ?? 0n, asset),
				captured: toJsonNumber(captured, asset),
				refunded: toJsonNumber(refunded, asset),
			};
}
