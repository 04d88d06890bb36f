import {endpoint} from '../endpoint.ts';
import {AmountRequest, PaymentPath, SettlementReply} from './contracts.ts';
import {refused} from './documented.ts';
import {examples} from './examples.ts';
import {settlementError} from './error-replies.ts';
import {operate} from './operate.ts';
import {type PaymentParts} from './parts.ts';

/**
 * Make all or part of a payment final (Payment Provider Protocol, 9). Above the rest, the rest is settled and answered (A9). A refusal
 * never says `refund-manually`: with a null id that makes the gateway refund twice (known issue KI-615050).
 */
export const settlePayment = endpoint(
	{
		method: 'post',
		path: '/payments/:paymentId/settlements',
		summary: 'Settle all or part of a payment.',
		access: 'write',
		params: PaymentPath,
		body: AmountRequest,
		reply: SettlementReply,
		errorBody: settlementError,
		documented: {
			operationId: 'settlePayment',
			...refused,
			example: {body: examples.operation, reply: examples.settlement},
		},
	},
	async (parts: PaymentParts, call) => {
		const {status, id, value, common} = await operate(parts, call, 'settle');
		return {status, body: {...common, settleId: id, value}};
	},
);
