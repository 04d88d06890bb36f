import {Agent, request} from 'node:http';
import test from 'ava';
import {untilAnswered} from '../helpers/ask.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {newRequestId, transactionBody} from '../helpers/vtex.ts';

let one: TestServer;
let two: TestServer;

test.before(async () => {
	one = await openTestServer();
	two = await openTestServer({database: one.database});
});
test.after.always(async () => {
	await two.close();
	await one.close();
});

/** A client that keeps to its connections, as VTEX's do. */
function client({url, appKey, appToken}: TestServer, connections: number) {
	const agent = new Agent({keepAlive: true, maxSockets: connections});
	const headers = {
		'Content-Type': 'application/vnd.vtex.giftcards.v1+json',
		'X-PROVIDER-API-AppKey': appKey,
		'X-PROVIDER-API-AppToken': appToken,
	};
	const post = (path: string, body: unknown) =>
		new Promise<{status: number; text: string}>((resolve, reject) => {
			const call = request(url + path, {method: 'POST', agent, headers}, response => {
				let text = '';
				response.setEncoding('utf8');
				response.on('data', (part: string) => (text += part));
				response.on('end', () => {
					resolve({status: response.statusCode ?? 0, text});
				});
			});
			call.on('error', reject);
			call.end(JSON.stringify(body));
		});
	return {
		post,
		close: () => {
			agent.destroy();
		},
	};
}

// Goal: however the debits fall on connections and processes, exactly what was there is given away. Method: 200 debits of
// 1.00 on a card of 150.00 with two lots, through two services over one database, two connections each.
test('a card drained by 200 parallel debits over 4 connections and two services ends exactly at zero', async t => {
	const {balance, credit} = openHub(one);
	const card = await buildCard(one.parts, {amount: '100.00'});
	await credit(card.id, 50);
	const clients = [client(one, 2), client(two, 2)] as const;
	t.teardown(() => {
		clients.forEach(({close}) => {
			close();
		});
	});

	const answers = await Promise.all(
		Array.from({length: 200}, (_, n) => {
			const {post} = n % 2 === 0 ? clients[0] : clients[1];
			const body = transactionBody({operation: 'Debit', value: 1});
			return untilAnswered(() => post(`/giftcards/${card.id}/transactions`, body));
		}),
	);

	const count = (status: number) => answers.filter(answer => answer.status === status).length;
	t.is(count(200), 150);
	t.is(count(422), 50);
	t.true(answers.every(answer => answer.status !== 422 || answer.text.includes('insufficient_balance')));
	t.is(await balance(card.id), 0);
	await assertAuditClean(t, one.database);
});

test('one requestId sent 20 times at once through two services is one debit', async t => {
	const {balance} = openHub(one);
	const card = await buildCard(one.parts);
	const requestId = newRequestId();

	const ids = await Promise.all(
		Array.from({length: 20}, async (_, n) => {
			const members = {operation: 'Debit', value: 70, requestId};
			const answer = await untilAnswered(() => openHub(n % 2 === 0 ? one : two).transact(card.id, members));
			return resultOf<{id: string}>(answer).id;
		}),
	);

	t.is(new Set(ids).size, 1);
	t.is(await balance(card.id), 30);
	await assertAuditClean(t, one.database);
});

test('settlements and cancellations of one debit that race through two services share it out, and the books balance', async t => {
	const hubs = [openHub(one), openHub(two)] as const;
	const card = await buildCard(one.parts);
	const id = await hubs[0].debit(card.id, 90);

	await Promise.all(
		Array.from({length: 24}, (_, n) => {
			const hub = hubs[n % 2 === 0 ? 0 : 1];
			return n % 4 < 2 ? hub.settle(card.id, id, 10) : hub.cancel(card.id, id, 10);
		}),
	);

	const [settled, cancelled] = await Promise.all([
		hubs[0].settlements(card.id, id),
		hubs[1].cancellations(card.id, id),
	]);
	t.true(settled.length <= 9 && cancelled.length <= 9);
	t.is(await hubs[1].balance(card.id), 10 + 10 * cancelled.length);
	await assertAuditClean(t, one.database);
});

const createUntilAnswered = (server: TestServer, body: unknown) =>
	untilAnswered(() => server.call('POST', '/giftcards', {body}));

test('two creates of one relation at once make one card and one customer', async t => {
	const body = {relationName: 'twice', profileId: 'Dora@example.com', caption: 'Once'};
	const {general} = one.database;

	const answers = await Promise.all(
		Array.from({length: 6}, (_, n) => createUntilAnswered(n % 2 === 0 ? one : two, body)),
	);

	const cards = answers.map(({json}) => json as {id: string; redemptionCode: string});
	t.is(new Set(cards.map(({id}) => id)).size, 1);
	// The clear code is told once.
	t.is(cards.filter(({redemptionCode}) => !redemptionCode.startsWith('*')).length, 1);
	t.is(await general.prisma.customer.count(), 1);

	// Once the customer is known, only the cards can collide.
	const next = {...body, relationName: 'thrice'};
	const again = await Promise.all(
		Array.from({length: 20}, (_, n) => createUntilAnswered(n % 2 === 0 ? one : two, next)),
	);
	t.is(new Set(again.map(({json}) => (json as {id: string}).id)).size, 1);
	t.is(await general.prisma.card.count({where: {relationName: 'thrice'}}), 1);
});
