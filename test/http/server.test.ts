import test from 'ava';
import {z} from 'zod';
import {ListenError, openHttpServer} from '../../src/http/server.ts';
import {endpoint} from '../../src/vtex/endpoint.ts';
import {withApp} from '../helpers/app.ts';
import {connect, exchange} from '../helpers/raw.ts';
import {until} from '../helpers/until.ts';

const credentials = 'X-PROVIDER-API-AppKey: provider\r\nX-PROVIDER-API-AppToken: right\r\n';

const echo = endpoint(
	{
		method: 'post',
		path: '/echo',
		summary: 'Echo.',
		access: 'read',
		params: z.object({}),
		body: z.looseObject({}),
		reply: z.unknown(),
	},
	(_parts: undefined, {body}) => ({body}),
);

const request = (body: string, length = body.length) =>
	`POST /v1/echo HTTP/1.1\r\nHost: x\r\n${credentials}Content-Length: ${length}\r\n\r\n${body}`;

test('headers that do not arrive in time are answered 408', async t => {
	const {port} = await withApp(t, {
		limits: {headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20},
	});
	const slow = await connect(t, port);
	slow.send('POST /v1/echo HTTP/1.1\r\nHost: x\r\nX-PROVIDER');

	t.regex(await slow.ended(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
});

test('a body that does not arrive in time is answered 408, and the log says so', async t => {
	// The headers do arrive in time, on a slow machine too.
	const limits = {headersTimeout: 1500, requestTimeout: 1500, connectionsCheckingInterval: 20};
	const {port, logged} = await withApp(t, {endpoints: [echo], limits});
	const slow = await connect(t, port);
	slow.send(request('{"a": ', 8));

	t.regex(await slow.ended(), /^HTTP\/1\.1 408 Request Timeout\r\n/);
	await until('it is logged', () => logged().length === 1);
	t.like(logged()[0], {route: '/echo', status: 400, aborted: true});
});

test('a body that takes its time within the limit is read', async t => {
	const {port} = await withApp(t, {endpoints: [echo]});
	const slow = await connect(t, port);
	slow.send(request('{"a": ', 8));
	slow.send('1}');

	t.regex(await slow.until(/\}$/), /^HTTP\/1\.1 200 OK\r\n[^]*\{"a":1\}$/);
});

test('16 kB of headers are the limit: above it the answer is 431', async t => {
	const {port} = await withApp(t, {endpoints: [echo]});
	const sized = (bytes: number) => ['GET /health/live HTTP/1.1', `X-Filler: ${'x'.repeat(bytes)}`];

	t.regex(await exchange(t, port, sized(15_000)), /^HTTP\/1\.1 200 /);
	t.regex(await exchange(t, port, sized(17_000)), /^HTTP\/1\.1 431 /);
});

test('idle connections are kept for longer than balancers keep them', async t => {
	const {call} = await withApp(t);

	const {headers} = await call('GET', '/health/live');

	t.is(headers.get('keep-alive'), 'timeout=75');
});

test('a draining server answers what is in flight, closes every connection and accepts no new one', async t => {
	const {port, server, inFlight} = await withApp(t, {endpoints: [echo]});
	const idle = await connect(t, port);
	idle.send(request('{"a": 1}'));
	await idle.until(/\}$/);
	const silent = await connect(t, port);
	const working = await connect(t, port);
	working.send(request('{"a": ', 8));
	await until('the request is in flight', () => inFlight.count() === 1);

	inFlight.beginDraining();
	const closed = server.close(10_000);
	await Promise.all([idle.ended(), silent.ended()]);
	await t.throwsAsync(fetch(`http://127.0.0.1:${port}/health/live`));
	working.send('2}');

	t.regex(await working.ended(), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*\{"a":2\}$/);
	await closed;
	t.is(silent.received(), '');
});

test('what is still open when the patience of a draining server ends is cut', async t => {
	const {port, server, inFlight} = await withApp(t, {endpoints: [echo]});
	const stuck = await connect(t, port);
	stuck.send(request('{"a": ', 8));
	await until('the request is in flight', () => inFlight.count() === 1);

	await server.close(50);

	t.is(await stuck.ended(), '');
});

test('until the service has started, it is alive, not ready, and knows nobody', async t => {
	const server = await openHttpServer({host: '127.0.0.1', port: 0});
	t.teardown(() => server.close(0));
	const ask = (path: string, headers: string[] = []) =>
		exchange(t, server.port, [`GET ${path} HTTP/1.1`, ...headers]);

	t.regex(await ask('/health/live'), /^HTTP\/1\.1 200 /);
	t.regex(await ask('/health/ready'), /^HTTP\/1\.1 503 /);
	t.regex(await ask('/v1/giftcards/1'), /^HTTP\/1\.1 401 Unauthorized\r\nContent-Length: 0\r\n[^]*\r\n\r\n$/);
	t.regex(
		await ask('/v1/giftcards/1', ['X-PROVIDER-API-AppKey: any', 'X-PROVIDER-API-AppToken: any']),
		/^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n[^]*"starting"/,
	);
});

test('a port that is taken is an error that says what to do', async t => {
	const {port} = await withApp(t);

	const error = await t.throwsAsync(openHttpServer({host: '127.0.0.1', port}), {instanceOf: ListenError});

	t.is(error.message, `Port ${port} on 127.0.0.1 is taken. Stop what uses it, or set PORT to another one.`);
});

test('an address that is not of this machine is an error that says what to do', async t => {
	const error = await t.throwsAsync(openHttpServer({host: '192.0.2.1', port: 0}), {instanceOf: ListenError});

	t.is(error.message, 'This machine has no address 192.0.2.1. Correct HOST; 0.0.0.0 means every interface.');
});
