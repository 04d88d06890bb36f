import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {type EntryKind, entryKindOf, entryKinds} from '../ledger/entry.ts';
import {type ReasonCode, reasonCodeOf} from '../ledger/reasons.ts';

/**
 * One journal entry as its card saw it. Amounts are minor units of the card's asset. `amount` is what the entry did to the available
 * account and `balance` what stood there afterwards; `heldAmount` and `held` say the same of the held account.
 */
export type StatementLine = {
	readonly entryId: string;
	readonly kind: EntryKind;
	readonly occurredAt: Instant;
	readonly amount: bigint;
	readonly balance: bigint;
	readonly heldAmount: bigint;
	readonly held: bigint;
	/** The hold or credit that it answers. */
	readonly answers: string | null;
	readonly orderId: string | null;
	readonly requestId: string | null;
	readonly actor: string;
	readonly reason: string | null;
	readonly reasonCode: ReasonCode | null;
	/** The public id (a UUID) of the card that a transfer came from or went to. */
	readonly otherCard: string | null;
};

type Row = {
	readonly version: bigint;
	readonly entryId: string;
	readonly kind: number;
	readonly occurredAt: Date;
	readonly amount: bigint | null;
	readonly balance: bigint | null;
	readonly heldAmount: bigint | null;
	readonly held: bigint | null;
	readonly answers: string | null;
	readonly orderId: string | null;
	readonly requestId: string | null;
	readonly actor: string | null;
	readonly reason: string | null;
	readonly reasonCode: number | null;
	readonly otherCard: string | null;
};

// A card may have lived for years: it is read in pages.
const pageSize = 1000;

/**
 * Every entry that touched a card, until an instant or (null) until now, in the order of the card's versions (B14), which is the order in which they
 * happened to it. Balances are those that the postings themselves remember.
 */
export async function* statement(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	until: Instant | null,
): AsyncGenerator<StatementLine> {
	let after = 0n;
	let balance = 0n;
	let held = 0n;
	for (;;) {
		const page = await readPage(prisma, {merchantId, cardId, until, after});
		for (const {version, ...row} of page) {
			after = version;
			// An entry that left one of the two accounts alone has no posting there.
			balance = row.balance ?? balance;
			held = row.held ?? held;
			yield {
				...row,
				kind: entryKindOf(row.kind),
				occurredAt: row.occurredAt.getTime(),
				amount: row.amount ?? 0n,
				heldAmount: row.heldAmount ?? 0n,
				balance,
				held,
				actor: row.actor ?? 'unknown',
				reasonCode: reasonCodeOf(row.reasonCode),
			};
		}

		if (page.length < pageSize) {
			return;
		}
	}
}

async function readPage(
	prisma: PrismaClient,
	{
		merchantId,
		cardId,
		until,
		after,
	}: {merchantId: number; cardId: string; until: Instant | null; after: bigint},
): Promise<Row[]> {
	const {available, held} = accountNumbers;
	const end = until === null ? null : new Date(until);
	// A hold says itself what was said about it; what answers it belongs to the same order.
	return prisma.$queryRaw<Row[]>`
		SELECT p.version, e.id::text AS "entryId", e.kind, e.occurred_at AS "occurredAt", e.answers::text,
			p.amount, p.balance AS balance, p.held_amount AS "heldAmount", p.held,
			coalesce(n.order_id, h.order_id) AS "orderId", coalesce(n.request_id, own.request_id) AS "requestId",
			a.name AS actor, n.reason, n.reason_code AS "reasonCode", other.public_id::text AS "otherCard"
		FROM (
			SELECT entry_id, version,
				max(amount) FILTER (WHERE account = ${available}::smallint) AS amount,
				max(balance_after) FILTER (WHERE account = ${available}::smallint) AS balance,
				max(amount) FILTER (WHERE account = ${held}::smallint) AS held_amount,
				max(balance_after) FILTER (WHERE account = ${held}::smallint) AS held
			FROM postings
			WHERE merchant_id = ${merchantId}::int AND card_id = ${BigInt(cardId)}::bigint AND card_id <> 0
				AND account IN (${available}::smallint, ${held}::smallint) AND version > ${after}::bigint
			GROUP BY entry_id, version
			ORDER BY version
			LIMIT ${pageSize}::int
		) p
		JOIN entries e ON e.merchant_id = ${merchantId}::int AND e.id = p.entry_id
		LEFT JOIN entry_notes n ON n.merchant_id = e.merchant_id AND n.entry_id = e.id
		LEFT JOIN holds own ON own.merchant_id = e.merchant_id AND own.id = e.id
		LEFT JOIN holds h ON h.merchant_id = e.merchant_id AND h.id = coalesce(e.answers, e.id)
		LEFT JOIN postings o ON e.kind = ${entryKinds.transfer}::smallint AND o.merchant_id = e.merchant_id AND o.entry_id = e.id
			AND o.card_id NOT IN (0, ${BigInt(cardId)}::bigint)
		LEFT JOIN cards other ON other.merchant_id = o.merchant_id AND other.id = o.card_id
		LEFT JOIN actors a ON a.merchant_id = e.merchant_id AND a.id = e.actor_id
		WHERE ${end}::timestamptz IS NULL OR e.occurred_at <= ${end}::timestamptz
		ORDER BY p.version`;
}
