import {assetNumbers, assetOf, type MerchantAsset} from '../../src/merchants/assets.ts';
import {type Context, UsageError} from './command.ts';

/**
 * The currency or the points of the merchant that are called by a code.
 * @throws UsageError for a code that nothing of the merchant's is counted in
 */
export async function findAsset({parts: {prisma}, merchant}: Context, code: string): Promise<MerchantAsset> {
	const key = {merchantId: merchant.id, code: code.toUpperCase()};
	const row =
		(await prisma.asset.findUnique({where: {merchantId_code: {...key, code}}})) ??
		(await prisma.asset.findUnique({where: {merchantId_code: key}}));
	if (row !== null) {
		return assetOf(row);
	}

	const known = await prisma.asset.findMany({
		where: {merchantId: merchant.id},
		orderBy: {id: 'asc'},
		take: 20,
	});
	throw new UsageError(
		`--currency: ${merchant.name} has nothing in ${code.slice(0, 40)}, but ${known.map(one => one.code).join(', ') || 'no cards yet'}.`,
	);
}

/** Every kind of points of the merchant. */
export async function pointsOf({parts: {prisma}, merchant}: Context): Promise<MerchantAsset[]> {
	const where = {merchantId: merchant.id, kind: assetNumbers.points};
	return (await prisma.asset.findMany({where, orderBy: {id: 'asc'}})).map(row => assetOf(row));
}
