import test from 'ava';
import {changeStatus} from '../../../src/cards/block.ts';
import {buildCard} from '../../helpers/build.ts';
import {makeClock} from '../../helpers/clock.ts';
import {errorCode, type Hub, openHub, type Operation, resultOf} from '../../helpers/hub.ts';
import {openTestServer, type TestServer, withServer} from '../../helpers/server.ts';
import {newRequestId, sampleText} from '../../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

test('the published settlement and cancellation do what they say', async t => {
	const card = await buildCard(server.parts);
	const id = await hub.debit(card.id, 10);
	const path = `/giftcards/${card.id}/transactions/${id}`;

	// Both carry the same request id: they have key spaces of their own.
	const settled = await server.call('POST', `${path}/settlements`, {body: sampleText('oas-settle.request')});
	const cancelled = await server.call('POST', `${path}/cancellations`, {
		body: sampleText('oas-cancel.request'),
	});

	t.is(resultOf<Operation>(settled).value, 1.8);
	t.is(resultOf<Operation>(cancelled).value, 4.1);
	t.is(await hub.balance(card.id), 94.1);
});

test('one request id may name the debit, its settlement and its cancellation', async t => {
	const card = await buildCard(server.parts);
	const requestId = newRequestId();

	const id = await hub.debit(card.id, 30, {requestId});
	await hub.settle(card.id, id, 20, requestId);
	await hub.cancel(card.id, id, 10, requestId);

	t.is(await hub.balance(card.id), 80);
	// And the same settlement id on another transaction is another settlement.
	const other = await hub.debit(card.id, 5);
	t.is((await hub.settle(card.id, other, 5, requestId)).status, 200);
});

test('settlements in any order never exceed the debit, and the whole value takes the rest', async t => {
	const card = await buildCard(server.parts);
	const id = await hub.debit(card.id, 30);

	await hub.settle(card.id, id, 12);
	const above = await hub.settle(card.id, id, 18.01);
	t.is(above.status, 422);
	t.is(errorCode(above), 'exceeds_transaction');
	const rest = resultOf<Operation>(await hub.settle(card.id, id, 30));

	t.is(rest.value, 18);
	t.deepEqual(
		(await hub.settlements(card.id, id)).map(({value}) => value),
		[12, 18],
	);
	t.is((await hub.settle(card.id, id, 30)).status, 422);
});

test('a refused settlement may succeed under the same request id later: only what happened is remembered', async t => {
	const card = await buildCard(server.parts);
	const id = await hub.debit(card.id, 30);
	const requestId = newRequestId();

	t.is((await hub.settle(card.id, id, 31, requestId)).status, 422);
	t.is((await hub.settle(card.id, id, 30, requestId)).status, 200);
});

test('what was spent of a credit cannot be taken back; what is left of it can', async t => {
	const card = await buildCard(server.parts, {amount: '1.00'});
	await hub.debit(card.id, 1);
	const id = await hub.credit(card.id, 10);
	await hub.debit(card.id, 4);

	const whole = await hub.cancel(card.id, id, 10);
	t.is(whole.status, 422);
	t.is(errorCode(whole), 'credit_spent');
	t.is(resultOf<Operation>(await hub.cancel(card.id, id, 6)).value, 6);
	t.is((await hub.cancel(card.id, id, 4.01)).status, 422);
	t.is(await hub.balance(card.id), 0);
});

test('an order in flight settles and is cancelled on a blocked card', async t => {
	const card = await buildCard(server.parts);
	const id = await hub.debit(card.id, 30);
	const change = {merchantId: server.merchant.id, cardId: card.cardId, actorId: 1, now: server.clock.now()};
	await changeStatus(server.parts.prisma, {...change, to: 'blocked', reason: 'lost'});

	t.is((await hub.settle(card.id, id, 20)).status, 200);
	t.is((await hub.cancel(card.id, id, 30)).status, 200);
	t.is(await hub.balance(card.id), 0);

	await changeStatus(server.parts.prisma, {...change, to: 'active', reason: 'found'});
	t.is(await hub.balance(card.id), 100);
});

test('an order in flight is cancelled after the card’s last day, and the money is there to be spent', async t => {
	const clock = makeClock('2026-12-31T15:00:00Z');
	const {parts, call} = await withServer(t, {clock});
	const late = openHub({call});
	const card = await buildCard(parts, {expires: '2026-12-31'});
	const id = await late.debit(card.id, 30);
	clock.set('2027-01-02T15:00:00Z');
	t.is(await late.balance(card.id), 0);

	await late.settle(card.id, id, 10);
	await late.cancel(card.id, id, 30);

	t.is(await late.balance(card.id), 30);
	t.is((await late.found({cart: {redemptionCode: card.code}})).length, 1);
	await late.debit(card.id, 30);
});

for (const list of ['settlements', 'cancellations']) {
	test(`a request to ${list} without value or requestId is refused with 400`, async t => {
		const card = await buildCard(server.parts);
		const id = await hub.debit(card.id, 10);

		for (const body of [
			'{}',
			'{"value": 1}',
			'{"requestId": "x"}',
			'{"value": "x", "requestId": "x"}',
			'[]',
			'null',
			'{',
		]) {
			const answer = await server.call('POST', `/giftcards/${card.id}/transactions/${id}/${list}`, {body});

			t.is(answer.status, 400, body);
			t.true(errorCode(answer) !== undefined, body);
		}

		t.is(await hub.balance(card.id), 90);
	});
}
