import {type PayingCard} from '../cards/paying-card.ts';
import {type StoredCard} from '../cards/stored-card.ts';
import {type Identifier, ownerMatch} from '../customers/identity.ts';
import {isCardExpired, reopenedValue} from '../ledger/lots.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {parseAmount} from '../money/amount.ts';
import {isCurrencyCode} from '../money/asset.ts';
import {type Selector, selectorOf} from './sandbox.ts';
import {type PaymentTools} from './tools.ts';
import {payableBy, type WalletCard} from './wallet.ts';
import {guesserOf, type PaymentWish} from './wish.ts';

/** What a payment is to be paid with, as far as looking finds out: nothing has been counted or written for it. */
export type Means =
	| {readonly kind: 'none'; readonly refusal: Refusal}
	| {readonly kind: 'card'; readonly card: PayingCard}
	| {
			readonly kind: 'wallet' | 'confirmed';
			readonly customerId: string;
			readonly cards: readonly WalletCard[];
	  }
	| ({readonly kind: 'sandbox'} & Selector);

/** Means and the sum, in minor units of `asset`. */
export type Tender = {readonly means: Means; readonly asset: MerchantAsset; readonly amount: bigint};

/** A payment that needs less than one minor unit needs none at all, unless it only verifies (C4). */
export async function tenderOf(tools: PaymentTools, merchant: Merchant, wish: PaymentWish): Promise<Tender> {
	const means = await meansOf(tools, merchant, wish);
	const asset = await assetOf(tools, merchant, wish, means);
	const amount = amountOf(wish.amountText, asset);
	if (means.kind === 'none') {
		return {means, asset, amount: amount ?? 0n};
	}

	if (wish.currency !== null && wish.currency !== asset.code) {
		return refused('currencyMismatch', asset, amount ?? 0n);
	}

	return amount === undefined || (amount === 0n && !wish.verificationOnly)
		? refused('amountUnusable', asset, 0n)
		: {means, asset, amount};
}

async function meansOf(tools: PaymentTools, merchant: Merchant, wish: PaymentWish): Promise<Means> {
	const {way, code} = wish;
	const selector = merchant.sandbox ? selectorOf(wish) : undefined;
	if (selector !== undefined) {
		return {kind: 'sandbox', ...selector};
	}

	switch (way) {
		case 'code': {
			const card = code === null ? undefined : await tools.payingCards.find(merchant, code, guesserOf(wish));
			return card === undefined ? {kind: 'none', refusal: 'codeUnknown'} : {kind: 'card', card};
		}

		case 'wallet': {
			return walletMeans(tools, merchant, wish, 'wallet');
		}

		case 'confirmed': {
			return walletMeans(tools, merchant, wish, 'confirmed');
		}

		// The sandbox's ways, for a merchant that is none.
		case 'sandboxBankInvoice':
		case 'sandboxRedirect':
		case null: {
			return {kind: 'none', refusal: 'methodNotOffered'};
		}
	}
}

/** The PIN decides on the page who pays, so there any identifier will do. */
async function walletMeans(
	tools: PaymentTools,
	merchant: Merchant,
	{buyer, currency}: PaymentWish,
	kind: 'wallet' | 'confirmed',
): Promise<Means> {
	const weakest = kind === 'confirmed' ? 'email' : tools.options.walletIdentity;
	const customerId = await tools.wallets.identify(merchant.id, buyer, weakest);
	if (customerId === undefined) {
		return {kind: 'none', refusal: 'walletUnknown'};
	}

	const asset = await currencyOf(tools, merchant, currency);
	const cards = await tools.wallets.cards(merchant.id, customerId, asset);
	return {kind, customerId, cards: kind === 'wallet' ? payableBy(cards, buyer) : cards};
}

async function assetOf(
	tools: PaymentTools,
	merchant: Merchant,
	{currency}: PaymentWish,
	means: Means,
): Promise<MerchantAsset> {
	return currency === null && means.kind === 'card'
		? tools.assets.byId(merchant.id, means.card.assetId)
		: currencyOf(tools, merchant, currency);
}

/** The merchant's own where none is named, or none that exists. */
async function currencyOf(
	{assets}: PaymentTools,
	merchant: Merchant,
	currency: string | null,
): Promise<MerchantAsset> {
	const isKnown = currency !== null && isCurrencyCode(currency);
	return assets.ofCurrency(merchant.id, isKnown ? currency : merchant.currency);
}

/** Minor units, zero or more; undefined for what the asset cannot hold. */
export function amountOf(text: string | null, asset: MerchantAsset): bigint | undefined {
	if (text === null) {
		return undefined;
	}

	try {
		const amount = parseAmount(text, asset);
		return amount < 0n ? undefined : amount;
	} catch (error) {
		if (error instanceof RangeError) {
			return undefined;
		}

		throw error;
	}
}

/** Why a card could not pay anything, for a payment that only verifies; the ledger says so for all others. */
export function unusable(
	card: StoredCard,
	{asset, buyer}: {readonly asset: MerchantAsset; readonly buyer: readonly Identifier[]},
	now: number,
): Refusal | undefined {
	if (card.assetId !== asset.id) {
		return 'currencyMismatch';
	}

	if (card.status !== 'active') {
		return card.status === 'closed' ? 'cardClosed' : 'cardBlocked';
	}

	if (card.restricted && ownerMatch(card.owner, buyer) === 'other') {
		return 'ownerMismatch';
	}

	if (card.emittedAt > now) {
		return 'cardNotYetValid';
	}

	if (isCardExpired(card, now)) {
		return 'cardExpired';
	}

	return card.singleUse && reopenedValue(card.uses) === 0n ? 'cardUsed' : undefined;
}

function refused(refusal: Refusal, asset: MerchantAsset, amount: bigint): Tender {
	return {means: {kind: 'none', refusal}, asset, amount};
}
