import {type PaymentState} from '../card-state.ts';
import {refusals} from '../refusals.ts';
import {bytesArray} from './arrays.ts';
import {paymentStatusNumbers, paymentWayNumbers} from './lock-payments.ts';
import {
	type Column,
	type Counts,
	insert,
	instant,
	type Parameter,
	plain,
	text,
	update,
} from './statements.ts';
import {type WriteSet} from './write-set.ts';

/* Payments in their final image, what VTEX said when it created them, and the callbacks that tell how they ended. */

const columns: readonly Column<PaymentState>[] = [
	['payment_id', 'text', text(payment => payment.paymentId)],
	['status', 'smallint', plain(({status}) => (status === 'new' ? null : paymentStatusNumbers[status]))],
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
];

/** In one order: two batches that make the same payments meet at their keys, where one waits for the other. */
export function insertPayments(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = [...changes.openedPayments].sort((a, b) => (a.paymentId < b.paymentId ? -1 : 1));
	return insert(parameter, 'payments', rows, [...columns, ['tid', 'uuid', plain(({tid}) => tid)]], {
		created_at: '$2::timestamptz',
	});
}

export function updatePayments(
	parameter: Parameter,
	{changes}: WriteSet,
	expected: Counts,
): string | undefined {
	return update(parameter, expected, 'payments', {
		rows: changes.payments,
		columns,
		set: columns
			.slice(1)
			.map(([name]) => `${name} = v.${name}`)
			.join(', '),
		where: 't.payment_id = v.payment_id',
	});
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
