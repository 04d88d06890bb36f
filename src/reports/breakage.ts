import {type PrismaClient} from '../db/client.ts';
import {endOfLocalMonthAfter, type Instant, localDate} from '../ledger/calendar.ts';
import {accountNumbers, type Origin, originOf} from '../ledger/chart.ts';
import {atOneMoment} from './reading.ts';

export type BreakageBy = 'month' | 'origin' | 'currency';

export type BreakageWish = {
	readonly merchantId: number;
	readonly by: BreakageBy;
	/** Inclusive; null from the beginning. */
	readonly from: Instant | null;
	/** Inclusive. */
	readonly to: Instant;
	/** Months are the merchant's. */
	readonly timeZone: string;
};

/** What went to and came out of breakage, of one asset, in minor units. */
export type Breakage = {
	readonly assetId: number;
	/** By month only: `YYYY-MM`. */
	readonly month: string | null;
	/** By origin only. */
	readonly origin: Origin | null;
	/** What had expired and was booked. */
	readonly booked: bigint;
	/** What was taken back out of it: earnings of orders that were given back, after their points had expired. Not negative. */
	readonly returned: bigint;
};

type Row = {
	readonly assetId: number;
	readonly month: number | null;
	readonly origin: number | null;
	readonly booked: string;
	readonly returned: string;
};

const {breakage} = accountNumbers;

/**
 * Read what was booked to breakage by entries that occurred between two moments. Value that comes back to an expired lot goes on in a
 * lot of its own and never touches breakage (A11), unless that one ends too.
 */
export async function readBreakage(prisma: PrismaClient, wish: BreakageWish): Promise<Breakage[]> {
	const {merchantId, by, from, to} = wish;
	const months = by === 'month' ? await monthsOf(prisma, wish) : [];
	const rows = await atOneMoment(prisma, tx =>
		tx.$queryRawUnsafe<Row[]>(
			`SELECT part.asset_id AS "assetId",
				${by === 'month' ? 'width_bucket(part.at, $4::timestamptz[])::int' : 'NULL::int'} AS month,
				${by === 'origin' ? 'part.origin::int' : 'NULL::int'} AS origin,
				coalesce(sum(part.amount) FILTER (WHERE part.amount > 0), 0)::text AS booked,
				coalesce(-sum(part.amount) FILTER (WHERE part.amount < 0), 0)::text AS returned
			FROM (${by === 'origin' ? partsByOrigin : parts}) part
			WHERE cardinality($4::timestamptz[]) >= 0
			GROUP BY 1, 2, 3 ORDER BY ${by === 'month' ? '2, 1' : '1, 3'}`,
			merchantId,
			new Date(from ?? 0),
			new Date(to),
			months.map(({start}) => new Date(start)),
		),
	);
	return rows.map(({assetId, month, origin, booked, returned}) => ({
		assetId,
		month: month === null ? null : (months[month - 1]?.name ?? null),
		origin: origin === null ? null : originOf(origin),
		booked: BigInt(booked),
		returned: BigInt(returned),
	}));
}

const parts = `SELECT p.asset_id, p.amount, e.occurred_at AS at
	FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
	WHERE p.merchant_id = $1::int AND p.card_id = 0 AND p.account = ${breakage}
		AND e.occurred_at BETWEEN $2::timestamptz AND $3::timestamptz`;

// What expires leaves lots, each of which knows its origin. What is taken back out goes to the account that it had come from.
const partsByOrigin = `SELECT b.asset_id, b.at, -m.remaining_delta AS amount, l.origin
	FROM (
		SELECT p.asset_id, p.entry_id, e.occurred_at AS at
		FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
		WHERE p.merchant_id = $1::int AND p.card_id = 0 AND p.account = ${breakage} AND p.amount > 0
			AND e.occurred_at BETWEEN $2::timestamptz AND $3::timestamptz
	) b
	JOIN lot_movements m ON m.merchant_id = $1::int AND m.entry_id = b.entry_id
	JOIN lots l ON l.merchant_id = m.merchant_id AND l.id = m.lot_id
	UNION ALL
	SELECT p.asset_id, e.occurred_at, p.amount, source.account
	FROM postings p JOIN entries e ON e.merchant_id = p.merchant_id AND e.id = p.entry_id
	JOIN postings source ON source.merchant_id = p.merchant_id AND source.entry_id = p.entry_id
		AND source.account BETWEEN 10 AND 19 AND source.amount > 0
	WHERE p.merchant_id = $1::int AND p.card_id = 0 AND p.account = ${breakage} AND p.amount < 0
		AND e.occurred_at BETWEEN $2::timestamptz AND $3::timestamptz`;

type Month = {readonly name: string; readonly start: Instant};

/** The months from the first entry that went to breakage, or from the wish's beginning, to its end. */
async function monthsOf(
	prisma: PrismaClient,
	{merchantId, from, to, timeZone}: BreakageWish,
): Promise<Month[]> {
	const [{first}] = await prisma.$queryRaw<[{first: Date | null}]>`
		SELECT min(occurred_at) AS first FROM entries
		WHERE merchant_id = ${merchantId}::int AND occurred_at >= ${new Date(from ?? 0)}::timestamptz`;
	const months: Month[] = [];
	for (let at = first?.getTime() ?? to; at <= to; at = endOfLocalMonthAfter(at, 0, timeZone)) {
		months.push({name: localDate(at, timeZone).slice(0, 7), start: at});
	}

	return months;
}
