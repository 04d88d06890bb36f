import {gzipSync} from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import {openHttpServer, serverLimits} from '../../src/http/server.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {connect} from '../helpers/raw.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {transactionBody} from '../helpers/vtex.ts';
import {problemOf} from './answers.ts';
import {booksOf} from './books.ts';

/*
 * Bytes on a connection that no client would send. The server's limits of time are a tenth here of what they are in service, and every
 * connection must have ended by them: answered or closed. For longer: FUZZ_RUNS=5000 npm test -- test/hostile/raw.test.ts
 */

const runs = Number(process.env['FUZZ_RUNS'] ?? 60);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const hurried = {
	...serverLimits,
	headersTimeout: 800,
	requestTimeout: 800,
	connectionsCheckingInterval: 50,
	keepAliveTimeout: 300,
};

let server: TestServer;
let card: BuiltCard;
test.before(async () => {
	server = await openTestServer({
		env: {LOG_LEVEL: 'error'},
		openHttp: config => openHttpServer(config, hurried),
	});
	card = await buildCard(server.parts);
});
test.after.always(() => server.close());

const credentials = () =>
	`X-PROVIDER-API-AppKey: ${server.appKey}\r\nX-PROVIDER-API-AppToken: ${server.appToken}\r\n`;
const debit = (requestId: string) => JSON.stringify(transactionBody({value: 1, requestId, orderInfo: null}));
const debitLine = () => `POST /v1/giftcards/${card.id}/transactions HTTP/1.1\r\nHost: h\r\n`;

/** Everything that the other side says to these bytes until it hangs up; some of them later than others. */
async function say(t: Parameters<typeof connect>[0], ...pieces: readonly string[]): Promise<string> {
	const connection = await connect(t, server.port);
	for (const piece of pieces) {
		connection.send(piece);
		await new Promise(resolve => setImmediate(resolve));
	}

	return connection.ended();
}

/** The statuses of what was answered, in order; every answer is one that may be seen. */
function statusesOf(received: string): number[] {
	const answers = received.split(/(?=HTTP\/1\.[01] \d{3} )/).filter(text => text !== '');
	return answers.map(answer => {
		const [head = '', ...body] = answer.split('\r\n\r\n');
		const [line = '', ...lines] = head.split('\r\n');
		const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(line)?.[1]);
		const headers = Object.fromEntries(
			lines.map(one => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 2)]),
		);
		// Node itself answers what is no HTTP, without a body.
		const text = body.join('\r\n\r\n').replace(/^0(?:\r\n)*$/, '');
		const problem = text === '' ? undefined : problemOf(undefined, {status, headers, text});
		if (!(status >= 100 && (status < 500 || status === 503)) || problem !== undefined) {
			throw new Error(`${problem ?? 'no status that may be seen'}: ${answer.slice(0, 500)}`);
		}

		return status;
	});
}

/** A request each, that must be answered with one of the statuses (none: closed without an answer) and move nothing. */
const refused: Readonly<Record<string, readonly [bytes: () => string, statuses: readonly number[]]>> = {
	'two lengths': [
		() =>
			`${debitLine()}${credentials()}Content-Length: 5\r\nContent-Length: 400\r\n\r\n${debit('smuggled-1')}`,
		[400],
	],
	'a length and chunks': [
		() =>
			`${debitLine()}${credentials()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${debitLine()}${credentials()}Content-Length: ${debit('smuggled-2').length}\r\n\r\n${debit('smuggled-2')}`,
		[400],
	],
	'chunks by a name that is nearly right': [
		() => `${debitLine()}${credentials()}Transfer-Encoding: xchunked\r\n\r\n${debit('smuggled-3')}`,
		[400],
	],
	'chunks that are none': [
		() =>
			`${debitLine()}${credentials()}Transfer-Encoding: chunked\r\n\r\nZZ\r\n${debit('smuggled-4')}\r\n0\r\n\r\n`,
		[400],
	],
	'a length below zero': [() => `${debitLine()}${credentials()}Content-Length: -1\r\n\r\n`, [400]],
	'a length beyond all numbers': [
		() => `${debitLine()}${credentials()}Content-Length: ${'9'.repeat(40)}\r\n\r\n`,
		[400],
	],
	'a line folded into the next': [() => `${debitLine()}X-A: b\r\n Content-Length: 4\r\n\r\n`, [400, 401]],
	'a header name with a space': [() => `${debitLine()}Content-Length : 4\r\n\r\nabcd`, [400]],
	'a NUL in a header': [() => `${debitLine()}X-A: a\u0000b\r\n\r\n`, [400]],
	'lines that end in a line feed only': [() => 'GET /health/live HTTP/1.1\nHost: h\n\n', [200, 400]],
	'a carriage return in the path': [() => 'GET /health/live\rX HTTP/1.1\r\nHost: h\r\n\r\n', [400]],
	'thousands of headers': [
		() => `${debitLine()}${Array.from({length: 4000}, (_, n) => `X-${n}: a\r\n`).join('')}\r\n`,
		[431],
	],
	'a huge header': [() => `${debitLine()}X-A: ${'a'.repeat(70_000)}\r\n\r\n`, [431]],
	'a huge path': [() => `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, [431]],
	'no HTTP': [() => 'SSH-2.0-OpenSSH_9.2\r\n', [400]],
	'a TLS handshake': [() => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', [400]],
	'an unknown method': [() => 'HACK / HTTP/1.1\r\nHost: h\r\n\r\n', [400]],
	'a tunnel': [() => 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', []],
	'an upgrade': [
		() => 'GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
		[200, 400],
	],
	'the preface of HTTP/2': [() => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
	'an address with its host': [
		() => `GET http://evil.example/v1/giftcards/${card.id} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
		[401],
	],
	'an address of nothing': [() => 'OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', [401]],
	'no host': [() => 'GET /health/live HTTP/1.1\r\n\r\n', [400]],
	'percent signs that mean nothing': [
		() => `GET /v1/giftcards/%zz%/x%00 HTTP/1.1\r\nHost: h\r\n${credentials()}Connection: close\r\n\r\n`,
		[400, 404],
	],
	'bytes that are no UTF-8 in the path': [
		() => `GET /v1/giftcards/%ff%fe HTTP/1.1\r\nHost: h\r\n${credentials()}Connection: close\r\n\r\n`,
		[400, 404],
	],
	'bytes that are no UTF-8 in the body': [
		() => `${debitLine()}${credentials()}Content-Length: 5\r\nConnection: close\r\n\r\n"\xff\xfe\xc0"`,
		[400],
	],
	'HTTP/1.0': [() => 'GET /health/live HTTP/1.0\r\n\r\n', [200]],
	'headers that never end': [() => `${debitLine()}X-A: a\r\n`, [408]],
	'nothing at all': [() => '\r\n', [408]],
	'a body that is shorter than its length': [
		() => `${debitLine()}${credentials()}Content-Length: 100000\r\n\r\n${debit('cut-off')}`,
		[400, 408],
	],
	'a last chunk that never comes': [
		() => `${debitLine()}${credentials()}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n`,
		[400, 408],
	],
	'a body of more than 512 kB': [
		() =>
			`${debitLine()}${credentials()}Connection: close\r\nContent-Length: 600000\r\n\r\n${' '.repeat(600_000)}`,
		[413],
	],
	'gzip that unpacks to a hundred megabytes': [
		() => packed(gzipSync(Buffer.alloc(100_000_000, ' ')), 'gzip'),
		[413],
	],
	'gzip within gzip': [() => packed(gzipSync(gzipSync('{}')), 'gzip, gzip'), [415]],
	'packed in a way that nobody knows': [() => packed(Buffer.from('{}'), 'snappy'), [415]],
	'gzip that is none': [() => packed(Buffer.from('{}'), 'gzip'), [400]],
	'a character set that nobody knows': [
		() =>
			`${debitLine()}${credentials()}Connection: close\r\nContent-Type: application/json; charset=klingon\r\nContent-Length: 2\r\n\r\n{}`,
		[400, 415],
	],
};

function packed(body: Buffer, encoding: string): string {
	return `${debitLine()}${credentials()}Connection: close\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\n\r\n${body.toString('latin1')}`;
}

for (const [what, [bytes, statuses]] of Object.entries(refused)) {
	test.serial(
		`${what}: is answered ${statuses.join(' or ') || 'with nothing'}, ends in time and moves nothing`,
		async t => {
			const before = await booksOf(server.database);

			const said = statusesOf(await say(t, bytes()));

			t.true(said.length <= 1 && said.every(status => statuses.includes(status)), said.join());
			t.true(statuses.length === 0 || said.length === 1 || statuses.includes(408), 'answered');
			t.deepEqual(await booksOf(server.database), before);
		},
	);
}

test.serial('a length that is shorter than the body cuts it, and the rest is no request', async t => {
	const before = await booksOf(server.database);
	const body = debit('longer-than-said');

	const said = statusesOf(await say(t, `${debitLine()}${credentials()}Content-Length: 10\r\n\r\n${body}`));

	t.true(said.length > 0 && said.every(status => status === 400), said.join());
	t.deepEqual(await booksOf(server.database), before);
});

test.serial(
	'requests that come in one piece are answered each, in their order, and happen once each',
	async t => {
		const before = await booksOf(server.database);
		const request = (id: string) =>
			`${debitLine()}${credentials()}Content-Length: ${debit(id).length}\r\n\r\n${debit(id)}`;

		const said = statusesOf(
			await say(
				t,
				`${request('first')}GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n${request('second')}${request('first')}`,
			),
		);

		t.deepEqual(said, [200, 401, 200, 200]);
		const after = await booksOf(server.database);
		t.deepEqual([after.entries - before.entries, after.available - before.available], [2, -200]);
	},
);

test.serial('who sends byte after byte is told that it takes too long, and holds up nobody', async t => {
	const slow = await connect(t, server.port);
	slow.send(`${debitLine()}${credentials()}Content-Length: 1000\r\n\r\n`);
	const dripping = setInterval(() => {
		slow.send(' ');
	}, 50);
	t.teardown(() => {
		clearInterval(dripping);
	});
	t.is((await server.call('GET', `/giftcards/${card.id}`)).status, 200);

	t.true(statusesOf(await slow.ended()).every(status => status === 408 || status === 400));
});

test.serial(
	'whatever the bytes, each connection ends in time, nothing is told, and nothing moves',
	async t => {
		t.timeout(Math.max(60_000, runs * 2000));
		const before = await booksOf(server.database);
		const line = fc.oneof(
			fc.constantFrom(
				'GET / HTTP/1.1',
				'POST /v1/payments HTTP/1.1',
				'POST /pay/x HTTP/1.1',
				'GET  / HTTP/1.1',
				'GET / HTTP/9.9',
			),
			fc.string({unit: 'binary', maxLength: 60}),
		);
		const name = fc.constantFrom(
			'Host',
			'Content-Length',
			'Transfer-Encoding',
			'Content-Type',
			'Connection',
			'Expect',
			'X',
			'Cookie',
			' ',
			'',
		);
		const value = fc.oneof(
			fc.constantFrom(
				'0',
				'5',
				'chunked',
				'close',
				'keep-alive',
				'100-continue',
				'h',
				'gzip',
				'\t',
				'0x10',
				'+5',
				'5, 5',
			),
			fc.string({unit: 'binary', maxLength: 30}),
		);
		const message = fc
			.tuple(
				line,
				fc.array(fc.tuple(name, value), {maxLength: 8}),
				fc.constantFrom('\r\n', '\n', '\r'),
				fc.oneof(
					fc.string({unit: 'binary', maxLength: 80}),
					fc.constantFrom('5\r\nabcde\r\n0\r\n\r\n', '{}', ''),
				),
			)
			.map(([first, headers, end, body]) =>
				Buffer.from([first, ...headers.map(([key, said]) => `${key}: ${said}`), '', body].join(end)).toString(
					'latin1',
				),
			);
		const bytes = fc.oneof(
			{weight: 3, arbitrary: message},
			{weight: 1, arbitrary: fc.uint8Array({maxLength: 200}).map(raw => Buffer.from(raw).toString('latin1'))},
		);
		// Side by side: what is waited for is the server's patience.
		const sent = fc.sample(bytes, {seed, numRuns: runs});
		for (let from = 0; from < sent.length; from += 60) {
			await Promise.all(
				sent.slice(from, from + 60).map(async text => {
					const received = await say(t, text);
					t.notThrows(() => statusesOf(received), JSON.stringify(text));
				}),
			);
		}

		t.deepEqual(await booksOf(server.database), before);
	},
);
