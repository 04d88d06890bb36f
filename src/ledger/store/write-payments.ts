import {refusals} from '../refusals.ts';
import {bytesArray, textArray} from './arrays.ts';
import {paymentStatusNumbers, paymentWayNumbers} from './lock-payments.ts';
import {type Counts, insert, instant, type Parameter, plain, text, update} from './statements.ts';
import {type WriteSet} from './write-set.ts';

/* Payments in their final image, what VTEX said when it created them, and the callbacks that tell how they ended. */

export function updatePayments(
	parameter: Parameter,
	{changes}: WriteSet,
	expected: Counts,
): string | undefined {
	return update(parameter, expected, 'payments', {
		rows: changes.payments,
		columns: [
			['payment_id', 'text', text(payment => payment.paymentId)],
			['status', 'smallint', plain(payment => paymentStatusNumbers[payment.status])],
			['refusal', 'smallint', plain(({refusal}) => (refusal === null ? null : refusals[refusal].number))],
			['asset_id', 'int', plain(payment => payment.assetId)],
			['value', 'bigint', plain(payment => payment.value)],
			['way', 'smallint', plain(({way}) => (way === null ? null : paymentWayNumbers[way]))],
			['hold_id', 'uuid', plain(payment => payment.holdId)],
			['cancellation_id', 'uuid', plain(payment => payment.cancellationId)],
			['hold_until', 'timestamptz', instant(payment => payment.holdUntil)],
			['conclude_at', 'timestamptz', instant(payment => payment.concludeAt)],
			['conclude_approved', 'boolean', plain(payment => payment.concludeApproved)],
			['decided_at', 'timestamptz', instant(payment => payment.decidedAt)],
		],
		// The lock made the row before the batch had its time (B14).
		set: `created_at = CASE t.status WHEN 0 THEN $2::timestamptz ELSE t.created_at END, status = v.status, refusal = v.refusal,
			asset_id = v.asset_id, value = v.value, way = v.way, hold_id = v.hold_id, cancellation_id = v.cancellation_id,
			hold_until = v.hold_until, conclude_at = v.conclude_at, conclude_approved = v.conclude_approved, decided_at = v.decided_at`,
		where: 't.payment_id = v.payment_id',
	});
}

/**
 * Rows that were made for their lock only: nobody has heard of such a payment. It may be all that a batch writes, so it
 * names $2 itself: PostgreSQL wants to know the type of every parameter.
 */
export function deleteUnused(parameter: Parameter, {unused}: WriteSet): string | undefined {
	return unused.length === 0
		? undefined
		: `DELETE FROM payments WHERE merchant_id = $1::int AND payment_id = ANY (${parameter(textArray(unused))}::text[])
			AND status = 0 AND $2::timestamptz IS NOT NULL`;
}

export function insertParticulars(parameter: Parameter, {openings}: WriteSet): string | undefined {
	const rows = openings.map(({paymentId, particulars}) => ({paymentId, ...particulars}));
	return insert(parameter, 'payment_particulars', rows, [
		['payment_id', 'text', text(row => row.paymentId)],
		['method', 'text', text(row => row.method)],
		['order_id', 'text', text(row => row.orderId)],
		['reference', 'text', text(row => row.reference)],
		['transaction_id', 'text', text(row => row.transactionId)],
		['callback_url', 'text', text(row => row.callbackUrl)],
		['return_url', 'text', text(row => row.returnUrl)],
		['delay_to_auto_settle', 'int', plain(row => row.delayToAutoSettle)],
		['delay_after_antifraud', 'int', plain(row => row.delayAfterAntifraud)],
		['delay_to_cancel', 'int', plain(row => row.delayToCancel)],
		['customer_id', 'bigint', plain(row => row.customerId)],
		['page_hash', 'bytea', all => bytesArray(all.map(row => row.pageHash))],
		['page_until', 'timestamptz', instant(row => row.pageUntil)],
		['particulars', 'jsonb', text(row => row.particulars)],
	]);
}

export function insertCallbacks(parameter: Parameter, {callbacks}: WriteSet): string | undefined {
	return insert(
		parameter,
		'callbacks',
		callbacks,
		[
			['payment_id', 'text', text(callback => callback.paymentId)],
			['next_at', 'timestamptz', instant(callback => callback.nextAt)],
			['until', 'timestamptz', instant(callback => callback.until)],
		],
		{created_at: '$2::timestamptz'},
	);
}
