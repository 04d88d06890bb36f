import {uuidOf, wireIdOf} from '../cards/public-id.ts';
import {isOverdue, type ListedHold} from '../holds/hold.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type OrderPayment, type SoldOrder} from '../loyalty/order.ts';
import {type Asset} from '../money/asset.ts';
import {type Here, type There} from './compare.ts';
import {type GatewayPayment} from './source.ts';

/** What was bought together: one order for each seller, and the payments of ours that they share (Orders, 3.6). */
export type Purchase = {
	readonly groupId: string;
	readonly orders: readonly SoldOrder[];
	readonly asset: Asset;
	/** Those made to us, each once. */
	readonly payments: readonly OwnPayment[];
};

/** A payment of a purchase as its orders name it, and what VTEX's Payments Gateway says of it. */
export type OwnPayment = {readonly named: OrderPayment; readonly money: GatewayPayment};

/** A payment and the holds that were made for it: two where the first one timed out and VTEX settled later (A6). */
export type Match = {readonly payment: OwnPayment; readonly holds: readonly ListedHold[]};

/** The purchase that an order belongs to, as far as its id tells: without the number of its seller. */
export function groupOf(orderId: string): string {
	return orderId.replace(/-\d{2}$/, '');
}

/**
 * Which holds are for which payments. A payment of the Payment Provider Protocol by its id; one by gift card by the id that it was asked
 * under, then by our id of it, then by card and value within the purchase: VTEX promises none of these (Orders, 5).
 */
export function matched({payments}: Pick<Purchase, 'payments'>, holds: readonly ListedHold[]): Match[] {
	const free = new Set(holds);
	const taken = new Map<OwnPayment, readonly ListedHold[]>();
	for (const isFor of [isExactly, isAlike, isOfCard]) {
		for (const payment of payments.filter(one => !taken.has(one))) {
			const found = [...free].filter(hold => isFor(hold, payment));
			// By its id all that have it; by its looks one.
			const mine = isFor === isExactly ? found : found.slice(0, 1);
			if (mine.length > 0) {
				taken.set(payment, mine);
				mine.forEach(hold => free.delete(hold));
			}
		}
	}

	return payments.map(payment => ({payment, holds: taken.get(payment) ?? []}));
}

type IsFor = (hold: ListedHold, payment: OwnPayment) => boolean;

/** Whether a hold is for a payment by what both call it, whatever it is worth. */
export const isExactly: IsFor = ({id, payment, requestId}, {named}) =>
	payment === null
		? (requestId !== null && requestId === named.id) || wireIdOf(id) === named.tid
		: payment.paymentId === named.id;

const isOfCard: IsFor = ({payment, legs}, {named}) =>
	payment === null && named.cardId !== null && legs[0]?.publicId === uuidOf(named.cardId);

const isAlike: IsFor = (hold, payment) =>
	isOfCard(hold, payment) && hold.value.authorized === payment.named.value;

/** What became of a payment's holds together. A second one took again what the first one had released, so it adds no new promise. */
export function hereOf(holds: readonly ListedHold[]): Here {
	const total = (of: (hold: ListedHold) => bigint) => holds.reduce((sum, hold) => sum + of(hold), 0n);
	return {
		authorized: holds.reduce((most, {value}) => (value.authorized > most ? value.authorized : most), 0n),
		captured: total(({value}) => value.captured),
		refunded: total(({value}) => value.refunded),
		held: total(({value}) => value.held),
	};
}

/**
 * What VTEX has of a payment. It is over where the Gateway says so, where all orders of the purchase were canceled, and where checkout was
 * never completed and the hold is overdue: until then somebody may still pay an invoice or a transfer that comes with it (Orders, 3.5).
 */
export function thereOf(
	{orders}: Pick<Purchase, 'orders'>,
	{payment: {money}, holds}: Match,
	now: Instant,
): There {
	const isAbandoned =
		orders.every(({isCompleted}) => !isCompleted) && holds.some(hold => isOverdue(hold, now));
	return {
		authorized: money.value,
		captured: money.captures.reduce((sum, {amount}) => sum + amount, 0n),
		refunds: money.refunds.map(({amount}) => amount),
		isOver: money.isClosed || isCanceled({orders}) || isAbandoned,
		isInvoiced: orders.some(({stage}) => stage === 'invoiced'),
	};
}

/** Whether nothing is left of it: every one of its orders was canceled, or replaced by another purchase. */
export function isCanceled({orders}: Pick<Purchase, 'orders'>): boolean {
	return orders.every(({stage}) => stage === 'canceled' || stage === 'replaced');
}

/** When anything of a payment last moved, as far as either side tells. */
export function lastMovedAt({orders}: Pick<Purchase, 'orders'>, {payment: {money}, holds}: Match): Instant {
	return Math.max(
		...orders.map(({version}) => Date.parse(version)),
		...holds.map(({openedAt}) => openedAt),
		...[...money.captures, ...money.refunds].flatMap(({at}) => at ?? []),
	);
}
