import {createServer, type IncomingHttpHeaders} from 'node:http';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {
	AnswerLostError,
	type HubOptions,
	newPaymentId,
	openHub,
	ProviderRefusal,
} from '../../scripts/demo/hub.ts';

type Seen = {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Record<string, unknown> | undefined;
};
type Reply = {readonly status?: number; readonly body?: unknown; readonly isZipped?: boolean};

/** A provider that answers what it is told and remembers what it was asked. */
async function withProvider(
	t: ExecutionContext,
	reply: (seen: Seen) => Reply,
	options: Pick<HubOptions, 'mishap' | 'onCall'> = {},
) {
	const seen: Seen[] = [];
	const server = createServer((request, response) => {
		void text(request).then(body => {
			const {method = '', url = '', headers} = request;
			const one = {
				method,
				url,
				headers,
				body: body === '' ? undefined : (JSON.parse(body) as Record<string, unknown>),
			};
			seen.push(one);
			const {status = 200, body: answer, isZipped = false} = reply(one);
			const payload = answer === undefined ? '' : JSON.stringify(answer);
			response.writeHead(status, isZipped ? {'Content-Encoding': 'gzip'} : {});
			response.end(isZipped ? gzipSync(payload) : payload);
		});
	});
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	const hub = openHub({
		serviceUrl: `http://127.0.0.1:${port}/v1`,
		appKey: 'store-key',
		appToken: 'store-token',
		...options,
	});
	return {hub, seen};
}

const transaction = {id: 't1', cardId: 'c1'};
const operation = (value: number) => ({oid: `o${value}`, value, date: '2026-01-01T00:00:00.000Z'});

test('search goes to serviceUrl with a double slash, ten cards wide, in the media type that VTEX documents', async t => {
	const {hub, seen} = await withProvider(t, () => ({body: [{id: 'c1', provider: 'Monedero', balance: 5.9}]}));

	t.deepEqual(await hub.search({code: 'ABCD', client: {email: 'shopper@example.com'}}), [
		{id: 'c1', provider: 'Monedero', balance: 5.9},
	]);
	const [{method, url, headers, body} = {method: '', url: '', headers: {}, body: {}}] = seen;
	t.deepEqual([method, url], ['POST', '/v1//giftcards/_search']);
	t.like(headers, {
		'x-provider-api-appkey': 'store-key',
		'x-provider-api-apptoken': 'store-token',
		'rest-range': 'resources=0-9',
		'content-type': 'application/vnd.vtex.giftcards.v1+json',
		accept: 'application/vnd.vtex.giftcards.v1+json',
		'accept-encoding': 'gzip',
		'x-vtex-debug-id': '',
	});
	t.regex(String(headers['x-vtex-operation-id']), /^[0-9a-f-]{36}$/);
	t.like(body, {client: {email: 'shopper@example.com'}, cart: {redemptionCode: 'ABCD'}});
});

test('a card is read past every cache, and must be the one that was asked for', async t => {
	const {hub, seen} = await withProvider(t, ({url}) => ({
		body: {id: url.includes('c1') ? 'c1' : 'c9', balance: 1},
	}));

	t.is((await hub.card('c1')).balance, 1);
	t.regex(seen[0]?.url ?? '', /^\/v1\/\/giftcards\/c1\?ts=\d+$/);
	await t.throwsAsync(hub.card('c2'), {message: /asked for card c2 and was given c9/});
});

test('a debit carries its code masked to the last four characters', async t => {
	const {hub, seen} = await withProvider(t, () => ({body: transaction}));
	const requestId = newPaymentId();

	await hub.debit('c1', {
		value: 12.5,
		requestId,
		orderId: 'v1-01',
		email: 'shopper@example.com',
		code: 'BAHD-ASDB-ADQW-ASDQ',
	});
	t.regex(requestId, /^[0-9A-F]{32}$/);
	t.like(seen[0]?.body, {operation: 'Debit', value: 12.5, redemptionCode: '***********ASDQ', requestId});
});

for (const kind of ['settle', 'cancel'] as const) {
	test(`${kind} lists first and sends the whole value while less than that is listed`, async t => {
		const {hub, seen} = await withProvider(t, ({method}) => ({
			body: method === 'GET' ? [operation(0.1), operation(0.2)] : operation(0.31),
		}));

		const outcome = await hub[kind](transaction, 0.31, 'r1');
		t.deepEqual(
			seen.map(({method}) => method),
			['GET', 'POST'],
		);
		t.deepEqual(seen[1]?.body, {value: 0.31, requestId: 'r1'});
		t.is(outcome.sent?.oid, 'o0.31');
	});

	test(`${kind} sends nothing once the value is listed, to the cent`, async t => {
		const {hub, seen} = await withProvider(t, () => ({body: [operation(0.1), operation(0.2)]}));

		const outcome = await hub[kind](transaction, 0.3, 'r1');
		t.is(seen.length, 1);
		t.is(outcome.sent, undefined);
		t.is(outcome.listed.length, 2);
	});
}

test('what is no list breaks the sum', async t => {
	const {hub} = await withProvider(t, () => ({body: {}}));

	await t.throwsAsync(hub.settle(transaction, 1, 'r1'), {instanceOf: TypeError});
	await t.throwsAsync(hub.search({code: 'ABCD'}), {instanceOf: TypeError});
});

test('anything but 200 is a refusal with its status and content', async t => {
	const {hub} = await withProvider(t, () => ({status: 422, body: {error: {code: 'card_expired'}}}));

	const refusal = await t.throwsAsync(hub.card('c1'), {instanceOf: ProviderRefusal});
	t.is(refusal.status, 422);
	t.regex(refusal.text, /card_expired/);
});

test('a verification call is a valid search with another key and another token', async t => {
	const {hub, seen} = await withProvider(t, () => ({status: 403}));

	t.like(await hub.verify(), {status: 403, text: ''});
	t.is(seen[0]?.url, '/v1//giftcards/_search');
	t.not(seen[0]?.headers['x-provider-api-appkey'], 'store-key');
	t.not(seen[0]?.headers['x-provider-api-apptoken'], 'store-token');
});

for (const mishap of ['request lost', 'answer lost'] as const) {
	test(`with its ${mishap}, a call ends without an answer, and the next one goes through`, async t => {
		const mishaps = [mishap];
		const statuses: (number | null)[] = [];
		const {hub, seen} = await withProvider(t, () => ({body: {id: 'c1', balance: 1}}), {
			mishap: () => mishaps.pop(),
			onCall: ({status}) => statuses.push(status),
		});

		await t.throwsAsync(hub.card('c1'), {instanceOf: AnswerLostError});
		t.is((await hub.card('c1')).id, 'c1');
		t.deepEqual(statuses, [null, 200]);
		// A lost request may have arrived or not; before a lost answer it has.
		t.true(mishap === 'answer lost' ? seen.length === 2 : seen.length >= 1);
	});
}

test('an answer may come compressed', async t => {
	const {hub} = await withProvider(t, () => ({body: {id: 'c1', balance: 1}, isZipped: true}));

	t.is((await hub.card('c1')).balance, 1);
});

test('a provider that is not there is an error, not a lost answer', async t => {
	const hub = openHub({
		serviceUrl: 'http://127.0.0.1:1/v1',
		appKey: 'k',
		appToken: 't',
		mishap: () => 'answer lost',
	});

	await t.throwsAsync(hub.card('c1'), {message: /ECONNREFUSED/});
});
