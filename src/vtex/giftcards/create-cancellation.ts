import {endpoint} from '../endpoint.ts';
import {OperationReply, OperationRequest, TransactionPath} from './contracts.ts';
import {createOperation} from './create-operation.ts';
import {type GiftCardParts} from './parts.ts';

/**
 * Give all or part of a debit back, before or after it was settled, or take a credit back (Gift Card Provider Protocol,
 * 8.3 and 9.9): the protocol has no refund of its own.
 */
export const createCancellation = endpoint(
	{
		method: 'post',
		path: '/giftcards/:giftCardId/transactions/:transactionId/cancellations',
		summary: 'Cancel or refund all or part of a debit, or take back a credit.',
		access: 'write',
		params: TransactionPath,
		body: OperationRequest,
		reply: OperationReply,
	},
	(parts: GiftCardParts, call) => createOperation(parts, call, 'cancellation'),
);
