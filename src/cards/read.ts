import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {type StoredCard, storedCardColumns, storedCardOf, type StoredCardRow} from './stored-card.ts';

/** Cards by their public id (a UUID), always as the database has them: nothing is kept. */
export type CardReader = {
	readonly find: (merchantId: number, publicId: string) => Promise<StoredCard | undefined>;
};

const readSql = `SELECT json_agg(${storedCardColumns})::text AS cards
	FROM cards c WHERE c.merchant_id = $1::int AND c.public_id = ANY ($2::uuid[])`;

export function openCardReader(prisma: PrismaClient): CardReader {
	return {
		find: coalesce(async (merchantId, publicIds: readonly string[]) => {
			const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
				readSql,
				merchantId,
				plainArray([...new Set(publicIds)]),
			);
			const cards = (JSON.parse(row.cards ?? '[]') as StoredCardRow[]).map(storedCardOf);
			const found = new Map(cards.map(card => [card.publicId, card]));
			return publicIds.map(publicId => found.get(publicId));
		}),
	};
}
