import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {type EntryKind, entryKinds} from '../ledger/entry.ts';

/** Whoever types a command a second time within this time may believe that the first one was lost (A17). */
export const typedTwiceMs = 15 * 60_000;

/** An entry as it would be made: what it does to the available account of each of its cards, in minor units. */
export type Likeness = {
	readonly kind: EntryKind;
	readonly actorId: number;
	readonly amounts: readonly {readonly cardId: string; readonly amount: bigint}[];
};

/** An equal entry by the same actor in the last minutes: its id (a UUID) and when it was made; the latest, or nothing. */
export async function madeLately(
	prisma: PrismaClient,
	merchantId: number,
	{kind, actorId, amounts}: Likeness,
	now: Instant,
): Promise<{readonly entryId: string; readonly at: Instant} | undefined> {
	const cards = amounts.map(({cardId}) => BigInt(cardId));
	const [first] = cards;
	// Found through the history of one of its cards, which is indexed; that of the others is compared entry by entry.
	const rows = await prisma.$queryRaw<{entryId: string; at: Date}[]>`
		SELECT e.id::text AS "entryId", e.occurred_at AS at
		FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
		WHERE p.merchant_id = ${merchantId}::int AND p.card_id = ${first}::bigint AND p.card_id <> 0
			AND p.account = ${accountNumbers.available}::smallint
			AND e.kind = ${entryKinds[kind]}::smallint AND e.actor_id = ${actorId}::int
			AND e.occurred_at > ${new Date(now - typedTwiceMs)}::timestamptz
			AND NOT EXISTS (
				SELECT FROM unnest(${cards}::bigint[], ${amounts.map(({amount}) => amount)}::bigint[]) AS wanted(card_id, amount)
				WHERE NOT EXISTS (
					SELECT FROM postings o WHERE o.merchant_id = e.merchant_id AND o.entry_id = e.id
						AND o.account = ${accountNumbers.available}::smallint
						AND o.card_id = wanted.card_id AND o.amount = wanted.amount
				)
			)
		ORDER BY p.version DESC LIMIT 1`;
	return rows[0] && {entryId: rows[0].entryId, at: rows[0].at.getTime()};
}
