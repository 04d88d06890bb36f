import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';

/** What waits in the database, and for how long; seconds. */
export type Backlog = {
	readonly merchants: readonly MerchantBacklog[];
	readonly audits: readonly {readonly command: string; readonly at: number; readonly isOk: boolean}[];
};

export type MerchantBacklog = {
	readonly merchant: string;
	readonly callbacks: number;
	readonly callbacksOverdue: number;
	readonly callbacksOldest: number;
	readonly orders: number;
	readonly ordersOverdue: number;
	readonly unsealed: number;
	readonly sealLag: number;
};

/** Of an installation with more, the first ones are shown: a monitoring must not drown in them. */
export const merchantsMax = 200;
const unsealedMax = 10_000;
const actionsMax = 10_000;
const timeoutMs = 5000;

// Everything is found by an index that holds what waits and nothing else; a table is never read as a whole, and no plan takes long.
const settings = [
	'SET TRANSACTION READ ONLY',
	"SET LOCAL statement_timeout = '2s'",
	'SET LOCAL enable_seqscan = off',
];

const backlogSql = `
	SELECT m.name AS merchant, coalesce(c.waiting, 0) AS callbacks, ${ageOf('c.due')} AS "callbacksOverdue",
		${ageOf('c.oldest')} AS "callbacksOldest", orders.*, unsealed.*
	FROM (SELECT id, name FROM merchants ORDER BY id LIMIT ${merchantsMax}) m
	LEFT JOIN (
		SELECT merchant_id, count(*)::int AS waiting, min(next_at) AS due, min(created_at) AS oldest
		FROM callbacks WHERE status = 1 GROUP BY merchant_id
	) c ON c.merchant_id = m.id
	CROSS JOIN LATERAL (
		SELECT count(*)::int AS orders,
			${ageOf('min(l.next_at) FILTER (WHERE (l.leased_until > $1::timestamptz) IS NOT TRUE)')} AS "ordersOverdue"
		FROM order_looks l WHERE l.merchant_id = m.id AND l.status = 1
	) orders
	LEFT JOIN LATERAL (
		SELECT s.to_incarnation, s.to_xid, s.to_entry FROM seals s WHERE s.merchant_id = m.id ORDER BY s.number DESC LIMIT 1
	) last ON true
	CROSS JOIN LATERAL (
		SELECT count(*)::int AS unsealed, ${ageOf('min(e.recorded_at)')} AS "sealLag" FROM (
			SELECT e.recorded_at FROM entries e
			WHERE e.merchant_id = m.id AND e.incarnation = last.to_incarnation AND e.xid::text::bigint >= last.to_xid
				AND (e.xid::text::bigint, e.id) > (last.to_xid, last.to_entry)
			UNION ALL
			SELECT e.recorded_at FROM entries e WHERE e.merchant_id = m.id AND e.incarnation > last.to_incarnation
			UNION ALL
			SELECT e.recorded_at FROM entries e WHERE e.merchant_id = m.id AND last.to_xid IS NULL
			LIMIT ${unsealedMax}
		) e
	) unsealed
	ORDER BY m.name`;

// Every command that was run stands in the trail with its exit code; 2 is a flag that was typed wrongly. A run for all merchants stands in the
// trail of the first one: what was found wrong is over when such a run, or one for the same merchant, finds nothing.
const auditsSql = `
	WITH latest AS (
		SELECT DISTINCT ON (m.id, a.command) m.id, a.command, a.ended_at, a.exit_code = 0 AS is_ok
		FROM (SELECT id FROM merchants ORDER BY id LIMIT ${merchantsMax}) m
		CROSS JOIN LATERAL (
			SELECT command, ended_at, exit_code FROM actions WHERE merchant_id = m.id ORDER BY id DESC LIMIT ${actionsMax}
		) a
		WHERE a.command IN ('ledger:audit', 'ledger:verify') AND a.ended_at IS NOT NULL AND a.exit_code <> 2
		ORDER BY m.id, a.command, a.ended_at DESC
	)
	SELECT one.command, extract(epoch FROM max(one.ended_at))::float8 AS at,
		bool_and(one.is_ok OR coalesce(of_all.is_ok AND of_all.ended_at > one.ended_at, false)) AS "isOk"
	FROM latest one
	LEFT JOIN latest of_all ON of_all.command = one.command AND of_all.id = (SELECT min(id) FROM merchants)
	GROUP BY one.command ORDER BY one.command`;

/** Seconds since a moment; 0 where there is none, or where it lies ahead. */
function ageOf(moment: string): string {
	return `greatest(0, coalesce(extract(epoch FROM $1::timestamptz - ${moment}), 0))::float8`;
}

/** Read what waits. @throws errors of the database, and of its time-outs */
export async function readBacklog(prisma: PrismaClient, now: Instant): Promise<Backlog> {
	return prisma.$transaction(
		async tx => {
			for (const setting of settings) {
				await tx.$executeRawUnsafe(setting);
			}

			return {
				merchants: await tx.$queryRawUnsafe<MerchantBacklog[]>(backlogSql, new Date(now)),
				audits: await tx.$queryRawUnsafe<Backlog['audits']>(auditsSql),
			};
		},
		{timeout: timeoutMs, maxWait: 1000},
	);
}
