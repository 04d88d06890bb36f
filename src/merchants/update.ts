import {type PrismaClient} from '../db/client.ts';
import {findMerchant, type Merchant, merchantColumns} from './merchant.ts';

/** What may change of a merchant. Cards that exist keep the currency and the dates they have. */
export type MerchantChanges = {
	readonly timeZone?: string;
	readonly currency?: string;
	readonly sandbox?: boolean;
	readonly foreignCodes?: boolean;
};

/** Every merchant, the first one first. */
export async function listMerchants(prisma: PrismaClient): Promise<Merchant[]> {
	return prisma.merchant.findMany({select: merchantColumns, orderBy: {id: 'asc'}});
}

/** Change a merchant by its name; what is not given stays. @throws UnknownMerchantError */
export async function updateMerchant(
	prisma: PrismaClient,
	name: string,
	changes: MerchantChanges,
): Promise<Merchant> {
	const {id} = await findMerchant(prisma, name);
	return prisma.merchant.update({where: {id}, data: changes, select: merchantColumns});
}
