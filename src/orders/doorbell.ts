import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Moment} from '../loyalty/order.ts';

/** Somebody says that an order is worth a look. */
export type Ring = {
	readonly orderId: string;
	/** The document must be of this time or later; null when nobody knows. */
	readonly atLeast: Moment | null;
};

const idForm = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Whether something can be an order's id. It becomes part of an address, so it must not lead to another one. */
export function isOrderId(text: string): boolean {
	return idForm.test(text);
}

/**
 * Ring for an order: it will be looked at from now on, once for all rings before the look began. A ring that comes while somebody looks
 * leads to another look, because only `rings` tells whether the look has answered it (decision 16).
 */
export async function ring(
	prisma: PrismaClient,
	merchantId: number,
	{orderId, atLeast}: Ring,
	now: Instant,
): Promise<void> {
	const at = new Date(now);
	await prisma.$executeRaw`
		INSERT INTO order_looks AS l (merchant_id, order_id, at_least, rung_at, next_at)
		VALUES (${merchantId}, ${orderId}, ${atLeast}, ${at}, ${at})
		ON CONFLICT (merchant_id, order_id) DO UPDATE SET
			status = 1,
			rings = l.rings + 1,
			at_least = greatest(l.at_least, excluded.at_least),
			failures = CASE l.status WHEN 1 THEN l.failures ELSE 0 END,
			problem = CASE l.status WHEN 1 THEN l.problem END,
			rung_at = excluded.rung_at,
			next_at = CASE l.status WHEN 1 THEN least(l.next_at, excluded.next_at) ELSE excluded.next_at END`;
}

/**
 * Ring for many orders on a mere suspicion. Those that wait already, and those that were given up, stay as they are: a nightly sweep must not
 * give them new time each night.
 * @returns for how many a look is wanted now that was not before
 */
export async function ringSoftly(
	prisma: PrismaClient,
	merchantId: number,
	orderIds: readonly string[],
	now: Instant,
): Promise<number> {
	const at = new Date(now);
	// One order of rows for everybody, so that two sweeps do not wait for each other in a circle.
	const ids = [...new Set(orderIds.filter(isOrderId))].sort();
	return prisma.$executeRaw`
		INSERT INTO order_looks AS l (merchant_id, order_id, rung_at, next_at)
		SELECT ${merchantId}, id, ${at}, ${at} FROM unnest(${ids}::text[]) AS id
		ON CONFLICT (merchant_id, order_id) DO UPDATE SET
			status = 1, rings = l.rings + 1, failures = 0, rung_at = excluded.rung_at, next_at = excluded.next_at
		WHERE l.status = 2`;
}
