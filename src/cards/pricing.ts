import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {readPrograms} from '../ledger/store/load-programs.ts';
import {type WalletProgram} from '../ledger/terms.ts';
import {type Pricing} from '../ledger/worth.ts';
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

// What a program says is seen everywhere within this time; the ledger itself always asks anew.
const keptMs = 5000;

type Kept = {readonly until: number; readonly programs: Promise<Map<number, WalletProgram>>};

export function openCardPricing(
	prisma: PrismaClient,
	{assets, clock}: {readonly assets: Assets; readonly clock: () => Instant},
): CardPricing {
	const kept = new Map<string, Kept>();
	const programOf = async (merchantId: number, assetId: number): Promise<WalletProgram | undefined> => {
		const place = `${merchantId}/${assetId}`;
		const known = kept.get(place);
		if (known !== undefined && performance.now() < known.until) {
			return (await known.programs).get(assetId);
		}

		const programs = readPrograms(prisma, merchantId, [assetId], clock());
		kept.set(place, {until: performance.now() + keptMs, programs});
		// A failure is told to those who asked, and not kept.
		programs.catch(() => kept.delete(place));
		return (await programs).get(assetId);
	};

	return {
		async of(merchant, {assetId}, code) {
			const asset = await assets.byId(merchant.id, assetId);
			if (asset.kind === 'money') {
				return code === null || code === asset.code ? {currency: asset, pricing: 'same'} : undefined;
			}

			const program = await programOf(merchant.id, assetId);
			const currency = await assets.ofCurrency(merchant.id, code ?? merchant.currency);
			const pricing = program?.terms.get(currency.id);
			return pricing === undefined ? undefined : {currency, pricing};
		},
	};
}
