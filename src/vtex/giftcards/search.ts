import {identifiersOf} from '../../customers/identity.ts';
import {wireIdOf} from '../../cards/public-id.ts';
import {type FoundCard} from '../../cards/search.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {toJsonNumber} from '../../money/amount.ts';
import {isCurrencyCode} from '../../money/asset.ts';
import {endpoint} from '../endpoint.ts';
import {currencyNamed, ListedCards, NoPath, SearchRequest, textOrNull} from './contracts.ts';
import {examples} from './examples.ts';
import {type GiftCardParts} from './parts.ts';
import {cardHref, uncached} from './replies.ts';
import {contentRange, readRestRange} from './rest-range.ts';

/**
 * Which cards a cart may pay with (Gift Card Provider Protocol, 9.1). With a code that card or none, else the client's own.
 * Never a card without anything to spend: it would keep the log-in banner for ever (known issue KI-1356257).
 */
export const search = endpoint(
	{
		method: 'post',
		path: '/giftcards/_search',
		summary: "List the cards that a cart may pay with: the one behind a typed code, or the client's own.",
		access: 'read',
		params: NoPath,
		body: SearchRequest,
		reply: ListedCards,
		documented: {
			operationId: 'searchGiftCards',
			description:
				"Several times in each checkout, so it is quick. With a code that card or none, else the client's own cards, the best for the shopper first; never one without anything to spend. Nobody found, a wrong code, and too many wrong codes of one shopper are all `[]`.",
			requestHeaders: {
				'REST-Range':
					'Which of the cards: `resources=0-9`, both ends included, at most 100. Without it, or where it makes no sense, the first 50.',
			},
			replyHeaders: {
				'REST-Content-Range':
					'Which cards these are, and of how many: `resources 0-9/42`; of none at all `resources 0-0/0`.',
			},
			example: {body: examples.search, reply: [examples.listedCard]},
		},
	},
	async ({search: cards, providerId}: GiftCardParts, {caller: {merchant}, headers, body}) => {
		const {client, cart, orderInfo} = body;
		const currency = currencyNamed(cart, body, orderInfo, orderInfo?.cart);
		const found = await cards.search(merchant, {
			code: textOrNull(cart?.redemptionCode?.trim()),
			presented: identifiersOf(client ?? {}),
			address: textOrNull(client?.ip?.trim()),
			currency: currency !== null && isCurrencyCode(currency) ? currency : null,
		});
		const range = readRestRange(headers['rest-range']);
		const page = found.slice(range.from, range.to + 1);
		return {
			body: page.map(one => listedCard(merchant, providerId, one)),
			headers: {...uncached, 'REST-Content-Range': contentRange(range, page.length, found.length)},
		};
	},
);

function listedCard(merchant: Merchant, provider: string, {card, balance, totalBalance, asset}: FoundCard) {
	const id = wireIdOf(card.publicId);
	return {
		id,
		provider,
		balance: toJsonNumber(balance, asset),
		totalBalance: toJsonNumber(totalBalance, asset),
		...(card.relationName === null ? {} : {relationName: card.relationName}),
		...(card.caption === null ? {} : {caption: card.caption}),
		_self: {href: cardHref(merchant, id)},
	};
}
