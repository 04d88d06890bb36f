import test from 'ava';
import {z} from 'zod';
import {isOnThisMachine} from '../../src/http/metrics.ts';
import {type AnsweredRequest} from '../../src/http/watch.ts';
import {endpoint} from '../../src/vtex/endpoint.ts';
import {providerHeaders, withApp} from '../helpers/app.ts';
import {deferred} from '../helpers/deferred.ts';
import {connect} from '../helpers/raw.ts';

const text = '# HELP figures\n';
const render = () => Promise.resolve({contentType: 'text/plain; version=0.0.4; charset=utf-8', text});
const token = 'metrics-0123456789-abcdefghij';
const bearing = (value: string) => ({Authorization: value});
const nobody = {'X-PROVIDER-API-AppKey': null, 'X-PROVIDER-API-AppToken': null};

test('with a token, who bears it reads the figures, from anywhere and through any proxy', async t => {
	const app = await withApp(t, {metrics: {token, render}});
	const headers = {...nobody, ...bearing(`Bearer ${token}`), 'X-Forwarded-For': '203.0.113.9'};

	const answer = await app.call('GET', '/metrics', {headers});

	t.is(answer.status, 200);
	t.is(answer.text, text);
	t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
	t.is(answer.headers.get('cache-control'), 'no-store');
	t.is((await app.call('GET', '/metrics', {headers: bearing(`bearer ${token}`)})).status, 200);
	t.is(app.logged()[0]?.['route'], '/metrics');
});

test('without a token nobody reads the figures of a service that is reached from elsewhere', async t => {
	const headers = {...nobody, Host: 'localhost'};
	const statusFor = async (publicUrl: string) => {
		const app = await withApp(t, {metrics: {token: undefined, publicUrl, render}});
		return (await app.call('GET', '/metrics', {headers})).status;
	};

	// A proxy on this machine that passes its caller's `Host` on looks like this.
	t.is(await statusFor('https://cards.example.com'), 401);
	t.is(await statusFor('http://127.0.0.1:3000'), 200);
});

for (const [title, headers] of Object.entries({
	'no token': {},
	'a wrong token': bearing(`Bearer ${token.slice(0, -1)}X`),
	'a token cut short': bearing(`Bearer ${token.slice(0, -1)}`),
	'a token with more behind it': bearing(`Bearer ${token}0`),
	'the token without its scheme': bearing(token),
	'the token by another scheme': bearing(`Basic ${token}`),
	'an empty token': bearing('Bearer '),
})) {
	test(`${title} gets what an unknown path gets, and learns nothing`, async t => {
		const app = await withApp(t, {metrics: {token, render}});
		const seen = async (path: string, over: Record<string, string | null>) => {
			const {
				status,
				text: body,
				headers: got,
			} = await app.call('GET', path, {headers: {...headers, ...over}});
			return {status, body, names: [...got.keys()].filter(name => name !== 'date').sort()};
		};

		for (const over of [nobody, {'X-PROVIDER-API-AppToken': 'wrong'}, providerHeaders]) {
			t.deepEqual(await seen('/metrics', over), await seen('/nothing', over));
		}

		t.is((await seen('/metrics', nobody)).status, 401);
	});
}

test('without a token this machine reads the figures, and what comes through a proxy does not', async t => {
	const {call} = await withApp(t, {metrics: {token: undefined, render}});
	const status = async (over: Record<string, string>) =>
		(await call('GET', '/metrics', {headers: {...nobody, ...over}})).status;

	t.is(await status({}), 200);
	t.is(await status({'X-Forwarded-For': '203.0.113.9'}), 401);
	t.is(await status({Forwarded: 'for=203.0.113.9'}), 401);
});

test('nginx as it comes adds no header and speaks HTTP/1.0: that is not this machine', async t => {
	const {port} = await withApp(t, {metrics: {token: undefined, render}});
	const ask = async (version: string) => {
		const connection = await connect(t, port);
		connection.send(`GET /metrics HTTP/${version}\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
		return (await connection.ended()).split(' ')[1];
	};

	t.is(await ask('1.0'), '401');
	t.is(await ask('1.1'), '200');
});

const released = deferred();
const slow = endpoint(
	{
		method: 'get',
		path: '/slow',
		summary: 'Hangs.',
		access: 'read',
		params: z.unknown(),
		body: z.undefined(),
		reply: z.unknown(),
	},
	async () => {
		await released.promise;
		return {body: {}};
	},
);

test('each request is told of once: when it is answered, or when it is given up', async t => {
	const told: AnsweredRequest[] = [];
	const watch = {
		answered(request: AnsweredRequest) {
			told.push(request);
			return 'trace';
		},
	};
	const {call, logged} = await withApp(t, {endpoints: [slow], deadlineMs: 100, watch});
	const trace = {traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'};

	t.is((await call('GET', '/v1/slow', {headers: trace})).status, 503);
	released.resolve();
	await call('GET', '/nothing');
	await call('GET', '/v1/slow', {headers: {...nobody, traceparent: 'malformed'}});

	t.deepEqual(
		told.map(({route, status}) => [route, status]),
		[
			['/slow', 503],
			[undefined, 404],
			[undefined, 401],
		],
	);
	t.like(told[0]?.trace, {traceId: '4bf92f3577b34da6a3ce929d0e0e4736', isSampled: true});
	t.is(told[0]?.caller?.merchant.name, 'store');
	t.deepEqual(
		told.map(({errorCode}) => errorCode),
		['deadline', 'not_found', undefined],
	);
	t.is(told[2]?.trace, undefined);
	t.deepEqual(
		logged().map(line => line['traceId']),
		['trace', 'trace', 'trace'],
	);
});

test('only GET and HEAD read', async t => {
	const {call} = await withApp(t, {metrics: {token: undefined, render}});

	t.is((await call('HEAD', '/metrics')).status, 200);
	t.is((await call('POST', '/metrics')).status, 404);
	t.is((await call('GET', '/metrics/')).status, 404);
});

const here = (over: {
	readonly address?: string;
	readonly version?: string;
	readonly headers?: Readonly<Record<string, string>>;
}) =>
	isOnThisMachine({
		socket: {remoteAddress: over.address ?? '127.0.0.1'},
		httpVersion: over.version ?? '1.1',
		headers: {host: 'localhost:3000', ...over.headers},
	});

test('loopback is every address of 127.0.0.0/8 and ::1, also as a socket for both families writes it', t => {
	for (const address of ['127.0.0.1', '127.9.8.7', '::1', '::ffff:127.0.0.1']) {
		t.true(here({address}), address);
	}

	for (const address of ['10.0.0.1', '192.168.0.1', '::ffff:10.0.0.1', 'fe80::1', '::', '0.0.0.0', '']) {
		t.false(here({address}), address);
	}
});

test('a public name, another version of HTTP, or any header of a proxy gives a proxy away', t => {
	for (const host of ['localhost', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST:3000']) {
		t.true(here({headers: {host}}), host);
	}

	for (const host of ['cards.example.com', 'localhost.example.com', '127.0.0.1.example.com', '']) {
		t.false(here({headers: {host}}), host);
	}

	t.false(here({version: '1.0'}));
	for (const name of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'cf-ray']) {
		t.false(here({headers: {[name]: ''}}), name);
	}
});
