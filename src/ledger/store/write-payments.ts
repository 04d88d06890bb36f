import {type PaymentState} from '../card-state.ts';
import {type PaymentParticulars} from '../commands.ts';
import {refusals} from '../refusals.ts';
import {bytesArray} from './arrays.ts';
import {paymentStatusNumbers, paymentWayNumbers} from './lock-payments.ts';
import {
	type Column,
	type Counts,
	insert,
	instant,
	json,
	type Parameter,
	plain,
	text,
	update,
} from './statements.ts';
import {type WriteSet} from './write-set.ts';

/* Payments in their final image, with what VTEX said when it created them, and the callbacks that tell how they ended. */

const commonStateColumns: readonly Column<PaymentState>[] = [
	['status', 'smallint', plain(({status}) => (status === 'new' ? null : paymentStatusNumbers[status]))],
	['asset_id', 'int', plain(payment => payment.assetId)],
	['way', 'smallint', plain(({way}) => (way === null ? null : paymentWayNumbers[way]))],
	['decided_at', 'timestamptz', instant(payment => payment.decidedAt)],
];

const ownStateColumns: readonly Column<PaymentState>[] = [
	['value', 'bigint', plain(payment => payment.value)],
	['hold_id', 'uuid', plain(payment => payment.holdId)],
	['hold_until', 'timestamptz', instant(payment => payment.holdUntil)],
];

const rareStateColumns: readonly Column<PaymentState>[] = [
	['refusal', 'smallint', plain(({refusal}) => (refusal === null ? null : refusals[refusal].number))],
	['cancellation_id', 'uuid', plain(payment => payment.cancellationId)],
	['timed_out_at', 'timestamptz', instant(payment => payment.timedOutAt)],
	['former_hold_id', 'uuid', plain(payment => payment.formerHoldId)],
	['conclude_at', 'timestamptz', instant(payment => payment.concludeAt)],
	['conclude_approved', 'boolean', plain(payment => payment.concludeApproved)],
];

const stateColumns = [...commonStateColumns, ...ownStateColumns, ...rareStateColumns];

/** A payment that is new, with what was said about it; of a tombstone nothing was said. */
type PaymentBirth = {readonly payment: PaymentState; readonly said: PaymentParticulars | undefined};

const commonBirthColumns: readonly Column<PaymentBirth>[] = [
	...commonStateColumns.map(ofBirth),
	['method', 'text', text(({said}) => said?.method ?? null)],
	['delay_to_auto_settle', 'int', plain(({said}) => said?.delayToAutoSettle ?? null)],
	['delay_after_antifraud', 'int', plain(({said}) => said?.delayAfterAntifraud ?? null)],
	['delay_to_cancel', 'int', plain(({said}) => said?.delayToCancel ?? null)],
];

const ownBirthColumns: readonly Column<PaymentBirth>[] = [
	['payment_id', 'text', text(({payment}) => payment.paymentId)],
	['tid', 'uuid', plain(({payment}) => payment.tid)],
	...ownStateColumns.map(ofBirth),
	['order_id', 'text', text(({said}) => said?.orderId ?? null)],
	['reference', 'text', text(({said}) => said?.reference ?? null)],
	['transaction_id', 'text', text(({said}) => said?.transactionId ?? null)],
	['callback_url', 'text', text(({said}) => said?.callbackUrl ?? null)],
	['return_url', 'text', text(({said}) => said?.returnUrl ?? null)],
	['particulars', 'jsonb', json(({said}) => said?.particulars ?? '{}')],
];

const rareBirthColumns: readonly Column<PaymentBirth>[] = [
	...rareStateColumns.map(ofBirth),
	['customer_id', 'bigint', plain(({said}) => said?.customerId ?? null)],
	['page_hash', 'bytea', all => bytesArray(all.map(({said}) => said?.pageHash ?? null))],
	['page_until', 'timestamptz', instant(({said}) => said?.pageUntil ?? null)],
];

const birthColumns = [...commonBirthColumns, ...ownBirthColumns, ...rareBirthColumns];

function ofBirth([name, type, literal]: Column<PaymentState>): Column<PaymentBirth> {
	return [name, type, births => literal(births.map(({payment}) => payment))];
}

/** Paid by code and approved: nothing to be said in the rare columns, as the row has it where they are not named. */
function isUsual({payment, said}: PaymentBirth): boolean {
	return (
		payment.refusal === null &&
		payment.cancellationId === null &&
		payment.timedOutAt === null &&
		payment.formerHoldId === null &&
		payment.concludeAt === null &&
		payment.concludeApproved === null &&
		said?.customerId === null &&
		said.pageHash === null &&
		said.pageUntil === null
	);
}

/** Whether two have the common columns in common. */
function isLike(a: PaymentBirth, b: PaymentBirth): boolean {
	return (
		a.payment.status === b.payment.status &&
		a.payment.assetId === b.payment.assetId &&
		a.payment.way === b.payment.way &&
		a.payment.decidedAt === b.payment.decidedAt &&
		a.said?.method === b.said?.method &&
		a.said?.delayToAutoSettle === b.said?.delayToAutoSettle &&
		a.said?.delayAfterAntifraud === b.said?.delayAfterAntifraud &&
		a.said?.delayToCancel === b.said?.delayToCancel
	);
}

/** In one order: two batches that make the same payments meet at their keys, where one waits for the other. */
export function insertPayments(parameter: Parameter, {changes, openings}: WriteSet): string | undefined {
	const said = new Map(openings.map(({paymentId, particulars}) => [paymentId, particulars]));
	const births = changes.openedPayments
		.map(payment => ({payment, said: said.get(payment.paymentId)}))
		.sort((a, b) => (a.payment.paymentId < b.payment.paymentId ? -1 : 1));
	const [first] = births;
	const created = {created_at: '$2::timestamptz'};
	return first !== undefined && births.every(birth => isUsual(birth) && isLike(birth, first))
		? insert(parameter, 'payments', births, ownBirthColumns, {...created, ...commonOf(parameter, first)})
		: insert(parameter, 'payments', births, birthColumns, created);
}

/** What all have in common, sent once; SQL by column. */
function commonOf(parameter: Parameter, birth: PaymentBirth): Record<string, string> {
	return Object.fromEntries(
		commonBirthColumns.map(([name, type, literal]) => [
			name,
			`(${parameter(literal([birth]))}::${type}[])[1]`,
		]),
	);
}

export function updatePayments(
	parameter: Parameter,
	{changes}: WriteSet,
	expected: Counts,
): string | undefined {
	return update(parameter, expected, 'payments', {
		rows: changes.payments,
		columns: [['payment_id', 'text', text(payment => payment.paymentId)], ...stateColumns],
		set: stateColumns.map(([name]) => `${name} = v.${name}`).join(', '),
		where: 't.payment_id = v.payment_id',
	});
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
