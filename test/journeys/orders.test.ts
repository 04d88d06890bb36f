import {readFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {ring} from '../../src/orders/doorbell.ts';
import {columnsHolding} from '../helpers/columns.ts';
import {makeClock} from '../helpers/clock.ts';
import {withDatabase} from '../helpers/database.ts';
import {type Body, orderSample, orderSamples} from '../helpers/orders.ts';
import {notificationOf, openOrdersApi, type OrdersApi, ordersKey, storeKeys} from '../helpers/orders-api.ts';
import {runHere, scriptSecrets} from '../helpers/script.ts';
import {type TestServer, withServer} from '../helpers/server.ts';
import {startService} from '../helpers/service.ts';
import {until} from '../helpers/until.ts';
import {day, enterKeys, memoryBooks, newStore, second} from '../orders/rows.ts';

/*
 * Orders on their whole way: a store whose documents change, notifications that come in any order, several times or never, an account that is
 * slow, busy or away, and at the end books that say what the documents say.
 */

let stores = 0;

/** A store whose hook was configured by the command, while the service answered its ping. */
async function openStore(t: ExecutionContext, server: TestServer) {
	const {prisma} = server.parts;
	const merchant = await newStore(prisma, `loja${++stores}`);
	const api = await openOrdersApi(t);
	await enterKeys(prisma, merchant, api, {now: server.clock.now()});
	const run = (name: string, ...args: string[]) =>
		runHere(server.parts, name, [...args, '--merchant', merchant.name]);
	t.is((await run('orders:hook', 'configure')).code, 0);
	const notify = (orderId: string, document: Body, members: Body = {}) =>
		api.send([
			notificationOf({...document, orderId}, {Origin: {Account: merchant.name, Key: ordersKey}, ...members}),
		]);
	return {merchant, api, run, notify};
}

/** What happens to one of five orders. A notification that is sent `times` 0 is lost; `trouble` is what the account answers next. */
type Step =
	| {
			readonly kind: 'change';
			readonly order: number;
			readonly status: string;
			readonly times: number;
			readonly late: boolean;
	  }
	| {readonly kind: 'trouble'; readonly order: number; readonly status: number}
	| {readonly kind: 'look'; readonly afterMs: number};

const order = fc.integer({min: 0, max: 4});
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('change' as const),
			order,
			status: fc.constantFrom('payment-approved', 'handling', 'invoice', 'invoiced', 'canceled', 'news'),
			times: fc.integer({min: 0, max: 3}),
			late: fc.boolean(),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('trouble' as const),
			order,
			status: fc.constantFrom(404, 429, 500, 503),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({kind: fc.constant('look' as const), afterMs: fc.integer({min: 0, max: 120_000})}),
	},
);

test('however notifications come, or do not, the books end with what the documents say', async t => {
	const books = memoryBooks();
	const server = await withServer(t, {applyOrder: books.applyOrder});
	const {parts, clock} = server;

	await fc.assert(
		fc.asyncProperty(fc.array(step, {minLength: 5, maxLength: 40}), async steps => {
			const {merchant, api, notify} = await openStore(t, server);
			const documents = new Map<string, Body>();
			const late: (() => Promise<unknown>)[] = [];
			const idOf = (number: number) => `${merchant.name}-${number}-01`;
			for (const [index, one] of steps.entries()) {
				if (one.kind === 'look') {
					clock.advance(one.afterMs);
					await parts.orders.lookDue();
				} else if (one.kind === 'trouble') {
					api.trouble(idOf(one.order), one.status);
				} else {
					const orderId = idOf(one.order);
					const at = new Date(clock.now() + index).toISOString();
					const document = {
						...orderSample('order-invoiced-full'),
						...{orderId, status: one.status, invoicedDate: at},
						lastChange: at.replace('Z', '1234+00:00'),
					};
					documents.set(orderId, document);
					api.put(document);
					for (let time = 0; time < one.times; time++) {
						if (one.late) {
							late.unshift(() => notify(orderId, document));
						} else {
							t.deepEqual(await notify(orderId, document), [200]);
						}
					}
				}
			}

			for (const send of late) {
				await send();
			}

			await settle(server);

			for (const [orderId, document] of documents) {
				const booked = books.newest.get(`${merchant.id} ${orderId}`);
				t.is(booked?.version, String(document['lastChange']).replace('+00:00', 'Z'));
				t.is(booked?.status, String(document['status']));
			}

			t.is(await parts.prisma.orderLook.count({where: {merchantId: merchant.id, status: {not: 2}}}), 0);
			await parts.prisma.vtexKey.updateMany({data: {refusedAt: new Date(0)}});
		}),
		{numRuns: 8},
	);
});

/** A day goes by in which the account answers: its troubles end, the night's sweep comes, and nothing waits any more. */
async function settle({parts: {orders, prisma}, clock}: TestServer): Promise<void> {
	const work = async () => {
		for (let round = 0; round < 100; round++) {
			await orders.lookDue();
			const isWaiting = (await prisma.orderLook.count({where: {status: 1}})) > 0;
			if (!isWaiting) {
				return;
			}

			clock.advance(3600 * second);
		}
	};
	await work();
	await orders.sweep();
	await work();
}

test('a hook that VTEX dropped is missed until the daily check, and then made again', async t => {
	const books = memoryBooks();
	const server = await withServer(t, {applyOrder: books.applyOrder});
	const {api, run, notify} = await openStore(t, server);
	const document = orderSample('order-invoiced-full');
	api.put(document);
	const configured = api.hook();

	api.setHook(undefined);
	server.clock.advance(day);
	t.deepEqual(await notify('1530241870044-01', document), [0]);
	t.is((await run('jobs:run', 'check-order-hooks')).code, 0);
	t.deepEqual(api.hook(), configured);
	t.deepEqual(await notify('1530241870044-01', document), [200]);
	await server.parts.orders.lookDue();

	t.is(books.applied.length, 1);
});

const folder = new URL('../fixtures/vtex/orders/', import.meta.url);
const text = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** Every text in the published orders that names a person, a card or a code. */
function secretsOfSamples(): string[] {
	const names =
		'redemptionCode|firstDigits|email|document|phone|street|receiverName|postalCode|neighborhood|courier|trackingNumber';
	const form = new RegExp(`"(?:${names})": *"([^"]{4,})"`, 'g');
	const found = orderSamples.flatMap(name =>
		[...text(`${name}.json`).matchAll(form)].map(([, secret = '']) => secret),
	);
	return [...new Set(found), '7K3MPQ9WXR4TVN8C', 'Ana Prado'];
}

/** All published orders, one that lags, one that cannot be read, and what is not answered, refused, lost and malformed. */
async function goThroughAll(t: ExecutionContext, server: TestServer, api: OrdersApi, merchantName: string) {
	const origin = {Origin: {Account: merchantName, Key: ordersKey}};
	for (const name of orderSamples) {
		const document = orderSample(name);
		api.put(document);
		t.deepEqual(
			await api.send([notificationOf(document, origin), notificationOf(document, origin)]),
			[200, 200],
		);
	}

	const unreadable = {
		...orderSample('order-paid-partly-with-points'),
		orderId: 'unreadable-01',
		items: 'Ana Prado',
	};
	const lagging = {...orderSample('order-paid-partly-with-points'), orderId: 'lagging-01'};
	api.put(unreadable);
	api.put(lagging);
	await api.send([
		notificationOf(unreadable, {...origin, clientName: 'Ana Prado'}),
		notificationOf(lagging, {...origin, CurrentChange: '2026-04-01T00:00:00Z'}),
		{OrderId: 'Ana Prado', Origin: {Account: 'Rua Exemplo'}},
		'52998224725',
	]);
	api.trouble('1530241870048-01', response => response.writeHead(200).end('{"clientName": "Ana Prado", '));
	api.trouble('1530241870044-01', 500);
	await server.parts.orders.lookDue();
	server.clock.advance(60 * second);
	await server.parts.orders.sweep();
	await server.parts.orders.lookDue();
	api.trouble('lagging-01', 403);
	server.clock.advance(600 * second);
	await server.parts.orders.lookDue();
}

test('nothing that an order says of people, cards and codes gets into the log or the database, nor any token', async t => {
	const books = memoryBooks();
	const server = await withServer(t, {
		env: {LOG_LEVEL: 'trace'},
		applyOrder: (merchant, order) =>
			order.id === 'unbookable-01'
				? Promise.reject(new Error('not booked'))
				: books.applyOrder(merchant, order),
	});
	const {api, merchant, run} = await openStore(t, server);
	const hookToken = api.hook()?.hook.headers['X-Monedero-Hook-Token'] ?? '';
	const document = {...orderSample('order-paid-partly-with-points'), orderId: 'unbookable-01'};
	api.put(document);
	await api.send([notificationOf(document, {Origin: {Account: merchant.name, Key: ordersKey}})]);

	await goThroughAll(t, server, api, merchant.name);

	const shown = [
		await run('orders:list'),
		await run('orders:hook'),
		await run('credentials:vtex'),
		await run('orders:earn', '--order', '1530241870070-01'),
	];
	const told = (JSON.stringify(server.logged()) + JSON.stringify(shown)).toLowerCase();
	const secrets = [...secretsOfSamples(), hookToken, ...Object.values(storeKeys)];
	t.true(secrets.length >= 12 && hookToken.length > 20);
	t.true(books.applied.length >= orderSamples.length - 1);
	for (const secret of secrets) {
		t.deepEqual((await columnsHolding(server.database, secret)).found, [], secret);
		t.false(told.includes(secret.toLowerCase()), secret);
	}

	// That they would be found: what may stand there does.
	t.true((await columnsHolding(server.database, '1530241870070-01')).found.includes('order_looks.order_id'));
	t.true(told.includes('vtex refuses the keys'));
});

test('the service looks at orders by itself, and stops in the middle of it', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const merchant = await newStore(prisma, 'loja');
	const api = await openOrdersApi(t);
	api.put(orderSample('order-invoiced-full'));
	await enterKeys(prisma, merchant, api, {now: Date.now()});
	const service = startService(t, {DATABASE_URL: database.url, ...scriptSecrets});
	await service.ready();

	await ring(prisma, merchant.id, {orderId: '1530241870044-01', atLeast: null}, makeClock(Date.now()).now());
	await until('it was fetched', () => api.fetches('1530241870044-01') > 0, 30_000);
	service.kill('SIGTERM');

	t.is(await service.ended(), 0);
	const {looks, leasedUntil} = await prisma.orderLook.findFirstOrThrow();
	t.true(looks >= 1);
	t.is(leasedUntil, null);
});
