import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {assertAuditClean} from '../helpers/audit.ts';
import {temporaryFolder} from '../helpers/embedded.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {type Body, orderSample, orderSamples} from '../helpers/orders.ts';
import {notificationOf, openOrdersApi, ordersKey} from '../helpers/orders-api.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {withServer} from '../helpers/server.ts';
import {type TestContext} from '../helpers/test-context.ts';
import {enterKeys} from '../orders/rows.ts';
import {type ExecutionContext} from 'ava';

/*
 * The loyalty program as its people use it: a program made by a command, orders announced by VTEX and looked at, points that show and pay at
 * checkout, and a return that takes back.
 */

const profile = '92de2249-0e02-4ca9-a4aa-a09cc9d8f7ff';

/** A store with a program that gives a point for each real; a point is worth a cent. */
async function openStore(t: ExecutionContext & TestContext, ...terms: readonly string[]) {
	const server = await withServer(t, {env: {SANDBOX: 'true'}});
	const {parts, merchant, clock} = server;
	const api = await openOrdersApi(t);
	await enterKeys(parts.prisma, merchant, api, {now: clock.now()});
	const run = async (name: string, ...args: string[]) => {
		const {code, stdout, stderr} = await runHere(parts, name, [...args, '--json']);
		if (code !== 0) {
			throw new Error(`${name} ended with ${code}: ${stderr}`);
		}

		return jsonLines(stdout);
	};
	const rules = path.join(temporaryFolder(t), 'rules.json');
	await writeFile(rules, '{"currency": "BRL", "rate": {"numerator": "1", "denominator": "100"}}');
	await run(
		'programs:create',
		'--name',
		'Gold',
		'--asset',
		'PTS',
		'--rate',
		'BRL=0.01',
		'--earn-rules',
		rules,
		...terms,
	);
	await run('orders:hook', 'configure');
	const announce = async (document: Body, times = 1) => {
		api.put(document);
		const notice = notificationOf(document, {Origin: {Account: merchant.name, Key: ordersKey}});
		t.deepEqual(await api.send(Array.from({length: times}, () => notice)), Array(times).fill(200));
	};
	return {server, api, run, announce, look: () => parts.orders.lookDue(), hub: openHub(server)};
}

test('an order earns, the points pay for the next one, and a return takes back what is left and remembers the rest', async t => {
	const {server, run, announce, look, hub} = await openStore(t);
	const client = {id: profile, email: 'alias@ct.vtex.com.br'};

	await announce(orderSample('order-invoiced-full'), 3);
	t.deepEqual(await hub.found({client}), []);
	await look();
	const [wallet] = await hub.found({client});
	// 277.61 of goods: freight earns nothing, and a rest of a point neither.
	t.like(wallet, {balance: 2.77, caption: 'Gold'});

	const id = wallet?.id ?? '';
	const debit = await hub.debit(id, 2.5, {requestId: 'next order'});
	resultOf(await hub.settle(id, debit, 2.5));
	const returned = {
		...orderSample('order-returned-in-part'),
		orderId: orderSample('order-invoiced-full')['orderId'],
	};
	await announce(returned);
	await look();
	// Goods of 65.14 came back, 65 points, of which 27 were left.
	t.deepEqual(await hub.found({client}), []);

	// The next order is returned, and its points pay what the first one still owes.
	resultOf(await hub.cancel(id, debit, 2.5));
	t.is(await hub.balance(id), 2.12);
	const [customer] = await run('customers:show', '--customer-id', profile);
	t.is(JSON.stringify(customer).includes('52998224725'), false);
	await assertAuditClean(t, server.database);
});

test('a debt is paid from new earnings, where the program says so', async t => {
	const {server, announce, look, hub} = await openStore(t, '--clawback', 'debt');
	const client = {id: profile};
	await announce(orderSample('order-invoiced-full'));
	await look();
	const [wallet] = await hub.found({client});
	await hub.debit(wallet?.id ?? '', 2.77);
	const at = (number: number) => ({lastChange: `2026-04-0${number}T09:00:00.0000000+00:00`});

	await announce({...orderSample('order-invoiced-full'), ...at(1), status: 'canceled'});
	// Orders that are due together are looked at together, and points that are there already do not pay a debt that comes after them.
	await look();
	await announce({...orderSample('order-invoiced-full'), orderId: '1530241879999-01', ...at(2)});
	await look();
	t.deepEqual(await hub.found({client}), []);

	await announce({...orderSample('order-invoiced-full'), orderId: '1530241878888-01', ...at(3)});
	await look();
	t.like((await hub.found({client}))[0], {balance: 2.77});
	await assertAuditClean(t, server.database);
});

test('every sample order, in any order of arrival, each announced one to three times, ends with what the rules say', async t => {
	const documents = orderSamples.map(name => orderSample(name));
	let expected: string | undefined;

	await fc.assert(
		fc.asyncProperty(
			fc.shuffledSubarray([...documents.keys()], {minLength: documents.length}),
			fc.array(fc.integer({min: 1, max: 3}), {minLength: documents.length, maxLength: documents.length}),
			async (sequence, times) => {
				const {server, announce, look} = await openStore(t);
				for (const index of sequence) {
					await announce(documents[index] ?? {}, times[index]);
					await look();
				}

				const {prisma} = server.parts;
				const bookings = await prisma.orderBooking.findMany({orderBy: {orderId: 'asc'}});
				const booked = bookings
					.map(({orderId, units, forgone}) => `${orderId} ${units} ${forgone}`)
					.join(', ');
				expected ??= booked;
				t.is(booked, expected);
				await assertAuditClean(t, server.database);
			},
		),
		{numRuns: 6},
	);
	t.regex(expected ?? '', /1530241870044-01 277 0/);
});
