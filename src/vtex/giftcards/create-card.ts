import {type z} from 'zod';
import {type CreatedCard} from '../../cards/create.ts';
import {formatCode} from '../../cards/redemption-code.ts';
import {identifiersOf} from '../../customers/identity.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {isCurrencyCode} from '../../money/asset.ts';
import {endpoint} from '../endpoint.ts';
import {CreateCardRequest, CreatedCardReply, NoPath, textOrNull} from './contracts.ts';
import {examples} from './examples.ts';
import {invalid} from './error-replies.ts';
import {type GiftCardParts} from './parts.ts';
import {cardReply, uncached} from './replies.ts';
import {emissionOf, expiryOf, WireDateError} from './wire-dates.ts';

type Request = z.output<typeof CreateCardRequest>;

/**
 * Make a card without value (Gift Card Provider Protocol, 9.3). The call has no request id, so the relation is its natural
 * key: the same request finds the card that it made, until something happens to it (A16). The code is told once.
 */
export const createCard = endpoint(
	{
		method: 'post',
		path: '/giftcards',
		summary: 'Create a card with balance zero for a client.',
		access: 'write',
		params: NoPath,
		body: CreateCardRequest,
		reply: CreatedCardReply,
		documented: {
			operationId: 'createGiftCard',
			description:
				'The call has no request id: the same request finds the card that it made, until something happens to that. The redemption code is told in clear once, in the answer that made the card.',
			example: {body: examples.createCard, reply: examples.createdCard},
		},
	},
	async ({creation, assets, providerId}: GiftCardParts, {caller: {merchant}, body}) => {
		const code = textOrNull(body.currencyCode?.trim()) ?? merchant.currency;
		if (!isCurrencyCode(code)) {
			throw invalid('currencyCode', 'is no currency. Send a code of ISO 4217, such as BRL.');
		}

		const asset = await assets.ofCurrency(merchant.id, code);
		const wish = wishOf(body, merchant, asset.id);
		const created = await creation.create(merchant.id, wish);
		const shown = {...wish, ...created, code: clearCode(created), balance: 0n};
		const card = cardReply({merchant, provider: providerId, asset}, shown);
		return {body: {...card, profileId: body.profileId}, headers: uncached};
	},
);

function wishOf(body: Request, merchant: Merchant, assetId: number) {
	const owner = identifiersOf({id: body.profileId});
	if (owner.length === 0) {
		throw invalid('profileId', "names nobody. Send the client's e-mail or VTEX user id.");
	}

	return {
		owner,
		assetId,
		relationName: body.relationName,
		caption: textOrNull(body.caption),
		restricted: body.restrictedToOwner ?? false,
		singleUse: !(body.multipleRedemptions ?? true),
		rechargeable: body.multipleCredits ?? true,
		emittedAt: dateOf('emissionDate', () => emissionOf(body.emissionDate, merchant.timeZone)),
		expiresAt: dateOf('expiringDate', () => expiryOf(body.expiringDate, merchant.timeZone)),
	};
}

function dateOf(member: string, read: () => number | null): number | null {
	try {
		return read();
	} catch (error) {
		throw error instanceof WireDateError ? invalid(member, error.message) : error;
	}
}

function clearCode({code}: CreatedCard): string | undefined {
	return code === null ? undefined : formatCode(code);
}
