import {type VtexAccess} from '../../merchants/vtex-keys.ts';
import {OrderSourceError} from '../../orders/source.ts';
import {askVtex, requestLimits, type RequestLimits, type VtexRequest} from '../orders/request.ts';
import {entryBody, type ListedProvider, nativeBody, type ProviderKeys, readProviders} from './contracts.ts';
import {entryOf, type HubProvider, sortedById} from './entry.ts';

/** The Gift Card Hub of a store: which providers it knows (Gift Card Provider Protocol, 12). Everything throws OrderSourceError. */
export type Hub = {
	/** All entries, by id. The store's keys need the resource View Gift Card providers. */
	readonly list: (access: VtexAccess) => Promise<ListedProvider[]>;
	/** Make an entry, or replace the one of its id, keys included. Needs Edit Gift Card providers, as what follows. */
	readonly put: (access: VtexAccess, entry: HubProvider, keys: ProviderKeys) => Promise<void>;
	/** Put the native entry back as it was listed. */
	readonly putNative: (access: VtexAccess, entry: ListedProvider) => Promise<void>;
	/** Where there is none, it is removed too. */
	readonly remove: (access: VtexAccess, id: string) => Promise<void>;
	/** Have VTEX search a provider for the cards of an empty cart, with the keys that it has: how many it was answered. */
	readonly search: (access: VtexAccess, id: string) => Promise<number>;
};

/** Resources of VTEX's License Manager, which no predefined role holds (Orders, 7). */
export const hubResources = {view: 'View Gift Card providers', edit: 'Edit Gift Card providers'} as const;

const listPath = '/api/giftcardproviders';
const pathOf = (id: string) => `${listPath}/${encodeURIComponent(id)}`;

const perPage = 50;
// A store has a handful of providers.
const pagesMax = 20;

export function openHub(over: Partial<RequestLimits> = {}): Hub {
	const limits = {...requestLimits, ...over};
	const ask = async (access: VtexAccess, resource: keyof typeof hubResources, request: VtexRequest) => {
		try {
			return await askVtex(access, request, limits);
		} catch (error) {
			throw named(error, hubResources[resource]);
		}
	};
	return {
		async list(access) {
			const what = 'the list of gift card providers';
			const page = async (range: string) =>
				readProviders(
					await ask(access, 'view', {
						...{method: 'GET', path: listPath, what},
						headers: {'REST-Range': `resources=${range}`},
					}),
				);
			return sortedById(await allPages(page));
		},
		async put(access, entry, keys) {
			const request = {method: 'PUT', path: pathOf(entry.id), what: 'our gift card provider'} as const;
			await ask(access, 'edit', {...request, body: entryBody(entry, keys)});
		},
		async putNative(access, entry) {
			const what = "VTEX's own gift card provider";
			await ask(access, 'edit', {method: 'PUT', path: pathOf(entry.id), what, body: nativeBody(entry)});
		},
		async remove(access, id) {
			try {
				await ask(access, 'edit', {method: 'DELETE', path: pathOf(id), what: 'our gift card provider'});
			} catch (error) {
				if (!(error instanceof OrderSourceError) || error.problem !== 'absent') {
					throw error;
				}
			}
		},
		async search(access, id) {
			const path = `${pathOf(id)}/giftcards/_search`;
			const what = 'a search through its Hub';
			const answer = await ask(access, 'view', {method: 'POST', path, what, body: {client: {}, cart: {}}});
			if (!Array.isArray(answer)) {
				throw new OrderSourceError('failed', `VTEX answered something else than a list for ${what}.`);
			}

			return answer.length;
		},
	};
}

/** Pages until one is not full. A Hub that takes no notice of the range answers the same ones again, and has told all. */
async function allPages(page: (range: string) => Promise<ListedProvider[]>): Promise<ListedProvider[]> {
	const all: ListedProvider[] = [];
	for (let from = 0; from < perPage * pagesMax; from += perPage) {
		const more = await page(`${from}-${from + perPage - 1}`);
		const fresh = more.filter(({id}) => entryOf(all, id) === undefined);
		all.push(...fresh);
		if (more.length < perPage || fresh.length === 0) {
			break;
		}
	}

	return all;
}

/** A refusal that says what the role lacks. */
function named(error: unknown, resource: string): unknown {
	return error instanceof OrderSourceError && error.problem === 'refused'
		? new OrderSourceError(
				'refused',
				`${error.message} The role needs the resource GiftCard, "${resource}", which no predefined one has.`,
				{cause: error},
			)
		: error;
}
