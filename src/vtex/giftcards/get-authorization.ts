import {endpoint} from '../endpoint.ts';
import {NoBody, OperationReply, TransactionPath} from './contracts.ts';
import {unknownTransaction} from './documented.ts';
import {examples} from './examples.ts';
import {findTransaction} from './find.ts';
import {type GiftCardParts} from './parts.ts';
import {operationReply, uncached} from './replies.ts';

/** The authorization is the transaction itself, under its own id (Gift Card Provider Protocol, 9.7). */
export const getAuthorization = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId/transactions/:transactionId/authorization',
		summary: 'Show the authorization of a transaction.',
		access: 'read',
		params: TransactionPath,
		body: NoBody,
		reply: OperationReply,
		documented: {
			operationId: 'getAuthorization',
			statuses: unknownTransaction,
			example: {reply: examples.operation},
		},
	},
	async (parts: GiftCardParts, {caller: {merchant}, params}) => {
		const transaction = await findTransaction(parts, merchant, params);
		return {body: operationReply(transaction, transaction.asset), headers: uncached};
	},
);
