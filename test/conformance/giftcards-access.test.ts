import test from 'ava';
import {giftCardEndpoints} from '../../src/vtex/giftcards/endpoints.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer, withServer} from '../helpers/server.ts';
import {newRequestId, operationBody, sampleText, transactionBody} from '../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;
let card: BuiltCard;
let id: string;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
	card = await buildCard(server.parts);
	id = await hub.debit(card.id, 1);
});
test.after.always(() => server.close());

/** Every endpoint with a path and a body that would succeed, and paths that nobody serves. */
function everyCall(): {method: string; path: string; body?: unknown}[] {
	const known = giftCardEndpoints.map(({contract: {method, path}}) => ({
		method: method.toUpperCase(),
		path: path.replace(':giftCardId', card.id).replace(':transactionId', id),
		...(method === 'post' && {body: bodyOf(path)}),
	}));
	return [...known, {method: 'GET', path: '/nothing'}, {method: 'DELETE', path: `/giftcards/${card.id}`}];
}

function bodyOf(path: string): unknown {
	if (path.endsWith('/_search')) {
		return sampleText('oas-search.request');
	}

	if (path === '/giftcards') {
		return sampleText('oas-create-card.request');
	}

	return path.endsWith('/transactions') ? transactionBody({value: 1}) : operationBody(0.1);
}

/** How many rows a request could have left behind. */
async function traces({database}: TestServer): Promise<unknown> {
	const {rows} = await database.general.pool.query(
		'SELECT (SELECT count(*) FROM commands) AS commands, (SELECT count(*) FROM entries) AS entries, (SELECT count(*) FROM cards) AS cards, (SELECT count(*) FROM customers) AS customers',
	);
	return rows[0];
}

test('G01: missing credentials are answered 401 without a body on every route, unknown ones included', async t => {
	const headers = {'X-PROVIDER-API-AppKey': null, 'X-PROVIDER-API-AppToken': null};

	for (const {method, path, body} of everyCall()) {
		const answer = await server.call(method, path, {body, headers});

		t.is(answer.status, 401, `${method} ${path}`);
		t.is(answer.text, '', `${method} ${path}`);
	}
});

test('G02: wrong credentials are answered 403 without a body on every route', async t => {
	const wrong = [
		{'X-PROVIDER-API-AppToken': 'wrong'},
		{'X-PROVIDER-API-AppKey': 'nobody'},
		{'X-PROVIDER-API-AppKey': 'nobody', 'X-PROVIDER-API-AppToken': 'wrong'},
	];

	for (const headers of wrong) {
		for (const {method, path, body} of everyCall()) {
			const answer = await server.call(method, path, {body, headers});

			t.is(answer.status, 403, `${method} ${path}`);
			t.is(answer.text, '', `${method} ${path}`);
		}
	}
});

test('G03: one header alone, or a blank one, is as good as none: 401', async t => {
	const incomplete = [
		{'X-PROVIDER-API-AppKey': null},
		{'X-PROVIDER-API-AppToken': null},
		{'X-PROVIDER-API-AppKey': ''},
		{'X-PROVIDER-API-AppToken': ' '},
	];

	for (const headers of incomplete) {
		const answer = await server.call('GET', `/giftcards/${card.id}`, {headers});

		t.is(answer.status, 401, JSON.stringify(headers));
		t.is(answer.text, '');
	}
});

test('G04: header names count in any case', async t => {
	const {appKey, appToken} = server;
	const spellings = ['x-provider-api-', 'X-PROVIDER-API-', 'X-Provider-Api-'];

	for (const prefix of spellings) {
		// The names as they stand, past a client that would write them in its own way.
		const headers = {[`${prefix}AppKey`]: appKey, [`${prefix}APPTOKEN`]: appToken};
		const {status} = await fetch(`${server.url}/giftcards/${card.id}`, {headers});

		t.is(status, 200, prefix);
	}
});

test('G05: every JSON media type of VTEX is parsed, with or without a charset', async t => {
	const types = [
		'application/vnd.vtex.giftcards.v1+json',
		'application/vnd.vtex.giftcardproviders.v1+json',
		'application/vnd.vtex.giftcard.v1+json',
		'application/json',
	];

	for (const type of types.flatMap(one => [one, `${one}; charset=utf-8`])) {
		const own = await buildCard(server.parts);
		const body = transactionBody({value: 40});
		const answer = await server.call('POST', `/giftcards/${own.id}/transactions`, {
			body,
			headers: {'Content-Type': type},
		});

		t.is(answer.status, 200, type);
		t.is(await hub.balance(own.id), 60, type);
	}
});

test('G06: unknown headers and query parameters are ignored, ?ts= of the card GET among them', async t => {
	const headers = {
		'x-vtex-operation-id': 'a6c3a5a5-8f5f-4f0f-9f4d-1c1d6a0c3b2e',
		'x-vtex-debug-id': '',
		traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
		'x-nobody-knows': 'this',
	};

	const answer = await server.call('GET', `/giftcards/${card.id}?ts=639091131481342036&other=1`, {headers});

	t.is(answer.status, 200);
	t.is((answer.json as {id: string}).id, card.id);
	t.is((await server.call('POST', '/giftcards/_search?x=y', {body: {}, headers})).status, 200);
});

test('G07: doubled slashes are routed like single ones', async t => {
	const body = {cart: {redemptionCode: card.code}};

	const plain = await server.call('POST', '/giftcards/_search', {body});
	const doubled = await server.call('POST', '//giftcards/_search', {body});
	const everywhere = await server.call('POST', '//giftcards///_search', {body});

	t.is(resultOf<unknown[]>(plain).length, 1);
	t.deepEqual(doubled.json, plain.json);
	t.deepEqual(everywhere.json, plain.json);
});

test('G39: a verification probe with a bad key on a valid body is refused and leaves no trace', async t => {
	const quiet = await withServer(t);
	const {debit, balance} = openHub(quiet);
	const own = await buildCard(quiet.parts);
	const transaction = await debit(own.id, 1);
	const before = await traces(quiet);
	const requestId = newRequestId();

	const probes = [
		{path: `/giftcards/${own.id}/transactions`, body: transactionBody({value: 5, requestId})},
		{path: '/giftcards', body: sampleText('oas-create-card.request')},
		{
			path: `/giftcards/${own.id}/transactions/${transaction}/cancellations`,
			body: operationBody(1, requestId),
		},
	];
	for (const {path, body} of probes) {
		const answer = await quiet.call('POST', path, {
			body,
			headers: {'X-PROVIDER-API-AppToken': 'invalid-token-of-a-probe'},
		});
		t.is(answer.status, 403);
		t.is(answer.text, '');
	}

	t.deepEqual(await traces(quiet), before);
	t.is(await balance(own.id), 99);
	// The request id is still free for the real call.
	await debit(own.id, 5, {requestId});
	t.is(await balance(own.id), 94);
});
