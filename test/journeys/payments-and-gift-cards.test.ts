import test from 'ava';
import {changeStatus} from '../../src/cards/block.ts';
import {statement} from '../../src/reports/statement.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {fromWallet, type Gateway, openGateway} from '../helpers/gateway.ts';
import {type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer, withServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

const dayMs = 86_400_000;

let server: TestServer;
let hub: Hub;
let gateway: Gateway;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
	gateway = openGateway(server);
});
test.after.always(() => server.close());

// One card, both protocols: each journey ends with the books proved.

test('a card is debited through the Hub while a payment captures, and both get what is theirs', async t => {
	const card = await buildCard(server.parts);
	const paymentId = await gateway.pay(card.code, 60);

	const [debit, settled] = await Promise.all([
		hub.debit(card.id, 30),
		gateway.settle(paymentId, 45.5),
		gateway.settle(paymentId, 14.5),
	]);
	t.is(resultOf<{value: number}>(settled).value, 45.5);
	t.is(await hub.balance(card.id), 10);

	await Promise.all([
		hub.settle(card.id, debit, 30),
		gateway.refund(paymentId, 20),
		hub.debit(card.id, 10),
		gateway.refund(paymentId, 40),
	]);
	t.is(await hub.balance(card.id), 60);
	await assertAuditClean(t, server.database);
});

test('the same money is never given to both protocols, however they race', async t => {
	for (let round = 0; round < 8; round++) {
		const card = await buildCard(server.parts);
		const debit = () => hub.transact(card.id, {operation: 'Debit', value: 70});
		const pay = () => gateway.ask(card.code, 70);
		const [debited, payment] = await (round % 2 === 0
			? Promise.all([debit(), pay()])
			: Promise.all([pay(), debit()]).then(([paid, other]) => [other, paid] as const));

		t.not(debited.status === 200, payment.status === 'approved');
		t.true([200, 422].includes(debited.status) && ['approved', 'denied'].includes(payment.status));
		t.is(await hub.balance(card.id), 30);
	}

	await assertAuditClean(t, server.database);
});

test('a refund on one side and a cancellation on the other give back what each had taken', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 50);
	const paymentId = await gateway.pay(card.code, 50);
	await hub.settle(card.id, debit, 50);
	await gateway.settle(paymentId, 20);
	t.is(await hub.balance(card.id), 0);

	const answers = await Promise.all([
		hub.cancel(card.id, debit, 35),
		gateway.refund(paymentId, 5),
		gateway.cancel(paymentId),
	]);

	t.deepEqual(
		answers.map(({status}) => status),
		[200, 200, 200],
	);
	t.is(await hub.balance(card.id), 70);
	t.is((await gateway.refund(paymentId, 15.01)).status, 200);
	t.is((await gateway.refund(paymentId, 0.01)).status, 500);
	t.is((await hub.cancel(card.id, debit, 15.01)).status, 422);
	t.is(await hub.balance(card.id), 85);
	await assertAuditClean(t, server.database);
});

test('an id that VTEX uses on both sides names two different things', async t => {
	const card = await buildCard(server.parts);
	const id = newRequestId();

	const debit = await hub.debit(card.id, 10, {requestId: id});
	await gateway.pay(card.code, 20, {paymentId: id});
	await hub.settle(card.id, debit, 10, id);
	resultOf(await gateway.settle(id, 20, {requestId: id}));
	await hub.cancel(card.id, debit, 10, id);
	resultOf(await gateway.refund(id, 20, {requestId: id}));

	t.is(await hub.balance(card.id), 100);
	t.deepEqual(
		(await hub.cancellations(card.id, debit)).map(({value}) => value),
		[10],
	);
	await assertAuditClean(t, server.database);
});

test('a wallet pays with all its cards or with none, while one of them is debited through the Hub', async t => {
	for (let round = 0; round < 6; round++) {
		const document = `1122233300${round}`;
		const first = await buildCard(server.parts, {amount: '40.00', owner: {document}, expires: '2026-12-31'});
		const second = await buildCard(server.parts, {amount: '40.00', owner: {document}});

		const [paid, debited] = await Promise.all([
			gateway.create({...fromWallet({document}), value: 60}),
			hub.transact(first.id, {operation: 'Debit', value: 40}),
		]);

		const {status} = resultOf<{status: string}>(paid);
		const left = (await hub.balance(first.id)) + (await hub.balance(second.id));
		t.is(left, status === 'approved' ? 20 : 40);
		t.is(debited.status, status === 'approved' ? 422 : 200);
	}

	await assertAuditClean(t, server.database);
});

test('a blocked card pays nothing new on either side, and ends on both sides what it had begun', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	const paymentId = await gateway.pay(card.code, 40);
	const {cardId} = card;
	const change = {merchantId: server.merchant.id, cardId, actorId: 1, reason: 'lost'};
	await changeStatus(server.parts.prisma, {...change, now: server.clock.now(), to: 'blocked'});

	t.is((await hub.transact(card.id, {operation: 'Debit', value: 1})).status, 422);
	t.is((await gateway.ask(card.code, 1)).status, 'denied');
	resultOf(await hub.settle(card.id, debit, 30));
	resultOf(await gateway.settle(paymentId, 25));
	resultOf(await gateway.refund(paymentId, 5));
	resultOf(await gateway.cancel(paymentId));

	await changeStatus(server.parts.prisma, {...change, now: server.clock.now(), to: 'active'});
	t.is(await hub.balance(card.id), 50);
	await assertAuditClean(t, server.database);
});

test('a card for one purchase is used up by a payment, and free for the Hub once that is cancelled', async t => {
	const card = await buildCard(server.parts, {singleUse: true});
	const paymentId = await gateway.pay(card.code, 60);

	t.deepEqual(await hub.found({cart: {redemptionCode: card.code}}), []);
	t.is((await hub.transact(card.id, {operation: 'Debit', value: 10})).status, 422);
	resultOf(await gateway.cancel(paymentId));

	const debit = await hub.debit(card.id, 10);
	t.is((await gateway.ask(card.code, 10)).status, 'denied');
	resultOf(await hub.cancel(card.id, debit, 10));
	await gateway.pay(card.code, 100);
	await assertAuditClean(t, server.database);
});

test('what a payment gives back after the card’s last day is spent through the Hub', async t => {
	const clock = makeClock('2026-12-30T15:00:00Z');
	const late = await withServer(t, {clock});
	const [lateHub, lateGateway] = [openHub(late), openGateway(late)];
	const card = await buildCard(late.parts, {expires: '2026-12-31'});

	const paymentId = await lateGateway.pay(card.code, 60);
	clock.advance(3 * dayMs);
	t.is((await lateGateway.ask(card.code, 1)).status, 'denied');
	resultOf(await lateGateway.settle(paymentId, 20));
	resultOf(await lateGateway.refund(paymentId, 5));
	resultOf(await lateGateway.cancel(paymentId));

	t.is(await lateHub.balance(card.id), 45);
	await lateHub.debit(card.id, 45);
	await assertAuditClean(t, late.database);
});

test('a statement tells the purchases of both protocols apart by their orders', async t => {
	const card = await buildCard(server.parts);
	await hub.debit(card.id, 10, {orderInfo: {orderId: 'v-hub'}});
	const paymentId = await gateway.pay(card.code, 20, {orderId: 'v-gateway'});
	resultOf(await gateway.settle(paymentId, 20));

	const orders: (string | null)[] = [];
	const {cardId} = card;
	for await (const {kind, orderId} of statement(
		server.parts.prisma,
		{merchantId: server.merchant.id, cardId},
		null,
	)) {
		if (kind !== 'issue') {
			orders.push(orderId);
		}
	}

	t.deepEqual(orders.slice(0, 2), ['v-hub', 'v-gateway']);
	t.is(orders.length, 3);
	await assertAuditClean(t, server.database);
});
