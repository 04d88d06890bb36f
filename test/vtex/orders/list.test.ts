import test from 'ava';
import fc from 'fast-check';
import {type OrderFilter, OrderSourceError} from '../../../src/orders/source.ts';
import {listOrders, readGroup} from '../../../src/vtex/orders/list.ts';
import {readFileSync} from 'node:fs';

const from = Date.parse('2026-03-10T00:00:00Z');
const to = Date.parse('2026-03-12T00:00:00Z');

async function collect(ask: (path: string) => Promise<unknown>, over: Partial<OrderFilter> = {}) {
	const ids: string[] = [];
	for await (const page of listOrders(ask, {kind: 'invoiced', from, to, ...over})) {
		ids.push(...page);
	}

	return ids;
}

const rangeOf = (path: string) =>
	(/\[(.+) TO (.+)\]/.exec(decodeURIComponent(path)) ?? []).slice(1).map(text => Date.parse(text)) as [
		number,
		number,
	];
const numberOf = (path: string, name: string) => Number(new URL(path, 'http://x').searchParams.get(name));

test('the published list is read', async t => {
	const sample = new URL('../../fixtures/vtex/orders/list-orders.response.json', import.meta.url);

	t.deepEqual(await collect(() => Promise.resolve(JSON.parse(readFileSync(sample, 'utf8')))), [
		'1530241870044-01',
	]);
});

test('each filter asks for its range, a hundred at a time, oldest first, without a plus', async t => {
	const paths: string[] = [];
	for (const kind of ['created', 'invoiced', 'authorized', 'canceled', 'returned'] as const) {
		await collect(
			path => {
				paths.push(path);
				return Promise.resolve({list: null, paging: {total: 0}});
			},
			{kind},
		);
	}

	const range = '[2026-03-10T00:00:00.000Z TO 2026-03-12T00:00:00.000Z]';
	const rest = 'orderBy=creationDate,asc&page=1&per_page=100';
	t.deepEqual(paths.map(decodeURIComponent), [
		`/api/oms/pvt/orders?f_creationDate=creationDate:${range}&${rest}`,
		`/api/oms/pvt/orders?f_invoicedDate=invoicedDate:${range}&${rest}`,
		`/api/oms/pvt/orders?f_authorizedDate=authorizedDate:${range}&${rest}`,
		`/api/oms/pvt/orders?f_status=canceled&f_creationDate=creationDate:${range}&${rest}`,
		`/api/oms/pvt/orders?f_hasInputInvoice=true&f_invoicedDate=invoicedDate:${range}&${rest}`,
	]);
	t.false(paths.some(path => path.includes('+')));
});

test('orders that were made do not drop out while they are read: fewer than VTEX says are not all of them', async t => {
	const answer = () => Promise.resolve({list: [{orderId: '1-01'}], paging: {total: 2}});

	t.deepEqual(await collect(answer), ['1-01']);
	await t.throwsAsync(collect(answer, {kind: 'created'}), {
		instanceOf: OrderSourceError,
		message: 'VTEX listed 1 orders where it says that there are 2.',
	});
});

test('the orders of a purchase are named by its group, which may be none', t => {
	t.deepEqual(readGroup([{orderId: '1-01', clientProfileData: {}}, {orderId: '1-02'}]), ['1-01', '1-02']);
	t.deepEqual(readGroup([]), []);
	for (const answer of [{}, null, 'none', {orders: []}]) {
		t.throws(() => readGroup(answer), {instanceOf: OrderSourceError});
	}
});

test('whatever the number of orders and their times, each is found, and no query asks beyond its 30 pages', async t => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.integer({min: from, max: to}), {maxLength: 60, size: 'max'}),
			fc.integer({min: 1, max: 200}),
			async (times, weight) => {
				// Each time stands for so many orders within the minute, which no sale exceeds.
				const orders = times.flatMap((at, index) =>
					Array.from({length: weight}, (_, one) => ({
						orderId: `${index}-${one}`,
						at: Math.min(at + one * 300, to),
					})),
				);
				const found = await collect(path => {
					const [begin, end] = rangeOf(path);
					const page = numberOf(path, 'page');
					t.true(page <= 30);
					const inRange = orders.filter(({at}) => at >= begin && at <= end);
					return Promise.resolve({
						list: inRange.slice((page - 1) * 100, page * 100),
						paging: {total: inRange.length},
					});
				});
				t.deepEqual([...new Set(found)].sort(), orders.map(({orderId}) => orderId).sort());
			},
		),
		{numRuns: 30},
	);
});

test('an index that lists thousands of orders in one second is refused, not followed for ever', async t => {
	let asked = 0;
	const error = await t.throwsAsync(
		collect(() => {
			asked++;
			return Promise.resolve({list: [], paging: {total: 3001}});
		}),
		{instanceOf: OrderSourceError},
	);

	t.is(error.problem, 'failed');
	t.true(asked < 40);
});

test('something else than a list is told without repeating it', async t => {
	for (const answer of [
		undefined,
		'Ana Prado',
		{list: 'Ana Prado', paging: {total: 1}},
		{list: [], paging: {total: -1}},
	]) {
		const error = await t.throwsAsync(
			collect(() => Promise.resolve(answer)),
			{instanceOf: OrderSourceError},
		);
		t.is(error.message, 'VTEX answered something else than a list of orders.');
	}
});
