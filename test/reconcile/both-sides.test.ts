import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {resultOf} from '../helpers/hub.ts';
import {newRequestId} from '../helpers/vtex.ts';
import {at, dayMs, hourMs, kindsOf, newGroup, openStage, type Stage} from './stage.ts';

// Which hold is compared with which payment, and when.

let stage: Stage;
test.before(async () => {
	stage = await openStage();
});
test.after.always(() => stage.close());
// Each test has days of its own.
test.beforeEach(() => {
	stage.clock.advance(3 * dayMs);
});
test.afterEach(t => assertAuditClean(t, stage.server.database));

test.serial('a payment that timed out and was settled late has two holds, and agrees', async t => {
	const {server, gateway, clock, buyByCard, buyByPayment, run, since} = stage;
	const from = clock.now();
	const paid = await buyByPayment(30);
	clock.advance(4 * dayMs);
	await buyByCard(10);
	clock.advance(4 * dayMs);
	await server.parts.payments.releaseForgotten();
	t.deepEqual(kindsOf(await run('--from', at(from))), ['released-here']);
	resultOf(await gateway.settle(paid.paymentId, 20));
	paid.settle(2000);
	paid.end();

	const {findings, summary} = await since(from);

	t.deepEqual(findings, []);
	t.like(summary, {agreed: 2});
});

test.serial(
	'an order and its hold on both sides of a slice are compared once, whichever comes first',
	async t => {
		const {server, hub, clock, api, since, mend} = stage;
		const from = clock.now();
		const sliceEnd = from + dayMs;
		const heldFirst = newGroup();
		const soldFirst = newGroup();
		clock.set(sliceEnd - 1000);
		const card = await buildCard(server.parts);
		const paymentId = newRequestId();
		const debit = await hub.debit(card.id, 30, {requestId: paymentId, orderInfo: {orderId: heldFirst}});
		const sold = api.sell({groupId: soldFirst, cents: 3100, cardId: card.id});
		clock.set(sliceEnd + 1000);
		api.sell({groupId: heldFirst, paymentId, cents: 3000, cardId: card.id, tid: debit}).end('Canceled');
		await hub.debit(card.id, 31, {requestId: sold.money.id, orderInfo: {orderId: soldFirst}});
		sold.end('Canceled');

		const {findings, summary} = await since(from);

		t.deepEqual(findings.map(({orderId, kind}) => [orderId, kind]).toSorted(), [
			[`${heldFirst}-01`, 'closed-there'],
			[`${soldFirst}-01`, 'closed-there'],
		]);
		t.like(summary, {complete: true});
		for (const finding of findings) {
			await mend(t, finding);
		}
	},
);

test.serial(
	'an order that was paid otherwise is no reason to release a hold that names it, until it is canceled',
	async t => {
		const {server, hub, clock, api, buyByCard, run, since, mend} = stage;
		const from = clock.now();
		await buyByCard(20);
		const card = await buildCard(server.parts);
		const groupId = newGroup();
		const debit = await hub.debit(card.id, 30, {orderInfo: {orderId: `${groupId}-01`}});
		const sold = api.sell({groupId, cents: 3000});
		const nameless = await hub.debit(card.id, 5, {orderInfo: null});

		const {findings} = await since(from);

		const about = {kind: 'unknown-there', vtex: null};
		t.deepEqual(
			findings.map(({holdId, command}) => [holdId, command]),
			[
				[debit, null],
				[nameless, null],
			],
		);
		t.like(findings[0], {...about, orderId: `${groupId}-01`, amount: 30});
		t.like(findings[1], {...about, orderId: null, amount: 5});
		sold.end('Canceled');
		const canceled = await since(from);
		await mend(
			t,
			canceled.findings.find(({holdId}) => holdId === debit),
		);
		resultOf(await hub.cancel(card.id, nameless, 5));
		t.deepEqual(kindsOf(await run('--from', at(from))), []);
	},
);

test.serial('a hold that names an order of an earlier day, which was paid otherwise, is found', async t => {
	const {server, hub, clock, api, buyByCard, since} = stage;
	const from = clock.now();
	const sold = await buyByCard(20);
	const {groupId} = api.sell({groupId: newGroup(), cents: 3000});
	clock.advance(2 * dayMs);
	const card = await buildCard(server.parts);
	const other = await hub.debit(card.id, 30, {orderInfo: {orderId: groupId}});
	const more = await hub.debit(card.id, 7, {orderInfo: {orderId: sold.groupId}});

	const {findings, summary} = await since(from);

	t.deepEqual(
		findings.map(({kind, holdId}) => [kind, holdId]),
		[
			['unknown-there', other],
			['unknown-there', more],
		],
	);
	t.like(summary, {agreed: 1});
	resultOf(await hub.cancel(card.id, other, 30));
	resultOf(await hub.cancel(card.id, more, 7));
});

test.serial(
	'where VTEX knows none of our orders the keys may be of another store, and nothing is offered',
	async t => {
		const {server, hub, clock, api, since} = stage;
		const from = clock.now();
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30, {orderInfo: {orderId: newGroup()}});
		api.sell({groupId: newGroup(), cents: 3000});

		const {findings} = await since(from);

		t.is(findings.length, 1);
		t.like(findings[0], {kind: 'unknown-there', holdId: debit, command: null});
		t.regex(String(findings[0]?.['why']), /keys of this store/);
		resultOf(await hub.cancel(card.id, debit, 30));
	},
);

test.serial(
	'the orders of several sellers share their payment, which is over once all of them are canceled',
	async t => {
		const {clock, api, buyByCard, run, since, mend} = stage;
		const from = clock.now();
		const sold = await buyByCard(30);
		const second = `${sold.groupId}-02`;
		api.put({...api.document(sold.orderId), orderId: second});
		sold.order({status: 'canceled'});
		clock.advance(26 * hourMs);

		const half = await run('--from', at(from));
		t.deepEqual(half.findings, []);
		t.like(half.summary, {agreed: 1});
		api.evolve(second, {status: 'canceled', lastChange: at(clock.now())});
		const whole = await since(from);
		t.deepEqual(kindsOf(whole), ['closed-there']);
		await mend(t, whole.findings[0]);
	},
);

test.serial('a purchase in another currency than was asked of us is told, each side in its own', async t => {
	const {hub, clock, buyByCard, run} = stage;
	const from = clock.now();
	const sold = await buyByCard(30, {currency: 'USD', cents: 3100});
	clock.advance(26 * hourMs);

	const {findings} = await run('--from', at(from));

	t.like(findings[0], {
		...{kind: 'amount-differs', amount: 30, currency: 'BRL', command: null},
		vtex: {authorized: 31, captured: 0, refunded: 0, refunds: [], currency: 'USD', status: 'Approved'},
	});
	resultOf(await hub.cancel(sold.card.id, sold.debit, 30));
});
