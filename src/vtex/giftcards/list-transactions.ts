import {wireIdOf} from '../../cards/public-id.ts';
import {endpoint} from '../endpoint.ts';
import {CardPath, NoBody, TransactionLinks} from './contracts.ts';
import {unknownCard} from './documented.ts';
import {examples} from './examples.ts';
import {findCard} from './find.ts';
import {type GiftCardParts} from './parts.ts';
import {transactionLink, uncached} from './replies.ts';

/** The debits and credits of a card, oldest first; of very many the latest (Gift Card Provider Protocol, 9.5). */
export const listTransactions = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId/transactions',
		summary: 'List the debits and credits of a card.',
		access: 'read',
		params: CardPath,
		body: NoBody,
		reply: TransactionLinks,
		documented: {
			operationId: 'listTransactions',
			description: 'Oldest first; of more than 1,000 the latest.',
			statuses: unknownCard,
			example: {reply: [examples.transactionLink]},
		},
	},
	async (parts: GiftCardParts, {caller: {merchant}, params}) => {
		const card = await findCard(parts, merchant, params);
		const ids = await parts.transactions.list(merchant.id, card.cardId);
		const wireId = wireIdOf(card.publicId);
		return {body: ids.map(id => transactionLink(merchant, wireId, id)), headers: uncached};
	},
);
