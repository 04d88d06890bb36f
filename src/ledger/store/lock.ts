import {type OpenCard} from '../books.ts';
import {type CardStatus} from '../card-state.ts';
import {plainArray} from './arrays.ts';
import {type Answer, type Question, type Transaction} from './ask.ts';

/** A locked card, still without lots, its owner's row, and whether it holds the points of a program. */
export type LockedCard = {
	readonly card: OpenCard;
	readonly ownerId: string | null;
	readonly isWallet: boolean;
};

/** Card status → the number that stands for it in the database. */
export const statusNumbers = {active: 1, blocked: 2, closed: 3} as const satisfies Record<CardStatus, number>;

const statuses: readonly CardStatus[] = ['active', 'active', 'blocked', 'closed'];

export function cardStatusOf(number: number): CardStatus {
	const status = statuses[number];
	if (status === undefined || number === 0) {
		throw new RangeError(`No card status has the number ${number}; is this service older than the database?`);
	}

	return status;
}

type CardRow = [
	id: string,
	assetId: number,
	status: number,
	available: string,
	held: string,
	debt: string,
	version: string,
	restricted: boolean,
	singleUse: boolean,
	rechargeable: boolean,
	ownerId: string | null,
	emittedAt: number,
	expiresAt: number | null,
	isWallet: boolean,
	forwardsTo: string | null,
];

const cardColumns = `json_build_array(id::text, asset_id, status, available::text, held::text, debt::text, version::text, restricted, single_use,
	rechargeable, owner_id::text, (extract(epoch FROM emitted_at) * 1000)::bigint, (extract(epoch FROM expires_at) * 1000)::bigint, is_wallet, forwards_to::text)`;

// Sorted by id, so that two batches that want the same cards queue up instead of deadlocking. NO KEY: a new lot or
// card change may refer to the card meanwhile.
const lockSql = `SELECT json_agg(${cardColumns})::text AS cards FROM (
	SELECT * FROM cards WHERE merchant_id = $1::int AND id = ANY ($2::bigint[]) ORDER BY id FOR NO KEY UPDATE
) card`;

// A card that does not exist, or is about to be issued, has no row that anybody could hold.
const freeSql = `WITH free AS (
	SELECT id FROM cards WHERE merchant_id = $1::int AND id = ANY ($2::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT array_agg(wanted.id::text) AS ids FROM unnest($2::bigint[]) AS wanted(id)
WHERE wanted.id IN (SELECT id FROM free)
	OR NOT EXISTS (SELECT FROM cards WHERE merchant_id = $1::int AND cards.id = wanted.id)`;

/** Locks cards until the transaction ends; those that do not exist are left out. Fails with 55P03 when one stays taken. */
export function lockingCards(merchantId: number, cardIds: readonly string[]): Question {
	return {sql: lockSql, args: [merchantId, plainArray(cardIds)]};
}

/** The cards that were locked. */
export function lockedCards({cards}: Answer): LockedCard[] {
	return (JSON.parse(cards ?? '[]') as CardRow[]).map(lockedCard);
}

/** Which of some cards nobody has locked just now. Those that exist are locked by this until the transaction ends. */
export async function freeCards(
	tx: Transaction,
	merchantId: number,
	cardIds: readonly string[],
): Promise<string[]> {
	const [row] = await tx.$queryRawUnsafe<[{ids: string[] | null}]>(freeSql, merchantId, plainArray(cardIds));
	return row.ids ?? [];
}

function lockedCard(row: CardRow): LockedCard {
	const [
		id,
		assetId,
		status,
		available,
		held,
		debt,
		version,
		restricted,
		singleUse,
		rechargeable,
		ownerId,
		emittedAt,
		expiresAt,
		isWallet,
		forwardsTo,
	] = row;
	return {
		ownerId,
		isWallet,
		card: {
			id,
			assetId,
			status: cardStatusOf(status),
			available: BigInt(available),
			held: BigInt(held),
			debt: BigInt(debt),
			version: BigInt(version),
			restricted,
			singleUse,
			rechargeable,
			owner: [],
			emittedAt,
			expiresAt,
			forwardsTo,
			program: null,
			lots: new Map(),
			uses: [],
		},
	};
}
