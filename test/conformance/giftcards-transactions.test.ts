import test from 'ava';
import {changeStatus} from '../../src/cards/block.ts';
import {buildCard} from '../helpers/build.ts';
import {errorCode, type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId, sampleText} from '../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

test('G18: a debit lowers the balance at once and answers cardId, a non-empty id and _self.href', async t => {
	const card = await buildCard(server.parts);

	const answer = await server.call('POST', `/giftcards/${card.id}/transactions`, {
		body: sampleText('oas-create-transaction.request'),
	});

	const debit = resultOf<{cardId: string; id: string; _self: {href: string}}>(answer);
	t.is(await hub.balance(card.id), 97);
	t.regex(debit.id, /^[0-9a-f]{32}$/);
	t.deepEqual(debit, {
		cardId: card.id,
		id: debit.id,
		_self: {href: `${server.merchant.name}/giftcards/${card.id}/transactions/${debit.id}`},
	});
});

test('G19: the same requestId again answers the same id and moves nothing, also 20 times at once', async t => {
	const card = await buildCard(server.parts);
	const requestId = newRequestId();

	const id = await hub.debit(card.id, 100, {requestId});
	const again = await hub.debit(card.id, 100, {requestId, redemptionCode: '***', orderInfo: null});

	t.is(again, id);
	t.is(await hub.balance(card.id), 0);

	const fresh = newRequestId();
	const other = await buildCard(server.parts);
	const ids = await Promise.all(
		Array.from({length: 20}, () => hub.debit(other.id, '60,00', {requestId: fresh})),
	);

	t.is(new Set(ids).size, 1);
	t.is(await hub.balance(other.id), 40);
});

test('G20: the same requestId with another value or operation is refused with 409 and moves nothing', async t => {
	const card = await buildCard(server.parts);
	const requestId = newRequestId();
	await hub.debit(card.id, 10, {requestId});

	const another = [
		{operation: 'Debit', value: 10.01},
		{operation: 'Credit', value: 10},
		{operation: 'Debit', value: 10, currencyCode: 'USD'},
	];
	for (const members of another) {
		const answer = await hub.transact(card.id, {...members, requestId});

		t.is(answer.status, 409, JSON.stringify(members));
		t.is(errorCode(answer), 'request_id_conflict');
	}

	t.is(await hub.balance(card.id), 90);
	// The key belongs to the card: on another one the same request id is another request.
	const other = await buildCard(server.parts);
	await hub.debit(other.id, 20, {requestId});
	t.is(await hub.balance(other.id), 80);
});

test('G21: a debit above the balance is refused with a JSON body and moves nothing; one of exactly the balance succeeds', async t => {
	const card = await buildCard(server.parts, {amount: '50.00'});
	const requestId = newRequestId();

	const above = await hub.transact(card.id, {operation: 'Debit', value: 50.01, requestId});

	t.is(above.status, 422);
	t.is(errorCode(above), 'insufficient_balance');
	t.is(await hub.balance(card.id), 50);
	await hub.debit(card.id, 50);
	t.is(await hub.balance(card.id), 0);

	// The refusal stays the answer to its request id, even when the card is full again.
	await hub.credit(card.id, 100);
	const again = await hub.transact(card.id, {operation: 'Debit', value: 50.01, requestId});
	t.is(again.status, 422);
	t.is(errorCode(again), 'insufficient_balance');
	t.is(await hub.balance(card.id), 100);
});

test("G22: a debit on an expired, blocked or somebody else's card is refused with a JSON body", async t => {
	const {parts, merchant} = server;
	const expired = await buildCard(parts, {expires: '2026-03-10'});
	const lastDay = await buildCard(parts, {expires: '2026-03-11'});
	const blocked = await buildCard(parts);
	const owned = await buildCard(parts, {owner: {email: 'ana@example.com'}, restricted: true});
	const change = {actorId: 1, reason: 'lost', now: server.clock.now()};
	await changeStatus(parts.prisma, {
		...change,
		merchantId: merchant.id,
		cardId: blocked.cardId,
		to: 'blocked',
	});
	const debitOf = (email: string) => ({operation: 'Debit', value: 1, orderInfo: {clientProfile: {email}}});

	const refused = [
		['card_expired', expired, debitOf('ana@example.com')],
		['card_blocked', blocked, debitOf('ana@example.com')],
		['owner_mismatch', owned, debitOf('bia@example.com')],
	] as const;
	for (const [code, card, members] of refused) {
		const answer = await hub.transact(card.id, members);

		t.is(answer.status, 422, code);
		t.is(errorCode(answer), code);
	}

	await hub.debit(lastDay.id, 1);
	await hub.debit(owned.id, 1, debitOf('Ana@Example.com'));
	// Nothing to compare: the card's id, which is secret, decides (B11).
	await hub.debit(owned.id, 1);
	t.is(await hub.balance(expired.id), 0);
	t.is(await hub.balance(owned.id), 98);
});

test('G30: a credit adds to the balance, and cancelling the credit takes it back', async t => {
	const card = await buildCard(server.parts);

	const id = await hub.credit(card.id, 25.5);
	t.is(await hub.balance(card.id), 125.5);

	const cancelled = await hub.cancel(card.id, id, 25.5);
	t.is(resultOf<{value: number}>(cancelled).value, 25.5);
	t.is(await hub.balance(card.id), 100);
	t.is((await hub.cancellations(card.id, id)).length, 1);
});

test('G31: a card with multipleCredits false takes its first credit and refuses the next', async t => {
	const created = await server.call('POST', '/giftcards', {
		body: {relationName: 'once', profileId: 'ana@example.com', multipleCredits: false},
	});
	const {id} = resultOf<{id: string}>(created);

	await hub.credit(id, 40);
	const second = await hub.transact(id, {operation: 'Credit', value: 1});

	t.is(second.status, 422);
	t.is(errorCode(second), 'not_rechargeable');
	t.is(await hub.balance(id), 40);
});

test('G32: a card with multipleRedemptions false refuses a second debit until the first is cancelled', async t => {
	const card = await buildCard(server.parts, {singleUse: true});

	const id = await hub.debit(card.id, 30);
	const second = await hub.transact(card.id, {operation: 'Debit', value: 1});

	t.is(second.status, 422);
	t.is(errorCode(second), 'card_used');
	t.is(await hub.balance(card.id), 0);
	t.deepEqual(await hub.found({cart: {redemptionCode: card.code}}), []);

	await hub.cancel(card.id, id, 30);
	t.is(await hub.balance(card.id), 100);
	await hub.debit(card.id, 100);
});

test('G33: the authorization of a transaction has oid, value and date', async t => {
	const card = await buildCard(server.parts);
	const id = await hub.debit(card.id, 5.92);

	const answer = await server.call('GET', `/giftcards/${card.id}/transactions/${id}/authorization`);

	t.deepEqual(answer.json, {oid: id, value: 5.92, date: '2026-03-11T15:00:00.000Z'});
});

test('G34: a transaction shows its links, operation and requestId', async t => {
	const card = await buildCard(server.parts);
	const requestId = newRequestId();
	const debit = await hub.debit(card.id, 140 / 10, {requestId, description: 'GiftCardProvider1'});
	const credit = await hub.credit(card.id, 7, {operation: 'credit'});
	const shown = (id: string) => server.call('GET', `/giftcards/${card.id}/transactions/${id}`);
	const href = `/${server.merchant.name}/giftcards/${card.id}/transactions/${debit}`;

	t.deepEqual((await shown(debit)).json, {
		value: 14,
		description: 'GiftCardProvider1',
		date: '2026-03-11T15:00:00.000Z',
		requestId,
		settlement: {href: `${href}/settlements`},
		cancellation: {href: `${href}/cancellations`},
		authorization: {href: `${href}/authorization`},
		operation: 'Debit',
	});
	t.like((await shown(credit)).json, {operation: 'Credit', value: 7});
	t.deepEqual(
		resultOf<{id: string}[]>(await server.call('GET', `/giftcards/${card.id}/transactions`)).map(
			({id}) => id,
		),
		[debit, credit],
	);
});

test('G35: credit 500, debit 120 leaves 380, cancelling 20 leaves 400', async t => {
	const created = await server.call('POST', '/giftcards', {
		body: {relationName: 'example', profileId: 'ana@example.com'},
	});
	const {id} = resultOf<{id: string}>(created);

	await hub.credit(id, 500);
	const debit = await hub.debit(id, 120);
	t.is(await hub.balance(id), 380);
	await hub.cancel(id, debit, 20);

	t.is(await hub.balance(id), 400);
});

test("G38: amounts are JSON numbers with at most the currency's decimals", async t => {
	const cases = [
		['BRL', '1234.56', 0.1, '1234.46'],
		['CLP', '1500', 1, '1499'],
		['KWD', '7.125', 0.005, '7.12'],
	] as const;

	for (const [currency, amount, value, left] of cases) {
		const card = await buildCard(server.parts, {currency, amount});
		const id = await hub.debit(card.id, value);
		const settled = await hub.settle(card.id, id, value);
		const read = await hub.card(card.id);
		const listed = await hub.search({cart: {redemptionCode: card.code}});

		t.true(settled.text.includes(`"value":${String(value)},`), settled.text);
		t.true(read.text.includes(`"balance":${left},`), read.text);
		t.true(listed.text.includes(`"balance":${left},`), listed.text);
		t.is((await hub.transact(card.id, {value: 0.0001})).status, 400);
	}
});

test('G40: a transaction of one card under another card is unknown: 404', async t => {
	const card = await buildCard(server.parts);
	const other = await buildCard(server.parts);
	const id = await hub.debit(card.id, 10);
	const requestId = newRequestId();
	await hub.settle(card.id, id, 4, requestId);
	const path = `/giftcards/${other.id}/transactions/${id}`;

	const answers = [
		await server.call('GET', path),
		await server.call('GET', `${path}/authorization`),
		await server.call('GET', `${path}/settlements`),
		await server.call('GET', `${path}/cancellations`),
		await hub.settle(other.id, id, 4, requestId),
		await hub.settle(other.id, id, 1),
		await hub.cancel(other.id, id, 1),
		await hub.cancel(card.id, '0'.repeat(32), 1),
		await hub.cancel(card.id, 'no-id-of-ours', 1),
	];

	for (const answer of answers) {
		t.is(answer.status, 404);
		t.is(errorCode(answer), 'transaction_not_found');
	}

	t.is(await hub.balance(card.id), 90);
	t.is(await hub.balance(other.id), 100);
});
