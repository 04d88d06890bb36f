import {type Instant} from '../ledger/calendar.ts';
import {type Pricing} from '../ledger/worth.ts';
import {termsAt} from '../loyalty/program.ts';
import {type Programs} from '../loyalty/programs.ts';
import {type Assets, type MerchantAsset} from '../merchants/assets.ts';

/** In which currency a card pays, and how its units are reckoned in it. */
export type Price = {readonly currency: MerchantAsset; readonly pricing: Pricing};

export type CardPricing = {
	/**
	 * How a card pays in a currency: one of money in its own, a wallet of points in every one that its program has a rate to.
	 * @param code - ISO 4217; null for the card's own, and for points the merchant's
	 * @returns undefined where it cannot pay in that currency
	 */
	readonly of: (
		merchant: {readonly id: number; readonly currency: string},
		card: {readonly assetId: number},
		code: string | null,
	) => Promise<Price | undefined>;
};

type PricingParts = {
	readonly assets: Assets;
	readonly programs: Programs;
	readonly clock: () => Instant;
};

/** As programs were told a few seconds ago; the ledger, which decides, always asks anew. */
export function openCardPricing({assets, programs, clock}: PricingParts): CardPricing {
	return {
		async of(merchant, {assetId}, code) {
			const asset = await assets.byId(merchant.id, assetId);
			if (asset.kind === 'money') {
				return code === null || code === asset.code ? {currency: asset, pricing: 'same'} : undefined;
			}

			const program = await programs.byAsset(merchant.id, assetId);
			const currency = await assets.ofCurrency(merchant.id, code ?? merchant.currency);
			const pricing = program === undefined ? undefined : termsAt(program, currency.id, clock());
			return pricing === undefined ? undefined : {currency, pricing};
		},
	};
}
