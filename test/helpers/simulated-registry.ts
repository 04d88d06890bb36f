import {once} from 'node:events';
import http, {type IncomingHttpHeaders, type IncomingMessage, type ServerResponse} from 'node:http';
import https from 'node:https';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {type Trouble} from './orders-api.ts';
import {type TestContext} from './test-context.ts';

/** An entry as the Hub has it, with the keys that it tells nobody. */
export type RegistryEntry = {
	readonly id: string;
	readonly serviceUrl: string;
	readonly appKey?: string;
	readonly appToken?: string;
	readonly [member: string]: unknown;
};

/** What a role may hold of VTEX's License Manager. */
export type Resource = 'view' | 'edit' | 'listOrders' | 'viewOrder' | 'hook' | 'payments';

/** A store's account at VTEX as far as it has to do with its Gift Card Hub, as the Hub's OpenAPI document describes it. */
export type Registry = {
	/** For the keys of a sandbox merchant. */
	readonly url: string;
	/** By the spelling of their ids. */
	readonly entries: Map<string, RegistryEntry>;
	/** What the role of the app key holds. */
	readonly resources: Set<Resource>;
	/** The next answers to calls whose method and path hold the text, one trouble each; `then` does it all the same and answers so. */
	readonly trouble: (part: string, ...troubles: readonly (Trouble | {readonly then: Trouble})[]) => void;
	readonly asked: readonly {
		readonly method: string;
		readonly path: string;
		readonly headers: IncomingHttpHeaders;
		readonly body: string;
	}[];
	/** What was asked that changes something, as `PUT Monedero`. */
	readonly changes: () => string[];
};

export type RegistryOptions = {
	readonly entries?: readonly RegistryEntry[];
	/** The first entry of another takes the place of the native one (KI-768954). */
	readonly replacesNative?: boolean;
	/** Authority of the providers' certificates, in PEM. */
	readonly ca?: string;
};

export const accountKey = 'vtexappkey-acme-REGIST';
export const accountToken = 'vtex-token-registry-0123456789abcdef';

export const nativeEntry: RegistryEntry = {
	id: 'VtexGiftCard',
	serviceUrl: 'https://acme.vtexcommercestable.com.br/api',
	oauthProvider: 'vtex',
	preAuthEnabled: true,
	cancelEnabled: true,
};

const requiredOfAll = ['serviceUrl', 'oauthProvider', 'preAuthEnabled', 'cancelEnabled'];
// Of the native entry alone VTEX says that they are not mandatory.
const requiredOfOthers = [...requiredOfAll, 'appKey', 'appToken'];

export async function openRegistry(t: TestContext, options: RegistryOptions = {}): Promise<Registry> {
	const {entries: given = [nativeEntry], replacesNative = true, ca} = options;
	const entries = new Map(given.map(entry => [entry.id.toLowerCase(), entry]));
	const resources = new Set<Resource>(['view', 'edit', 'listOrders', 'viewOrder', 'hook', 'payments']);
	const troubles = new Map<string, (Trouble | {readonly then: Trouble})[]>();
	const asked: {method: string; path: string; headers: IncomingHttpHeaders; body: string}[] = [];
	let isFirst = true;

	const put = (id: string, entry: RegistryEntry): void => {
		if (isFirst && replacesNative && id.toLowerCase() !== nativeEntry.id.toLowerCase()) {
			entries.delete(nativeEntry.id.toLowerCase());
		}

		isFirst = false;
		entries.set(id.toLowerCase(), entry);
	};
	const work = async (one: (typeof asked)[number]): Promise<Said> => {
		const {method, path, headers, body} = one;
		const {pathname, searchParams} = new URL(path, 'http://localhost');
		const [, , id, ...rest] = pathname.split('/').slice(1).map(decodeURIComponent);
		const needed = resourceOf(method, pathname);
		if (headers['x-vtex-api-appkey'] !== accountKey || headers['x-vtex-api-apptoken'] !== accountToken) {
			return [401, {error: 'Unauthorized'}];
		}

		if (needed === undefined || !resources.has(needed)) {
			return [403, {error: 'Access denied'}];
		}

		if (!pathname.startsWith('/api/giftcardproviders')) {
			return elsewhere(pathname, searchParams);
		}

		if (id === undefined) {
			return [200, rangeOf([...entries.values()], headers['rest-range']).map(told)];
		}

		const entry = entries.get(id.toLowerCase());
		if (method === 'PUT') {
			const wanted = JSON.parse(body) as RegistryEntry;
			const isOfNative = id.toLowerCase() === nativeEntry.id.toLowerCase();
			const missing = (isOfNative ? requiredOfAll : requiredOfOthers).filter(member => !(member in wanted));
			if (missing.length > 0 || wanted.id !== id || !(headers['content-type'] ?? '').includes('json')) {
				return [400, {error: missing.join()}];
			}

			put(id, wanted);
			return [200, told(wanted)];
		}

		if (method === 'DELETE') {
			return entries.delete(id.toLowerCase()) ? [200, undefined] : [404, {error: 'Not Found'}];
		}

		return entry === undefined
			? [500, {error: 'Object reference not set to an instance of an object'}]
			: rest.length === 0
				? [200, told(entry)]
				: forward(entry, ca);
	};

	const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const {method = '', url: path = '', headers} = request;
		const one = {method, path, headers, body: await text(request)};
		asked.push(one);
		const [, left] = [...troubles].find(
			([part, some]) => some.length > 0 && `${method} ${decodeURIComponent(path)}`.includes(part),
		) ?? ['', []];
		const trouble = left.shift();
		if (trouble === undefined) {
			reply(response, ...(await work(one)));
		} else if (typeof trouble === 'object') {
			await work(one);
			makeTrouble(response, trouble.then);
		} else {
			makeTrouble(response, trouble);
		}
	};

	const server = http.createServer((request, response) => void answer(request, response));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		entries,
		resources,
		trouble(part, ...more) {
			troubles.set(part, [...(troubles.get(part) ?? []), ...more]);
		},
		asked,
		changes: () =>
			asked
				.filter(({method}) => method === 'PUT' || method === 'DELETE')
				.map(({method, path}) => `${method} ${decodeURIComponent(path.split('/').at(-1) ?? '')}`),
	};
}

type Said = [status: number, body: unknown];

function resourceOf(method: string, pathname: string): Resource | undefined {
	if (pathname.startsWith('/api/giftcardproviders')) {
		return method === 'PUT' || method === 'DELETE' ? 'edit' : 'view';
	}

	return (
		[
			['/api/oms/pvt/orders/', 'viewOrder'],
			['/api/oms/pvt/orders', 'listOrders'],
			['/api/orders/hook/config', 'hook'],
			['/api/pvt/transactions/', 'payments'],
		] as const
	).find(([path]) => pathname.startsWith(path))?.[1];
}

function elsewhere(pathname: string, query: URLSearchParams): Said {
	if (pathname === '/api/oms/pvt/orders') {
		return [200, {list: [], paging: {total: 0, perPage: Number(query.get('per_page'))}}];
	}

	return pathname === '/api/orders/hook/config' ? [200, null] : [404, {error: {code: 'unknown'}}];
}

/** What the Hub tells of an entry: all but the keys, and where it is found. */
function told(entry: RegistryEntry) {
	const members = Object.entries(entry).filter(([member]) => member !== 'appKey' && member !== 'appToken');
	return {
		...Object.fromEntries(members),
		_self: {href: `acme/giftcardproviders/${entry.id.toLowerCase()}`},
	};
}

function rangeOf<Entry>(all: readonly Entry[], range: unknown): Entry[] {
	const [, from = '0', to = '49'] = /^resources=(\d+)-(\d+)$/.exec(String(range)) ?? [];
	return all.slice(Number(from), Number(to) + 1);
}

/** The Hub calls the provider, with a slash too many (KI-669575), and makes what fails without content a 500 (KI-1286257). */
async function forward({serviceUrl, appKey = '', appToken = ''}: RegistryEntry, ca?: string): Promise<Said> {
	const body = JSON.stringify({client: {}, cart: {}});
	return new Promise(resolve => {
		const isHere = new URL(serviceUrl).hostname === '127.0.0.1';
		const lost: Said = [500, {error: "Cannot access a disposed object. Object name: 'StreamContent'."}];
		if (!isHere) {
			resolve(lost);
			return;
		}

		const request = (serviceUrl.startsWith('https') ? https : http).request(
			`${serviceUrl}//giftcards/_search`,
			{
				method: 'POST',
				agent: false,
				ca,
				headers: {
					'content-type': 'application/vnd.vtex.giftcards.v1+json',
					'X-PROVIDER-API-AppKey': appKey,
					'X-PROVIDER-API-AppToken': appToken,
				},
			},
			response => {
				void text(response).then(said => {
					resolve(response.statusCode === 200 ? [200, JSON.parse(said)] : lost);
				});
			},
		);
		request.on('error', () => {
			resolve(lost);
		});
		request.end(body);
	});
}

function makeTrouble(response: ServerResponse, trouble: Trouble): void {
	if (typeof trouble === 'number') {
		reply(response, trouble, {error: 'trouble'});
	} else if (trouble !== 'hang') {
		trouble(response);
	}
}

function reply(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, {'Content-Type': 'application/json; charset=utf-8'});
	response.end(body === undefined ? undefined : JSON.stringify(body));
}
