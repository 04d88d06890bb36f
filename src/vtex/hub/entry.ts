/** An entry of a store's Gift Card Hub (Gift Card Provider Protocol, 12). Its keys are never told. */
export type HubProvider = {
	readonly id: string;
	/** Every call goes to it with the protocol's path behind, joined as text. */
	readonly serviceUrl: string;
	readonly oauthProvider: string;
	readonly preAuthEnabled: boolean;
	readonly cancelEnabled: boolean;
	/** What shoppers read; null where there is none. */
	readonly caption: string | null;
};

/** VTEX's own gift cards, an entry like any other. */
export const nativeId = 'VtexGiftCard';

/** VTEX answers ids in lower case here and there, so case tells nothing apart (Gift Card Provider Protocol, 12). */
export function isSameId(one: string, other: string): boolean {
	return one.toLowerCase() === other.toLowerCase();
}

export function isNative({id}: Pick<HubProvider, 'id'>): boolean {
	return isSameId(id, nativeId);
}

/** The entry of an id, where it is listed. */
export function entryOf<Entry extends Pick<HubProvider, 'id'>>(
	listed: readonly Entry[],
	id: string,
): Entry | undefined {
	return listed.find(entry => isSameId(entry.id, id));
}

/** The entry as we register it: purchases are authorized first, and can be cancelled (Gift Card Provider Protocol, 12). */
export function wantedEntry({
	id,
	serviceUrl,
	caption,
}: Pick<HubProvider, 'id' | 'serviceUrl' | 'caption'>): HubProvider {
	return {id, serviceUrl, oauthProvider: 'vtex', preAuthEnabled: true, cancelEnabled: true, caption};
}

/** A member of an entry that is not as it should be. */
export type Difference = {
	readonly member: keyof Omit<HubProvider, 'id'>;
	readonly is: string | boolean | null;
	readonly wanted: string | boolean | null;
};

const members = ['serviceUrl', 'oauthProvider', 'preAuthEnabled', 'cancelEnabled', 'caption'] as const;

/** What has to change before an entry is the wanted one; nothing where only its keys could differ, which nobody can read. */
export function differencesOf(found: HubProvider, wanted: HubProvider): Difference[] {
	return members
		.filter(member => found[member] !== wanted[member])
		.map(member => ({member, is: found[member], wanted: wanted[member]}));
}

/** What became of the entries of others: those that are listed no more, and those that say something else now. */
export type Aftermath<Entry> = {readonly gone: readonly Entry[]; readonly changed: readonly Entry[]};

/**
 * Compare two lists of a Hub but for one entry, ours.
 * @returns entries as they were before, sorted by id
 */
export function aftermathOf<Entry extends HubProvider>(
	before: readonly Entry[],
	after: readonly HubProvider[],
	ourId: string,
): Aftermath<Entry> {
	const others = sortedById(before.filter(({id}) => !isSameId(id, ourId)));
	return {
		gone: others.filter(({id}) => entryOf(after, id) === undefined),
		changed: others.filter(entry => {
			const now = entryOf(after, entry.id);
			return now !== undefined && differencesOf(now, entry).length > 0;
		}),
	};
}

/** Whatever order VTEX lists them in, people and scripts find the same one. */
export function sortedById<Entry extends Pick<HubProvider, 'id'>>(entries: readonly Entry[]): Entry[] {
	const keyOf = ({id}: Entry) => id.toLowerCase();
	return entries.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** Whether two addresses lie at one host and port: otherwise an entry belongs to another installation, or to somebody else. */
export function isSameHost(one: string, other: string): boolean {
	const hostOf = (address: string) => (URL.canParse(address) ? new URL(address).host : address);
	return hostOf(one) === hostOf(other);
}
