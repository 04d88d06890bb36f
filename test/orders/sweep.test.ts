import test, {type ExecutionContext} from 'ava';
import {findHook, findHookOwner, listHooks, wantHook} from '../../src/orders/hooks.ts';
import {openOrderIntake} from '../../src/orders/intake.ts';
import {hookConfigOf} from '../../src/vtex/orders/hook-config.ts';
import {openVtexOrders} from '../../src/vtex/orders/client.ts';
import {makeClock} from '../helpers/clock.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {type Body, orderSample} from '../helpers/orders.ts';
import {openOrdersApi, ordersKey, returnsKey} from '../helpers/orders-api.ts';
import {openReceiver} from '../helpers/receiver.ts';
import {day, enterKeys, hour, lookOf, memoryBooks, newStore, second, secretsKey, start} from './rows.ts';

/** A store in a database of its own, because sweeps go through all merchants. */
async function room(t: ExecutionContext, name = 'store', given?: TestDatabase) {
	const database = given ?? (await withDatabase(t));
	const {prisma} = database.general;
	const merchant = await newStore(prisma, name);
	const api = await openOrdersApi(t);
	await enterKeys(prisma, merchant, api);
	const clock = makeClock();
	const said: {readonly facts: object; readonly message: string}[] = [];
	const say = (facts: object, message: string) => said.push({facts, message});
	const tools = {prisma, secretsKey};
	const hookUrl = 'https://points.example.com/hooks/orders';
	const intake = openOrderIntake(
		{
			...tools,
			clock: clock.now,
			log: {info: say, warn: say},
			source: openVtexOrders(),
			applyOrder: memoryBooks().applyOrder,
			onFailure: error => t.fail(String(error)),
		},
		{hookUrl},
	);
	return {
		...{database, prisma, merchant, api, clock, said, tools, intake, hookUrl},
		put: (
			orderId: string,
			members: Body,
			sample: Parameters<typeof orderSample>[0] = 'order-invoiced-full',
		) => {
			const nothing = {creationDate: null, authorizedDate: null, invoicedDate: null};
			api.put({...orderSample(sample), ...nothing, orderId, ...members});
		},
		waiting: async () =>
			(
				await prisma.orderLook.findMany({
					where: {merchantId: merchant.id, status: 1},
					orderBy: {orderId: 'asc'},
				})
			).map(({orderId}) => orderId),
	};
}

const at = (ms: number) => new Date(start + ms).toISOString();

test('a sweep rings for orders of the last days, and for those with returns of three months', async t => {
	const {put, intake, waiting} = await room(t);
	put('invoiced-01', {invoicedDate: at(-day)});
	put('invoiced-02', {invoicedDate: at(-3 * day)});
	put('paid-01', {authorizedDate: at(-hour), status: 'handling'});
	put('canceled-01', {creationDate: at(-6 * day), status: 'canceled'});
	put('canceled-02', {creationDate: at(-8 * day), status: 'canceled'});
	put('sold-01', {creationDate: at(-hour), status: 'payment-pending'});
	put('returned-01', {invoicedDate: at(-80 * day)}, 'order-returned-in-part');
	put('returned-02', {invoicedDate: at(-100 * day)}, 'order-returned-in-part');

	t.deepEqual(await intake.sweep(), {accounts: 1, found: 4, rung: 4, failed: 0, forgotten: 0});
	t.deepEqual(await waiting(), ['canceled-01', 'invoiced-01', 'paid-01', 'returned-01']);
});

test('an account is swept once a day, whoever asks, and again soon where it could not be', async t => {
	const {put, intake, api, clock, said} = await room(t);
	put('1-01', {invoicedDate: at(-hour)});
	api.trouble('f_authorizedDate', 500);

	t.like(await intake.sweep(), {accounts: 1, rung: 1, failed: 1});
	t.is(said.at(-1)?.message, 'The orders of a merchant could not be listed');
	t.like(await intake.sweep(), {accounts: 1, rung: 0, failed: 0});
	clock.advance(22 * hour);
	t.like(await intake.sweep(), {accounts: 0});
	clock.advance(hour + 1);
	t.like(await intake.sweep(), {accounts: 1, failed: 0});
});

test('a sweep goes on with the next account, passes over refused keys, and leaves alone an account that has had enough', async t => {
	const one = await room(t, 'one');
	const two = await room(t, 'two', one.database);
	const three = await room(t, 'three', one.database);
	three.put('3-01', {invoicedDate: at(-hour)});
	one.api.trouble('f_invoicedDate', 429);
	await one.prisma.vtexKey.updateMany({
		where: {merchantId: two.merchant.id},
		data: {refusedAt: new Date(start)},
	});

	t.like(await one.intake.sweep(), {accounts: 2, found: 1, rung: 1, failed: 1});

	t.deepEqual(two.api.asked, []);
	const keys = await one.prisma.vtexKey.findFirst({where: {merchantId: one.merchant.id}});
	t.is(keys?.pausedUntil?.getTime(), start + 60 * second);
});

test('more orders than one query gives are found in slices of time', async t => {
	const {put, intake, api, waiting} = await room(t);
	for (let index = 0; index < 3300; index++) {
		put(`${index}-01`, {invoicedDate: at(-index * 30 * second)});
	}

	t.like(await intake.sweep(), {rung: 3300, failed: 0});

	t.is((await waiting()).length, 3300);
	t.true(api.asked.every(({path}) => !/page=(?:3[1-9]|[4-9]\d)&/.test(path)));
});

test('a sweep that is asked to stop does, and what was done long ago is forgotten', async t => {
	const {put, intake, clock, prisma, merchant} = await room(t);
	put('1-01', {invoicedDate: at(-hour)});
	await intake.sweep();
	await intake.lookDue();
	t.like(await lookOf(prisma, merchant.id, '1-01'), {status: 2});
	clock.advance(181 * day);

	t.like(await intake.sweep(AbortSignal.abort()), {accounts: 0, forgotten: 1});
	t.is(await prisma.orderLook.count(), 0);
});

test('a hook that VTEX dropped or somebody changed is made anew, with its token, once a day', async t => {
	const {intake, api, clock, tools, merchant, said} = await room(t);
	const receiver = await openReceiver(t);
	const wanted = await wantHook(tools, merchant.id, {purpose: 'orders', url: receiver.at('/hooks/orders')});
	const ours = {...hookConfigOf(wanted), hook: {...hookConfigOf(wanted).hook}} as never;

	t.deepEqual(await intake.checkHooks(), {unchanged: 0, renewed: 1, failed: 0});
	t.deepEqual(api.hook(), ours);
	t.like(receiver.received[0], {method: 'POST', body: '{"hookConfig":"ping"}'});
	t.is(receiver.received[0]?.headers['x-monedero-hook-token'], wanted.token);

	api.setHook(undefined);
	clock.advance(22 * hour);
	t.deepEqual(await intake.checkHooks(), {unchanged: 0, renewed: 0, failed: 0});
	clock.advance(hour + 1);
	t.deepEqual(await intake.checkHooks(), {unchanged: 0, renewed: 1, failed: 0});
	clock.advance(day);
	t.deepEqual(await intake.checkHooks(), {unchanged: 1, renewed: 0, failed: 0});
	api.setHook({
		filter: {type: 'FromWorkflow', status: ['invoiced']},
		hook: {url: 'https://erp.example.com', headers: {}},
	});
	clock.advance(day);
	t.deepEqual(await intake.checkHooks(), {unchanged: 0, renewed: 1, failed: 0});

	t.deepEqual(api.hook(), ours);
	t.false(JSON.stringify(said).includes(wanted.token));
});

test('a hook that cannot be checked says why, is checked again soon, and stops no looks', async t => {
	const {intake, api, tools, prisma, merchant} = await room(t);
	const receiver = await openReceiver(t, [200]);
	await wantHook(tools, merchant.id, {purpose: 'orders', url: receiver.at('/hooks/orders')});
	api.trouble('hook/config', 403, 200, 500);

	t.like(await intake.checkHooks(), {failed: 1});
	t.regex(
		(await listHooks(prisma, merchant.id))[0]?.problem ?? '',
		/refuses the keys for the order hook \(403\)/,
	);
	// Another role than the one for orders is missing.
	t.is((await prisma.vtexKey.findFirstOrThrow()).refusedAt, null);
	t.like(await intake.checkHooks(), {failed: 1});
	t.like(await intake.checkHooks(), {renewed: 1});
	t.is((await listHooks(prisma, merchant.id))[0]?.problem, null);
});

test('a merchant’s two hooks have keys and tokens of their own, and a token names its merchant', async t => {
	const {tools, merchant, api, prisma, intake} = await room(t);
	const receiver = await openReceiver(t);
	await enterKeys(prisma, merchant, api, {purpose: 'returns'});
	const url = receiver.at('/hooks/orders');
	const orders = await wantHook(tools, merchant.id, {purpose: 'orders', url});
	const returns = await wantHook(tools, merchant.id, {purpose: 'returns', url});

	t.like(await intake.checkHooks(), {renewed: 2});

	t.like(api.hook(ordersKey), {filter: {type: 'FromWorkflow'}});
	t.like(api.hook(returnsKey), {filter: {type: 'FromOrders', disableSingleFire: true}});
	t.not(orders.token, returns.token);
	t.like(await findHookOwner(tools, returns.token), {merchant: {id: merchant.id}, account: 'store'});
	t.is(await findHookOwner(tools, `${orders.token} `), undefined);
	t.is(await findHookOwner({...tools, secretsKey: 'x'.repeat(48)}, orders.token), undefined);
	t.deepEqual(await findHook(tools, merchant.id, 'returns'), returns);
	t.is(
		(await wantHook(tools, merchant.id, {purpose: 'orders', url: 'https://elsewhere'})).token,
		orders.token,
	);
});
