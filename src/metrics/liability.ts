import {type PrismaClient} from '../db/client.ts';
import {houseBalances} from '../ledger/snapshot.ts';
import {merchantsMax} from './backlog.ts';

/** What a merchant owes of one asset, in its whole units. */
export type MerchantLiability = {
	readonly merchant: string;
	readonly currency: string;
	readonly owed: number;
};

const timeoutMs = 10_000;
const settings = ['SET TRANSACTION READ ONLY', "SET LOCAL statement_timeout = '2s'"];

/**
 * Read what is owed, by the other side of the books: whatever cards have came from house accounts, so it is their sum with the other sign.
 * Those are known by snapshot and tail (rules B5), a minute's postings and no cards. Where the database's role may take no snapshots,
 * a large store's history takes longer than is allowed here, and nothing is shown.
 * @throws errors of the database, and of its time-outs
 */
export async function readLiabilities(prisma: PrismaClient): Promise<MerchantLiability[]> {
	return prisma.$transaction(
		async tx => {
			for (const setting of settings) {
				await tx.$executeRawUnsafe(setting);
			}

			const found: MerchantLiability[] = [];
			const merchants = await tx.merchant.findMany({
				select: {id: true, name: true, assets: {select: {id: true, code: true, scale: true}}},
				orderBy: {id: 'asc'},
				take: merchantsMax,
			});
			for (const {id, name: merchant, assets} of merchants) {
				const sums = new Map<number, bigint>();
				for (const {assetId, balance} of await houseBalances(tx, id)) {
					sums.set(assetId, (sums.get(assetId) ?? 0n) + balance);
				}

				for (const {id: assetId, code: currency, scale} of assets) {
					// For people to look at: a float of the monitoring holds 15 digits.
					const owed = Number(-(sums.get(assetId) ?? 0n)) / 10 ** scale;
					found.push({merchant, currency, owed});
				}
			}

			return found;
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 1000},
	);
}
