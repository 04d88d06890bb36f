import {type PrismaClient} from '../db/client.ts';
import {plainArray} from '../ledger/store/arrays.ts';

/** What became of a card that a line was given to. */
export type LaterCard = {
	/** The row of the wallet that took over from it, or its own (A13). */
	readonly cardId: string;
	/** Whether its owner was erased, so that nothing leads from a line to it any more (B9). */
	readonly isErased: boolean;
};

const laterSql = `WITH RECURSIVE line AS (
		SELECT id AS first, id, forwards_to, owner_id FROM cards WHERE merchant_id = $1::int AND id = ANY ($2::bigint[])
		UNION ALL
		SELECT line.first, c.id, c.forwards_to, c.owner_id
		FROM line JOIN cards c ON c.merchant_id = $1::int AND c.id = line.forwards_to
	)
	SELECT json_agg(json_build_array(first::text, line.id::text, o.erased_at IS NOT NULL))::text AS cards
	FROM line LEFT JOIN customers o ON o.merchant_id = $1::int AND o.id = line.owner_id
	WHERE line.forwards_to IS NULL`;

/** What became of some cards, by the number of their row. */
export async function findLaterCards(
	prisma: PrismaClient,
	merchantId: number,
	cardIds: readonly string[],
): Promise<ReadonlyMap<string, LaterCard>> {
	if (cardIds.length === 0) {
		return new Map();
	}

	const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
		laterSql,
		merchantId,
		plainArray([...new Set(cardIds)]),
	);
	const cards = JSON.parse(row.cards ?? '[]') as [first: string, cardId: string, isErased: boolean][];
	return new Map(cards.map(([first, cardId, isErased]) => [first, {cardId, isErased}]));
}

/**
 * Whether a line that was done names the same card today. Of somebody who was erased nobody can tell: then its key decides, unless it names
 * somebody who is known.
 * @param now - the row of the card that it names; undefined where it names nobody who is known
 */
export function isSameCard(
	before: string | null,
	now: string | undefined,
	later: ReadonlyMap<string, LaterCard>,
): boolean {
	const card = before === null ? undefined : later.get(before);
	return (
		before === now ||
		(now !== undefined && card?.cardId === now) ||
		(now === undefined && card?.isErased === true)
	);
}
