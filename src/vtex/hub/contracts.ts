import {z} from 'zod';
import {OrderSourceError} from '../../orders/source.ts';
import {type HubProvider} from './entry.ts';

/** An entry as it was listed, with the document that it was read from: what a saved list holds, and what an entry is restored from. */
export type ListedProvider = HubProvider & {readonly document: Readonly<Record<string, unknown>>};

/** What is read of an entry. The native one has been seen without some of it, and an entry that cannot be read must not hide the others. */
const ProviderEntry = z.looseObject({
	id: z.string().min(1),
	serviceUrl: z.string().nullish().catch(null),
	oauthProvider: z.string().nullish().catch(null),
	preAuthEnabled: z.boolean().nullish().catch(null),
	cancelEnabled: z.boolean().nullish().catch(null),
	caption: z.string().nullish().catch(null),
});
const ProviderList = z.array(ProviderEntry);

/**
 * The entries of a list, as VTEX answers it.
 * @throws OrderSourceError for anything but a list of entries with ids; it repeats nothing of the answer
 */
export function readProviders(answer: unknown): ListedProvider[] {
	const {data} = ProviderList.safeParse(answer);
	if (data === undefined) {
		throw new OrderSourceError('failed', 'VTEX answered something else than a list of gift card providers.');
	}

	return data.map(({...document}) => ({
		id: document.id,
		serviceUrl: document.serviceUrl ?? '',
		oauthProvider: document.oauthProvider ?? '',
		preAuthEnabled: document.preAuthEnabled ?? false,
		cancelEnabled: document.cancelEnabled ?? false,
		// VTEX is not known to tell an empty one from none.
		caption: document.caption === '' ? null : (document.caption ?? null),
		document,
	}));
}

/** The keys of a provider, with which the Hub calls it. */
export type ProviderKeys = {readonly appKey: string; readonly appToken: string};

/** The body that makes an entry, or replaces the one of its id (Gift Card Provider Protocol, 12). */
export function entryBody({caption, ...entry}: HubProvider, {appKey, appToken}: ProviderKeys) {
	return {...entry, ...(caption !== null && {caption}), appKey, appToken};
}

/** The body that puts back the native entry as it was listed. It is the one entry that needs no keys (Orders, 7). */
export function nativeBody({document}: ListedProvider): Readonly<Record<string, unknown>> {
	return Object.fromEntries(Object.entries(document).filter(([member]) => member !== '_self'));
}
