import test from 'ava';
import {z} from 'zod';
import {openDatabase} from '../../src/db/client.ts';
import {safeCause} from '../../src/http/safe-cause.ts';
import {endpoint} from '../../src/vtex/endpoint.ts';
import {withApp} from '../helpers/app.ts';
import {withDatabase} from '../helpers/database.ts';
import {exchange} from '../helpers/raw.ts';

const card = endpoint(
	{
		method: 'get',
		path: '/giftcards/:giftCardId',
		summary: 'A card.',
		access: 'read',
		params: z.object({giftCardId: z.string()}),
		body: z.undefined(),
		reply: z.unknown(),
	},
	() => ({body: {}}),
);

test('every request is one line: id, method, pattern of the route, merchant, status, milliseconds', async t => {
	const {call, logged} = await withApp(t, {endpoints: [card]});

	await call('GET', '/v1/giftcards/half-a-secret?ts=5', {headers: {'x-vtex-operation-id': 'a1b2-c3'}});

	const [line, ...more] = logged();
	t.deepEqual(more, []);
	t.deepEqual(Object.keys(line ?? {}), [
		'level',
		'time',
		'id',
		'operationId',
		'method',
		'route',
		'merchant',
		'status',
		'ms',
	]);
	t.like(line, {
		level: 30,
		operationId: 'a1b2-c3',
		method: 'GET',
		route: '/giftcards/:giftCardId',
		merchant: 'store',
		status: 200,
	});
	t.regex(String(line?.['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	t.true(typeof line?.['ms'] === 'number' && line['ms'] >= 0);
});

test('refused, unknown and health requests are lines too, without the path that was asked for', async t => {
	const {call, logged} = await withApp(t);

	await call('GET', '/v1/giftcards/secret', {headers: {'X-PROVIDER-API-AppKey': null}});
	await call('GET', '/v1/giftcards/secret', {headers: {'X-PROVIDER-API-AppToken': 'secret'}});
	await call('GET', '/secret');
	await call('GET', '/health/ready');

	t.deepEqual(
		logged().map(({status, route, merchant}) => [status, route, merchant]),
		[
			[401, undefined, undefined],
			[403, undefined, undefined],
			[404, undefined, 'store'],
			[200, '/health/ready', undefined],
		],
	);
	t.false(JSON.stringify(logged()).includes('secret'));
});

test('the operation id of VTEX is carried into the log and the answer', async t => {
	const {call, logged} = await withApp(t, {endpoints: [card]});
	const id = '3f1c1bd5-9c3e-4b8e-8d7e-1f0a7c0e5a11';

	const answer = await call('GET', '/v1/giftcards/1', {headers: {'X-VTEX-Operation-ID': id}});

	t.is(answer.headers.get('x-vtex-operation-id'), id);
	t.is(logged()[0]?.['operationId'], id);
});

test('an operation id that could do harm is dropped, and the request served', async t => {
	const {port, logged} = await withApp(t, {endpoints: [card]});
	const credentials = ['X-PROVIDER-API-AppKey: provider', 'X-PROVIDER-API-AppToken: right'];
	for (const value of ['{"level":60}', 'a b', 'é', 'x'.repeat(129), '', 'a\tb']) {
		const answer = await exchange(t, port, [
			'GET /v1/giftcards/1 HTTP/1.1',
			...credentials,
			`x-vtex-operation-id: ${value}`,
		]);

		t.regex(answer, /^HTTP\/1\.1 200 /, value);
		t.notRegex(answer, /x-vtex-operation-id/i, value);
	}

	t.true(logged().every(({operationId}) => operationId === undefined));
	t.is(logged().length, 6);
});

test('every request has an id of its own', async t => {
	const {call} = await withApp(t, {endpoints: [card]});

	const answers = await Promise.all(Array.from({length: 20}, () => call('GET', '/v1/giftcards/1')));

	t.is(new Set(answers.map(({headers}) => headers.get('x-request-id'))).size, 20);
});

test('an error of the database is described without row, parameter and statement', async t => {
	const {general} = await withDatabase(t);
	const secret = 'nobody-must-read-this';
	const violations: (() => Promise<unknown>)[] = [
		async () =>
			general.prisma
				.$executeRaw`INSERT INTO merchants (name, time_zone, currency) VALUES ('', ${secret}, 'BRL')`,
		async () => general.prisma.merchant.create({data: {name: '', timeZone: secret, currency: 'BRL'}}),
		async () => general.prisma.$queryRaw`SELECT ${secret}::uuid`,
		async () => general.pool.query(`SELECT '${secret}'::uuid`),
		async () =>
			general.pool.query("INSERT INTO merchants (name, time_zone, currency) VALUES ('', $1, 'BRL')", [
				secret,
			]),
	];
	for (const [index, violate] of violations.entries()) {
		const error: unknown = await t.throwsAsync(violate());
		const cause = safeCause(new Error('Outside', {cause: error}));

		t.false(JSON.stringify(cause).includes(secret), String(index));
		t.regex(cause.cause?.sqlState ?? '', /^(?:23514|22P02)$/, String(index));
		t.is(cause.message, 'Outside');
		t.is(cause.cause?.message, undefined);
	}

	const violated = await t.throwsAsync(
		general.pool.query("INSERT INTO merchants (name, time_zone, currency) VALUES ('', 'Z', 'BRL')"),
	);
	t.is(safeCause(violated).constraint, 'merchants_name_check');
});

test('an address that is not reachable is described without its password', async t => {
	const secret = 'nobody-must-read-this';

	const error = await t.throwsAsync(
		openDatabase(`postgresql://user:${secret}@127.0.0.1:1/x`, {purpose: 'general'}),
	);

	t.false(JSON.stringify(safeCause(error)).includes(secret));
});

test('what is thrown without being an error is named by its type only', t => {
	t.deepEqual(safeCause('a secret'), {name: 'string'});
	t.deepEqual(safeCause(undefined), {name: 'undefined'});
});
