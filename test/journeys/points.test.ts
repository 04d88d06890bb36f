import test from 'ava';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {fromWallet, type Gateway, openGateway} from '../helpers/gateway.ts';
import {errorCode, type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {
	addTestRate,
	grantPoints,
	openTestPoints,
	openTestWallet,
	type PointsWish,
	type TestWallet,
} from '../helpers/points.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {type PaymentAnswer} from '../helpers/payments.ts';

let server: TestServer;
let hub: Hub;
let gateway: Gateway;
let currencyId: number;
let actor: number;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
	gateway = openGateway(server);
	const {parts, merchant} = server;
	currencyId = (await parts.assets.ofCurrency(merchant.id, 'BRL')).id;
	actor = await actorId(parts.prisma, merchant.id, 'person', 'loyalty');
});
test.after.always(() => server.close());

type Shopper = TestWallet & {
	readonly id: string;
	readonly email: string;
	readonly document: string;
	readonly programId: number;
};

let shoppers = 0;

/** Somebody with a wallet of so many points, in a program of their own. */
async function shopperWith(units: bigint, wish: Partial<PointsWish> = {}): Promise<Shopper> {
	const {parts, merchant} = server;
	const email = `shopper${++shoppers}@example.com`;
	const document = `9000000000${shoppers}`;
	const points = await openTestPoints(parts.prisma, merchant.id, {currencyId, ...wish});
	const wallet = await openTestWallet(parts.prisma, merchant.id, points, [
		{kind: 'email', value: email},
		{kind: 'document', value: document},
	]);
	await grantPoints(parts.writer, merchant, wallet, {amount: units, actorId: actor});
	return {...wallet, ...points, id: wireIdOf(wallet.publicId), email, document};
}

/** Points of a wallet: what can be spent, and what is held. */
async function pointsOf({cardId}: Shopper): Promise<[available: bigint, held: bigint]> {
	const where = {merchantId_id: {merchantId: server.merchant.id, id: BigInt(cardId)}};
	const {available, held} = await server.parts.prisma.card.findUniqueOrThrow({where});
	return [available, held];
}

// Each journey is an order that is paid with points, with the books proved at its end.

test('a wallet shows in the store’s currency, pays, is settled in part and gets the rest back to the point', async t => {
	// Three points are worth a cent.
	const shopper = await shopperWith(10_000n, {rate: [1, 3]});

	const [found] = await hub.found({client: {email: shopper.email}});
	t.like(found, {id: shopper.id, caption: 'Points', balance: 33.33, totalBalance: 33.33});
	t.like(resultOf(await hub.card(shopper.id)), {balance: 33.33, currencyCode: 'BRL'});

	const id = await hub.debit(shopper.id, 20.01);
	t.deepEqual(await pointsOf(shopper), [3997n, 6003n]);
	t.is(await hub.balance(shopper.id), 13.32);

	resultOf(await hub.settle(shopper.id, id, 10));
	resultOf(await hub.settle(shopper.id, id, 5.01));
	t.deepEqual(await pointsOf(shopper), [3997n, 1500n]);
	resultOf(await hub.cancel(shopper.id, id, 7));
	t.deepEqual(await pointsOf(shopper), [3997n + 1500n + 600n, 0n]);
	resultOf(await hub.cancel(shopper.id, id, 13.01));
	t.deepEqual(await pointsOf(shopper), [10_000n, 0n]);

	const values = (list: readonly {readonly value: number}[]) => list.map(({value}) => value);
	t.deepEqual(values(await hub.settlements(shopper.id, id)), [10, 5.01]);
	t.deepEqual(values(await hub.cancellations(shopper.id, id)), [7, 13.01]);
	await assertAuditClean(t, server.database);
});

test('parts of an order that take no point are settled, listed and given back all the same', async t => {
	// A point is worth a hundred.
	const shopper = await shopperWith(3n, {rate: [10_000, 1]});
	const id = await hub.debit(shopper.id, 250);
	t.deepEqual(await pointsOf(shopper), [0n, 3n]);

	resultOf(await hub.settle(shopper.id, id, 50));
	t.deepEqual(await pointsOf(shopper), [0n, 3n]);
	resultOf(await hub.cancel(shopper.id, id, 1));
	resultOf(await hub.cancel(shopper.id, id, 1));
	t.deepEqual(await pointsOf(shopper), [1n, 2n]);
	resultOf(await hub.settle(shopper.id, id, 250));
	t.deepEqual(await pointsOf(shopper), [1n, 0n]);

	t.deepEqual(
		(await hub.settlements(shopper.id, id)).map(({value}) => value).toSorted((a, b) => a - b),
		[50, 198],
	);
	t.deepEqual(
		(await hub.cancellations(shopper.id, id)).map(({value}) => value),
		[1, 1],
	);
	await assertAuditClean(t, server.database);
});

test('the rate that was agreed stays, whatever points are worth by the time of the refund', async t => {
	const shopper = await shopperWith(1000n);
	const {parts, merchant, clock} = server;
	const id = await hub.debit(shopper.id, 5);
	const {programId} = shopper;
	await addTestRate(parts.prisma, {
		...{merchantId: merchant.id, programId, currencyId},
		...{rate: [1, 10], from: clock.now()},
	});

	resultOf(await hub.settle(shopper.id, id, 5));
	t.deepEqual(await pointsOf(shopper), [500n, 0n]);
	resultOf(await hub.cancel(shopper.id, id, 5));
	t.deepEqual(await pointsOf(shopper), [1000n, 0n]);
	// The next order is reckoned anew.
	await hub.debit(shopper.id, 1);
	t.deepEqual(await pointsOf(shopper), [0n, 1000n]);
	await assertAuditClean(t, server.database);
});

test('an order takes no fewer points than the least, no more than the most, and a refusal stays', async t => {
	const shopper = await shopperWith(1000n, {least: 100, most: 300});

	t.like((await hub.found({client: {email: shopper.email}}))[0], {balance: 3, totalBalance: 10});
	t.is(await hub.balance(shopper.id), 3);
	t.is(errorCode(await hub.transact(shopper.id, {value: 0.99, requestId: 'small'})), 'redemption_too_small');
	t.is(errorCode(await hub.transact(shopper.id, {value: 3.01})), 'redemption_too_large');
	t.is(errorCode(await hub.transact(shopper.id, {value: 10.01})), 'insufficient_balance');
	await hub.debit(shopper.id, 1);
	t.is(errorCode(await hub.transact(shopper.id, {value: 0.99, requestId: 'small'})), 'redemption_too_small');
	t.deepEqual(await pointsOf(shopper), [900n, 100n]);
});

test('points pay only in currencies that they have a rate to, and take no credit in money', async t => {
	const shopper = await shopperWith(1000n);

	t.deepEqual(await hub.found({client: {email: shopper.email}, cart: {currencyCode: 'USD'}}), []);
	t.is(errorCode(await hub.transact(shopper.id, {value: 1, currencyCode: 'USD'})), 'currency_mismatch');
	t.is(errorCode(await hub.transact(shopper.id, {operation: 'Credit', value: 1})), 'currency_mismatch');
	t.deepEqual(await pointsOf(shopper), [1000n, 0n]);
});

test('a payment takes points and money of its buyer together, in parts and back', async t => {
	const shopper = await shopperWith(2000n, {rate: [1, 2]});
	const card = await buildCard(server.parts, {amount: '15.00', owner: {document: shopper.document}});

	const payment = resultOf<PaymentAnswer>(
		await gateway.create({value: 20, ...fromWallet({document: shopper.document})}),
	);
	t.is(payment.status, 'approved');
	t.deepEqual(await pointsOf(shopper), [0n, 2000n]);
	t.is(await hub.balance(card.id), 5);

	resultOf(await gateway.settle(payment.paymentId, 12.5));
	t.deepEqual(await pointsOf(shopper), [0n, 0n]);
	resultOf(await gateway.refund(payment.paymentId, 12.5));
	resultOf(await gateway.cancel(payment.paymentId));
	t.deepEqual(await pointsOf(shopper), [2000n, 0n]);
	t.is(await hub.balance(card.id), 15);
	await assertAuditClean(t, server.database);
});

test('a hundred debits that arrive at once take no more points than there are', async t => {
	const shopper = await shopperWith(1000n, {rate: [1, 7]});

	const answers = await Promise.all(
		Array.from({length: 100}, () => hub.transact(shopper.id, {operation: 'Debit', value: 0.05})),
	);

	// Each takes 35 points.
	t.is(answers.filter(({status}) => status === 200).length, 28);
	t.deepEqual(await pointsOf(shopper), [20n, 980n]);
	await assertAuditClean(t, server.database);
});
