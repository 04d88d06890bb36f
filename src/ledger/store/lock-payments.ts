import {type Instant} from '../calendar.ts';
import {type PaymentStage, type PaymentState} from '../card-state.ts';
import {type PaymentRoot, type PaymentWay} from '../commands.ts';
import {refusalOf} from '../refusals.ts';
import {plainArray, textArray} from './arrays.ts';
import {type Transaction} from './lock.ts';
import {ms} from './rows.ts';

/** Payment status → the number that stands for it in the database. */
export const paymentStatusNumbers = {
	new: 0,
	pending: 1,
	approved: 2,
	denied: 3,
	cancelled: 4,
} as const satisfies Record<PaymentStage, number>;

/** How a payment pays → the number that stands for it in the database. */
export const paymentWayNumbers = {code: 1, wallet: 2, confirmed: 3, sandbox: 4} as const satisfies Record<
	PaymentWay,
	number
>;

const stages = new Map(
	Object.entries(paymentStatusNumbers).map(([name, number]) => [number as number, name as PaymentStage]),
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
];
const paymentColumns = `json_build_array(payment_id, tid, status, refusal, asset_id, value::text, way, hold_id, cancellation_id,
	${ms('hold_until')}, ${ms('conclude_at')}, conclude_approved, ${ms('decided_at')})`;

// Made where it is not there yet, and locked where it is, in one order. Nothing changes by the update, which brings
// the latest row: a SELECT beside the INSERT would not see one that was committed while it waited.
const lockSql = `WITH root AS (
	INSERT INTO payments (merchant_id, payment_id, tid)
	SELECT $1::int, v.payment_id, v.tid FROM unnest($2::text[], $3::uuid[]) AS v(payment_id, tid) ORDER BY v.payment_id
	ON CONFLICT (merchant_id, payment_id) DO UPDATE SET status = payments.status
	RETURNING *
)
SELECT json_agg(${paymentColumns})::text AS payments FROM root`;

// One that is not there can be made, unless somebody is making it, which nobody sees without waiting.
const freeSql = `WITH free AS (
	SELECT payment_id FROM payments WHERE merchant_id = $1::int AND payment_id = ANY ($2::text[])
	ORDER BY payment_id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT array_agg(wanted.id) AS ids FROM unnest($2::text[]) AS wanted(id)
WHERE wanted.id IN (SELECT payment_id FROM free)
	OR NOT EXISTS (SELECT FROM payments WHERE merchant_id = $1::int AND payment_id = wanted.id)`;

/** Lock the roots of payments until the transaction ends, made where they are not there (A1). Throws 55P03 when one stays taken. */
export async function lockPayments(
	tx: Transaction,
	merchantId: number,
	roots: readonly PaymentRoot[],
): Promise<PaymentState[]> {
	const unique = [...new Map(roots.map(root => [root.paymentId, root])).values()];
	const [row] = await tx.$queryRawUnsafe<[{payments: string | null}]>(
		lockSql,
		merchantId,
		textArray(unique.map(({paymentId}) => paymentId)),
		plainArray(unique.map(({tid}) => tid)),
	);
	return (JSON.parse(row.payments ?? '[]') as PaymentRow[]).map(paymentOf);
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

function paymentOf(row: PaymentRow): PaymentState {
	const [paymentId, tid, statusNumber, refusal, assetId, value, wayNumber, holdId, cancellationId] = row;
	const [holdUntil, concludeAt, concludeApproved, decidedAt] = row.slice(9) as [
		...[Instant | null, Instant | null],
		boolean | null,
		Instant | null,
	];
	const status = stages.get(statusNumber);
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
	};
}
