import {endpoint} from '../endpoint.ts';
import {AmountRequest, PaymentPath, RefundReply} from './contracts.ts';
import {refused} from './documented.ts';
import {examples} from './examples.ts';
import {refundError} from './error-replies.ts';
import {operate} from './operate.ts';
import {type PaymentParts} from './parts.ts';

/** Give back all or part of what was settled (Payment Provider Protocol, 10). Above the rest, the rest is given back and answered. */
export const refundPayment = endpoint(
	{
		method: 'post',
		path: '/payments/:paymentId/refunds',
		summary: 'Refund all or part of what was settled.',
		access: 'write',
		params: PaymentPath,
		body: AmountRequest,
		reply: RefundReply,
		errorBody: refundError,
		documented: {
			operationId: 'refundPayment',
			...refused,
			example: {
				body: {...examples.operation, settleId: examples.settlement.settleId},
				reply: examples.refund,
			},
		},
	},
	async (parts: PaymentParts, call) => {
		const {status, id, value, common} = await operate(parts, call, 'refund');
		return {status, body: {...common, refundId: id, value}};
	},
);
