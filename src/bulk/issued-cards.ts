import {type PrismaClient} from '../db/client.ts';
import {bytesArray, plainArray} from '../ledger/store/arrays.ts';

/** A card that an earlier line or import made. */
export type IssuedBefore = {
	readonly cardId: string;
	/** A UUID. */
	readonly publicId: string;
	readonly codeLast4: string;
	/** In hexadecimal digits. */
	readonly codeHash: string;
};

const byRowSql = `SELECT json_agg(json_build_array(id::text, public_id, code_last4, encode(code_hash, 'hex')))::text AS cards
	FROM cards WHERE merchant_id = $1::int AND id = ANY ($2::bigint[]) AND code_hash IS NOT NULL`;
const byHashSql = `SELECT json_agg(encode(code_hash, 'hex'))::text AS hashes
	FROM cards WHERE merchant_id = $1::int AND code_hash = ANY ($2::bytea[])`;

type Row = [cardId: string, publicId: string, codeLast4: string | null, codeHash: string];

/** Cards by the numbers of their rows. */
export async function findIssuedCards(
	prisma: PrismaClient,
	merchantId: number,
	cardIds: readonly string[],
): Promise<Map<string, IssuedBefore>> {
	if (cardIds.length === 0) {
		return new Map();
	}

	const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
		byRowSql,
		merchantId,
		plainArray(cardIds),
	);
	return new Map(
		(JSON.parse(row.cards ?? '[]') as Row[]).map(([cardId, publicId, codeLast4, codeHash]) => [
			cardId,
			{cardId, publicId, codeLast4: codeLast4 ?? '', codeHash},
		]),
	);
}

/** Which of some hashes of codes cards have already, in hexadecimal digits. */
export async function findTakenCodes(
	prisma: PrismaClient,
	merchantId: number,
	hashes: readonly Uint8Array[],
): Promise<Set<string>> {
	if (hashes.length === 0) {
		return new Set();
	}

	const [row] = await prisma.$queryRawUnsafe<[{hashes: string | null}]>(
		byHashSql,
		merchantId,
		bytesArray(hashes),
	);
	return new Set(JSON.parse(row.hashes ?? '[]') as string[]);
}
