import {uuidOf} from '../../cards/public-id.ts';
import {spendableBalance} from '../../ledger/lots.ts';
import {endpoint} from '../endpoint.ts';
import {CardPath, CardReply, NoBody} from './contracts.ts';
import {refusalError} from './error-replies.ts';
import {type GiftCardParts} from './parts.ts';
import {cardReply, uncached} from './replies.ts';

/**
 * A card with what can be spent of it now: for Checkout the source of truth (Gift Card Provider Protocol, 9.2). One that is
 * expired or blocked answers too, with nothing to spend.
 */
export const getCard = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId',
		summary: 'Show a card and its balance.',
		access: 'read',
		params: CardPath,
		body: NoBody,
		reply: CardReply,
	},
	async ({reader, assets, providerId, clock}: GiftCardParts, {caller: {merchant}, params}) => {
		const publicId = uuidOf(params.giftCardId);
		const card = publicId === undefined ? undefined : await reader.find(merchant.id, publicId);
		if (card === undefined) {
			throw refusalError('cardNotFound');
		}

		const asset = await assets.byId(merchant.id, card.assetId);
		const shown = {...card, balance: spendableBalance(card, clock())};
		return {body: cardReply({merchant, provider: providerId, asset}, shown), headers: uncached};
	},
);
