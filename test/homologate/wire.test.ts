import {once} from 'node:events';
import https from 'node:https';
import net, {type AddressInfo, type Socket} from 'node:net';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {Failure} from '../../scripts/homologate/check.ts';
import {openWire, type Wire, type WireOptions} from '../../scripts/homologate/wire.ts';
import {makeCertificate} from '../helpers/certificate.ts';
import {type TestContext} from '../helpers/test-context.ts';
import {until} from '../helpers/until.ts';

const appKey = 'shop-of-the-tests';
const appToken = 'token-of-the-tests-0123456789';

/** A provider that says exactly these bytes, and what it was sent. */
async function openRaw(
	t: TestContext,
	answer: string | Buffer | ((socket: Socket) => void),
	options: Partial<WireOptions> = {},
): Promise<{readonly wire: Wire; readonly received: () => string}> {
	let received = '';
	const server = net.createServer(socket => {
		socket.on('error', () => undefined);
		socket.on('data', chunk => {
			received += chunk.toString();
			if (typeof answer === 'function') {
				answer(socket);
			} else {
				socket.write(answer);
			}
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}/v1`;
	const wire = openWire({url, appKey, appToken, timeoutMs: 60_000, ...options});
	t.teardown(() => {
		wire.close();
		server.close();
	});
	return {wire, received: () => received};
}

const answerOf = (body: string | Buffer, ...headers: string[]) =>
	Buffer.concat([
		Buffer.from(
			['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', ''].join('\r\n'),
		),
		Buffer.from(body),
	]);

test('a path goes over the wire as it is written, after the URL as it was registered', async t => {
	const {wire, received} = await openRaw(t, answerOf('[]'));

	await wire.send('POST', '//giftcards/../_search/%7e?x=/./', {rawBody: '{"a": 1 }'});

	t.true(received().startsWith('POST /v1//giftcards/../_search/%7e?x=/./ HTTP/1.1\r\n'));
	t.true(received().endsWith('\r\n\r\n{"a": 1 }'));
});

test('header names are written as they are given, once, and can be left out', async t => {
	const {wire, received} = await openRaw(t, answerOf('[]'));

	await wire.send('GET', '/', {
		credentialNames: ['x-Vtex-api-APPKEY', 'x-Vtex-api-APPTOKEN'],
		headers: {ACCEPT: 'text/html', 'x-vtex-debug-id': null, 'X-Own': 'yes'},
	});

	t.true(received().includes(`x-Vtex-api-APPKEY: ${appKey}\r\nx-Vtex-api-APPTOKEN: ${appToken}\r\n`));
	t.true(received().includes('ACCEPT: text/html\r\n'));
	t.false(/^accept: application/im.test(received()));
	t.false(received().includes('x-vtex-debug-id'));
	t.true(received().includes('X-Own: yes'));
});

for (const [credentials, pattern] of [
	['right', /AppKey: shop-of-the-tests\r\nX-PROVIDER-API-AppToken: token-of/],
	['wrong', /AppKey: wrong-\w+\r\nX-PROVIDER-API-AppToken: wrong-\w+\r\n/],
	['wrong-token', /AppKey: shop-of-the-tests\r\nX-PROVIDER-API-AppToken: wrong-\w+\r\n/],
	['blank', /AppKey: \r\nX-PROVIDER-API-AppToken: \r\n/],
	['key-only', /HTTP\/1\.1\r\nX-PROVIDER-API-AppKey: shop-of-the-tests\r\nAccept:/],
	['none', /HTTP\/1\.1\r\nAccept:/],
] as const) {
	test(`credentials that are ${credentials} are sent so`, async t => {
		const {wire, received} = await openRaw(t, answerOf('[]'));

		await wire.send('GET', '/', {credentials});

		t.regex(received(), pattern);
	});
}

test('an answer is its status, its text and what that says as JSON, also packed', async t => {
	const {wire} = await openRaw(t, answerOf(gzipSync('{"balance":5.9}'), 'Content-Encoding: gzip'));

	const {status, text, json, headers, ms} = await wire.send('GET', '/');

	t.like({status, text, json}, {status: 200, text: '{"balance":5.9}', json: {balance: 5.9}});
	t.is(headers['content-encoding'], 'gzip');
	t.true(ms > 0);
});

for (const [what, body] of [
	['a page', '<html>Bad gateway</html>'],
	['half of an object', '{"balance":'],
	['nothing', ''],
	['what is no UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
] as const) {
	test(`${what} is an answer without JSON`, async t => {
		const {wire} = await openRaw(t, answerOf(body));

		const {status, json} = await wire.send('GET', '/');

		t.is(status, 200);
		t.is(json, undefined);
	});
}

test('a redirect is an answer, and is not followed', async t => {
	const {wire, received} = await openRaw(
		t,
		'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
	);

	t.is((await wire.send('GET', '/')).status, 302);
	t.is(received().split('GET ').length, 2);
});

for (const [what, answer, got] of [
	['hangs', () => undefined, /^none in that time$/],
	['never ends its answer', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{', /^none in that time$/],
	['sends two megabytes', answerOf('x'.repeat(2_000_000)), /^more than that$/],
	[
		'packs two megabytes',
		answerOf(gzipSync('x'.repeat(2_000_000)), 'Content-Encoding: gzip'),
		/^more than that$/,
	],
	['says gzip and sends none', answerOf('nothing', 'Content-Encoding: gzip'), /says it is gzip/],
	['hangs up', (socket: Socket) => socket.destroy(), /broke/],
	[
		'hangs up within its answer',
		(socket: Socket) => {
			socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{');
		},
		/broke/,
	],
	['speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /no HTTP/],
] as const) {
	test(`a provider that ${what} is told, and nothing breaks`, async t => {
		// Only what never comes is waited for.
		const {wire} = await openRaw(t, answer, got.test('none in that time') ? {timeoutMs: 200} : {});

		const failure = await t.throwsAsync(wire.send('GET', '/giftcards/x'), {instanceOf: Failure});

		t.regex(failure.got, got);
		t.regex(failure.expected, /answer to GET \/v1\/giftcards\/x/);
		t.is(wire.exchangesSince(0).length, 1);
	});
}

test('where nobody listens is told', async t => {
	const wire = openWire({url: 'http://127.0.0.1:1/v1', appKey, appToken, timeoutMs: 60_000});

	const failure = await t.throwsAsync(wire.send('GET', '/'), {instanceOf: Failure});

	t.regex(failure.got, /refused connection/);
});

test('a certificate that nobody but its owner has signed is told, and nothing is sent', async t => {
	let requests = 0;
	const server = https.createServer(makeCertificate(), (_request, response) => {
		requests++;
		response.end('[]');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const {port} = server.address() as AddressInfo;
	const wire = openWire({url: `https://127.0.0.1:${port}/v1`, appKey, appToken, timeoutMs: 60_000});
	t.teardown(() => {
		wire.close();
		server.close();
	});

	const failure = await t.throwsAsync(wire.send('GET', '/'), {instanceOf: Failure});

	t.is(failure.got, 'a certificate that only its owner has signed');
	t.is(requests, 0);
});

test('a lost answer is a connection that the kit has broken: the request arrives', async t => {
	const {wire, received} = await openRaw(t, () => undefined);

	await wire.cut('POST', '/giftcards', 'sent', {body: {relationName: 'x'}});

	await until('the request has arrived', () => received().includes('{"relationName":"x"}'));
	t.is(wire.exchangesSince(0)[0]?.answer, '(lost: the kit broke the connection)');
});

test('when the kit is stopped, what is on its way ends at once', async t => {
	const stop = new AbortController();
	const {wire} = await openRaw(
		t,
		() => {
			stop.abort();
		},
		{signal: stop.signal, timeoutMs: 60_000},
	);

	await t.throwsAsync(wire.send('GET', '/'), {instanceOf: Failure, message: /the kit was stopped/});
});

test('nothing secret stands in the record: not in a header, a body, an address or an answer', async t => {
	const body = {
		redemptionCode: 'AAAA-1111-BBBB-2222',
		pin: '4711',
		card: {number: '4444333322221111', csc: '123', holder: 'Ana'},
		note: `the code is GIFT "7" é, the token ${appToken}`,
		street: {number: '111'},
	};
	const {wire} = await openRaw(t, answerOf(JSON.stringify({echo: body}), 'Set-Cookie: session=abc'), {
		secrets: ['GIFT "7" é'],
	});
	wire.keepSecret('told-later');

	await wire.send('POST', `/told-later/${encodeURIComponent('GIFT "7" é')}/TOLD-LATER`, {body});

	const said = JSON.stringify(wire.exchangesSince(0));
	for (const secret of [
		appKey,
		appToken,
		'AAAA-1111',
		'4711',
		'44443333',
		'"123',
		'GIFT',
		'told-later',
		'TOLD',
		'session',
	]) {
		t.false(said.includes(secret), secret);
	}

	t.true(said.includes('111'), 'a house number is none');
	t.true(said.includes('Ana'));
	t.is(wire.hide(`${appToken} and told-later`), '█████ and █████');
});

test('the record keeps the beginning of a long body, and the last of many exchanges', async t => {
	const {wire} = await openRaw(t, answerOf('x'.repeat(10_000)));
	const mark = wire.mark();

	for (let count = 0; count < 70; count++) {
		await wire.send('GET', `/${count}`);
	}

	const kept = wire.exchangesSince(mark);
	t.is(kept.length, 60);
	t.regex(kept.at(-1)?.request ?? '', /^GET \/v1\/69\n/);
	t.regex(kept[0]?.answer ?? '', /x… \(10\d{3} characters\)$/);
});
