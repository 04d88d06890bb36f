import {type OrderState} from '../order-state.ts';
import {type Counts, insert, type Parameter, plain, text, update} from './statements.ts';
import {type WriteSet} from './write-set.ts';

/* Orders in their final image, and what was booked for them. Their rows are made when they are locked (A1). */

export function updateOrders(
	parameter: Parameter,
	{changes}: WriteSet,
	expected: Counts,
): string | undefined {
	return update(parameter, expected, 'orders', {
		rows: changes.orders,
		columns: [
			['order_id', 'text', text(order => order.orderId)],
			['applied_version', 'text', text(order => order.appliedVersion)],
			['earning_id', 'uuid', plain(order => order.earningId)],
		],
		set: 'applied_version = v.applied_version, earning_id = v.earning_id',
		where: 't.order_id = v.order_id',
	});
}

type BookingRow = {
	readonly orderId: string;
	readonly cardId: string;
	readonly units: bigint;
	readonly forgone: bigint;
	/** Whether it has a row. */
	readonly isKnown: boolean;
	readonly isChanged: boolean;
};

export function insertBookings(parameter: Parameter, {changes}: WriteSet): string | undefined {
	const rows = changes.orders.flatMap(order => bookingsOf(order, changes.ordersBefore));
	return insert(
		parameter,
		'order_bookings',
		rows.filter(({isKnown}) => !isKnown),
		[
			['order_id', 'text', text(({orderId}) => orderId)],
			['card_id', 'bigint', plain(({cardId}) => cardId)],
			['units', 'bigint', plain(({units}) => units)],
			['forgone', 'bigint', plain(({forgone}) => forgone)],
		],
	);
}

export function updateBookings(
	parameter: Parameter,
	{changes}: WriteSet,
	expected: Counts,
): string | undefined {
	const rows = changes.orders.flatMap(order => bookingsOf(order, changes.ordersBefore));
	return update(parameter, expected, 'order_bookings', {
		rows: rows.filter(({isKnown, isChanged}) => isKnown && isChanged),
		columns: [
			['order_id', 'text', text(({orderId}) => orderId)],
			['card_id', 'bigint', plain(({cardId}) => cardId)],
			['units', 'bigint', plain(({units}) => units)],
			['forgone', 'bigint', plain(({forgone}) => forgone)],
		],
		set: 'units = v.units, forgone = v.forgone',
		where: 't.order_id = v.order_id AND t.card_id = v.card_id',
	});
}

function bookingsOf(
	{orderId, bookings}: OrderState,
	ordersBefore: ReadonlyMap<string, OrderState>,
): BookingRow[] {
	return [...bookings].map(([cardId, {units, forgone}]) => {
		const before = ordersBefore.get(orderId)?.bookings.get(cardId);
		const isChanged = before?.units !== units || before.forgone !== forgone;
		return {orderId, cardId, units, forgone, isKnown: before !== undefined, isChanged};
	});
}
