import {type PrismaClient} from '../db/client.ts';
import {type Asset, currency} from '../money/asset.ts';

/** An asset of one merchant. Its row never changes, which a trigger sees to. */
export type MerchantAsset = Asset & {readonly id: number};

export type Assets = {
	/** @throws Error when the merchant has no such asset: a reference in the database would be broken. */
	readonly byId: (merchantId: number, assetId: number) => Promise<MerchantAsset>;
	/**
	 * The merchant's asset for an ISO 4217 code in any case; its row is made at the first use.
	 * @throws RangeError for a code that is not in use
	 */
	readonly ofCurrency: (merchantId: number, code: string) => Promise<MerchantAsset>;
};

export const assetNumbers = {money: 1, points: 2} as const;
const columns = {id: true, code: true, scale: true, kind: true} as const;

/** The assets of all merchants, each read once and kept: a merchant has a handful of them. */
export function openAssets(prisma: PrismaClient): Assets {
	const kept = new Map<string, MerchantAsset>();
	const keep = (key: string, row: Row): MerchantAsset => {
		const asset = assetOf(row);
		kept.set(key, asset);
		return asset;
	};

	return {
		async byId(merchantId, assetId) {
			const key = `${merchantId} ${assetId}`;
			const known = kept.get(key);
			if (known !== undefined) {
				return known;
			}

			const where = {merchantId_id: {merchantId, id: assetId}};
			return keep(key, await prisma.asset.findUniqueOrThrow({where, select: columns}));
		},
		async ofCurrency(merchantId, code) {
			const asset = currency(code);
			const key = `${merchantId} ${asset.code}`;
			return kept.get(key) ?? keep(key, await findOrMake(prisma, merchantId, asset));
		},
	};
}

async function findOrMake(prisma: PrismaClient, merchantId: number, asset: Asset): Promise<Row> {
	const {code, scale} = asset;
	const where = {merchantId_code: {merchantId, code}};
	const found = await prisma.asset.findUnique({where, select: columns});
	if (found !== null) {
		return found;
	}

	// Another process may make it at the same moment; then both find the one row.
	const data = {merchantId, code, scale, kind: assetNumbers[asset.kind]};
	await prisma.asset.createMany({data, skipDuplicates: true});
	return prisma.asset.findUniqueOrThrow({where, select: columns});
}

type Row = {readonly id: number; readonly code: string; readonly scale: number; readonly kind: number};

export function assetOf({id, code, scale, kind}: Row): MerchantAsset {
	return Object.freeze({id, code, scale, kind: kind === assetNumbers.points ? 'points' : 'money'});
}
