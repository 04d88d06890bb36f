import {type z} from 'zod';
import {maskCode} from '../../cards/redemption-code.ts';
import {wireIdOf} from '../../cards/public-id.ts';
import {type Instant, localDateTime} from '../../ledger/calendar.ts';
import {type Merchant} from '../../merchants/merchant.ts';
import {toJsonNumber} from '../../money/amount.ts';
import {type Asset} from '../../money/asset.ts';
import {type CardReply, type OperationReply, type TransactionLink} from './contracts.ts';

/** Balances move with every purchase, so nobody may keep an answer. */
export const uncached = {'Cache-Control': 'no-cache,no-store'};

/** A relative reference in the form that VTEX's own samples have; it is not followed (Gift Card Provider Protocol, 10). */
export function cardHref(merchant: Merchant, cardId: string): string {
	return `/${merchant.name}/giftcards/${cardId}`;
}

/** The same of a transaction. Its samples have no slash in front, but those of what is below it do. */
export function transactionHref(merchant: Merchant, cardId: string, id: string): string {
	return `${merchant.name}/giftcards/${cardId}/transactions/${id}`;
}

/** @param id - a UUID */
export function transactionLink(
	merchant: Merchant,
	cardId: string,
	id: string,
): z.input<typeof TransactionLink> {
	const wireId = wireIdOf(id);
	return {cardId, id: wireId, _self: {href: transactionHref(merchant, cardId, wireId)}};
}

/** A card's date: local time without offset (Gift Card Provider Protocol, 9.2). */
export function cardDate(at: Instant, merchant: Merchant): string {
	return localDateTime(at, merchant.timeZone);
}

/** The last second in which a card is valid; `expiresAt` is the first in which it is not. */
export function expiringDate(expiresAt: Instant, merchant: Merchant): string {
	return cardDate(expiresAt - 1000, merchant);
}

/** What is shown of a card, wherever it came from. Amounts are minor units. */
export type ShownCard = {
	/** A UUID. */
	readonly publicId: string;
	readonly balance: bigint;
	/** In clear only in the answer that made it (promise 7). */
	readonly code?: string | undefined;
	readonly codeLast4: string | null;
	readonly relationName: string | null;
	readonly caption: string | null;
	readonly emittedAt: Instant;
	readonly expiresAt: Instant | null;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
};

/**
 * The union of what VTEX's documents show of a card, with `transaction` and `transactions`, because each has its readers
 * (Gift Card Provider Protocol, 9.2). What a card has not is left out: a null could not be read into a date.
 */
export function cardReply(
	{merchant, provider, asset}: {merchant: Merchant; provider: string; asset: Asset},
	card: ShownCard,
): z.input<typeof CardReply> {
	const id = wireIdOf(card.publicId);
	const href = cardHref(merchant, id);
	const transactions = {href: `${href}/transactions`};
	const redemptionCode = card.code ?? (card.codeLast4 === null ? null : maskCode(card.codeLast4));
	return {
		id,
		...(redemptionCode === null ? {} : {redemptionCode}),
		balance: toJsonNumber(card.balance, asset),
		...(card.relationName === null ? {} : {relationName: card.relationName}),
		...(card.caption === null ? {} : {caption: card.caption}),
		provider,
		emissionDate: cardDate(card.emittedAt, merchant),
		...(card.expiresAt === null ? {} : {expiringDate: expiringDate(card.expiresAt, merchant)}),
		currencyCode: asset.code,
		discount: false,
		restrictedToOwner: card.restricted,
		multipleRedemptions: !card.singleUse,
		multipleCredits: card.rechargeable,
		transaction: transactions,
		transactions,
		_self: {href},
	};
}

/** What an authorization, settlement or cancellation moved. @param id - a UUID */
export function operationReply(
	{id, value, at}: {readonly id: string; readonly value: bigint; readonly at: Instant},
	asset: Asset,
): z.input<typeof OperationReply> {
	return {oid: wireIdOf(id), value: toJsonNumber(value, asset), date: new Date(at).toISOString()};
}
