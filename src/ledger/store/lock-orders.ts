import {newOrder, type OrderState} from '../order-state.ts';
import {textArray} from './arrays.ts';
import {type Transaction} from './ask.ts';

type OrderRow = [orderId: string, appliedVersion: string | null, earningId: string | null];
type BookingRow = [orderId: string, cardId: string, units: string, forgone: string];

// In one order, so that two batches that want the same orders queue up instead of deadlocking: here behind the row that another one is
// just making, and below behind the lock of one that is there.
const insertSql = `INSERT INTO orders (merchant_id, order_id)
	SELECT $1::int, id FROM unnest($2::text[]) AS wanted(id) ORDER BY id ON CONFLICT DO NOTHING RETURNING order_id`;

const lockSql = `SELECT json_agg(json_build_array(order_id, applied_version, earning_id))::text AS orders FROM (
	SELECT * FROM orders WHERE merchant_id = $1::int AND order_id = ANY ($2::text[]) ORDER BY order_id FOR NO KEY UPDATE
) o`;

// After the lock: the statement that waits for one sees other tables as they were before it waited.
const bookingsSql = `SELECT json_agg(json_build_array(order_id, card_id::text, units::text, forgone::text))::text AS bookings
	FROM order_bookings WHERE merchant_id = $1::int AND order_id = ANY ($2::text[])`;

// One that is not there can be made, unless somebody is making it, which nobody sees without waiting.
const freeSql = `WITH free AS (
	SELECT order_id FROM orders WHERE merchant_id = $1::int AND order_id = ANY ($2::text[])
	ORDER BY order_id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT array_agg(wanted.id) AS ids FROM unnest($2::text[]) AS wanted(id)
WHERE wanted.id IN (SELECT order_id FROM free)
	OR NOT EXISTS (SELECT FROM orders WHERE merchant_id = $1::int AND order_id = wanted.id)`;

/**
 * Make the rows of orders that have none, lock all of them until the transaction ends (A1), and read what was booked for them. Throws
 * 55P03 when one stays taken.
 */
export async function lockOrders(
	tx: Transaction,
	merchantId: number,
	orderIds: readonly string[],
): Promise<OrderState[]> {
	const ids = textArray(orderIds);
	const made = await tx.$queryRawUnsafe<readonly unknown[]>(insertSql, merchantId, ids);
	if (made.length === orderIds.length) {
		return orderIds.map(newOrder);
	}

	const [{orders}] = await tx.$queryRawUnsafe<[{orders: string | null}]>(lockSql, merchantId, ids);
	const [{bookings}] = await tx.$queryRawUnsafe<[{bookings: string | null}]>(bookingsSql, merchantId, ids);
	const booked = JSON.parse(bookings ?? '[]') as BookingRow[];
	return (JSON.parse(orders ?? '[]') as OrderRow[]).map(([orderId, appliedVersion, earningId]) => ({
		...newOrder(orderId),
		appliedVersion,
		earningId,
		bookings: new Map(
			booked
				.filter(([id]) => id === orderId)
				.map(([, cardId, units, forgone]) => [cardId, {units: BigInt(units), forgone: BigInt(forgone)}]),
		),
	}));
}

const walletsSql = `WITH RECURSIVE wallet AS (
	SELECT order_id, card_id FROM order_bookings WHERE merchant_id = $1::int AND order_id = ANY ($2::text[])
	UNION
	SELECT w.order_id, c.forwards_to FROM wallet w
	JOIN cards c ON c.merchant_id = $1::int AND c.id = w.card_id AND c.forwards_to IS NOT NULL
)
SELECT order_id AS "orderId", card_id::text AS "cardId" FROM wallet`;

/** The wallets that some orders had booked to, and those that took over from them, without any lock. */
export async function walletsOfOrders(
	tx: Transaction,
	merchantId: number,
	orderIds: readonly string[],
): Promise<readonly {readonly orderId: string; readonly cardId: string}[]> {
	return tx.$queryRawUnsafe(walletsSql, merchantId, textArray(orderIds));
}

/** Which of some orders nobody has locked just now. Those that exist are locked by this until the transaction ends. */
export async function freeOrders(
	tx: Transaction,
	merchantId: number,
	orderIds: readonly string[],
): Promise<string[]> {
	const [row] = await tx.$queryRawUnsafe<[{ids: string[] | null}]>(freeSql, merchantId, textArray(orderIds));
	return row.ids ?? [];
}
