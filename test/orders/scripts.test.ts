import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {findVtexAccess} from '../../src/merchants/vtex-keys.ts';
import {ring} from '../../src/orders/doorbell.ts';
import {orderSample} from '../helpers/orders.ts';
import {openOrdersApi, ordersKey, returnsKey, storeKeys} from '../helpers/orders-api.ts';
import {jsonLines, runHere, runScript, scriptSecrets} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {enterKeys, hour, lookOf, memoryBooks, newStore, second, secretsKey, start} from './rows.ts';

const invoiced = '1530241870044-01';
const token = storeKeys['vtexappkey-lojamonedero-QWERTY'];

let server: TestServer;
const books = memoryBooks();

test.before(async () => {
	server = await openTestServer({applyOrder: books.applyOrder});
});

test.after.always(() => server.close());

let stores = 0;

/** Commands for a sandbox merchant of their own, whose account is simulated and has the published orders. */
async function room(t: ExecutionContext, {hasKeys = true} = {}) {
	const {parts} = server;
	const {prisma} = parts;
	const merchant = await newStore(prisma, `store${++stores}`);
	const api = await openOrdersApi(t);
	api.put(orderSample('order-invoiced-full'));
	api.put(orderSample('order-canceled'));
	if (hasKeys) {
		await enterKeys(prisma, merchant, api);
	}

	const run = (name: string, ...args: string[]) =>
		runHere(parts, name, [...args, '--merchant', merchant.name]);
	return {
		...{parts, prisma, merchant, api, run},
		json: async (name: string, ...args: string[]) => {
			const {code, stdout, stderr} = await run(name, ...args, '--json');
			return {code, rows: jsonLines(stdout), stderr};
		},
		ring: (orderId: string, now = start) => ring(prisma, merchant.id, {orderId, atLeast: null}, now),
	};
}

test('credentials:vtex takes the token from standard input, stores it, and never shows it', async t => {
	const {merchant, prisma, run, json} = await room(t, {hasKeys: false});
	const env = {DATABASE_URL: server.database.url, ...scriptSecrets};
	const enter = (input: string, ...args: string[]) =>
		runScript('credentials:vtex', [...args, '--merchant', merchant.name], env, input);

	t.regex((await run('credentials:vtex')).stdout, /has no keys of its VTEX account/);
	const entered = await enter(`${token}\n`, '--account', 'Acme', '--app-key', ordersKey, '--json');
	const empty = await enter('\n', '--app-key', 'k');
	const shown = await run('credentials:vtex');

	t.is(entered.code, 0, entered.stderr);
	t.like(jsonLines(entered.stdout)[0], {
		merchant: merchant.name,
		purpose: 'orders',
		account: 'acme',
		appKey: ordersKey,
		refusedAt: null,
	});
	t.like(await findVtexAccess({prisma, secretsKey}, merchant, 'orders'), {account: 'acme', appToken: token});
	t.deepEqual([empty.code, empty.stdout], [1, '']);
	t.regex(empty.stderr, /There was no app token/);
	t.regex(shown.stdout, new RegExp(`orders +acme +${ordersKey}`));
	t.like((await json('credentials:vtex')).rows[0], {account: 'acme'});
	t.false(JSON.stringify([entered, shown]).includes(token));
	t.is((await run('credentials:vtex', '--account', 'acme')).code, 2);
});

test('orders:hook configures both hooks with keys of their own, shows how they stand, and removes them', async t => {
	const {api, run, json, prisma, merchant, parts} = await room(t);

	t.regex((await run('orders:hook')).stdout, /has no order hook/);
	t.like((await json('orders:hook', 'configure')).rows[0], {
		purpose: 'orders',
		state: 'asWanted',
		url: `${server.origin}/hooks/orders`,
	});
	const missing = await run('orders:hook', 'configure', '--returns');
	t.regex(missing.stderr, /credentials:vtex --app-key K --returns/);
	await enterKeys(prisma, merchant, api, {purpose: 'returns'});
	t.is((await run('orders:hook', 'configure', '--returns')).code, 0);

	t.is(api.hook()?.hook.url, parts.orders.hookUrl);
	t.like(api.hook(returnsKey), {filter: {type: 'FromOrders'}});
	t.deepEqual(
		(await json('orders:hook', 'show')).rows.map(({purpose, state, problem}) => [purpose, state, problem]),
		[
			['orders', 'asWanted', null],
			['returns', 'asWanted', null],
		],
	);
	api.setHook(undefined);
	api.trouble('hook/config', 500);
	t.deepEqual(
		(await json('orders:hook')).rows.map(({state}) => state),
		['failed', 'asWanted'],
	);
	t.regex((await run('orders:hook')).stdout, /orders +http.* none\n/);

	t.is((await run('orders:hook', 'remove', '--returns')).code, 0);
	t.is(api.hook(returnsKey), undefined);
	t.regex((await run('orders:hook', 'remove', '--returns')).stderr, /has no such hook/);
	t.is((await run('orders:hook', 'remove')).code, 0);
	const all = JSON.stringify([await run('orders:hook'), server.logged()]);
	t.false(all.includes(token));
});

test('a token works until its hook is removed, and is another one afterwards', async t => {
	const {api, run} = await room(t);
	const body = {OrderId: '1-01'};
	const call = (value: string) =>
		fetch(`${server.origin}/hooks/orders`, {
			method: 'POST',
			headers: {'X-Monedero-Hook-Token': value},
			body: JSON.stringify(body),
		});
	await run('orders:hook', 'configure');
	const first = api.hook()?.hook.headers['X-Monedero-Hook-Token'] ?? '';
	await run('orders:hook', 'configure');
	t.is(api.hook()?.hook.headers['X-Monedero-Hook-Token'], first);
	t.is((await call(first)).status, 200);

	await run('orders:hook', 'remove');
	t.is((await call(first)).status, 403);
	await run('orders:hook', 'configure');

	t.not(api.hook()?.hook.headers['X-Monedero-Hook-Token'], first);
});

test('orders:hook leaves somebody else’s hook alone unless it is told otherwise', async t => {
	const {api, run} = await room(t);
	const foreign = {filter: {type: 'FromWorkflow'}, hook: {url: 'https://erp.example.com/hook', headers: {}}};
	api.setHook(foreign);

	const refused = await run('orders:hook', 'configure');
	t.is(refused.code, 1);
	t.regex(refused.stderr, /calls somebody else/);
	t.deepEqual(api.hook(), foreign);
	t.is((await run('orders:hook', 'configure', '--replace')).code, 0);
	t.is(api.hook()?.hook.url, `${server.origin}/hooks/orders`);
	api.setHook(foreign);
	t.is((await run('orders:hook', 'remove')).code, 0);
	t.deepEqual(api.hook(), foreign);
});

test('orders:hook says why a hook cannot be made', async t => {
	const {api, run, prisma, merchant} = await room(t);
	api.trouble('hook/config', 200, 400, 200, 403);

	t.regex(
		(await run('orders:hook', 'configure')).stderr,
		/answered 400 for the order hook\. VTEX calls http.*must be running/,
	);
	t.regex((await run('orders:hook', 'configure')).stderr, /refuses the keys for the order hook \(403\)/);
	t.regex((await run('orders:hook')).stdout, /orders: VTEX refuses the keys/);
	await prisma.merchant.update({where: {id: merchant.id}, data: {sandbox: false}});
	t.regex((await run('orders:hook', 'configure')).stderr, /https addresses only.*PUBLIC_URL/);
	t.is((await run('orders:hook', 'delete')).code, 2);
	t.is((await run('orders:hook', 'remove', '--replace')).code, 2);
});

test('orders:earn books orders by their ids, and says of each what became of it', async t => {
	const {api, run, json} = await room(t);

	const first = await json('orders:earn', '--order', `${invoiced}, 1530241870052-01,${invoiced}`);
	const again = await run('orders:earn', '--order', invoiced);
	const unknown = await json('orders:earn', '--order', `unknown-01,${invoiced}`);

	t.deepEqual(first.rows, [
		{orderId: invoiced, program: 'Memory', kind: 'booked', points: '293.51'},
		{orderId: '1530241870052-01', program: 'Memory', kind: 'booked', points: '293.51'},
	]);
	t.regex(again.stdout, new RegExp(String.raw`${invoiced} +Memory +unchanged +293\.51`));
	t.is(unknown.code, 1);
	t.deepEqual(
		unknown.rows.map(({kind}) => kind),
		['failed', 'unchanged'],
	);
	t.regex(unknown.stderr, /1 of 2 could not be booked/);
	t.is(api.fetches(invoiced), 3);
	t.is((await run('orders:earn', '--order', '../hook')).code, 2);
	t.is((await run('orders:earn')).code, 2);
});

test('orders:earn takes a document, a list, and one document a line', async t => {
	const {run, json, api} = await room(t, {hasKeys: false});
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-orders-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const file = path.join(folder, 'orders.json');
	const [one, two] = [orderSample('order-invoiced-full'), orderSample('order-returned-in-part')];
	const earn = async (text: string) => {
		await writeFile(file, text);
		return json('orders:earn', '--file', file);
	};

	t.deepEqual((await earn(JSON.stringify(one, undefined, 2))).rows, [
		{orderId: invoiced, program: 'Memory', kind: 'booked', points: '293.51'},
	]);
	t.is((await earn(JSON.stringify([one, two]))).rows.length, 2);
	t.is((await earn(`${JSON.stringify(one)}\r\n\n${JSON.stringify(two)}\n`)).rows.length, 2);
	const partly = await earn(JSON.stringify([{...one, items: 'Ana Prado'}, two]));
	const broken = await earn(`${JSON.stringify(one)}\n{"orderId": "Ana Prado"`);

	t.deepEqual(partly.rows[0], {
		orderId: 'order 1 of the file',
		kind: 'failed',
		problem: 'The order cannot be read: items is not a list.',
	});
	t.like(partly, {code: 1, rows: {length: 2}});
	t.like(broken, {code: 1, rows: []});
	t.regex(broken.stderr, /line 2 is none/);
	t.false(JSON.stringify([partly, broken]).includes('Prado'));
	t.regex((await run('orders:earn', '--file', path.join(folder, 'none'))).stderr, /ENOENT/);
	t.regex((await run('orders:earn', '--order', invoiced)).stderr, /has no keys of its VTEX account/);
	t.deepEqual(api.asked, []);
});

test('orders:list shows how each order of the queue stands', async t => {
	const {ring, json, run, prisma, merchant} = await room(t);
	const set = (orderId: string, data: Parameters<typeof prisma.orderLook.updateMany>[0]['data']) =>
		prisma.orderLook.updateMany({where: {merchantId: merchant.id, orderId}, data});
	for (const [index, orderId] of ['W-01', 'F-01', 'D-01', 'G-01'].entries()) {
		await ring(orderId, start + index * second);
	}

	await set('F-01', {
		failures: 3,
		problem: 'VTEX answered 500 for the order.',
		nextAt: new Date(start + hour),
	});
	await set('D-01', {status: 2, lookedAt: new Date(start), outcome: 'booked'});
	await set('G-01', {status: 3, failures: 30, problem: 'VTEX does not know the order (404).'});

	const {rows} = await json('orders:list');
	t.deepEqual(
		rows.map(({orderId, status}) => [orderId, status]),
		[
			['G-01', 'given-up'],
			['D-01', 'done'],
			['F-01', 'failing'],
			['W-01', 'waiting'],
		],
	);
	t.deepEqual(rows[2], {
		...{orderId: 'F-01', status: 'failing', failures: 3, outcome: null, lookedAt: null},
		...{problem: 'VTEX answered 500 for the order.', rungAt: new Date(start + second).toISOString()},
		nextAt: new Date(start + hour).toISOString(),
	});
	for (const [status, ids] of [
		['waiting', ['F-01', 'W-01']],
		['failing', ['F-01']],
		['done', ['D-01']],
		['given-up', ['G-01']],
	] as const) {
		t.deepEqual(
			(await json('orders:list', '--status', status)).rows.map(({orderId}) => orderId),
			ids as never,
		);
	}

	t.regex((await run('orders:list')).stdout, /G-01: VTEX does not know the order \(404\)\./);
});

test('orders:list says why nothing is looked at', async t => {
	const {run, prisma, merchant} = await room(t);
	const keyless = await room(t, {hasKeys: false});
	await prisma.vtexKey.updateMany({where: {merchantId: merchant.id}, data: {refusedAt: new Date(start)}});

	t.regex((await keyless.run('orders:list')).stderr, /no keys of its VTEX account/);
	t.regex((await run('orders:list')).stderr, /VTEX refused the keys/);
	t.regex((await run('orders:list', '--status', 'done')).stdout, /has no done orders in the queue/);
});

test('orders:retry has orders looked at now, whatever became of them, and tries refused keys again', async t => {
	const {ring, json, run, prisma, merchant} = await room(t);
	for (const orderId of ['W-01', 'D-01', 'G-01']) {
		await ring(orderId);
	}

	const later = {nextAt: new Date(start + hour), failures: 3};
	await prisma.orderLook.updateMany({where: {merchantId: merchant.id}, data: later});
	await prisma.orderLook.updateMany({
		where: {merchantId: merchant.id, orderId: 'D-01'},
		data: {status: 2, lookedAt: new Date(start)},
	});
	await prisma.orderLook.updateMany({
		where: {merchantId: merchant.id, orderId: 'G-01'},
		data: {status: 3, problem: 'gone'},
	});
	await prisma.vtexKey.updateMany({where: {merchantId: merchant.id}, data: {refusedAt: new Date(start)}});

	const {rows} = await json('orders:retry', '--all');
	t.deepEqual(rows.map(({orderId}) => orderId).sort(), ['G-01', 'W-01']);
	t.like(await lookOf(prisma, merchant.id, 'G-01'), {status: 1, failures: 0, rings: 2, nextAt: start});
	t.is((await prisma.vtexKey.findFirstOrThrow({where: {merchantId: merchant.id}})).refusedAt, null);
	t.is((await json('orders:retry', '--order', 'D-01')).rows.length, 1);
	t.like(await lookOf(prisma, merchant.id, 'D-01'), {status: 1});
	t.regex((await run('orders:retry', '--order', 'X-01')).stderr, /has no order X-01 in its queue/);
	t.is((await run('orders:retry')).code, 2);
	t.is((await run('orders:retry', '--all', '--order', 'D-01')).code, 2);
});
