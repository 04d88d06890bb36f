import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';

/** Callback status → the number that stands for it in the database. */
export const callbackStatuses = {waiting: 1, delivered: 2, 'given-up': 3} as const;
export type CallbackStatus = keyof typeof callbackStatuses;

/**
 * Who claims a callback has it for so long. Longer than an attempt may take, and short enough for the first retry when the
 * process was killed meanwhile.
 */
export const leaseMs = 25_000;

/** A callback that this process may try now. */
export type Claim = {
	readonly merchantId: number;
	readonly id: string;
	readonly paymentId: string;
	/** This attempt included. Also tells this claim from those before and after it. */
	readonly attempts: number;
	/** Nobody listens from then on. */
	readonly until: Instant;
	/** Of the attempt before. */
	readonly problem: string | null;
	/** Null when it was erased. */
	readonly url: string | null;
	/** The host and port as they stand in the address, in small letters: who shares it shares a receiver. */
	readonly receiver: string;
	readonly isSandbox: boolean;
	/** The trace of the request that created the payment, as its headers said it; null where they said nothing. */
	readonly traceparent: string | null;
	readonly tracestate: string | null;
	readonly leasedUntil: Instant;
};

type Row = Omit<Claim, 'until' | 'leasedUntil'> & {readonly until: Date};

/**
 * Claim the callback that has been due for longest. Other processes pass it over from now on, until the lease ends or the claim
 * is settled; one whose process was killed is due again then (the outbox of rules B5).
 * @param busyReceivers - those that have enough to do
 */
export async function claimNext(
	prisma: PrismaClient,
	now: Instant,
	busyReceivers: readonly string[],
): Promise<Claim | undefined> {
	const leasedUntil = now + leaseMs;
	// The status stands there as a number because the index is for that number only.
	const rows = await prisma.$queryRaw<Row[]>`
		WITH due AS MATERIALIZED (
			SELECT c.merchant_id, c.id, m.sandbox, p.callback_url, receiver.name AS receiver, p.particulars->'trace' AS trace
			FROM callbacks c
			JOIN merchants m ON m.id = c.merchant_id
			JOIN payments p ON p.merchant_id = c.merchant_id AND p.payment_id = c.payment_id
			CROSS JOIN LATERAL (
				SELECT lower(coalesce(substring(p.callback_url from '^[^/]*//([^/?#]*)'), '')) AS name
			) receiver
			WHERE c.status = 1 AND c.next_at <= ${new Date(now)}
				AND receiver.name <> ALL (${[...busyReceivers]}::text[])
			ORDER BY c.next_at
			LIMIT 1
			FOR UPDATE OF c SKIP LOCKED
		)
		UPDATE callbacks c SET attempts = c.attempts + 1, next_at = ${new Date(leasedUntil)}
		FROM due
		WHERE c.merchant_id = due.merchant_id AND c.id = due.id
		RETURNING c.merchant_id AS "merchantId", c.id::text, c.payment_id AS "paymentId", c.attempts, c.until, c.problem,
			due.callback_url AS url, due.receiver, due.sandbox AS "isSandbox", due.trace->>'traceparent' AS traceparent,
			due.trace->>'tracestate' AS tracestate`;
	const [row] = rows;
	return row === undefined ? undefined : {...row, until: row.until.getTime(), leasedUntil};
}

/** It arrived. That stays true whoever has claimed it since. */
export async function recordDelivered(prisma: PrismaClient, claim: Claim, now: Instant): Promise<void> {
	await prisma.callback.updateMany({
		where: {...keyOf(claim), status: {not: callbackStatuses.delivered}},
		data: {status: callbackStatuses.delivered, deliveredAt: new Date(now), problem: null},
	});
}

/** An attempt failed and is repeated, unless somebody else has claimed the callback since. */
export async function recordFailed(
	prisma: PrismaClient,
	claim: Claim,
	{nextAt, problem}: {readonly nextAt: Instant; readonly problem: string},
): Promise<void> {
	await prisma.callback.updateMany({
		where: stillOurs(claim),
		data: {nextAt: new Date(nextAt), problem},
	});
}

/** Nothing more is tried, unless somebody else has claimed the callback since. */
export async function recordGivenUp(
	prisma: PrismaClient,
	claim: Claim,
	{problem, wasTried}: {readonly problem: string; readonly wasTried: boolean},
): Promise<void> {
	await prisma.callback.updateMany({
		where: stillOurs(claim),
		data: {
			status: callbackStatuses['given-up'],
			attempts: wasTried ? claim.attempts : claim.attempts - 1,
			problem,
		},
	});
}

function keyOf({merchantId, id}: Claim) {
	return {merchantId, id: BigInt(id)};
}

function stillOurs(claim: Claim) {
	return {...keyOf(claim), status: callbackStatuses.waiting, attempts: claim.attempts};
}
