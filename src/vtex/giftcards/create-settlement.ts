import {endpoint} from '../endpoint.ts';
import {OperationReply, OperationRequest, TransactionPath} from './contracts.ts';
import {createOperation} from './create-operation.ts';
import {refused, unknownTransaction} from './documented.ts';
import {examples} from './examples.ts';
import {type GiftCardParts} from './parts.ts';

/** Make all or part of a debit final (Gift Card Provider Protocol, 9.11). The balance fell at the debit and stays. */
export const createSettlement = endpoint(
	{
		method: 'post',
		path: '/giftcards/:giftCardId/transactions/:transactionId/settlements',
		summary: 'Settle all or part of a debit.',
		access: 'write',
		params: TransactionPath,
		body: OperationRequest,
		reply: OperationReply,
		documented: {
			operationId: 'createSettlement',
			description:
				'The balance fell at the debit and stays. Where less than the value is left, and the value is that of the whole debit, the rest is settled and answered; otherwise it is 422.',
			statuses: {...unknownTransaction, ...refused},
			example: {body: examples.operationRequest, reply: examples.operation},
		},
	},
	(parts: GiftCardParts, call) => createOperation(parts, call, 'settlement'),
);
