import {OrderSourceError} from '../../orders/source.ts';
import {type VtexAccess} from '../../merchants/vtex-keys.ts';
import {type ListedProvider} from '../hub/contracts.ts';
import {differencesOf, entryOf, isNative, isSameHost, nativeId, wantedEntry} from '../hub/entry.ts';
import {hubResources} from '../hub/client.ts';
import {withoutUser} from '../hub/service-url.ts';
import {askVtex, type VtexRequest} from '../orders/request.ts';
import {type Check, failed, type Finding, type KeyRing, passed, skipped, warning} from './check.ts';

/** What a pair of keys is tried on: something that is only read, and never there. */
type Trial = {
	readonly id: string;
	readonly request: VtexRequest;
	/** Of VTEX's License Manager. */
	readonly product: string;
	readonly resource: string;
	/** What does not work without it. */
	readonly use: string;
};

const noOrder = 'monedero-doctor';
// No order is so old, so that no shopper's name travels for this.
const noTime = encodeURIComponent('creationDate:[1999-01-01T00:00:00.000Z TO 1999-01-01T00:00:01.000Z]');
const hook: Omit<Trial, 'id'> = {
	request: {method: 'GET', path: '/api/orders/hook/config', what: 'the order hook'},
	product: 'OMS',
	resource: 'Feed v3 and Hook Admin',
	use: 'Orders are not announced (orders:hook).',
};

const trials: readonly Trial[] = [
	{
		id: 'list-orders',
		request: {
			...{method: 'GET', what: 'the list of orders'},
			path: `/api/oms/pvt/orders?f_creationDate=${noTime}&per_page=1`,
		},
		product: 'OMS',
		resource: 'List Orders',
		use: 'Orders that were not announced are not found by night.',
	},
	{
		id: 'view-orders',
		request: {method: 'GET', path: `/api/oms/pvt/orders/${noOrder}`, what: 'an order'},
		product: 'OMS',
		resource: 'View order',
		use: 'Orders earn no points.',
	},
	{id: 'order-hook', ...hook},
	{
		id: 'payments',
		request: {
			...{method: 'GET', host: 'payments', what: 'a transaction of the payments gateway'},
			path: `/api/pvt/transactions/${'0'.repeat(32)}`,
		},
		product: 'PCI Gateway',
		resource: 'View Payment Data',
		use: 'Settlements and refunds cannot be compared with VTEX’s.',
	},
];

const enterKeys = 'Enter them with credentials:vtex --app-key K.';

/** What the keys of the store's account may do, and how we stand in its Hub. */
export function keyChecks(ring: KeyRing): Check[] {
	const orders = ring.accesses.find(([purpose]) => purpose === 'orders')?.[1];
	const returns = ring.accesses.find(([purpose]) => purpose === 'returns')?.[1];
	return [
		...hubChecks(ring, orders),
		...trials.map((trial): Check => ({
			id: trial.id,
			title: `VTEX key: ${trial.resource}`,
			run: () => tryKeys(orders, trial, ring),
		})),
		...(returns === undefined
			? []
			: [
					{
						id: 'return-hook',
						title: `VTEX key for returns: ${hook.resource}`,
						run: () => tryKeys(returns, hook, ring),
					},
				]),
	];
}

function hubChecks({hub, providerId, serviceUrl}: KeyRing, access: VtexAccess | undefined): Check[] {
	let listing: Promise<ListedProvider[]> | undefined;
	/** Asked for once, whoever needs it. */
	const list = (access: VtexAccess) => (listing ??= hub.list(access));
	const ask = async (judge: (access: VtexAccess) => Promise<Finding>): Promise<Finding> => {
		if (access === undefined) {
			return skipped(`No keys of the VTEX account are here. ${enterKeys}`);
		}

		try {
			return await judge(access);
		} catch (error) {
			return refusedOr(error, {
				...{product: 'GiftCard', resource: hubResources.view},
				use: 'vtex:show, vtex:register and vtex:unregister need it.',
			});
		}
	};
	return [
		{
			id: 'hub',
			title: `VTEX key: ${hubResources.view}`,
			run: () =>
				ask(async access => {
					const {length} = await list(access);
					return passed(
						`The Hub lists ${length} ${length === 1 ? 'provider' : 'providers'}. Whether they may also edit them, only vtex:register can tell.`,
					);
				}),
		},
		{
			id: 'native',
			title: "VTEX's own gift cards are there",
			needs: ['hub'],
			run: () =>
				ask(async access =>
					(await list(access)).some(isNative)
						? passed(`${nativeId} is listed.`)
						: warning(
								`${nativeId} is not listed.`,
								'That is right for a store without cards of VTEX’s own; otherwise put it back from the list that was saved, or ask VTEX.',
							),
				),
		},
		{
			id: 'registered',
			title: 'We are registered as wanted',
			needs: ['hub'],
			run: () => ask(async access => registeredFinding(await list(access), providerId, serviceUrl)),
		},
		{
			id: 'through-hub',
			title: 'VTEX can search here',
			needs: ['hub'],
			run: () =>
				ask(async access => {
					if (entryOf(await list(access), providerId) === undefined) {
						return skipped('We are not registered yet.');
					}

					return searchFinding(await problemOf(hub.search(access, providerId)));
				}),
		},
	];
}

function registeredFinding(
	listed: readonly ListedProvider[],
	providerId: string,
	serviceUrl: string,
): Finding {
	const found = entryOf(listed, providerId);
	if (found === undefined) {
		return warning(`${providerId} is not in the Hub.`, 'Register it with vtex:register.');
	}

	const wanted = wantedEntry({id: providerId, serviceUrl, caption: found.caption});
	const differences = differencesOf(found, wanted);
	if (differences.length === 0) {
		return passed(`${found.id} is in the Hub, and calls ${withoutUser(serviceUrl)}.`);
	}

	const shown = (value: string | boolean | null) => withoutUser(String(value));
	const said = differences.map(({member, is, wanted}) => `${member} is ${shown(is)}, not ${shown(wanted)}`);
	return (isSameHost(found.serviceUrl, serviceUrl) ? failed : warning)(
		`${found.id} is in the Hub otherwise: ${said.join('; ')}.`,
		'Register it again with vtex:register; with --replace where it calls another installation.',
	);
}

/** @param problem - what VTEX said instead of a list; null where it gave one */
function searchFinding(problem: string | null): Finding {
	return problem === null
		? passed('A search through the Hub is answered with a list.')
		: failed(
				problem,
				'Where all above is well, VTEX has keys that we do not take: vtex:register --new-keys. VTEX’s status page tells whether it is VTEX.',
			);
}

/** Why VTEX did not do it. @throws a refusal of the account's keys, and what is no answer of VTEX */
async function problemOf(work: Promise<unknown>): Promise<string | null> {
	try {
		await work;
		return null;
	} catch (error) {
		if (error instanceof OrderSourceError && error.problem !== 'refused') {
			return error.message;
		}

		throw error;
	}
}

async function tryKeys(
	access: VtexAccess | undefined,
	trial: Omit<Trial, 'id'>,
	{limits}: KeyRing,
): Promise<Finding> {
	if (access === undefined) {
		return skipped(`No keys of the VTEX account are here. ${enterKeys}`);
	}

	try {
		await askVtex(access, trial.request, limits);
	} catch (error) {
		// What is not there, and what it is not there for is none of ours, may be read.
		return error instanceof OrderSourceError && error.problem === 'absent'
			? passed('They may.')
			: refusedOr(error, trial, 'warning');
	}

	return passed('They may.');
}

/** @throws what is no answer of VTEX */
function refusedOr(
	error: unknown,
	{product, resource, use}: Pick<Trial, 'product' | 'resource' | 'use'>,
	weight: 'failed' | 'warning' = 'failed',
): Finding {
	if (!(error instanceof OrderSourceError)) {
		throw error;
	}

	return error.problem === 'refused'
		? {
				outcome: weight,
				found: `${error.message} ${use}`,
				advice: `In the Admin of the store, give the role of the app key the resource ${product}, "${resource}".`,
			}
		: {
				outcome: error.problem === 'busy' ? 'warning' : weight,
				found: error.message,
				advice: 'That tells nothing of what the keys may do: try again later.',
			};
}
