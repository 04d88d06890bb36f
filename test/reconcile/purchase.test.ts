import test from 'ava';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {type ListedHold, type PaymentOfHold} from '../../src/holds/hold.ts';
import {type OrderPayment} from '../../src/loyalty/order.ts';
import {groupOf, hereOf, matched, type OwnPayment} from '../../src/reconcile/purchase.ts';
import {buildPayment} from '../helpers/orders.ts';

const card = '4f1d2c3b-4a59-6877-8695-a4b3c2d1e0f0';
const otherCard = '5a2e3d4c-5b6a-7988-9706-b5c4d3e2f101';

function hold(
	number: number,
	value: bigint,
	over: Partial<ListedHold> & {readonly card?: string} = {},
): ListedHold {
	const standing = {authorized: value, captured: 0n, released: 0n, refunded: 0n, held: value};
	return {
		id: `019e2f6b-7c3a-7d51-a4e0-00000000000${number}`,
		...{openedAt: 0, orderId: '1530', requestId: null, payment: null, assetId: 1, value: standing},
		legs: [{cardId: '1', publicId: over.card ?? card, value: standing, own: null}],
		...over,
	};
}

function byCard(id: string, value: bigint, members: Partial<OrderPayment> = {}): OwnPayment {
	return payment(id, {value, isGiftCard: true, cardId: wireIdOf(card), ...members});
}

const payment = (id: string, members: Partial<OrderPayment> = {}): OwnPayment => ({
	named: buildPayment({id, ...members}),
	money: {id, value: 0n, isClosed: false, status: 'Approved', captures: [], refunds: []},
});

/** For each payment the numbers of its holds. */
const pairs = (payments: readonly OwnPayment[], holds: readonly ListedHold[]) =>
	matched({payments}, holds).map(match => match.holds.map(({id}) => Number(id.slice(-1))));

test('a gift card’s hold is for the payment that it was asked under, whatever else is alike', t => {
	const holds = [hold(1, 30n, {requestId: 'B'}), hold(2, 30n, {requestId: 'A'})];

	t.deepEqual(pairs([byCard('A', 30n), byCard('B', 30n)], holds), [[2], [1]]);
});

test('without that id it is the one whose number VTEX has, then one of the same card and value, then one of the card', t => {
	const [first, second, third] = [hold(1, 30n), hold(2, 20n), hold(3, 99n)];
	const tid = wireIdOf(second.id);

	t.deepEqual(pairs([byCard('A', 30n), byCard('B', 30n, {tid})], [first, second, third]), [[1], [2]]);
	t.deepEqual(pairs([byCard('A', 20n), byCard('B', 31n)], [first, second]), [[2], [1]]);
	t.deepEqual(pairs([byCard('A', 20n)], [hold(4, 20n, {card: otherCard})]), [[]]);
});

test('a hold is for one payment only', t => {
	t.deepEqual(pairs([byCard('A', 30n), byCard('B', 30n)], [hold(1, 30n)]), [[1], []]);
});

test('a payment has all holds of its id, and a gift card has none of them', t => {
	const paid: PaymentOfHold = {paymentId: 'P', tid: card, status: 'approved', holdUntil: null};
	const holds = [hold(1, 30n, {payment: paid}), hold(2, 20n, {payment: paid})];

	t.deepEqual(pairs([payment('P')], holds), [[1, 2]]);
	t.deepEqual(pairs([byCard('A', 30n)], holds), [[]]);
});

test('two holds of a payment are one promise: the second took again what the first had released', t => {
	const [first, second] = [hold(1, 30n), hold(2, 20n)];
	const released = {...first, value: {...first.value, released: 30n, held: 0n}};
	const captured = {...second, value: {...second.value, captured: 20n, held: 0n}};

	t.deepEqual(hereOf([released, captured]), {authorized: 30n, captured: 20n, refunded: 0n, held: 0n});
});

test('a purchase is called by its orders, without the number of the seller', t => {
	t.is(groupOf('1530241870044-01'), '1530241870044');
	t.is(groupOf('v967813hub'), 'v967813hub');
	t.is(groupOf('1530241870044-001'), '1530241870044-001');
});
