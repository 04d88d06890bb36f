import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {bytesArray} from '../ledger/store/arrays.ts';
import {codeHashes, type Peppers} from './peppers.ts';

/** As much of a card as a payment must know before the ledger locks it. */
export type PayingCard = {
	/** The number of its row. */
	readonly cardId: string;
	/** A UUID. */
	readonly publicId: string;
	readonly assetId: number;
	/** Whether its code is not enough. */
	readonly hasPin: boolean;
};

export type PayingCards = {
	/** The card behind a code as somebody typed it, whatever its state. */
	readonly find: (
		merchant: {readonly id: number; readonly foreignCodes: boolean},
		code: string,
	) => Promise<PayingCard | undefined>;
};

type Row = [codeHash: string, cardId: string, publicId: string, assetId: number, hasPin: boolean];

const findSql = `SELECT json_agg(json_build_array(encode(c.code_hash, 'hex'), c.id::text, c.public_id, c.asset_id, p.card_id IS NOT NULL))::text AS cards
	FROM cards c LEFT JOIN card_pins p ON p.merchant_id = c.merchant_id AND p.card_id = c.id
	WHERE c.merchant_id = $1::int AND c.code_hash = ANY ($2::bytea[])`;

/** Cards by their codes, read anew each time: a card may get a PIN at any moment. */
export function openPayingCards(prisma: PrismaClient, peppers: Peppers): PayingCards {
	const find = coalesce(async (merchantId, questions: readonly (readonly Buffer[])[]) => {
		const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
			findSql,
			merchantId,
			bytesArray(questions.flat()),
		);
		const cards = new Map(
			(JSON.parse(row.cards ?? '[]') as Row[]).map(([hash, cardId, publicId, assetId, hasPin]) => [
				hash,
				{cardId, publicId, assetId, hasPin},
			]),
		);
		return questions.map(hashes =>
			hashes.map(hash => cards.get(hash.toString('hex'))).find(card => card !== undefined),
		);
	});

	return {
		async find(merchant, code) {
			const hashes = codeHashes(peppers, code, merchant);
			return hashes.length === 0 ? undefined : find(merchant.id, hashes);
		},
	};
}
