import test from 'ava';
import {giftCardEndpoints} from '../../src/vtex/giftcards/endpoints.ts';
import {providerHeaders, viewerHeaders, withApp} from '../helpers/app.ts';
import {connect, exchange} from '../helpers/raw.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;
test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

const token = 'token-0123456789-abcdefghij-0123456789';
const key = 'store-a1b2c3';
const right = [`X-PROVIDER-API-AppKey: ${key}`, `X-PROVIDER-API-AppToken: ${token}`];

const missing = {
	'no header': [],
	'the key alone': [`X-PROVIDER-API-AppKey: ${key}`],
	'the token alone': [`X-PROVIDER-API-AppToken: ${token}`],
	'both blank': ['X-PROVIDER-API-AppKey:', 'X-PROVIDER-API-AppToken:   '],
	'a blank token': [`X-PROVIDER-API-AppKey: ${key}`, 'X-PROVIDER-API-AppToken: '],
	'a half of each family': [`X-PROVIDER-API-AppKey: ${key}`, `X-VTEX-API-AppToken: ${token}`],
};
const wrong = {
	'a wrong token': [
		`X-PROVIDER-API-AppKey: ${key}`,
		'X-PROVIDER-API-AppToken: token-0123456789-abcdefghij-012345678X',
	],
	'a token cut short': [`X-PROVIDER-API-AppKey: ${key}`, `X-PROVIDER-API-AppToken: ${token.slice(0, -1)}`],
	'an unknown key': ['X-PROVIDER-API-AppKey: nobody', `X-PROVIDER-API-AppToken: ${token}`],
	'key and token exchanged': [`X-PROVIDER-API-AppKey: ${token}`, `X-PROVIDER-API-AppToken: ${key}`],
	'the key in another case': [
		`X-PROVIDER-API-AppKey: ${key.toUpperCase()}`,
		`X-PROVIDER-API-AppToken: ${token}`,
	],
	'the pair twice': [...right, ...right],
	'a wrong pair of VTEX before nothing': ['X-VTEX-API-AppKey: a', 'X-VTEX-API-AppToken: b'],
	'a wrong pair before a right one of the other family': [
		'X-PROVIDER-API-AppKey: a',
		'X-PROVIDER-API-AppToken: b',
		`X-VTEX-API-AppKey: ${key}`,
		`X-VTEX-API-AppToken: ${token}`,
	],
	'letters that are not ASCII': [
		'X-PROVIDER-API-AppKey: clé',
		'X-PROVIDER-API-AppToken: jeton-trop-français',
	],
};

const id = '0123456789abcdef0123456789abcdef';
const routes = giftCardEndpoints.map(({contract: {method, path}}) => [
	method.toUpperCase(),
	`/v1${path.replaceAll(/:\w+/g, id)}`,
]);
const everywhere = [
	...routes,
	...routes.map(([, path]) => ['OPTIONS', path]),
	...routes.map(([, path]) => ['HEAD', path]),
	...['DELETE', 'PUT', 'PATCH', 'TRACE', 'PROPFIND'].map(method => [method, '/v1/giftcards']),
	['OPTIONS', '*'],
	['GET', '/'],
	['GET', '/v1'],
	['GET', '/unknown'],
	['GET', '//v1//giftcards'],
	['POST', '/v1/giftcards/'],
	['GET', '/health'],
	['GET', '/health/live/more'],
	['GET', '/v1/health/live'],
	['GET', '/v1/../health/live'],
	['GET', '/v1/giftcards/%E0%A4%A'],
	['GET', '/v1/giftcards/%00'],
	['GET', 'http://elsewhere.example/v1/giftcards/1'],
	['GET', '/metrics'],
] as [method: string, path: string][];

/** The answer without what differs from one to the next. */
const settled = (answer: string) =>
	answer.replace(/^Date: .*\r\n/m, '').replace(/^x-request-id: .*\r\n/m, '');

const emptyAnswer = (statusLine: string) =>
	[`HTTP/1.1 ${statusLine}`, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n');

test('G01, G03: without both headers every path and method gets 401 and not a byte of content', async t => {
	for (const [method, path] of everywhere) {
		for (const [what, headers] of Object.entries(missing)) {
			const answer = await exchange(t, server.port, [`${method} ${path} HTTP/1.1`, ...headers]);

			t.is(settled(answer), emptyAnswer('401 Unauthorized'), `${method} ${path} with ${what}`);
		}
	}
});

test('G02: with wrong credentials every path and method gets 403 and not a byte of content', async t => {
	for (const [method, path] of everywhere) {
		for (const [what, headers] of Object.entries(wrong)) {
			const answer = await exchange(t, server.port, [`${method} ${path} HTTP/1.1`, ...headers]);

			t.is(settled(answer), emptyAnswer('403 Forbidden'), `${method} ${path} with ${what}`);
		}
	}
});

test('G04: both families of headers count, in any case', async t => {
	const families = [
		right,
		[`x-provider-api-appkey: ${key}`, `X-PROVIDER-API-APPTOKEN: ${token}`],
		[`X-VTEX-API-AppKey: ${key}`, `X-VTEX-API-AppToken: ${token}`],
		[`x-vtex-api-appKEY: ${key}`, `x-vtex-api-apptoken:${token}   `],
		[
			'X-PROVIDER-API-AppKey: ',
			...right.slice(1),
			`X-VTEX-API-AppKey: ${key}`,
			`X-VTEX-API-AppToken: ${token}`,
		],
	];
	for (const headers of families) {
		const answer = await exchange(t, server.port, [
			'POST /v1/giftcards/_search HTTP/1.1',
			...headers,
			'Content-Length: 0',
		]);

		t.regex(answer, /^HTTP\/1\.1 200 OK\r\n/, headers.join(', '));
		t.true(answer.endsWith('\r\n\r\n[]'), answer);
	}
});

test('credentials are looked at before the body, whatever is wrong with it', async t => {
	const bodies = [
		['Content-Type: application/json', 'Content-Length: 8', '{broken}'],
		['Content-Type: application/xml', 'Content-Length: 8', '<broken>'],
		['Content-Type: application/json', 'Content-Length: 99999999', '{'],
		['Content-Encoding: rot13', 'Content-Length: 2', '{}'],
	] as const;
	for (const given of bodies) {
		const head = given.slice(0, -1);
		const unknown = await connect(t, server.port);
		unknown.send(['POST /v1/giftcards/_search HTTP/1.1', 'Host: x', ...head, '', given.at(-1)].join('\r\n'));
		const probe = await connect(t, server.port);
		probe.send(
			['POST /v1/giftcards HTTP/1.1', 'Host: x', ...wrong['a wrong token'], ...head, '', given.at(-1)].join(
				'\r\n',
			),
		);

		t.regex(await unknown.until(/\r\n\r\n/), /^HTTP\/1\.1 401 /, head.join());
		t.regex(await probe.until(/\r\n\r\n/), /^HTTP\/1\.1 403 /, head.join());
	}
});

test('a body that waits to be asked for is asked for only when the caller is known', async t => {
	const head = [
		'POST /v1/giftcards/_search HTTP/1.1',
		'Host: x',
		'Expect: 100-continue',
		'Content-Length: 2',
	];
	const stranger = await connect(t, server.port);
	stranger.send([...head, '', ''].join('\r\n'));
	const known = await connect(t, server.port);
	known.send([...head, ...right, '', ''].join('\r\n'));

	t.regex(await stranger.until(/\r\n\r\n/), /^HTTP\/1\.1 401 /);
	t.regex(await known.until(/\r\n\r\n/), /^HTTP\/1\.1 100 Continue\r\n/);
	known.send('{}');
	t.regex(await known.until(/\[\]$/), /\r\nHTTP\/1\.1 200 OK\r\n/);
});

test('an expectation that nobody knows is no reason to refuse', async t => {
	const answer = await exchange(t, server.port, [
		'POST /v1/giftcards/_search HTTP/1.1',
		...right,
		'Expect: the-unexpected',
		'Content-Length: 0',
	]);

	t.regex(answer, /^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?200 OK\r\n/);
});

test('with the right credentials an unknown path is 404, and a known one by another method 405, both with content', async t => {
	const unknown = await server.call('GET', '/unknown');
	const atRoot = await exchange(t, server.port, ['GET /giftcards/1 HTTP/1.1', ...right]);
	const method = await server.call('DELETE', '/giftcards');
	const options = await server.call('OPTIONS', '/giftcards');

	t.is(unknown.status, 404);
	t.like(unknown.json, {error: {code: 'not_found'}});
	t.regex(atRoot, /^HTTP\/1\.1 404 [^]*"not_found"/);
	t.is(method.status, 405);
	t.is(method.headers.get('allow'), 'POST');
	t.like(method.json, {error: {code: 'method_not_allowed'}});
	t.is(options.status, 200);
});

test('G07: slashes that the Hub inserts do not matter', async t => {
	for (const path of ['//giftcards/_search', '/giftcards//_search', '////giftcards/_search/']) {
		const answer = await server.call('POST', path, {body: {}});

		t.is(answer.status, 200, path);
		t.deepEqual(answer.json, [], path);
	}
});

test('G06: unknown headers and parameters are ignored', async t => {
	const answer = await server.call('POST', '/giftcards/_search?ts=639091131481342036&a[]=%E0&&=', {
		body: {},
		headers: {
			'X-Unknown': 'ÿ',
			traceparent: 'nonsense',
			baggage: 'a=b',
			'x-vtex-debug-id': '',
			accept: 'image/png',
		},
	});

	t.is(answer.status, 200);
});

test('a viewer is refused whatever writes, with an empty body and before its own body is looked at', async t => {
	const app = await withApp(t, {endpoints: giftCardEndpoints as never});
	const writes = giftCardEndpoints
		.filter(({contract: {access}}) => access === 'write')
		.map(({contract: {path}}) => path);
	const reads = giftCardEndpoints
		.filter(({contract: {access}}) => access === 'read')
		.map(({contract: {path}}) => path);
	t.deepEqual(writes, [
		'/giftcards',
		'/giftcards/:giftCardId/transactions',
		'/giftcards/:giftCardId/transactions/:transactionId/cancellations',
		'/giftcards/:giftCardId/transactions/:transactionId/settlements',
	]);
	t.is(reads.length, 7);

	for (const path of writes) {
		const answer = await app.call('POST', `/v1${path}`, {headers: viewerHeaders, body: '{broken'});

		t.is(answer.status, 403, path);
		t.is(answer.headers.get('content-length'), '0');
		t.is(answer.text, '');
	}

	const asProvider = await app.call('POST', '/v1/giftcards', {headers: providerHeaders, body: '{broken'});
	t.is(asProvider.status, 400);
});
