import test from 'ava';
import {closeCard} from '../../../src/cards/close.ts';
import {buildCard} from '../../helpers/build.ts';
import {errorCode, type Hub, openHub, resultOf} from '../../helpers/hub.ts';
import {openTestServer, type TestServer} from '../../helpers/server.ts';
import {newRequestId} from '../../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

test('a debit needs no more than operation, value and requestId', async t => {
	const card = await buildCard(server.parts);

	const answer = await server.call('POST', `/giftcards/${card.id}/transactions`, {
		body: {operation: 'DEBIT', value: '1,50', requestId: 'r'},
	});

	t.is(answer.status, 200);
	t.is(await hub.balance(card.id), 98.5);
});

test('what only informs never makes a debit fail', async t => {
	const card = await buildCard(server.parts);

	for (const members of [
		{description: null, redemptionToken: null, redemptionCode: null, orderInfo: null},
		{description: {deep: 1}, orderInfo: 'none', redemptionCode: 7},
		{description: 'x'.repeat(10_000), orderInfo: {orderId: 'v\u0000500', sequence: '5006128', cart: null}},
		{orderInfo: {orderId: 500, clientProfile: [], cart: {items: 'none'}}, extra: {more: []}},
	]) {
		const answer = await hub.transact(card.id, {value: 1, ...members});
		t.is(answer.status, 200, JSON.stringify(members).slice(0, 80));
	}

	t.is(await hub.balance(card.id), 96);
});

test('numbers with noise are the amount that was meant, and anything finer than the currency is refused', async t => {
	const card = await buildCard(server.parts);

	await hub.debit(card.id, 10.1 + 20.2);
	t.is(await hub.balance(card.id), 69.7);

	for (const value of [0.001, '0.001', 30.305]) {
		t.is((await hub.transact(card.id, {value})).status, 400);
	}
});

const refuses = test.macro({
	async exec(t, members: Record<string, unknown>, problem: RegExp) {
		const card = await buildCard(server.parts);

		const answer = await hub.transact(card.id, members);

		t.is(answer.status, 400);
		t.is(errorCode(answer), 'invalid_request');
		t.regex(answer.text, problem);
		t.is(await hub.balance(card.id), 100);
	},
	title: (_given, members) =>
		`a transaction with ${JSON.stringify(members).slice(0, 60)} is refused with 400`,
});

test(refuses, {value: 0}, /body\.value: must be above zero/);
test(refuses, {value: -1}, /body\.value: must be above zero/);
test(refuses, {value: null}, /body\.value: is missing/);
test(refuses, {value: 'ten'}, /body\.value/);
test(refuses, {value: 1e30}, /body\.value/);
test(refuses, {value: [1]}, /body\.value/);
test(refuses, {operation: null}, /body\.operation: must be Debit or Credit/);
test(refuses, {operation: 'Refund'}, /body\.operation: must be Debit or Credit/);
test(refuses, {requestId: undefined}, /body\.requestId: is missing/);
test(refuses, {requestId: null}, /body\.requestId: is missing/);
test(refuses, {requestId: ''}, /body\.requestId: is empty/);
test(refuses, {requestId: 'x'.repeat(257)}, /body\.requestId: is longer than 256/);
test(refuses, {requestId: 'a\u0000b'}, /body\.requestId/);
test(refuses, {requestId: 'half \ud83d'}, /body\.requestId/);

test('a request id is compared exactly, to its last character and in its case', async t => {
	const card = await buildCard(server.parts);
	const longest = 'x'.repeat(256);
	const quoted = 'é"\\{}, NULL';

	const ids = [
		await hub.debit(card.id, 1, {requestId: longest}),
		await hub.debit(card.id, 1, {requestId: ` ${longest.slice(1)}`}),
		await hub.debit(card.id, 1, {requestId: 'ABC'}),
		await hub.debit(card.id, 1, {requestId: 'abc'}),
		await hub.debit(card.id, 1, {requestId: quoted}),
	];

	t.is(new Set(ids).size, 5);
	t.true(ids.includes(await hub.debit(card.id, 1, {requestId: quoted})));
	t.is(await hub.balance(card.id), 95);
});

test('a debit in another currency than the card’s is refused, wherever it is named, and stays refused', async t => {
	const card = await buildCard(server.parts);
	const requestId = newRequestId();

	for (const members of [
		{currencyCode: 'USD'},
		{currency: 'usd', requestId},
		{orderInfo: {currencyCode: 'JPY'}},
		{orderInfo: {cart: {currency: 'EUR'}}},
		{currencyCode: 'nonsense'},
	]) {
		const answer = await hub.transact(card.id, {value: 1, ...members});
		t.is(answer.status, 422, JSON.stringify(members));
		t.is(errorCode(answer), 'currency_mismatch');
	}

	t.is(errorCode(await hub.transact(card.id, {value: 1, currency: 'usd', requestId})), 'currency_mismatch');
	await hub.debit(card.id, 1, {currencyCode: 'brl', orderInfo: {cart: {currency: 'BRL'}}});
	t.is(await hub.balance(card.id), 99);
});

test('a closed card refuses debits and credits', async t => {
	const card = await buildCard(server.parts);
	const {writer} = server.parts;
	await closeCard(writer, server.merchant, {cardId: card.cardId, actorId: 1, reason: 'lost'});

	for (const operation of ['Debit', 'Credit']) {
		const answer = await hub.transact(card.id, {operation, value: 1});
		t.is(answer.status, 422);
		t.is(errorCode(answer), 'card_closed');
	}
});

test('the card is judged at the debit by who the order says is buying: profile, then document, then e-mail', async t => {
	const owner = {id: 'profile-5', email: 'own5@example.com', document: '52998224725'};
	const card = await buildCard(server.parts, {owner, restricted: true});
	const debit = (clientProfile: Record<string, unknown>) =>
		hub.transact(card.id, {value: 1, orderInfo: {orderId: 'v1', clientProfile}});

	t.is((await debit({email: owner.email, document: owner.document})).status, 200);
	t.is((await debit({email: 'other@example.com', document: '529.982.247-25'})).status, 200);
	t.is(errorCode(await debit({email: owner.email, document: '11144477735'})), 'owner_mismatch');
	t.is((await debit({email: 'x@ct.vtex.com.br'})).status, 200);
	t.is((await debit({})).status, 200);
});

test('the list of a card’s transactions has its latest thousand, in the order of its history', async t => {
	const card = await buildCard(server.parts);
	const list = async () =>
		resultOf<{id: string; cardId: string}[]>(await server.call('GET', `/giftcards/${card.id}/transactions`));
	t.deepEqual(await list(), []);

	const first = await hub.credit(card.id, 1);
	const refused = await hub.transact(card.id, {value: 1000});
	t.is(refused.status, 422);
	await hub.cancel(card.id, first, 1);
	const rest: string[] = [];
	while (rest.length < 1000) {
		// All at once, the last ones would be late on a slow machine.
		rest.push(...(await Promise.all(Array.from({length: 50}, () => hub.debit(card.id, 0.01)))));
	}

	const last = await hub.credit(card.id, 1);

	const ids = (await list()).map(({id}) => id);
	t.is(ids.length, 1000);
	t.is(ids.at(-1), last);
	t.false(ids.includes(first));
	t.is(ids.filter(id => rest.includes(id)).length, 999);
});
