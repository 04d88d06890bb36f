import {endpoint} from '../endpoint.ts';
import {OperationRequest, PaymentPath, RefundReply} from './contracts.ts';
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
		body: OperationRequest,
		reply: RefundReply,
		errorBody: refundError,
	},
	async (parts: PaymentParts, call) => {
		const {status, id, value, common} = await operate(parts, call, 'refund');
		return {status, body: {...common, refundId: id, value}};
	},
);
