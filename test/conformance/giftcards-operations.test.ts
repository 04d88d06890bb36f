import test from 'ava';
import {buildCard} from '../helpers/build.ts';
import {errorCode, type Hub, openHub, type Operation, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId} from '../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

/** A card of 100.00 with a debit. */
async function debited(value: number): Promise<{card: string; id: string}> {
	const card = await buildCard(server.parts);
	return {card: card.id, id: await hub.debit(card.id, value)};
}

const sum = (operations: readonly Operation[]) => operations.reduce((total, {value}) => total + value, 0);

test('G23: the lists of settlements and cancellations are empty arrays when there are none', async t => {
	const {card, id} = await debited(30);

	for (const list of ['settlements', 'cancellations']) {
		const answer = await server.call('GET', `/giftcards/${card}/transactions/${id}/${list}`);

		t.is(answer.status, 200);
		t.is(answer.text, '[]');
	}
});

test('G24: a full settlement is listed, so that the Hub has nothing more to send', async t => {
	const {card, id} = await debited(30);

	const settled = resultOf<Operation>(await hub.settle(card, id, 30));

	t.like(settled, {value: 30, date: '2026-03-11T15:00:00.000Z'});
	t.regex(settled.oid, /^[0-9a-f]{32}$/);
	t.deepEqual(await hub.settlements(card, id), [settled]);
	t.true(sum(await hub.settlements(card, id)) >= 30);
	t.is(await hub.balance(card), 70);
});

test('G25: a settlement repeated under its requestId is one settlement', async t => {
	const {card, id} = await debited(30);
	const requestId = newRequestId();

	const first = await hub.settle(card, id, 10, requestId);
	const again = await hub.settle(card, id, 10, requestId);
	const changed = await hub.settle(card, id, 11, requestId);

	t.deepEqual(again.json, first.json);
	t.is(changed.status, 409);
	t.deepEqual(await hub.settlements(card, id), [resultOf<Operation>(first)]);
});

test('G26: a cancellation before settlement gives the value back and is listed', async t => {
	const {card, id} = await debited(30);

	const cancelled = resultOf<Operation>(await hub.cancel(card, id, 30));

	t.is(await hub.balance(card), 100);
	t.deepEqual(await hub.cancellations(card, id), [cancelled]);
	t.is((await hub.settle(card, id, 1)).status, 422);
});

test('G27: two partial cancellations of the same value with different requestIds both count', async t => {
	const {card, id} = await debited(30);

	const first = resultOf<Operation>(await hub.cancel(card, id, 10));
	const second = resultOf<Operation>(await hub.cancel(card, id, 10));

	t.not(first.oid, second.oid);
	t.deepEqual(await hub.cancellations(card, id), [first, second]);
	t.is(await hub.balance(card), 90);
});

test("G28: cancelling more than the debit is refused; the whole debit's value after partial ones moves exactly the rest", async t => {
	const {card, id} = await debited(30);
	await hub.cancel(card, id, 12);

	const above = await hub.cancel(card, id, 18.01);
	t.is(above.status, 422);
	t.is(errorCode(above), 'exceeds_transaction');
	t.is((await hub.cancel(card, id, 30.01)).status, 422);
	t.is(await hub.balance(card), 82);

	const whole = resultOf<Operation>(await hub.cancel(card, id, 30));
	t.is(whole.value, 18);
	t.is(await hub.balance(card), 100);
	t.deepEqual(
		(await hub.cancellations(card, id)).map(({value}) => value),
		[12, 18],
	);
	t.is((await hub.cancel(card, id, 30)).status, 422);
	t.is(await hub.balance(card), 100);
});

test('G29: a cancellation after settlement gives the value back', async t => {
	const {card, id} = await debited(30);
	await hub.settle(card, id, 20);

	// Ten are still held, so five of the fifteen come out of what was settled: two entries, one operation (A9).
	const cancelled = resultOf<Operation>(await hub.cancel(card, id, 15));

	t.is(cancelled.value, 15);
	t.is(await hub.balance(card), 85);
	t.deepEqual(await hub.cancellations(card, id), [cancelled]);
	t.is(sum(await hub.settlements(card, id)), 20);

	t.is((await hub.cancel(card, id, 15.01)).status, 422);
	await hub.cancel(card, id, 15);
	t.is(await hub.balance(card), 100);
});

test('G36: settlements and cancellations that race never move more than the debit', async t => {
	for (let round = 0; round < 5; round++) {
		const {card, id} = await debited(100);

		const racing = await Promise.all([
			...Array.from({length: 8}, () => hub.settle(card, id, 20)),
			...Array.from({length: 8}, () => hub.cancel(card, id, 20)),
			hub.settle(card, id, 100),
		]);

		const settled = sum(await hub.settlements(card, id));
		const cancelled = sum(await hub.cancellations(card, id));
		t.true(racing.every(({status}) => status === 200 || status === 422));
		t.true(settled <= 100 && cancelled <= 100);
		// Nothing is left in between: what was not settled came back, and the rest came back or stays settled.
		t.is(await hub.balance(card), cancelled);
		t.is((await hub.cancel(card, id, 100 - cancelled + 0.01)).status, 422);
	}
});

test('a settlement of a credit, and one of nothing, are refused', async t => {
	const {card, id} = await debited(30);
	const credit = await hub.credit(card, 5);

	t.is(errorCode(await hub.settle(card, credit, 5)), 'not_a_debit');
	t.is((await hub.settle(card, id, 0)).status, 400);
	t.is((await hub.cancel(card, id, -1)).status, 400);
	t.deepEqual(await hub.settlements(card, id), []);
	t.is(await hub.balance(card), 75);
});
