import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {entryKinds} from '../ledger/entry.ts';
import {lotColumns, lotOf, type LotRow, useOf, type UseRow} from '../ledger/store/rows.ts';
import {firstExtension, lastStatusChange, type StatusChangeKind} from './changes.ts';
import {type StoredCard} from './stored-card.ts';

type Past = {
	readonly lots: LotRow[] | null;
	readonly uses: UseRow[] | null;
	readonly available: string | null;
	readonly held: string | null;
};

const {available, held} = accountNumbers;

// Found through the card's postings, which are indexed by card; every movement and every answering entry hangs on one of them.
const pastSql = `
	WITH touched AS MATERIALIZED (
		SELECT e.id, e.kind, e.answers, p.account, p.amount, p.balance_after, p.version
		FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
		WHERE p.merchant_id = $1::int AND p.card_id = $2::bigint AND p.card_id <> 0 AND e.occurred_at <= $3::timestamptz
	), past_lots AS (
		SELECT lot.merchant_id, lot.card_id, lot.id, lot.origin, lot.issued, lot.spendable_from, lot.expires_at, lot.parent_id, lot.root_id,
			lot.owed, sum(m.remaining_delta) AS remaining, sum(m.held_delta) AS held
		FROM (SELECT DISTINCT id FROM touched) e
		JOIN lot_movements m ON m.merchant_id = $1::int AND m.entry_id = e.id
		JOIN lots lot ON lot.merchant_id = $1::int AND lot.id = m.lot_id AND lot.card_id = $2::bigint
		GROUP BY lot.merchant_id, lot.id
	), past_uses AS (
		SELECT leg.card_id, leg.hold_id, leg.value,
			coalesce((SELECT -sum(amount) FROM touched WHERE answers = leg.hold_id AND kind = ${entryKinds.release} AND account = ${held}), 0) AS released,
			coalesce((SELECT sum(amount) FROM touched WHERE answers = leg.hold_id AND kind = ${entryKinds.refund} AND account = ${available}), 0) AS refunded
		FROM hold_legs leg
		WHERE leg.merchant_id = $1::int AND leg.card_id = $2::bigint AND leg.single_use AND leg.hold_id IN (SELECT id FROM touched)
	)
	SELECT
		(SELECT json_agg(${lotColumns}) FROM past_lots l WHERE remaining > 0)::text AS lots,
		(SELECT json_agg(json_build_array(card_id::text, hold_id, value::text, released::text, refunded::text) ORDER BY hold_id)
			FROM past_uses)::text AS uses,
		(SELECT balance_after FROM touched WHERE account = ${available} ORDER BY version DESC LIMIT 1)::text AS available,
		(SELECT balance_after FROM touched WHERE account = ${held} ORDER BY version DESC LIMIT 1)::text AS held`;

/** A card as it stood at an instant, rebuilt from its entries, movements and changes. What never changes is taken over. */
export async function cardAsOf(
	prisma: PrismaClient,
	merchantId: number,
	card: StoredCard,
	at: Instant,
): Promise<StoredCard> {
	const {cardId} = card;
	const [row] = await prisma.$queryRawUnsafe<[Record<keyof Past, string | null>]>(
		pastSql,
		merchantId,
		BigInt(cardId),
		new Date(at),
	);
	const lots = JSON.parse(row.lots ?? '[]') as LotRow[];
	const uses = JSON.parse(row.uses ?? '[]') as UseRow[];
	const change = await lastStatusChange(prisma, {merchantId, cardId}, at);
	const extension = await firstExtension(prisma, {merchantId, cardId}, at);
	return {
		...card,
		status: change === undefined ? 'active' : statusAfter[change],
		expiresAt: extension?.formerExpiresAt ?? card.expiresAt,
		// What a wallet had before it was merged was its own to spend, and after that it has nothing.
		forwardsTo: null,
		available: BigInt(row.available ?? 0),
		held: BigInt(row.held ?? 0),
		lots: new Map(lots.map(lot => [lot[1], lotOf(lot)])),
		uses: uses.map(useOf),
	};
}

const statusAfter = {block: 'blocked', unblock: 'active', close: 'closed'} as const satisfies Record<
	StatusChangeKind,
	StoredCard['status']
>;
