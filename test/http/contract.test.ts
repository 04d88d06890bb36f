import {setTimeout as pause} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {z} from 'zod';
import {OverloadedError} from '../../src/ledger/writer.ts';
import {type Endpoint, endpoint, type Signal} from '../../src/vtex/endpoint.ts';
import {ProtocolError} from '../../src/vtex/protocol-error.ts';
import {viewerHeaders, withApp} from '../helpers/app.ts';
import {connect} from '../helpers/raw.ts';

const Echo = z.object({params: z.unknown(), body: z.unknown()});

/** Answers what it got. */
const echo = endpoint(
	{
		method: 'post',
		path: '/echo/:name',
		summary: 'Echo.',
		access: 'read',
		params: z.object({name: z.string()}),
		body: z.looseObject({amount: z.number().optional(), deep: z.object({text: z.string()}).optional()}),
		reply: Echo,
	},
	(_parts: undefined, {params, body}) => ({body: {params, body}}),
);

/** A GET that does as it is told. */
const act = (handle: Parameters<typeof endpoint<undefined, z.ZodObject, z.ZodUndefined, z.ZodUnknown>>[1]) =>
	endpoint(
		{
			method: 'get',
			path: '/act',
			summary: 'Act.',
			access: 'read',
			params: z.object({}),
			body: z.undefined(),
			reply: z.unknown(),
		},
		handle,
	);

async function until(holds: () => boolean): Promise<void> {
	while (!holds()) {
		await pause(1);
	}
}

const failing = (error: unknown) =>
	act(() => {
		throw error;
	});

test('every way to call a body JSON is understood', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});
	const types = [
		'application/vnd.vtex.giftcards.v1+json',
		'application/vnd.vtex.giftcardproviders.v1+json; charset=utf-8',
		'application/vnd.vtex.giftcard.v1+json',
		'application/json',
		'APPLICATION/JSON;charset=UTF-8',
		'text/json',
		'application/json;',
		'text/plain',
		'application/octet-stream',
		'application/x-www-form-urlencoded',
	];
	for (const type of types) {
		const {status, json} = await call('POST', '/v1/echo/a', {
			body: '{"amount": 5.5}',
			headers: {'content-type': type},
		});

		t.is(status, 200, type);
		t.deepEqual(json, {params: {name: 'a'}, body: {amount: 5.5}}, type);
	}
});

test('a body without any type is read as JSON, and a gzipped one too', async t => {
	const {call, port} = await withApp(t, {endpoints: [echo]});
	const bare = await connect(t, port);
	bare.send(
		'POST /v1/echo/a HTTP/1.1\r\nHost: x\r\nX-PROVIDER-API-AppKey: provider\r\nX-PROVIDER-API-AppToken: right\r\nContent-Length: 12\r\n\r\n{"amount":1}',
	);
	const gzipped = await call('POST', '/v1/echo/a', {
		body: gzipSync('\u{feff}{"amount": 2}'),
		headers: {'content-encoding': 'gzip'},
	});

	t.true((await bare.until(/\}$/)).endsWith('{"params":{"name":"a"},"body":{"amount":1}}'));
	t.is(gzipped.status, 200);
	t.like(gzipped.json, {body: {amount: 2}});
});

test('no body at all counts as an empty object', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});

	const answer = await call('POST', '/v1/echo/a');

	t.like(answer.json, {body: {}});
});

test('a body that is not a JSON object is 400, and what was sent is not repeated', async t => {
	const {call, logged} = await withApp(t, {endpoints: [echo]});
	for (const body of [
		'{"secret": ',
		'null',
		'"secret"',
		'5',
		'secret=5',
		'\u0000',
		'{"secret": 01}',
		'{"__proto__": {"secret": 1}}',
	]) {
		const answer = await call('POST', '/v1/echo/a', {body});

		t.is(answer.status, 400, body);
		t.like(answer.json, {error: {code: 'malformed_request'}}, body);
		t.false(answer.text.includes('secret'), body);
	}

	t.false(JSON.stringify(logged()).includes('secret'));
});

test('what is not JSON and does not claim to be is 415', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});
	const sent = [
		['application/xml', '<amount>5</amount>'],
		['application/x-www-form-urlencoded', 'amount=5'],
		['multipart/form-data; boundary=x', '--x--'],
	] as const;
	for (const [type, body] of sent) {
		const answer = await call('POST', '/v1/echo/a', {body, headers: {'content-type': type}});

		t.is(answer.status, 415, type);
		t.like(answer.json, {error: {code: 'unsupported_media_type'}}, type);
	}

	const unknown = await call('POST', '/v1/echo/a', {body: '{}', headers: {'content-encoding': 'rot13'}});
	t.is(unknown.status, 415);
});

test('a body of 512 kB is read, and one byte more is 413, announced or not, packed or not', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});
	const sized = (bytes: number) => JSON.stringify({a: 'x'.repeat(bytes - 8)});
	const limit = 512 * 1024;

	const full = await call('POST', '/v1/echo/a', {body: sized(limit)});
	const over = await call('POST', '/v1/echo/a', {body: sized(limit + 1)});
	const packed = await call('POST', '/v1/echo/a', {
		body: gzipSync(sized(limit + 1)),
		headers: {'content-encoding': 'gzip'},
	});

	t.is(full.status, 200);
	t.is(over.status, 413);
	t.like(over.json, {error: {code: 'body_too_large'}});
	t.is(packed.status, 413);
});

test('a member that breaks the contract is named, its value is not', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});

	const flat = await call('POST', '/v1/echo/a', {body: {amount: 'secret'}});
	const deep = await call('POST', '/v1/echo/a', {body: {deep: {text: 98_765}}});
	const list = await call('POST', '/v1/echo/a', {body: ['secret']});

	t.is(flat.status, 400);
	t.like(flat.json, {error: {code: 'invalid_request'}});
	t.regex(flat.text, /body\.amount/);
	t.regex(deep.text, /body\.deep\.text/);
	t.regex(list.text, /"body: /);
	t.false(/secret|98765/.test(flat.text + deep.text + list.text));
});

test('path parameters are decoded once, and a broken escape is taken as it is', async t => {
	const {call} = await withApp(t, {endpoints: [echo]});

	t.like((await call('POST', '/v1/echo/a%40b%252Fc')).json, {params: {name: 'a@b%2Fc'}});
	t.like((await call('POST', '/v1/echo/a%2Fb')).json, {params: {name: 'a/b'}});
	t.like((await call('POST', '/v1/echo/%E0%A4%A')).json, {params: {name: '%E0%A4%A'}});
});

test('headers of an answer go out with it, as JSON and with its length', async t => {
	const handle = act(() => ({
		body: [{a: 'é'}],
		headers: {'REST-Content-Range': 'resources 0-0/1', 'Cache-Control': 'no-cache,no-store'},
	}));
	const {call} = await withApp(t, {endpoints: [handle]});

	const {status, headers, text} = await call('GET', '/v1/act');
	const head = await call('HEAD', '/v1/act');

	t.is(status, 200);
	t.is(text, '[{"a":"é"}]');
	t.is(headers.get('rest-content-range'), 'resources 0-0/1');
	t.is(headers.get('cache-control'), 'no-cache,no-store');
	t.is(headers.get('content-type'), 'application/json; charset=utf-8');
	t.is(headers.get('content-length'), '12');
	t.is(head.status, 200);
	t.is(head.text, '');
});

test('a handler knows who calls', async t => {
	const handle = act((_parts, {caller: {merchant, role, appKey}, requestId}) => ({
		body: {name: merchant.name, role, appKey, requestId},
	}));
	const {call} = await withApp(t, {endpoints: [handle]});

	const {json, headers} = await call('GET', '/v1/act', {headers: viewerHeaders});

	t.deepEqual(json, {
		name: 'store',
		role: 'viewer',
		appKey: 'viewer',
		requestId: headers.get('x-request-id'),
	});
});

test('an error of the protocol is answered with its status, code and message', async t => {
	const error = new ProtocolError(422, 'insufficient_balance', 'Only 5.00 is there.', {retryAfterSeconds: 7});
	const {call, logged} = await withApp(t, {endpoints: [failing(error)]});

	const {status, json, headers} = await call('GET', '/v1/act');

	t.is(status, 422);
	t.deepEqual(json, {error: {code: 'insufficient_balance', message: 'Only 5.00 is there.'}});
	t.is(headers.get('retry-after'), '7');
	t.like(logged().at(-1), {status: 422, level: 30, error: undefined});
});

test('an overloaded writer is 503 with Retry-After', async t => {
	const error = new OverloadedError('Too many requests wait already.', {retryAfterSeconds: 3});
	const {call} = await withApp(t, {endpoints: [failing(error)]});

	const {status, json, headers} = await call('GET', '/v1/act');

	t.is(status, 503);
	t.deepEqual(json, {error: {code: 'overloaded', message: 'Too many requests wait already.'}});
	t.is(headers.get('retry-after'), '3');
});

test('a database that is gone, full, locked or late is 503 with Retry-After', async t => {
	const states = ['57P01', '08006', '53300', '55P03', '57014'];
	const errors = [
		...states.map(originalCode => Object.assign(new Error('x'), {cause: {kind: 'postgres', originalCode}})),
		Object.assign(new Error('x'), {code: 'ECONNREFUSED'}),
		Object.assign(new Error('x'), {code: 'P2024'}),
		Object.assign(new Error('x'), {code: 'P2028'}),
	];
	for (const error of errors) {
		const {call} = await withApp(t, {endpoints: [failing(error)]});
		const {status, json, headers} = await call('GET', '/v1/act');

		t.is(status, 503);
		t.like(json, {error: {code: 'unavailable'}});
		t.is(headers.get('retry-after'), '1');
	}
});

test('any other error is 500 with the id under which the log tells more, and nothing of the error itself', async t => {
	const {call, logged} = await withApp(t, {endpoints: [failing(new Error('the hidden reason'))]});

	const {status, json, text, headers} = await call('GET', '/v1/act');

	const id = headers.get('x-request-id') ?? '';
	t.is(status, 500);
	t.like(json, {error: {code: 'internal'}});
	t.true(text.includes(id) && id !== '');
	t.false(text.includes('hidden'));
	t.like(logged().at(-1), {id, level: 50, status: 500, error: {name: 'Error', message: 'the hidden reason'}});
});

test('an answer that breaks its own contract does not leave', async t => {
	const broken: Endpoint<undefined> = endpoint({...echo.contract, reply: z.object({id: z.string()})}, () => ({
		body: {id: 5 as unknown as string},
	}));
	const {call, logged} = await withApp(t, {endpoints: [broken]});

	const {status, json} = await call('POST', '/v1/echo/a');

	t.is(status, 500);
	t.like(json, {error: {code: 'internal'}});
	t.like(logged().at(-1), {error: {name: 'ZodError'}});
});

test('a request that takes too long is answered 503 once, its signal is aborted, and it is logged once', async t => {
	let release: () => void = () => undefined;
	let seen: Signal | undefined;
	const slow = act(async (_parts, {signal}) => {
		seen = signal;
		await new Promise<void>(resolve => (release = resolve));
		return {body: 'too late'};
	});
	const {call, logged, port} = await withApp(t, {endpoints: [slow], deadlineMs: 100});

	const {status, json, headers} = await call('GET', '/v1/act');
	t.is(status, 503);
	t.like(json, {error: {code: 'deadline'}});
	t.is(headers.get('retry-after'), '1');
	t.true(seen?.aborted);

	release();
	const other = await connect(t, port);
	other.send('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
	await other.until(/"ok"/);
	t.is(logged().filter(({route}) => route === '/act').length, 1);
	t.like(logged()[0], {route: '/act', status: 503});
});

test('the signal of a request is aborted when its client hangs up, and not when it was answered', async t => {
	const signals: Signal[] = [];
	const waiting = act(async (_parts, {signal, headers}) => {
		signals.push(signal);
		if (headers['x-wait'] !== undefined) {
			await until(() => signal.aborted);
		}

		return {body: 'done'};
	});
	const {port, call} = await withApp(t, {endpoints: [waiting]});
	const credentials = 'X-VTEX-API-AppKey: provider\r\nX-VTEX-API-AppToken: right';
	const client = await connect(t, port);
	client.send(`GET /v1/act HTTP/1.1\r\nHost: x\r\nx-wait: yes\r\n${credentials}\r\n\r\n`);
	await until(() => signals.length > 0);

	client.close();
	await until(() => signals[0]?.aborted === true);
	await call('GET', '/v1/act', {headers: {connection: 'close'}});

	t.deepEqual(
		signals.map(({aborted}) => aborted),
		[true, false],
	);
});
