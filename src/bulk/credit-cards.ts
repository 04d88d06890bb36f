import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type CardStatus} from '../ledger/card-state.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {cardStatusOf} from '../ledger/store/lock.ts';

/** What is known of a card that is to be given something. */
export type FoundCard = {
	readonly cardId: string;
	readonly assetId: number;
	readonly status: CardStatus;
	readonly rechargeable: boolean;
	readonly expiresAt: Instant | null;
	/** Minor units, spendable or not. */
	readonly carried: bigint;
};

const findSql = `SELECT json_agg(json_build_array(public_id, id::text, asset_id, status, rechargeable OR version = 0,
		(extract(epoch FROM expires_at) * 1000)::bigint, (available + held)::text))::text AS cards
	FROM cards WHERE merchant_id = $1::int AND public_id = ANY ($2::uuid[])`;

type Row = [
	publicId: string,
	cardId: string,
	assetId: number,
	status: number,
	rechargeable: boolean,
	expiresAt: number | null,
	carried: string,
];

/** Cards by their public ids (UUIDs). */
export async function findCreditCards(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	publicIds: readonly string[],
): Promise<Map<string, FoundCard>> {
	if (publicIds.length === 0) {
		return new Map();
	}

	const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
		findSql,
		merchantId,
		plainArray([...new Set(publicIds)]),
	);
	return new Map(
		(JSON.parse(row.cards ?? '[]') as Row[]).map(
			([publicId, cardId, assetId, status, rechargeable, expiresAt, carried]) => [
				publicId,
				{cardId, assetId, status: cardStatusOf(status), rechargeable, expiresAt, carried: BigInt(carried)},
			],
		),
	);
}
