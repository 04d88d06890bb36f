import {familyOf} from '../customers/survivor.ts';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {
	endOfLocalDayAfter,
	endOfLocalMonthAfter,
	type Instant,
	localDate,
	type LocalDate,
} from '../ledger/calendar.ts';

/** What the rows of the report stand for: what a customer has, what ends in a month or on a day, or everything. */
export type ExpiringBy = 'customer' | 'month' | 'day' | 'total';

export type ExpiringWish = {
	readonly merchantId: number;
	readonly by: ExpiringBy;
	/** What has ended by now is left out, swept or not. */
	readonly now: Instant;
	/** Exclusive ends up to and including this one count. */
	readonly until: Instant;
	readonly timeZone: string;
	/** Only what belongs to one customer, whoever became that one included, or lies on one card. Ids of rows. */
	readonly customerId?: string | undefined;
	readonly cardId?: string | undefined;
};

/** Value of one asset that ends together, in minor units. */
export type Expiring = {
	readonly assetId: number;
	readonly amount: bigint;
	readonly lots: number;
	readonly cards: number;
	/** The first and the last instant at which some of it can be spent no more. */
	readonly first: Instant;
	readonly last: Instant;
	/** By customer only: the customer's id, null for cards that belong to nobody, each of which has a row of its own. */
	readonly customerId: string | null;
	/** By customer only: the public id (a UUID) of the card, where there is but one. */
	readonly card: string | null;
	/** By month `YYYY-MM`, by day `YYYY-MM-DD`. */
	readonly period: string | null;
};

type Row = {
	readonly assetId: number;
	readonly amount: string;
	readonly lots: number;
	readonly cards: number;
	readonly first: Date;
	readonly last: Date;
	readonly customerId: string | null;
	readonly card: string | null;
	readonly period: number | null;
};

/** A stretch of the calendar, and the first instant after it. */
type Period = {readonly name: string | null; readonly end: Instant};

// A program may have a million wallets: rows are handed on page by page.
const pageSize = 1000;
const timeoutMs = 10 * 60_000;

// It reads for longer than a request may.
const settings = ['SET TRANSACTION READ ONLY', 'SET LOCAL statement_timeout = 0'];

/**
 * Read what will end, in one snapshot: what remains of lots that have not ended yet, pending ones too. Held value does not end.
 * By customer those come first who lose something soonest; else rows are in the order of their time. Nothing of a person is in them but ids.
 *
 * @param onRows - told of some rows at a time, and waited for
 */
export async function readExpiring(
	prisma: PrismaClient,
	wish: ExpiringWish,
	onRows: (rows: readonly Expiring[]) => Promise<void>,
): Promise<void> {
	const periods = periodsOf(wish);
	await prisma.$transaction(
		async tx => {
			for (const setting of settings) {
				await tx.$executeRawUnsafe(setting);
			}

			await openCursor(tx, wish, periods);
			for (;;) {
				const page = await tx.$queryRawUnsafe<Row[]>(`FETCH ${pageSize} FROM expiring`);
				await onRows(page.map(row => expiringOf(row, periods)));
				if (page.length < pageSize) {
					return;
				}
			}
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}

// Who became somebody else, and who that is in the end: cards stay on the name that they were given under (A13).
const survivorsSql = `RECURSIVE became AS (
		SELECT id, merged_into AS survivor FROM customers WHERE merchant_id = $1::int AND merged_into IS NOT NULL
		UNION ALL
		SELECT b.id, c.merged_into FROM became b JOIN customers c ON c.merchant_id = $1::int AND c.id = b.survivor
		WHERE c.merged_into IS NOT NULL
	), survivors AS (
		SELECT b.id, b.survivor FROM became b
		JOIN customers c ON c.merchant_id = $1::int AND c.id = b.survivor AND c.merged_into IS NULL
	)`;

const customerColumns = `o.owner::text AS "customerId",
	CASE WHEN count(DISTINCT c.id) = 1 THEN min(c.public_id::text) END AS card, NULL::int AS period`;
const customerKeys = 'o.owner, CASE WHEN o.owner IS NULL THEN c.id END';

// What ends with a period ends at its very end, so it is looked for a moment earlier.
const periodKey = "width_bucket(l.expires_at - interval '1 millisecond', $4::timestamptz[])";
const periodColumns = `NULL::text AS "customerId", NULL::text AS card, ${periodKey}::int AS period`;

/** A customer's value, and that of a card of nobody, is one row for each asset; else all that ends in the same period is. */
async function openCursor(
	tx: Prisma.TransactionClient,
	{merchantId, by, now, until, customerId, cardId}: ExpiringWish,
	periods: readonly Period[],
): Promise<void> {
	const [columns, keys] = by === 'customer' ? [customerColumns, customerKeys] : [periodColumns, periodKey];
	const owners = customerId === undefined ? null : await familyOf(tx, merchantId, customerId);
	await tx.$executeRawUnsafe(
		`DECLARE expiring NO SCROLL CURSOR FOR
			WITH ${survivorsSql}
			SELECT c.asset_id AS "assetId", sum(l.remaining)::text AS amount, count(*)::int AS lots,
				count(DISTINCT c.id)::int AS cards, min(l.expires_at) AS first, max(l.expires_at) AS last, ${columns}
			FROM lots l JOIN cards c ON c.merchant_id = l.merchant_id AND c.id = l.card_id
			LEFT JOIN survivors s ON s.id = c.owner_id
			CROSS JOIN LATERAL (SELECT coalesce(s.survivor, c.owner_id) AS owner) o
			WHERE l.merchant_id = $1::int AND NOT l.spent AND l.expires_at > $2::timestamptz AND l.expires_at <= $3::timestamptz
				AND cardinality($4::timestamptz[]) > 0
				AND ($5::bigint[] IS NULL OR c.owner_id = ANY ($5::bigint[])) AND ($6::bigint IS NULL OR c.id = $6::bigint)
			GROUP BY ${keys}, c.asset_id
			ORDER BY period, first, "assetId", ${by === 'customer' ? 'o.owner, ' : ''}card`,
		merchantId,
		new Date(now),
		new Date(until),
		periods.map(({end}) => new Date(end)),
		owners?.map(BigInt) ?? null,
		cardId === undefined ? null : BigInt(cardId),
	);
}

/** The periods in which something may end, the earliest first. */
function periodsOf({by, now, until, timeZone}: ExpiringWish): Period[] {
	if (by !== 'month' && by !== 'day') {
		return [{name: null, end: until}];
	}

	const endAfter = by === 'month' ? endOfLocalMonthAfter : endOfLocalDayAfter;
	const periods: Period[] = [];
	for (let end = now; end < until;) {
		end = endAfter(end, 0, timeZone);
		periods.push({name: nameOf(localDate(end - 1, timeZone), by), end});
	}

	return periods;
}

function nameOf(lastDay: LocalDate, by: 'month' | 'day'): string {
	return by === 'month' ? lastDay.slice(0, 7) : lastDay;
}

function expiringOf({amount, first, last, period, ...row}: Row, periods: readonly Period[]): Expiring {
	return {
		...row,
		amount: BigInt(amount),
		first: first.getTime(),
		last: last.getTime(),
		period: period === null ? null : (periods[period]?.name ?? null),
	};
}
