import {endpoint} from '../endpoint.ts';
import {NoBody, OperationReplies, TransactionPath} from './contracts.ts';
import {unknownTransaction} from './documented.ts';
import {examples} from './examples.ts';
import {findTransaction} from './find.ts';
import {type GiftCardParts} from './parts.ts';
import {operationReply, uncached} from './replies.ts';

/**
 * What was settled of a transaction, `[]` for nothing. The Hub adds the values up and settles only what is missing, so they
 * are what really moved (Gift Card Provider Protocol, 8.4; A9).
 */
export const listSettlements = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId/transactions/:transactionId/settlements',
		summary: 'List the settlements of a transaction.',
		access: 'read',
		params: TransactionPath,
		body: NoBody,
		reply: OperationReplies,
		documented: {
			operationId: 'listSettlements',
			description:
				'The values are what really moved: the Hub adds them up and asks for what is missing. `[]` for nothing.',
			statuses: unknownTransaction,
			example: {reply: [examples.operation]},
		},
	},
	async (parts: GiftCardParts, {caller: {merchant}, params}) => {
		const {id, asset} = await findTransaction(parts, merchant, params);
		const settlements = await parts.transactions.settlements(merchant.id, id);
		return {body: settlements.map(one => operationReply(one, asset)), headers: uncached};
	},
);
