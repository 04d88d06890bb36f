import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {callbackStatuses, type CallbackStatus, leaseMs} from './outbox.ts';

/** A callback as operators see it. Of its address nothing is shown: VTEX's signature is in it. */
export type ListedCallback = {
	readonly paymentId: string;
	readonly status: CallbackStatus;
	readonly attempts: number;
	/** When it is tried next; null when it is not. */
	readonly nextAt: Date | null;
	/** VTEX waits so long. */
	readonly until: Date;
	readonly deliveredAt: Date | null;
	/** What went wrong last, and what to do about it. */
	readonly problem: string | null;
};

type Row = Omit<ListedCallback, 'status' | 'nextAt'> & {readonly status: number; readonly nextAt: Date};

const columns = {
	paymentId: true,
	status: true,
	attempts: true,
	nextAt: true,
	until: true,
	deliveredAt: true,
	problem: true,
} as const;

/** A merchant's callbacks, newest first, as many as asked for. */
export async function listCallbacks(
	prisma: PrismaClient,
	merchantId: number,
	{status, limit}: {readonly status?: CallbackStatus | undefined; readonly limit: number},
): Promise<ListedCallback[]> {
	const rows = await prisma.callback.findMany({
		select: columns,
		where: {merchantId, ...(status !== undefined && {status: callbackStatuses[status]})},
		orderBy: {id: 'desc'},
		take: limit,
	});
	return rows.map(listed);
}

/** A payment's callback; a payment that was answered at once has none. */
export async function findCallback(
	prisma: PrismaClient,
	merchantId: number,
	paymentId: string,
): Promise<ListedCallback | undefined> {
	const row = await prisma.callback.findUnique({
		select: columns,
		where: {merchantId_paymentId: {merchantId, paymentId}},
	});
	return row === null ? undefined : listed(row);
}

export type RetryWish = {
	/** Undefined for all of the merchant's. */
	readonly paymentId: string | undefined;
	/** Also those that were delivered. */
	readonly again: boolean;
	readonly now: Instant;
};

// VTEX may listen longer than it said; who retries by hand knows better than the row.
const moreMs = 3_600_000;

/**
 * Make callbacks due now. One that was given up, or delivered, begins anew with an hour of time. One that is due within a lease is left
 * as it is: a process may be trying it at this moment.
 * @returns those that are due now or within the lease, as they are afterwards
 */
export async function retryCallbacks(
	prisma: PrismaClient,
	merchantId: number,
	{paymentId, again, now}: RetryWish,
): Promise<ListedCallback[]> {
	const {waiting, delivered} = callbackStatuses;
	const at = new Date(now);
	const one = paymentId ?? null;
	const rows = await prisma.$queryRaw<Row[]>`
		UPDATE callbacks SET
			status = ${waiting},
			delivered_at = NULL,
			attempts = CASE status WHEN ${waiting} THEN attempts ELSE 0 END,
			next_at = CASE WHEN status = ${waiting} AND next_at <= ${new Date(now + leaseMs)} THEN next_at ELSE ${at} END,
			until = greatest(until, ${new Date(now + moreMs)})
		WHERE merchant_id = ${merchantId} AND (${one}::text IS NULL OR payment_id = ${one}::text)
			AND (${again} OR status <> ${delivered})
		RETURNING payment_id AS "paymentId", status, attempts, next_at AS "nextAt", until,
			delivered_at AS "deliveredAt", problem`;
	return rows.map(listed);
}

function listed({status, nextAt, ...row}: Row): ListedCallback {
	const name = nameOf(status);
	return {...row, status: name, nextAt: name === 'waiting' ? nextAt : null};
}

function nameOf(number: number): CallbackStatus {
	return number === callbackStatuses.waiting
		? 'waiting'
		: number === callbackStatuses.delivered
			? 'delivered'
			: 'given-up';
}
