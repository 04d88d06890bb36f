import {createPrivateKey} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {type ServerResponse} from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {type HttpServer, openHttpServer, serverLimits} from '../../src/http/server.ts';
import {renewCertificate, TlsFileError} from '../../src/http/tls.ts';
import {makeCertificate, type TestCertificate} from '../helpers/certificate.ts';
import {until} from '../helpers/until.ts';

type Files = {readonly tlsCertFile: string; readonly tlsKeyFile: string};

async function withFiles(t: ExecutionContext): Promise<Files> {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-tls-'));
	t.teardown(() => rm(folder, {recursive: true}));
	return {tlsCertFile: path.join(folder, 'cert.pem'), tlsKeyFile: path.join(folder, 'key.pem')};
}

async function write({tlsCertFile, tlsKeyFile}: Files, {cert, key}: TestCertificate): Promise<void> {
	await writeFile(tlsCertFile, cert);
	await writeFile(tlsKeyFile, key);
}

async function withSecureServer(t: ExecutionContext, limits: Partial<typeof serverLimits> = {}) {
	const files = await withFiles(t);
	const pair = makeCertificate();
	await write(files, pair);
	const server = await openHttpServer({host: '127.0.0.1', port: 0, ...files}, {...serverLimits, ...limits});
	t.teardown(() => server.close(0));
	return {files, pair, server};
}

type Client = {
	readonly socket: tls.TLSSocket;
	/** The end of the answer's head and the status line. */
	readonly ask: () => Promise<string>;
};

/** A caller who trusts this certificate alone, and looks at the name in it. */
async function connect(
	t: ExecutionContext,
	{port}: Pick<HttpServer, 'port'>,
	trusted: string,
	options: tls.ConnectionOptions = {},
): Promise<Client> {
	const socket = tls.connect({host: '127.0.0.1', port, ca: trusted, ...options});
	t.teardown(() => socket.destroy());
	await once(socket, 'secureConnect');
	socket.setEncoding('utf8');
	socket.on('error', () => undefined);
	return {
		socket,
		async ask() {
			let answer = '';
			const more = (text: string) => (answer += text);
			socket.on('data', more);
			socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
			await until('the answer is there', () => answer.includes('\r\n\r\n') && answer.includes('"ok"'));
			socket.off('data', more);
			return answer.split('\r\n', 1)[0] ?? '';
		},
	};
}

/** Lines of a log, with what stands beside them. */
function keepLog() {
	const lines: [level: string, text: string, given: Record<string, unknown>][] = [];
	const at =
		(level: string) =>
		(...said: unknown[]) => {
			const text = said.find(one => typeof one === 'string') ?? '';
			lines.push([level, text, (typeof said[0] === 'object' ? said[0] : {}) as Record<string, unknown>]);
		};
	return {lines, log: {info: at('info'), warn: at('warn'), error: at('error')} as never};
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
	test(`health answers over ${version}, under a certificate that the caller verifies`, async t => {
		const {server, pair} = await withSecureServer(t);

		const {socket, ask} = await connect(t, server, pair.cert, {minVersion: version, maxVersion: version});

		t.is(socket.getProtocol(), version);
		t.true(socket.authorized);
		t.is(await ask(), 'HTTP/1.1 200 OK');
	});
}

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
	const old: tls.ConnectionOptions = {minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0'};

	test(`${version} is refused, and by us: a server that allows it is reached by the same caller`, async t => {
		const {server, pair} = await withSecureServer(t);
		const lenient = tls.createServer({...pair, minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0'});
		lenient.listen(0, '127.0.0.1');
		t.teardown(() => lenient.close());
		await once(lenient, 'listening');

		await t.throwsAsync(connect(t, server, pair.cert, old), {code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'});
		const {socket} = await connect(t, lenient.address() as net.AddressInfo, pair.cert, old);
		t.is(socket.getProtocol(), version);
	});
}

test('who speaks HTTP without TLS to it is hung up on, and the server goes on', async t => {
	const {server, pair} = await withSecureServer(t);
	const plain = net.connect(server.port, '127.0.0.1');
	plain.on('error', () => undefined).resume();
	plain.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
	await once(plain, 'close');

	t.is(await (await connect(t, server, pair.cert)).ask(), 'HTTP/1.1 200 OK');
});

test('who does not finish the handshake in time is hung up on', async t => {
	const {server} = await withSecureServer(t, {handshakeTimeout: 50});
	const slow = net.connect(server.port, '127.0.0.1');
	slow.on('error', () => undefined).resume();

	await once(slow, 'close');
	t.pass();
});

test('a request that does not arrive in time is answered 408 here too', async t => {
	const limits = {headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20};
	const {server, pair} = await withSecureServer(t, limits);
	const {socket} = await connect(t, server, pair.cert);
	let answer = '';
	socket.on('data', (text: string) => (answer += text));
	socket.write('GET /health/live HTTP/1.1\r\nX-Slow');
	await once(socket, 'close');

	t.regex(answer, /^HTTP\/1\.1 408 /);
});

test('a closing server waits for no connection that has asked nothing, with the handshake done or not', async t => {
	t.timeout(50_000);
	// None of them is cut before.
	const limits = {handshakeTimeout: 60_000, headersTimeout: 60_000, requestTimeout: 60_000};
	const {server, pair} = await withSecureServer(t, limits);
	const silent = net.connect(server.port, '127.0.0.1');
	silent.on('error', () => undefined).resume();
	await once(silent, 'connect');
	const {socket: shaken} = await connect(t, server, pair.cert);
	const asked = await connect(t, server, pair.cert);
	await asked.ask();
	const ended = Promise.all([silent, shaken, asked.socket].map(socket => once(socket, 'close')));

	await server.close(60_000);

	await ended;
	t.pass();
});

test('a closing server answers what is in flight', async t => {
	const {server, pair} = await withSecureServer(t);
	const waiting: ServerResponse[] = [];
	server.serve((_request, response) => waiting.push(response));
	const {socket} = await connect(t, server, pair.cert);
	let answer = '';
	socket.on('data', (text: string) => (answer += text));
	socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
	await until('the request is there', () => waiting.length === 1);

	const closed = server.close(60_000);
	waiting[0]?.setHeader('Connection', 'close').end('late');
	await Promise.all([closed, once(socket, 'close')]);

	t.regex(answer, /^HTTP\/1\.1 200 OK\r\n[^]*late/);
});

test('a new certificate is for new connections; those that are open go on with the old one', async t => {
	const {server, files, pair} = await withSecureServer(t);
	const old = await connect(t, server, pair.cert);
	const renewed = makeCertificate();
	await write(files, renewed);
	const {lines, log} = keepLog();

	renewCertificate(server.renewCertificate, log);

	t.is(await old.ask(), 'HTTP/1.1 200 OK');
	t.is(await (await connect(t, server, renewed.cert)).ask(), 'HTTP/1.1 200 OK');
	await t.throwsAsync(connect(t, server, pair.cert), {code: 'DEPTH_ZERO_SELF_SIGNED_CERT'});
	await t.throwsAsync(
		connect(t, server, renewed.cert, {
			minVersion: 'TLSv1.1',
			maxVersion: 'TLSv1.1',
			ciphers: 'ALL:@SECLEVEL=0',
		}),
		{code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'},
	);
	t.like(lines, [['info', 'The certificate was read again']]);
});

test('a new certificate that cannot be used is logged, and the old one stays', async t => {
	const {server, files, pair} = await withSecureServer(t);
	for (const broken of [
		{...makeCertificate(), key: makeCertificate().key},
		{cert: 'nothing', key: pair.key},
		{cert: pair.cert, key: ''},
	]) {
		await write(files, broken);
		const {lines, log} = keepLog();
		renewCertificate(server.renewCertificate, log);

		t.deepEqual(
			lines.map(([level, text, {error}]) => [level, text, error instanceof TlsFileError]),
			[['error', 'The certificate was not changed: the new one cannot be used', true]],
		);
		t.is(await (await connect(t, server, pair.cert)).ask(), 'HTTP/1.1 200 OK');
	}
});

test('a certificate that is read again after its end is a warning', async t => {
	const {server, files} = await withSecureServer(t);
	await write(files, makeCertificate({validTo: new Date('2026-03-11T15:00:00Z')}));
	const end = Date.parse('2026-03-11T15:00:00Z');
	const levelAt = (now: number) => {
		const {lines, log} = keepLog();
		renewCertificate(server.renewCertificate, log, now);
		return lines[0]?.[0];
	};

	t.is(levelAt(end - 1), 'info');
	t.is(levelAt(end), 'warn');
});

test('without HTTPS there is nothing to read again, which is said', async t => {
	const server = await openHttpServer({host: '127.0.0.1', port: 0});
	t.teardown(() => server.close(0));
	const {lines, log} = keepLog();

	renewCertificate(server.renewCertificate, log);

	t.like(lines, [['info', 'SIGHUP ignored: there is no certificate to read again without TLS_CERT_FILE']]);
});

test('RSA keys do as well', async t => {
	const files = await withFiles(t);
	const pair = makeCertificate({keyType: 'rsa'});
	await write(files, pair);
	const server = await openHttpServer({host: '127.0.0.1', port: 0, ...files});
	t.teardown(() => server.close(0));

	t.is(await (await connect(t, server, pair.cert)).ask(), 'HTTP/1.1 200 OK');
});

const ec = makeCertificate();
const unusable: Record<string, [pair: Partial<TestCertificate>, message: RegExp]> = {
	'a certificate file that is not there': [
		{key: ec.key},
		/^The file of TLS_CERT_FILE does not exist: .+cert\.pem\./,
	],
	'a key file that is not there': [{cert: ec.cert}, /^The file of TLS_KEY_FILE does not exist: .+key\.pem\./],
	'a certificate file without a certificate': [
		{cert: ec.key, key: ec.key},
		/^The file of TLS_CERT_FILE holds no certificate in PEM: .+cert\.pem\./,
	],
	'a key file without a key': [
		{cert: ec.cert, key: ec.cert},
		/^The file of TLS_KEY_FILE holds no private key in PEM: .+key\.pem\./,
	],
	'a key with a passphrase': [
		{cert: ec.cert, key: withPassphrase(ec.key)},
		/^The key of TLS_KEY_FILE is protected by a passphrase/,
	],
	'the key of another certificate': [
		{cert: ec.cert, key: makeCertificate().key},
		/^The key of TLS_KEY_FILE .+ does not belong to the first certificate of TLS_CERT_FILE/,
	],
	'a key of another kind': [
		{cert: ec.cert, key: makeCertificate({keyType: 'rsa'}).key},
		/^The key of TLS_KEY_FILE .+ does not belong to the first certificate of TLS_CERT_FILE/,
	],
};

for (const [what, [{cert, key}, message]] of Object.entries(unusable)) {
	test(`${what} is an error at the start that names the variable`, async t => {
		const files = await withFiles(t);
		await Promise.all([
			cert === undefined || writeFile(files.tlsCertFile, cert),
			key === undefined || writeFile(files.tlsKeyFile, key),
		]);

		const error = await t.throwsAsync(openHttpServer({host: '127.0.0.1', port: 0, ...files}), {
			instanceOf: TlsFileError,
			message,
		});
		t.false(error.message.includes(ec.key.slice(40, 80)));
	});
}

function withPassphrase(pem: string): string {
	return createPrivateKey(pem).export({
		type: 'pkcs8',
		format: 'pem',
		cipher: 'aes-256-cbc',
		passphrase: 'secret',
	}) as string;
}
