import {once} from 'node:events';
import http, {type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {type Body} from './orders.ts';
import {type TestContext} from './test-context.ts';

/** Something else than the answer: a status, silence until it is hung up, or whatever the function does. */
export type Trouble = number | 'hang' | ((response: ServerResponse) => void);

export type AskedOfApi = {
	readonly method: string;
	/** Path and query, decoded. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
};

/** A hook as somebody configured it. */
export type ConfiguredHook = {
	readonly filter: Readonly<Record<string, unknown>>;
	readonly hook: {readonly url: string; readonly headers: Readonly<Record<string, string>>};
};

/** A store's orders at VTEX, simulated: documents, their list, the hook, and the notifications that it sends. */
export type OrdersApi = {
	/** Where it is, for the keys of a sandbox merchant. */
	readonly url: string;
	/** Put a document there, in place of the one with its id. */
	readonly put: (document: Body) => void;
	/** The one that is there; an empty one where none is. */
	readonly document: (orderId: string) => Body;
	/** An order goes on: some members change, and with them `lastChange` unless it is among them. */
	readonly evolve: (orderId: string, members: Body) => void;
	/** The next answers to calls whose path holds the text, one trouble each. */
	readonly trouble: (part: string, ...troubles: readonly Trouble[]) => void;
	readonly asked: readonly AskedOfApi[];
	/** How often an order was fetched. */
	readonly fetches: (orderId: string) => number;
	/** The hook of the app key; undefined when there is none. */
	readonly hook: (appKey?: string) => ConfiguredHook | undefined;
	/** VTEX drops the hook, and tells nobody; or somebody puts another one there. */
	readonly setHook: (hook: ConfiguredHook | undefined, appKey?: string) => void;
	/** Sends bodies to the hook, one after the other, and gives the statuses that came back. */
	readonly send: (bodies: readonly unknown[], appKey?: string) => Promise<number[]>;
	/** Ends every connection, answered or not. */
	readonly hangUp: () => void;
};

export type OrdersApiOptions = {
	readonly account?: string;
	/** App key → app token; others are refused. */
	readonly keys?: Readonly<Record<string, string>>;
	/** What else the account answers at, by path; undefined for what it does not. */
	readonly others?: (path: string) => {readonly status: number; readonly body: unknown} | undefined;
};

export const storeKeys = {
	'vtexappkey-lojamonedero-QWERTY': 'vtex-token-orders-0123456789abcdef',
	'vtexappkey-lojamonedero-RETURN': 'vtex-token-returns-0123456789abcdef',
} as const;
export const [ordersKey, returnsKey] = Object.keys(storeKeys) as [string, string];

const pageMax = 30;
const groupPath = '/api/oms/pvt/orders/order-group/';

export async function openOrdersApi(
	t: TestContext,
	{keys = storeKeys, others}: OrdersApiOptions = {},
): Promise<OrdersApi> {
	const documents = new Map<string, Body>();
	const hooks = new Map<string, ConfiguredHook>();
	const troubles = new Map<string, Trouble[]>();
	const asked: AskedOfApi[] = [];

	const troubleOf = (path: string): Trouble | undefined =>
		[...troubles].find(([part, left]) => path.includes(part) && left.length > 0)?.[1].shift();

	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const {method = '', url = '', headers} = request;
		const path = decodeURIComponent(url);
		const body = await text(request);
		asked.push({method, path, headers, body});
		const trouble = troubleOf(path);
		if (trouble !== undefined) {
			makeTrouble(response, trouble);
			return;
		}

		const appKey = String(headers['x-vtex-api-appkey']);
		if (keys[appKey] === undefined || keys[appKey] !== headers['x-vtex-api-apptoken']) {
			reply(response, 403, {error: 'Access denied'});
		} else if (path === '/api/orders/hook/config') {
			await answerHook(response, {method, appKey, body, hooks});
		} else if (path.startsWith('/api/oms/pvt/orders?')) {
			reply(response, 200, pageOf([...documents.values()], new URL(url, 'http://localhost').searchParams));
		} else if (path.startsWith(groupPath)) {
			const groupId = path.slice(groupPath.length);
			reply(
				response,
				200,
				[...documents.values()].filter(({orderGroup}) => orderGroup === groupId),
			);
		} else if (others?.(path) !== undefined) {
			const {status, body: other} = others(path) ?? {status: 404, body: null};
			reply(response, status, other);
		} else {
			const document = documents.get(path.replace('/api/oms/pvt/orders/', ''));
			reply(response, document === undefined ? 404 : 200, document ?? {error: {code: 'OMS003'}});
		}
	};

	const server = http.createServer((request, response) => void answer(request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const {port} = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		put(document) {
			documents.set(String(document['orderId']), document);
		},
		document: orderId => documents.get(orderId) ?? {},
		evolve(orderId, members) {
			const document = documents.get(orderId) ?? {};
			documents.set(orderId, {...document, lastChange: later(String(document['lastChange'])), ...members});
		},
		trouble(part, ...more) {
			troubles.set(part, [...(troubles.get(part) ?? []), ...more]);
		},
		asked,
		fetches: orderId => asked.filter(({path}) => path === `/api/oms/pvt/orders/${orderId}`).length,
		hook: (appKey = ordersKey) => hooks.get(appKey),
		setHook(hook, appKey = ordersKey) {
			if (hook === undefined) {
				hooks.delete(appKey);
			} else {
				hooks.set(appKey, hook);
			}
		},
		async send(bodies, appKey = ordersKey) {
			const hook = hooks.get(appKey)?.hook;
			if (hook === undefined) {
				return bodies.map(() => 0);
			}

			const statuses: number[] = [];
			for (const body of bodies) {
				statuses.push(await post(hook, body));
			}

			return statuses;
		},
		hangUp: () => {
			server.closeAllConnections();
		},
	};
}

/** The notification that VTEX sends of an order as it stands; members over that. */
export function notificationOf(document: Body, members: Body = {}): Body {
	return {
		Domain: 'Marketplace',
		OrderId: document['orderId'],
		State: document['status'],
		LastState: 'invoice',
		LastChange: '2026-03-12T14:02:11.4410276Z',
		CurrentChange: String(document['lastChange']).replace('+00:00', 'Z'),
		Origin: {Account: 'lojamonedero', Key: ordersKey},
		...members,
	};
}

/** While it is configured VTEX calls the hook, and saves nothing unless it is answered 200 (Orders, 1.2). */
async function answerHook(
	response: ServerResponse,
	{
		method,
		appKey,
		body,
		hooks,
	}: {method: string; appKey: string; body: string; hooks: Map<string, ConfiguredHook>},
): Promise<void> {
	if (method === 'GET') {
		reply(response, 200, hooks.get(appKey) ?? null);
	} else if (method === 'DELETE') {
		reply(response, hooks.delete(appKey) ? 200 : 404, {});
	} else {
		const wanted = JSON.parse(body) as ConfiguredHook;
		const isAnswered = (await post(wanted.hook, {hookConfig: 'ping'})) === 200;
		if (isAnswered) {
			hooks.set(appKey, wanted);
		}

		reply(
			response,
			isAnswered ? 200 : 400,
			isAnswered ? {Domain: 'Marketplace'} : {error: 'Unable to check address'},
		);
	}
}

async function post({url, headers}: ConfiguredHook['hook'], body: unknown): Promise<number> {
	try {
		const {status} = await fetch(url, {
			method: 'POST',
			headers: {...headers, 'Content-Type': 'application/json'},
			body: JSON.stringify(body),
		});
		return status;
	} catch {
		return 0;
	}
}

/** One page of the orders whose dates lie in the range, and the number of all of them. */
function pageOf(documents: readonly Body[], query: URLSearchParams) {
	const found = documents.filter(document => [...query].every(filter => isFound(document, filter)));
	const perPage = Number(query.get('per_page'));
	const page = Number(query.get('page'));
	const rows = page > pageMax ? [] : found.slice((page - 1) * perPage, page * perPage);
	return {
		list: rows.map(({orderId, status}) => ({orderId, status, clientName: 'Ana Prado', totalValue: 29_351})),
		facets: [],
		paging: {total: found.length, pages: Math.ceil(found.length / perPage), currentPage: page, perPage},
	};
}

function isFound(document: Body, [name, value]: readonly [string, string]): boolean {
	const [, field = '', from = '', to = ''] = /^(\w+):\[(.+) TO (.+)\]$/.exec(value) ?? [];
	if (field !== '') {
		const at = Date.parse(String(document[field]));
		return at >= Date.parse(from) && at <= Date.parse(to);
	}

	return name === 'f_status'
		? document['status'] === value
		: name !== 'f_hasInputInvoice' || JSON.stringify(document).includes('"type":"Input"');
}

function makeTrouble(response: ServerResponse, trouble: Trouble): void {
	if (typeof trouble === 'number') {
		reply(response, trouble, {error: 'trouble'});
	} else if (trouble !== 'hang') {
		trouble(response);
	}
}

function reply(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8'}).end(JSON.stringify(body));
}

/** A second after a date of VTEX, with its seven digits. */
const later = (date: string) =>
	`${new Date(Date.parse(date) + 1000).toISOString().slice(0, 19)}${date.slice(19)}`;
