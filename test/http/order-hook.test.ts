import {readFileSync} from 'node:fs';
import test from 'ava';
import {wantHook} from '../../src/orders/hooks.ts';
import {exchange} from '../helpers/raw.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {enterKeys, lookOf, newStore, secretsKey, start} from '../orders/rows.ts';

const sampleText = (name: string) =>
	readFileSync(new URL(`../fixtures/vtex/orders/hook-${name}.json`, import.meta.url), 'utf8');

let server: TestServer;

test.before(async () => {
	server = await openTestServer();
});

test.after.always(() => server.close());

let stores = 0;

/** A merchant of its own with a hook, and a way to call it as VTEX does. */
async function room({account}: {account?: string} = {}) {
	const {prisma} = server.parts;
	const merchant = await newStore(prisma, `store${++stores}`);
	await enterKeys(prisma, merchant, {url: 'http://127.0.0.1:1'}, account === undefined ? {} : {account});
	const {token} = await wantHook({prisma, secretsKey}, merchant.id, {
		purpose: 'orders',
		url: 'http://127.0.0.1:1',
	});
	const call = async (
		body: string,
		headers: Readonly<Record<string, string>> = {'X-Monedero-Hook-Token': token},
	) => {
		const response = await fetch(`${server.origin}/hooks/orders`, {
			method: 'POST',
			headers: {'Content-Type': 'application/json', ...headers},
			body,
		});
		return {status: response.status, text: await response.text()};
	};
	return {
		...{merchant, token, call},
		stateOf: (orderId: string) => lookOf(prisma, merchant.id, orderId),
		count: () => prisma.orderLook.count({where: {merchantId: merchant.id}}),
	};
}

const notification = (members: object = {}) =>
	JSON.stringify({...(JSON.parse(sampleText('notification-invoiced')) as object), ...members, Origin: null});

const warnings = () =>
	server
		.logged()
		.filter(({level}) => level === 40)
		.map(({msg}) => msg);

test('a ping is answered with the right token or without any, does nothing, and is refused with a wrong one', async t => {
	const {call, count} = await room();
	const ping = sampleText('ping');

	t.is((await call(ping)).status, 200);
	t.is((await call(ping, {})).status, 200);
	t.deepEqual(await call(ping, {'X-Monedero-Hook-Token': 'wrong'}), {status: 403, text: ''});
	t.is(await count(), 0);
});

test('notifications of both filters are written down, once for an order, and answered 200', async t => {
	const {call, count, stateOf} = await room({account: 'lojamonedero'});
	for (const name of [
		'invoiced',
		'invoiced-fulfillment',
		'short',
		'from-orders',
		'canceled-again',
		'canceled',
		'canceled',
	]) {
		t.is((await call(sampleText(`notification-${name}`))).status, 200, name);
	}

	t.is(await count(), 3);
	t.like(await stateOf('1530241870044-01'), {
		...{status: 1, rings: 3, looks: 0, nextAt: start},
		atLeast: '2026-03-12T14:02:12.9051144Z',
	});
	t.like(await stateOf('1530241870061-01'), {rings: 1, atLeast: null});
	t.like(await stateOf('1530241870052-01'), {rings: 3, atLeast: '2026-03-11T18:40:41.0330001Z'});
});

test('without a token or with a wrong one nothing is written, and the answer has no body', async t => {
	const {call, count} = await room();
	const other = await room();

	t.deepEqual(await call(notification(), {}), {status: 401, text: ''});
	t.deepEqual(await call(notification(), {'X-Monedero-Hook-Token': ''}), {status: 401, text: ''});
	t.deepEqual(await call(notification(), {'X-Monedero-Hook-Token': `${other.token}x`}), {
		status: 403,
		text: '',
	});
	t.deepEqual(await call('{', {'X-Monedero-Hook-Token': 'wrong'}), {status: 403, text: ''});
	t.deepEqual(await call(notification(), {Authorization: `Bearer ${other.token}`}), {status: 401, text: ''});

	t.is(await count(), 0);
	t.true(
		warnings().includes(
			'An order hook was called with a token that is not known: has it been configured anew?',
		),
	);
	t.true(warnings().includes('An order hook was called without a token'));
	t.false(JSON.stringify(server.logged()).includes(other.token));
});

test('credentials of a provider open no hook, and a hook’s token opens nothing else', async t => {
	const {call, token} = await room();

	t.is(
		(
			await call(notification(), {
				'X-PROVIDER-API-AppKey': server.appKey,
				'X-PROVIDER-API-AppToken': server.appToken,
			})
		).status,
		401,
	);
	const search = await fetch(`${server.url}/giftcards/_search`, {
		method: 'POST',
		headers: {'X-Monedero-Hook-Token': token},
		body: '{}',
	});
	t.is(search.status, 401);
});

test('the token names the merchant, whatever the body says', async t => {
	const one = await room();
	const other = await room();
	const {name} = other.merchant;

	t.is((await one.call(notification({OrderId: 'mine-01'}))).status, 200);

	t.deepEqual([await one.count(), await other.count()], [1, 0]);
	const ours = JSON.stringify({OrderId: 'theirs-01', Origin: {Account: name}});
	t.is((await one.call(ours)).status, 200);
	t.is((await other.call(ours)).status, 200);
	t.deepEqual([await one.count(), await other.count()], [1, 1]);
	t.true(warnings().includes('A notification of another VTEX account came by the hook of a merchant'));
});

test('the account is compared whatever its case', async t => {
	const {call, count, merchant} = await room();

	await call(JSON.stringify({OrderId: '1-01', Origin: {Account: merchant.name.toUpperCase()}}));

	t.is(await count(), 1);
});

test('what can be no better the next time is answered 200, what did not arrive whole is 400, and nothing is written', async t => {
	const {call, count, token} = await room();

	for (const body of [
		'{}',
		'[]',
		'{"OrderId":"../hook/config"}',
		'{"OrderId":null,"Domain":"Marketplace"}',
	]) {
		t.is((await call(body)).status, 200, body);
	}

	for (const body of ['{"OrderId":"1-01"', 'null', 'OrderId=1-01']) {
		t.is((await call(body)).status, 400, body);
	}

	t.is((await call(`{"OrderId":"1-01","x":"${'y'.repeat(600_000)}"}`)).status, 413);
	const huge = await exchange(
		t,
		server.port,
		[
			'POST /hooks/orders HTTP/1.1',
			`X-Monedero-Hook-Token: ${token}`,
			'Content-Type: application/json',
			'Content-Length: 900000000',
		],
		'{"OrderId":',
	);
	t.regex(huge, /^HTTP\/1\.1 413 /);
	t.is(await count(), 0);
	t.true(warnings().includes('A notification names no order that could be looked at'));
});

test('the hook stands at the root, for POST only, and doubled slashes do not hide it', async t => {
	const {call, count, token} = await room();
	const ask = async (path: string, method: string) =>
		(
			await fetch(server.origin + path, {
				method,
				headers: {'X-Monedero-Hook-Token': token},
				...(method === 'POST' && {body: notification()}),
			})
		).status;

	t.is((await call(notification())).status, 200);
	t.is(await ask('//hooks//orders', 'POST'), 200);
	t.is(await ask('/v1/hooks/orders', 'POST'), 401);
	t.is(await ask('/hooks/orders', 'GET'), 401);
	t.is(await count(), 1);
});

test('a burst of a hundred notifications at once is written down whole', async t => {
	const {call, count, stateOf} = await room();

	const answers = await Promise.all(
		Array.from({length: 100}, (_, index) => call(notification({OrderId: `${index % 20}-01`}))),
	);

	t.deepEqual([...new Set(answers.map(({status}) => status))], [200]);
	t.is(await count(), 20);
	t.is((await stateOf('7-01')).rings, 5);
});

test.serial('when the database takes nothing the answer is no 200, so that VTEX sends it again', async t => {
	const {call, count} = await room();
	const {pool} = server.parts;
	const client = await pool.connect();
	await client.query('BEGIN; LOCK TABLE order_looks IN ACCESS EXCLUSIVE MODE');
	const {status} = await call(notification());
	await client.query('ROLLBACK');
	client.release();

	t.is(status, 503);
	t.is(await count(), 0);
});
