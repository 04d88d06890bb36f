import {z} from 'zod';
import {type OrderFilter, OrderSourceError} from '../../orders/source.ts';
import {saidText} from '../payments/values.ts';

const perPage = 100;
const pagesMax = 30;
// What one query gives at most; what is beyond has to be asked for in slices of time (Orders, 5).
const ordersMax = perPage * pagesMax;
// More than that many orders in a second are no sale, but an index that is wrong.
const sliceMsMin = 1000;

/** What is read of a page: no names, no totals, which are inexact anyway (KI-756314). */
const ListPage = z.object({
	list: z.array(z.object({orderId: z.unknown().transform(saidText)})).nullish(),
	paging: z.object({total: z.int().nonnegative()}),
});

const filters: Readonly<Record<OrderFilter['kind'], (range: string) => Readonly<Record<string, string>>>> = {
	created: range => ({f_creationDate: `creationDate:[${range}]`}),
	invoiced: range => ({f_invoicedDate: `invoicedDate:[${range}]`}),
	authorized: range => ({f_authorizedDate: `authorizedDate:[${range}]`}),
	canceled: range => ({f_status: 'canceled', f_creationDate: `creationDate:[${range}]`}),
	returned: range => ({f_hasInputInvoice: 'true', f_invoicedDate: `invoicedDate:[${range}]`}),
};

/**
 * The ids of the orders that a filter finds, a page at a time; one may come twice, where two slices meet.
 * @param ask - gets a path, gives the parsed answer
 * @throws OrderSourceError
 */
export async function* listOrders(
	ask: (path: string) => Promise<unknown>,
	filter: OrderFilter,
): AsyncGenerator<readonly string[]> {
	const page = async (number: number) => readPage(await ask(pathOf(filter, number)));
	const first = await page(1);
	if (first.total > ordersMax) {
		const {kind, from, to} = filter;
		if (to - from <= sliceMsMin) {
			throw new OrderSourceError('failed', 'VTEX lists more orders in a second than can be asked for.');
		}

		const middle = Math.floor((from + to) / 2);
		yield* listOrders(ask, {kind, from, to: middle});
		yield* listOrders(ask, {kind, from: middle, to});
		return;
	}

	yield first.ids;
	let listed = first.ids.length;
	const pages = Math.ceil(first.total / perPage);
	for (let number = 2; number <= pages; number++) {
		const {ids} = await page(number);
		listed += ids.length;
		yield ids;
	}

	// What was made stays made; of other filters orders may drop out while they are read.
	if (filter.kind === 'created' && listed < first.total) {
		throw new OrderSourceError(
			'unreadable',
			`VTEX listed ${listed} orders where it says that there are ${first.total}.`,
		);
	}
}

/** The ids in the answer for a group of orders; none where VTEX knows no such group. */
export function readGroup(answer: unknown): readonly string[] {
	const read = z.array(z.object({orderId: z.unknown().transform(saidText)})).safeParse(answer);
	if (!read.success) {
		throw new OrderSourceError('failed', 'VTEX answered something else than the orders of a purchase.');
	}

	return read.data.flatMap(({orderId}) => orderId ?? []);
}

function pathOf({kind, from, to}: OrderFilter, page: number): string {
	const range = `${new Date(from).toISOString()} TO ${new Date(to).toISOString()}`;
	const query = new URLSearchParams({
		...filters[kind](range),
		// Oldest first: what is sold while we read comes at the end, and moves nothing to a page that was read already.
		orderBy: 'creationDate,asc',
		page: String(page),
		per_page: String(perPage),
	});
	// VTEX's examples have spaces as %20; a plus breaks its filters.
	return `/api/oms/pvt/orders?${query.toString().replaceAll('+', '%20')}`;
}

function readPage(answer: unknown): {readonly ids: readonly string[]; readonly total: number} {
	const read = ListPage.safeParse(answer);
	if (!read.success) {
		throw new OrderSourceError('failed', 'VTEX answered something else than a list of orders.');
	}

	const {list, paging} = read.data;
	return {ids: (list ?? []).flatMap(({orderId}) => orderId ?? []), total: paging.total};
}
