import {endpoint} from '../endpoint.ts';
import {OperationReply, OperationRequest, TransactionPath} from './contracts.ts';
import {createOperation} from './create-operation.ts';
import {refused, unknownTransaction} from './documented.ts';
import {examples} from './examples.ts';
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
		documented: {
			operationId: 'createCancellation',
			description:
				'Before the settlement and after it: the protocol has no refund of its own. Where less than the value is left, and the value is that of the whole debit, the rest goes back and is answered; otherwise it is 422.',
			statuses: {...unknownTransaction, ...refused},
			example: {body: examples.operationRequest, reply: examples.operation},
		},
	},
	(parts: GiftCardParts, call) => createOperation(parts, call, 'cancellation'),
);
