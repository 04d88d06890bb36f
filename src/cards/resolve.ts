import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {plainArray} from '../ledger/store/arrays.ts';

/** What never changes of a card: the number of its row, and its asset. */
export type CardAddress = {readonly cardId: string; readonly assetId: number};

/**
 * From a card's public id (a UUID) to its row (A2). Both are immutable, so what was found once is kept; what was not
 * found is asked for again.
 */
export type CardDirectory = {
	readonly find: (merchantId: number, publicId: string) => Promise<CardAddress | undefined>;
};

// Some 20 MB when full.
const keptMax = 100_000;

const findSql = `SELECT json_agg(json_build_array(public_id, id::text, asset_id))::text AS cards
	FROM cards WHERE merchant_id = $1::int AND public_id = ANY ($2::uuid[])`;

export function openCardDirectory(prisma: PrismaClient): CardDirectory {
	const kept = new Map<string, CardAddress>();
	const ask = coalesce(async (merchantId, publicIds: readonly string[]) => {
		const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
			findSql,
			merchantId,
			plainArray([...new Set(publicIds)]),
		);
		const rows = JSON.parse(row.cards ?? '[]') as [publicId: string, cardId: string, assetId: number][];
		const found = new Map(rows.map(([publicId, cardId, assetId]) => [publicId, {cardId, assetId}]));
		return publicIds.map(publicId => found.get(publicId));
	});

	return {
		async find(merchantId, publicId) {
			const place = `${merchantId}/${publicId}`;
			const address = kept.get(place) ?? (await ask(merchantId, publicId));
			if (address !== undefined) {
				keep(kept, place, address);
			}

			return address;
		},
	};
}

/** The map keeps the order of use: its first entry is the one that nobody has asked for longest. */
function keep(kept: Map<string, CardAddress>, place: string, address: CardAddress): void {
	kept.delete(place);
	kept.set(place, address);
	if (kept.size > keptMax) {
		const [oldest = ''] = kept.keys();
		kept.delete(oldest);
	}
}
