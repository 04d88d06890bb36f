import {wireIdOf} from '../../cards/public-id.ts';
import {toJsonNumber} from '../../money/amount.ts';
import {endpoint} from '../endpoint.ts';
import {NoBody, TransactionPath, TransactionReply} from './contracts.ts';
import {unknownTransaction} from './documented.ts';
import {examples} from './examples.ts';
import {findTransaction} from './find.ts';
import {type GiftCardParts} from './parts.ts';
import {transactionHref, uncached} from './replies.ts';

/** A debit or credit as it was created, with links to what became of it (Gift Card Provider Protocol, 9.6). */
export const getTransaction = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId/transactions/:transactionId',
		summary: 'Show a transaction.',
		access: 'read',
		params: TransactionPath,
		body: NoBody,
		reply: TransactionReply,
		documented: {
			operationId: 'getTransaction',
			statuses: unknownTransaction,
			example: {reply: examples.transaction},
		},
	},
	async (parts: GiftCardParts, {caller: {merchant}, params}) => {
		const {card, asset, ...transaction} = await findTransaction(parts, merchant, params);
		const href = `/${transactionHref(merchant, wireIdOf(card.publicId), wireIdOf(transaction.id))}`;
		const body = {
			value: toJsonNumber(transaction.value, asset),
			description: transaction.description ?? '',
			date: new Date(transaction.at).toISOString(),
			requestId: transaction.requestId ?? '',
			settlement: {href: `${href}/settlements`},
			cancellation: {href: `${href}/cancellations`},
			authorization: {href: `${href}/authorization`},
			operation: transaction.kind === 'credit' ? ('Credit' as const) : ('Debit' as const),
		};
		return {body, headers: uncached};
	},
);
