import {type ServerResponse} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {type VtexAccess} from '../../../src/merchants/vtex-keys.ts';
import {OrderSourceError, type WantedHook} from '../../../src/orders/source.ts';
import {openVtexOrders} from '../../../src/vtex/orders/client.ts';
import {type RequestLimits} from '../../../src/vtex/orders/request.ts';
import {deferred} from '../../helpers/deferred.ts';
import {orderSample} from '../../helpers/orders.ts';
import {openOrdersApi, type OrdersApi, ordersKey, storeKeys} from '../../helpers/orders-api.ts';

const orderId = '1530241870044-01';

async function store(t: ExecutionContext, limits: Partial<RequestLimits> = {}) {
	const api = await openOrdersApi(t);
	api.put(orderSample('order-invoiced-full'));
	return {api, source: openVtexOrders(limits), access: accessTo(api)};
}

const accessTo = ({url}: Pick<OrdersApi, 'url'>, over: Partial<VtexAccess> = {}): VtexAccess => ({
	account: 'lojamonedero',
	url,
	appKey: ordersKey,
	appToken: storeKeys['vtexappkey-lojamonedero-QWERTY'],
	isSandbox: true,
	changedAt: new Date(0),
	...over,
});

/** What went wrong, in a word and as operators read it. */
async function problemOf(t: ExecutionContext, work: () => Promise<unknown>) {
	const error = await t.throwsAsync(work, {instanceOf: OrderSourceError});
	return {problem: error.problem, message: error.message, waitMs: error.waitMs};
}

test('an order is fetched with the keys of the account, and only what points depend on comes back', async t => {
	const {api, source, access} = await store(t);

	const order = await source.fetch(access, orderId);

	t.like(order, {id: orderId, stage: 'invoiced', version: '2026-03-12T14:02:12.9051144Z'});
	t.like(api.asked[0], {method: 'GET', path: `/api/oms/pvt/orders/${orderId}`});
	t.is(api.asked[0]?.headers['x-vtex-api-appkey'], ordersKey);
	t.regex(String(api.asked[0]?.headers['traceparent']), /^00-[\da-f]{32}-[\da-f]{16}-00$/);
	t.false(
		JSON.stringify(order, (_, value: unknown) =>
			typeof value === 'bigint' ? String(value) : value,
		).includes('Prado'),
	);
});

test('an id goes out as one segment of the path, whatever is in it', async t => {
	const {api, source, access} = await store(t);

	await problemOf(t, () => source.fetch(access, 'a/../b?c#d'));

	t.is(api.asked[0]?.path, '/api/oms/pvt/orders/a/../b?c#d');
	t.is((await problemOf(t, () => source.fetch(access, 'x'))).problem, 'absent');
});

for (const [status, problem, pattern] of [
	[401, 'refused', /refuses the keys for the order \(401\)/],
	[403, 'refused', /their role in the store's Admin/],
	[404, 'absent', /does not know the order/],
	[429, 'busy', /too often/],
	[500, 'failed', /answered 500/],
	[503, 'failed', /answered 503/],
	[302, 'failed', /redirect, which is not followed/],
] as const) {
	test(`an answer of ${status} is ${problem}`, async t => {
		const {api, source, access} = await store(t);
		api.trouble(orderId, status);

		const found = await problemOf(t, () => source.fetch(access, orderId));

		t.is(found.problem, problem);
		t.regex(found.message, pattern);
	});
}

test('a redirect leads nowhere, so the keys do not go elsewhere', async t => {
	const {api, source, access} = await store(t);
	const other = await openOrdersApi(t);
	api.trouble(orderId, response => response.writeHead(307, {Location: `${other.url}/api`}).end());

	t.is((await problemOf(t, () => source.fetch(access, orderId))).problem, 'failed');
	t.deepEqual(other.asked, []);
});

test('VTEX says for how long it wants to be left alone, within an hour', async t => {
	const {api, source, access} = await store(t);
	const after = (seconds: string) => (response: ServerResponse) =>
		void response.writeHead(429, {'Retry-After': seconds}).end();
	api.trouble(orderId, after('90'), after('999999'), after('soon'));

	const waits: unknown[] = [];
	for (let index = 0; index < 3; index++) {
		waits.push((await problemOf(t, () => source.fetch(access, orderId))).waitMs);
	}

	t.deepEqual(waits, [90_000, 3_600_000, 0]);
});

test('silence, and an answer that trickles, end with the time-out', async t => {
	const {api, source, access} = await store(t, {timeoutMs: 200});
	api.trouble(orderId, 'hang', response => response.writeHead(200).write('{"orderId":'));

	for (let index = 0; index < 2; index++) {
		t.deepEqual(await problemOf(t, () => source.fetch(access, orderId)), {
			problem: 'unreachable',
			message: 'VTEX did not answer within 0.2 s.',
			waitMs: 0,
		});
	}
});

test('an answer that is cut off, or a host that is not there, is told by its error', async t => {
	const {api, source, access} = await store(t);
	api.trouble(orderId, response => {
		response.writeHead(200, {'Content-Length': '100'});
		response.write('{', () => response.destroy());
	});

	t.is((await problemOf(t, () => source.fetch(access, orderId))).problem, 'unreachable');
	const nobody = {...access, url: 'http://127.0.0.1:1'};
	t.regex(
		(await problemOf(t, () => source.fetch(nobody, orderId))).message,
		/cannot be reached \(ECONNREFUSED\)/,
	);
});

test('a huge answer is not read to its end', async t => {
	const {api, source, access} = await store(t, {bytesMax: 1024 * 1024});
	const cut = deferred();
	api.trouble(orderId, response => {
		response.writeHead(200);
		const chunk = 'x'.repeat(65_536);
		const more = () => {
			while (!response.destroyed && response.write(chunk));
		};
		response.on('drain', more).on('close', () => {
			cut.resolve();
		});
		more();
	});

	t.deepEqual(await problemOf(t, () => source.fetch(access, orderId)), {
		problem: 'failed',
		message: 'The answer of VTEX is larger than 1 MB, so it was not read.',
		waitMs: 0,
	});
	await cut.promise;
});

test('what is no JSON, or no order, is told without repeating it', async t => {
	const {api, source, access} = await store(t);
	api.trouble(orderId, response => response.writeHead(200).end('<html>Ana Prado</html>'));
	const html = await problemOf(t, () => source.fetch(access, orderId));
	api.put({...orderSample('order-invoiced-full'), items: 'Ana Prado'});
	const order = await problemOf(t, () => source.fetch(access, orderId));

	t.is(html.message, 'VTEX answered something else than JSON for the order.');
	t.like(order, {problem: 'unreadable', message: 'The order cannot be read: items is not a list.'});
});

test('wrong keys are refused', async t => {
	const {source, access} = await store(t);

	t.is((await problemOf(t, () => source.fetch({...access, appToken: 'wrong'}, orderId))).problem, 'refused');
});

test('an account is called at its own host in the public internet, by https', async t => {
	const asked: string[] = [];
	const source = openVtexOrders({
		resolve(host, _options, callback) {
			asked.push(host);
			callback(null, [{address: '127.0.0.1', family: 4}]);
		},
	});

	const found = await problemOf(t, () => source.fetch(accessTo({url: ''}, {url: null}), orderId));

	t.deepEqual(asked, ['lojamonedero.vtexcommercestable.com.br']);
	t.like(found, {problem: 'unreachable', message: "The name of VTEX's host leads into a private network."});
});

test('a simulated account is called for a sandbox merchant on this machine only', async t => {
	const {api, source, access} = await store(t);

	for (const wrong of [
		{...access, isSandbox: false},
		{...access, url: 'http://169.254.169.254:80'},
		{...access, url: `${access.url}@example.com`},
	]) {
		t.is((await problemOf(t, () => source.fetch(wrong, orderId))).problem, 'failed');
	}

	t.deepEqual(api.asked, []);
});

const wanted: WantedHook = {purpose: 'orders', url: 'http://127.0.0.1:1/hooks/orders', token: 'hook-token'};

test('the state of a hook: none, as wanted, changed, somebody else’s', async t => {
	const {api, source, access} = await store(t);
	const state = () => source.hookState(access, wanted);
	const filter = {
		type: 'FromWorkflow',
		status: ['replaced', 'canceled', 'cancel', 'invoiced', 'invoice', 'payment-approved'],
	};
	const hook = {url: wanted.url, headers: {'x-monedero-hook-token': 'hook-token'}};

	const states = [await state()];
	api.trouble('hook/config', 404);
	states.push(await state());
	for (const configured of [
		{filter, hook},
		{filter: {...filter, status: ['invoiced']}, hook},
		{filter: {type: 'FromOrders', expression: 'true'}, hook},
		{filter, hook: {...hook, headers: {}}},
		{filter, hook: {...hook, url: 'https://erp.example.com/hook'}},
	]) {
		api.setHook(configured);
		states.push(await state());
	}

	t.deepEqual(states, ['none', 'none', 'asWanted', 'changed', 'changed', 'changed', 'foreign']);
});

test('a hook that VTEX cannot call is not configured; removing none is no error', async t => {
	const {api, source, access} = await store(t);

	t.like(await problemOf(t, () => source.configureHook(access, wanted)), {problem: 'failed'});
	t.is(api.hook(), undefined);
	await t.notThrowsAsync(source.removeHook(access));
	api.setHook({filter: {}, hook: {url: 'https://a.example', headers: {}}});
	await source.removeHook(access);
	t.is(api.hook(), undefined);
});
