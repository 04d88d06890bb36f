import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {lookStatuses, type LookStatus} from './queue.ts';

/** An order of the queue as operators see it. `failing` is one that waits after a look that failed. */
export type ListedLook = {
	readonly orderId: string;
	readonly status: LookStatus | 'failing';
	/** Looks that failed since one was good. */
	readonly failures: number;
	readonly rungAt: Date;
	/** When it is looked at next; null when it is not. */
	readonly nextAt: Date | null;
	readonly lookedAt: Date | null;
	/** What the last look came to: `booked`, `nothing: notInvoiced`. */
	readonly outcome: string | null;
	/** What went wrong last. */
	readonly problem: string | null;
};

type Row = Omit<ListedLook, 'status' | 'nextAt'> & {readonly status: number; readonly nextAt: Date};

const columns = {
	orderId: true,
	status: true,
	failures: true,
	rungAt: true,
	nextAt: true,
	lookedAt: true,
	outcome: true,
	problem: true,
} as const;

export const listedStatuses = ['waiting', 'failing', 'done', 'given-up'] as const;

/** A merchant's orders that were rung for, those rung for last first, as many as asked for. `waiting` has those that fail, too. */
export async function listLooks(
	prisma: PrismaClient,
	merchantId: number,
	{status, limit}: {readonly status?: ListedLook['status'] | undefined; readonly limit: number},
): Promise<ListedLook[]> {
	const number = lookStatuses[status === 'failing' ? 'waiting' : (status ?? 'waiting')];
	const rows = await prisma.orderLook.findMany({
		select: columns,
		where: {
			merchantId,
			...(status !== undefined && {status: number}),
			...(status === 'failing' && {problem: {not: null}}),
		},
		orderBy: [{rungAt: 'desc'}, {orderId: 'asc'}],
		take: limit,
	});
	return rows.map(listed);
}

/**
 * Have orders looked at now: one, which need not have been rung for, or all that wait or were given up.
 * @returns those that are due now, as they are afterwards
 */
export async function retryLooks(
	prisma: PrismaClient,
	merchantId: number,
	{orderId, now}: {readonly orderId: string | undefined; readonly now: Instant},
): Promise<ListedLook[]> {
	const at = new Date(now);
	const {done} = lookStatuses;
	const one = orderId ?? null;
	const rows = await prisma.$queryRaw<Row[]>`
		UPDATE order_looks SET status = 1, rings = rings + 1, failures = 0, rung_at = ${at}, next_at = ${at}
		WHERE merchant_id = ${merchantId}
			AND CASE WHEN ${one}::text IS NULL THEN status <> ${done} ELSE order_id = ${one}::text END
		RETURNING order_id AS "orderId", status, failures, rung_at AS "rungAt", next_at AS "nextAt",
			looked_at AS "lookedAt", outcome, problem`;
	return rows.map(listed);
}

/** Forget orders that were done and not rung for since then: their books stay. */
export async function forgetDone(prisma: PrismaClient, before: Instant): Promise<number> {
	const {count} = await prisma.orderLook.deleteMany({
		where: {status: lookStatuses.done, rungAt: {lt: new Date(before)}, lookedAt: {lt: new Date(before)}},
	});
	return count;
}

function listed({status, nextAt, ...row}: Row): ListedLook {
	const name = nameOf(status, row.problem);
	return {...row, status: name, nextAt: name === 'waiting' || name === 'failing' ? nextAt : null};
}

function nameOf(number: number, problem: string | null): ListedLook['status'] {
	if (number === lookStatuses.waiting) {
		return problem === null ? 'waiting' : 'failing';
	}

	return number === lookStatuses.done ? 'done' : 'given-up';
}
