import {type Prisma} from '../../db/client.ts';
import {oldestRunning} from '../incarnation.ts';
import {place} from './block.ts';
import {type Position} from './canonical.ts';

export type PlacesQuestion = {
	readonly merchantId: number;
	/** Of this server. */
	readonly incarnation: number;
	readonly after: Position;
	/** Most places that are told. */
	readonly most: number;
	/** How many transaction numbers are looked through at first. */
	readonly stride: bigint;
};

export type Places = {
	/** In their order, all below the horizon; fewer than `most` where there are no more. */
	readonly places: readonly Position[];
	/** How many numbers to look through next time: about twice as many as `most` places took. */
	readonly stride: bigint;
};

/** Some seconds of a busy store. */
export const firstStride = 8192n;

const select = `SELECT e.incarnation, e.xid::text AS xid, e.id AS "entryId" FROM entries e
	WHERE e.merchant_id = $1::int AND ${place} > ($2::smallint, $3::bigint, $4::uuid)`;
const inOrder = 'ORDER BY e.incarnation, e.xid::text::bigint, e.id LIMIT $7::int';
// By the summaries of the numbers.
const withinSql = `${select} AND e.incarnation = $5::smallint AND e.xid::text::bigint >= $3::bigint AND e.xid::text::bigint < $6::bigint ${inOrder}`;
const acrossSql = `${select} AND (e.incarnation < $5::smallint OR (e.incarnation = $5::smallint AND e.xid::text::bigint < $6::bigint)) ${inOrder}`;

/**
 * The places of the next entries that are final. What is to come may be millions of entries, which nobody should sort again for each few
 * thousand, so only some numbers are looked through, and more where they had too little. The horizon is read first: whatever is below it
 * has ended by then, and every later statement sees all of it.
 * @param tx - a transaction that was prepared for blocks
 */
export async function placesAfter(
	tx: Pick<Prisma.TransactionClient, '$queryRawUnsafe'>,
	{merchantId, incarnation, after, most, stride: begun}: PlacesQuestion,
): Promise<Places> {
	const [{horizon}] = await tx.$queryRawUnsafe<[{horizon: bigint}]>(`SELECT ${oldestRunning} AS horizon`);
	const ask = async (sql: string, until: bigint) =>
		tx.$queryRawUnsafe<Position[]>(
			sql,
			merchantId,
			after.incarnation,
			after.xid,
			after.entryId,
			incarnation,
			until,
			most,
		);
	if (after.incarnation !== incarnation) {
		// After a restore, until the last of the former numbers is sealed.
		return {places: await ask(acrossSql, horizon), stride: begun};
	}

	const from = BigInt(after.xid);
	for (let stride = begun; ; stride *= 4n) {
		const isAll = from + stride >= horizon;
		const places = await ask(withinSql, isAll ? horizon : from + stride);
		const last = places.at(-1);
		if (last !== undefined && places.length === most) {
			return {places, stride: 2n * (BigInt(last.xid) - from) + 1n};
		}

		if (isAll) {
			return {places, stride};
		}
	}
}
