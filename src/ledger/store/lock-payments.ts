import {type Instant} from '../calendar.ts';
import {type PaymentState, type PaymentStatus} from '../card-state.ts';
import {type PaymentWay} from '../commands.ts';
import {refusalOf} from '../refusals.ts';
import {textArray} from './arrays.ts';
import {type Transaction} from './ask.ts';
import {ms} from './rows.ts';

/** Payment status → the number that stands for it in the database. */
export const paymentStatusNumbers = {
	pending: 1,
	approved: 2,
	denied: 3,
	cancelled: 4,
} as const satisfies Record<PaymentStatus, number>;

/** How a payment pays → the number that stands for it in the database. */
export const paymentWayNumbers = {code: 1, wallet: 2, confirmed: 3, sandbox: 4} as const satisfies Record<
	PaymentWay,
	number
>;

const statuses = new Map(
	Object.entries(paymentStatusNumbers).map(([name, number]) => [number as number, name as PaymentStatus]),
);
const ways = new Map(
	Object.entries(paymentWayNumbers).map(([name, number]) => [number as number, name as PaymentWay]),
);

type PaymentRow = [
	paymentId: string,
	tid: string,
	status: number,
	refusal: number | null,
	assetId: number | null,
	value: string | null,
	way: number | null,
	holdId: string | null,
	cancellationId: string | null,
	holdUntil: Instant | null,
	concludeAt: Instant | null,
	concludeApproved: boolean | null,
	decidedAt: Instant | null,
	createdAt: Instant,
	timedOutAt: Instant | null,
	formerHoldId: string | null,
];

/** One JSON array for each row of payments. */
export const paymentColumns = `json_build_array(payment_id, tid, status, refusal, asset_id, value::text, way, hold_id, cancellation_id,
	${ms('hold_until')}, ${ms('conclude_at')}, conclude_approved, ${ms('decided_at')}, ${ms('created_at')}, ${ms('timed_out_at')}, former_hold_id)`;

// In one order, so that two batches that want the same payments queue up instead of deadlocking.
const lockSql = `SELECT json_agg(${paymentColumns})::text AS payments FROM (
	SELECT * FROM payments WHERE merchant_id = $1::int AND payment_id = ANY ($2::text[]) ORDER BY payment_id FOR NO KEY UPDATE
) payment`;

// One that is not there can be made, unless somebody is making it, which nobody sees without waiting.
const freeSql = `WITH free AS (
	SELECT payment_id FROM payments WHERE merchant_id = $1::int AND payment_id = ANY ($2::text[])
	ORDER BY payment_id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT array_agg(wanted.id) AS ids FROM unnest($2::text[]) AS wanted(id)
WHERE wanted.id IN (SELECT payment_id FROM free)
	OR NOT EXISTS (SELECT FROM payments WHERE merchant_id = $1::int AND payment_id = wanted.id)`;

/** Lock the roots of payments until the transaction ends (A1); those that do not exist are left out. Throws 55P03 when one stays taken. */
export async function lockPayments(
	tx: Transaction,
	merchantId: number,
	paymentIds: readonly string[],
): Promise<PaymentState[]> {
	const [row] = await tx.$queryRawUnsafe<[{payments: string | null}]>(
		lockSql,
		merchantId,
		textArray(paymentIds),
	);
	return paymentsOf(row.payments);
}

/** Which of some payments nobody has locked just now. Those that exist are locked by this until the transaction ends. */
export async function freePayments(
	tx: Transaction,
	merchantId: number,
	paymentIds: readonly string[],
): Promise<string[]> {
	const [row] = await tx.$queryRawUnsafe<[{ids: string[] | null}]>(
		freeSql,
		merchantId,
		textArray(paymentIds),
	);
	return row.ids ?? [];
}

/** @param rows - JSON text of `paymentColumns` */
export function paymentsOf(rows: string | null | undefined): PaymentState[] {
	return (JSON.parse(rows ?? '[]') as PaymentRow[]).map(paymentOf);
}

function paymentOf(row: PaymentRow): PaymentState {
	const [paymentId, tid, statusNumber, refusal, assetId, value, wayNumber, holdId, cancellationId] = row;
	const [holdUntil, concludeAt, concludeApproved, decidedAt, createdAt, timedOutAt, formerHoldId] = row.slice(
		9,
	) as [
		...[Instant | null, Instant | null],
		boolean | null,
		Instant | null,
		Instant,
		Instant | null,
		string | null,
	];
	const status = statuses.get(statusNumber);
	if (status === undefined) {
		throw new RangeError(
			`No payment status has the number ${statusNumber}; is this service older than the database?`,
		);
	}

	return {
		paymentId,
		tid,
		status,
		refusal: refusal === null ? null : refusalOf(refusal),
		assetId,
		value: value === null ? null : BigInt(value),
		way: wayNumber === null ? null : (ways.get(wayNumber) ?? null),
		holdId,
		cancellationId,
		holdUntil,
		concludeAt,
		concludeApproved,
		decidedAt,
		createdAt,
		timedOutAt,
		formerHoldId,
	};
}
