import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Moment} from '../loyalty/order.ts';
import {type Merchant} from '../merchants/merchant.ts';

/** Status of an order in the queue → the number that stands for it in the database. */
export const lookStatuses = {waiting: 1, done: 2, 'given-up': 3} as const;
export type LookStatus = keyof typeof lookStatuses;

/**
 * Who claims an order has it for so long. Longer than a look takes, and short enough for an order whose process was killed meanwhile. A look
 * that takes longer all the same meets another one, which does no harm: an order may be applied twice.
 */
export const leaseMs = 60_000;

/** An order that this process may look at now. */
export type Claim = {
	readonly merchant: Merchant;
	readonly orderId: string;
	/** How often it was rung for when the look began. */
	readonly rings: number;
	/** Tells this look from those before and after it. */
	readonly looks: number;
	/** Looks that failed before this one. */
	readonly failures: number;
	readonly atLeast: Moment | null;
	/** Since when it could have been read: it was rung for, or the keys were entered. */
	readonly since: Instant;
	/** When the keys to read it with were entered. */
	readonly keysChangedAt: Date;
};

type Row = Omit<Claim, 'merchant' | 'since'> &
	Omit<Merchant, 'id'> & {readonly merchantId: number; readonly since: Date};

/**
 * Claim the order that has been due for longest, of a merchant whose VTEX account may be asked. Other processes pass it over from now on,
 * until the lease ends or the look is settled; one whose process was killed is due again then.
 * @param busyMerchants - those whose account has enough to do
 */
export async function claimNext(
	prisma: PrismaClient,
	now: Instant,
	busyMerchants: readonly number[],
): Promise<Claim | undefined> {
	const at = new Date(now);
	// Merchant by merchant, so that the orders of one whose keys are refused are not read again and again to be passed over. The
	// status stands there as a number because the index is for that number only.
	const rows = await prisma.$queryRaw<Row[]>`
		WITH due AS MATERIALIZED (
			SELECT first.order_id, k.merchant_id, k.changed_at
			FROM vtex_keys k
			CROSS JOIN LATERAL (
				SELECT l.order_id, l.next_at FROM order_looks l
				WHERE l.merchant_id = k.merchant_id AND l.status = 1 AND l.next_at <= ${at}
					AND (l.leased_until IS NULL OR l.leased_until <= ${at})
				ORDER BY l.next_at
				LIMIT 1
				FOR UPDATE SKIP LOCKED
			) first
			WHERE k.purpose = 1 AND k.refused_at IS NULL AND (k.paused_until IS NULL OR k.paused_until <= ${at})
				AND k.merchant_id <> ALL (${[...busyMerchants]}::integer[])
			ORDER BY first.next_at
			LIMIT 1
		)
		UPDATE order_looks l SET looks = l.looks + 1, leased_until = ${new Date(now + leaseMs)}
		FROM due JOIN merchants m ON m.id = due.merchant_id
		WHERE l.merchant_id = due.merchant_id AND l.order_id = due.order_id
		RETURNING l.order_id AS "orderId", l.rings, l.looks, l.failures, l.at_least AS "atLeast",
			greatest(l.rung_at, due.changed_at) AS since,
			due.changed_at AS "keysChangedAt", m.id AS "merchantId", m.name, m.time_zone AS "timeZone",
			m.currency, m.sandbox, m.foreign_codes AS "foreignCodes"`;
	const [row] = rows;
	return row === undefined ? undefined : claimOf(row);
}

function claimOf(row: Row): Claim {
	const {orderId, rings, looks, failures, atLeast, since, keysChangedAt, merchantId, ...merchant} = row;
	return {
		...{orderId, rings, looks, failures, atLeast, keysChangedAt},
		since: since.getTime(),
		merchant: Object.freeze({id: merchantId, ...merchant}),
	};
}

/** The order was looked at and applied. Where it was rung for meanwhile it is looked at once more, now. */
export async function recordDone(
	prisma: PrismaClient,
	claim: Claim,
	{outcome, now}: {readonly outcome: string; readonly now: Instant},
): Promise<void> {
	const at = new Date(now);
	await prisma.$executeRaw`
		UPDATE order_looks SET
			status = CASE rings WHEN ${claim.rings} THEN 2 ELSE 1 END,
			next_at = CASE rings WHEN ${claim.rings} THEN next_at ELSE ${at}::timestamptz END,
			leased_until = NULL, looked_at = ${at}, failures = 0, outcome = ${outcome}, problem = NULL
		WHERE merchant_id = ${claim.merchant.id} AND order_id = ${claim.orderId} AND looks = ${claim.looks} AND status = 1`;
}

export type Postponement = {
	readonly problem: string;
	readonly nextAt: Instant;
	readonly now: Instant;
	/** Whether it counts as a look that failed. */
	readonly hasFailed: boolean;
	/** What it came to all the same, where a document was applied that lags behind. */
	readonly outcome: string | undefined;
};

/** The order is looked at again later, or now where it was rung for meanwhile. */
export async function recordPostponed(
	prisma: PrismaClient,
	claim: Claim,
	{problem, nextAt, now, hasFailed, outcome}: Postponement,
): Promise<void> {
	const at = new Date(now);
	const looked = outcome ?? null;
	await prisma.$executeRaw`
		UPDATE order_looks SET
			next_at = CASE rings WHEN ${claim.rings} THEN ${new Date(nextAt)}::timestamptz ELSE ${at}::timestamptz END,
			leased_until = NULL, failures = failures + ${hasFailed ? 1 : 0}::integer, problem = ${problem},
			outcome = coalesce(${looked}::text, outcome),
			looked_at = CASE WHEN ${looked}::text IS NULL THEN looked_at ELSE ${at}::timestamptz END
		WHERE merchant_id = ${claim.merchant.id} AND order_id = ${claim.orderId} AND looks = ${claim.looks} AND status = 1`;
}

/**
 * Nothing more is tried until somebody rings again, which may have happened already.
 */
export async function recordGivenUp(
	prisma: PrismaClient,
	claim: Claim,
	{problem, now}: {readonly problem: string; readonly now: Instant},
): Promise<void> {
	await prisma.$executeRaw`
		UPDATE order_looks SET
			status = CASE rings WHEN ${claim.rings} THEN 3 ELSE 1 END,
			next_at = CASE rings WHEN ${claim.rings} THEN next_at ELSE ${new Date(now)}::timestamptz END,
			leased_until = NULL, failures = failures + 1, problem = ${problem}
		WHERE merchant_id = ${claim.merchant.id} AND order_id = ${claim.orderId} AND looks = ${claim.looks} AND status = 1`;
}
