import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {type Hub, openHub, type Operation, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer, withServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

const dayMs = 86_400_000;

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

// Each journey is a purchase as VTEX would drive it, with the books proved at its end.

test('a voucher pays an order that is invoiced in two parts, of which one is returned', async t => {
	const voucher = await buildCard(server.parts, {amount: '250.00', expires: '2026-12-31'});

	// Cart: the typed code, then the card itself, must agree.
	const [found] = await hub.found({cart: {redemptionCode: voucher.code, grandTotal: 180.9}});
	t.like(found, {id: voucher.id, balance: 250});
	t.is(await hub.balance(voucher.id), 250);

	// The order is placed; the gateway uses the payment's id as request id throughout.
	const paymentId = newRequestId();
	const id = await hub.debit(voucher.id, 180.9, {requestId: paymentId});
	t.is(await hub.balance(voucher.id), 69.1);
	t.is(await hub.debit(voucher.id, 180.9, {requestId: paymentId}), id);

	// Two invoices, then what is left of the payment.
	await hub.settle(voucher.id, id, 100.45, paymentId);
	await hub.settle(voucher.id, id, 80.45);
	t.is((await hub.settle(voucher.id, id, 0.01)).status, 422);
	t.is(await hub.balance(voucher.id), 69.1);

	// A return, then another one of the same value.
	await hub.cancel(voucher.id, id, 40);
	await hub.cancel(voucher.id, id, 40);
	t.is(await hub.balance(voucher.id), 149.1);
	t.deepEqual(
		(await hub.cancellations(voucher.id, id)).map(({value}) => value),
		[40, 40],
	);

	// What came back is spent again.
	await hub.debit(voucher.id, 149.1);
	t.deepEqual(await hub.found({cart: {redemptionCode: voucher.code}}), []);
	await assertAuditClean(t, server.database);
});

test('an order is cancelled before anything is invoiced, and the card is as before', async t => {
	const voucher = await buildCard(server.parts);

	const id = await hub.debit(voucher.id, 99.99);
	const cancelled = resultOf<Operation>(await hub.cancel(voucher.id, id, 99.99));

	t.is(cancelled.value, 99.99);
	t.is(await hub.balance(voucher.id), 100);
	t.deepEqual(await hub.settlements(voucher.id, id), []);
	t.is((await hub.settle(voucher.id, id, 99.99)).status, 422);
	await assertAuditClean(t, server.database);
});

test('a loyal customer is given a card, earns credits, loses one again and spends the rest by name', async t => {
	const client = {email: 'ana@example.com'};

	const created = await server.call('POST', '/giftcards', {
		body: {
			relationName: 'cashback-ana',
			profileId: client.email,
			caption: 'Cashback',
			restrictedToOwner: true,
		},
	});
	const {id: card} = resultOf<{id: string}>(created);
	t.deepEqual(await hub.found({client}), []);

	const first = await hub.credit(card, 15);
	const second = await hub.credit(card, 10);
	t.like((await hub.found({client}))[0], {id: card, balance: 25, caption: 'Cashback'});

	// The order behind the first credit is returned.
	await hub.cancel(card, first, 15);
	t.is(await hub.balance(card), 10);

	const buyer = {orderInfo: {orderId: 'v700', clientProfile: client}};
	const debit = await hub.debit(card, 10, buyer);
	t.is((await hub.cancel(card, second, 10)).status, 422);
	await hub.settle(card, debit, 10);
	t.deepEqual(await hub.found({client}), []);
	await assertAuditClean(t, server.database);
});

test('value that comes back after the card’s last day is spendable for a while, and then expires for good', async t => {
	const clock = makeClock('2026-12-30T15:00:00Z');
	const late = await withServer(t, {clock});
	const hub = openHub(late);
	const {writer} = late.parts;
	const voucher = await buildCard(late.parts, {expires: '2026-12-31'});
	const sweep = () =>
		writer.submit(late.merchant, {
			verb: 'expire',
			cardId: voucher.cardId,
			actorId: 1,
			key: null,
			note: {orderId: null, requestId: null, description: null, reason: null, reasonCode: null},
		});

	const id = await hub.debit(voucher.id, 60);
	clock.advance(3 * dayMs);
	await sweep();
	t.is(await hub.balance(voucher.id), 0);
	t.is((await hub.transact(voucher.id, {value: 1})).status, 422);

	// Held value does not expire: it settles, and the rest comes back.
	await hub.settle(voucher.id, id, 20);
	await hub.cancel(voucher.id, id, 60);
	t.is(await hub.balance(voucher.id), 60);
	await hub.debit(voucher.id, 25);
	await assertAuditClean(t, late.database);

	clock.advance(40 * dayMs);
	t.is(await hub.balance(voucher.id), 0);
	await sweep();
	t.deepEqual(await hub.found({cart: {redemptionCode: voucher.code}}), []);
	await assertAuditClean(t, late.database);
});

test('two stores on one service know nothing of each other', async t => {
	const merchant = await server.parts.prisma.merchant.create({
		data: {name: 'other', timeZone: 'America/Bogota', currency: 'COP'},
	});
	const theirs = await buildCard(server.parts, {merchant, owner: {email: 'bia@example.com'}});
	const ours = await buildCard(server.parts, {owner: {email: 'bia@example.com'}});

	t.deepEqual(
		(await hub.found({client: {email: 'bia@example.com'}})).map(({id}) => id),
		[ours.id],
	);
	t.is((await hub.card(theirs.id)).status, 404);
	t.is((await hub.transact(theirs.id, {value: 1})).status, 404);
	await hub.debit(ours.id, 100);
	await assertAuditClean(t, server.database);
});
