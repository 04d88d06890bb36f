import {uuidOf} from '../../cards/public-id.ts';
import {spendableBalance} from '../../ledger/lots.ts';
import {valueOf} from '../../ledger/worth.ts';
import {currency} from '../../money/asset.ts';
import {endpoint} from '../endpoint.ts';
import {CardPath, CardReply, NoBody} from './contracts.ts';
import {unknownCard} from './documented.ts';
import {examples} from './examples.ts';
import {refusalError} from './error-replies.ts';
import {type GiftCardParts} from './parts.ts';
import {cardReply, uncached} from './replies.ts';

/**
 * A card with what can be spent of it now: for Checkout the source of truth (Gift Card Provider Protocol, 9.2). One that is
 * expired or blocked answers too, with nothing to spend. Points are shown in the merchant's currency, rounded down (A5).
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
		documented: {
			operationId: 'getGiftCard',
			description:
				'For Checkout the source of truth. A card that is expired or blocked answers too, with nothing to spend.',
			statuses: unknownCard,
			example: {reply: examples.card},
		},
	},
	async ({reader, pricing, providerId, clock}: GiftCardParts, {caller: {merchant}, params}) => {
		const publicId = uuidOf(params.giftCardId);
		const card = publicId === undefined ? undefined : await reader.find(merchant.id, publicId);
		if (card === undefined) {
			throw refusalError('cardNotFound');
		}

		const price = await pricing.of(merchant, card, null);
		const shown = {
			...card,
			balance: price === undefined ? 0n : valueOf(spendableBalance(card, clock()), price.pricing),
		};
		const asset = price?.currency ?? currency(merchant.currency);
		return {body: cardReply({merchant, provider: providerId, asset}, shown), headers: uncached};
	},
);
