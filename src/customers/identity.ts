import {type Identifier} from '../ledger/owner.ts';

export {ownerMatch, type Identifier} from '../ledger/owner.ts';

type Field = string | null | undefined;

/** The client as the protocols send it; null, absent and empty are the same (Gift Card Provider Protocol, 9.1). */
export type ClientFields = {
	readonly id?: Field;
	readonly email?: Field;
	readonly document?: Field;
	readonly corporateDocument?: Field;
};

/**
 * Whom a request's identifiers name. `unknown`: nobody that we know yet. `conflict`: they contradict each other or what we know,
 * so the request is nobody's, and no customer must be opened for it.
 */
export type Resolution =
	| {readonly kind: 'customer'; readonly customerId: string}
	| {readonly kind: 'unknown'}
	| {readonly kind: 'conflict'};

/** Longer values are no identifiers; the protocols' ids have at most this many characters. */
export const IDENTIFIER_LENGTH_MAX = 256;

/**
 * A VTEX profile id: trimmed, lower case (the same GUID arrives in both). The empty GUID, a masked value and an e-mail address
 * are no profile ids.
 */
export function normaliseProfileId(text: Field): string | undefined {
	const id = readable(text)?.toLowerCase();
	return id === undefined || id.includes('@') || isBlankNumber(id) ? undefined : usable(id);
}

/** A personal or corporate document: letters and digits only, upper case (`529.982.247-25` is `52998224725`). All zeros is none. */
export function normaliseDocument(text: Field): string | undefined {
	const document = readable(text)
		?.toUpperCase()
		.replaceAll(/[^\p{L}\p{N}]/gu, '');
	return document === undefined || isBlankNumber(document) ? undefined : usable(document);
}

/** An e-mail address: trimmed, lower case. VTEX's aliases and what has not the form of an address are none (rules B11). */
export function normaliseEmail(text: Field): string | undefined {
	const email = readable(text)?.toLowerCase();
	return email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email) || isAliasAddress(email)
		? undefined
		: usable(email);
}

/**
 * Whether an address is one of those that VTEX makes for each order in place of the shopper's: `<hex>@ct.vtex.com.br`, the soft form
 * `john@shop.com-207700027841b.ct.vtex.com.br`, and those of stores with a `ct.` host of their own. At least two labels must
 * follow `ct`, because `ct.gov` is where people of Connecticut really have their mail.
 */
export function isAliasAddress(email: string): boolean {
	const domain = email.slice(email.lastIndexOf('@') + 1);
	return /(?:^|\.)ct(?:\.[^.]+){2,}$/i.test(domain);
}

/** What names the client, strongest first, without duplicates: profile id, personal document, corporate document, e-mail. */
export function identifiersOf(client: ClientFields): Identifier[] {
	const profile = normaliseProfileId(client.id);
	const personal = normaliseDocument(client.document);
	const corporate = normaliseDocument(client.corporateDocument);
	const [first, second] = [normaliseEmail(client.id), normaliseEmail(client.email)];
	const identifiers: Identifier[] = [];
	// One after the other: a file has a million lines, and every checkout asks.
	if (profile !== undefined) {
		identifiers.push({kind: 'profile', value: profile});
	}

	if (personal !== undefined) {
		identifiers.push({kind: 'document', value: personal});
	}

	if (corporate !== undefined && corporate !== personal) {
		identifiers.push({kind: 'document', value: corporate, corporate: true});
	}

	if (first !== undefined) {
		identifiers.push({kind: 'email', value: first});
	}

	if (second !== undefined && second !== first) {
		identifiers.push({kind: 'email', value: second});
	}

	return identifiers;
}

/** One text per identifier, to look it up in a map. A document is the same one whether it came as personal or corporate. */
export function identifierKey({kind, value}: Identifier): string {
	return `${kind}:${value}`;
}

/**
 * The one customer whom a request's identifiers name, or nobody (rules A3).
 *
 * The first that is known names the customer; a second that names somebody else makes it a conflict. A corporate document counts
 * only where nothing personal is known: a person may buy for a company, and letting the company win would hide the person's own
 * cards (Gift Card Provider Protocol, 9.1; KI-1335218). Where the customer's profile id is known, a request with another one is
 * not that customer, whatever else it says; so a typed e-mail does not spend a stranger's points. Of somebody whom VTEX knew as
 * several people (customers:merge) each of the profile ids is theirs.
 *
 * @param presented - as `identifiersOf` gives them
 * @param found - customer ids by `identifierKey`, of those presented that are known
 * @param profilesOf - normalised profile ids by customer id, of the customers in `found`
 */
export function resolveCustomer(
	presented: readonly Identifier[],
	found: ReadonlyMap<string, string>,
	profilesOf: ReadonlyMap<string, ReadonlySet<string>>,
): Resolution {
	const profile = presented.find(({kind}) => kind === 'profile');
	let named: string | undefined;
	for (const identifier of presented) {
		const customerId = identifier.corporate === undefined ? found.get(identifierKey(identifier)) : undefined;
		if (named !== undefined && customerId !== undefined && customerId !== named) {
			return {kind: 'conflict'};
		}

		named ??= customerId;
	}

	if (named === undefined) {
		return resolveCompany(presented, found, profilesOf, profile);
	}

	return isSomebodyElse(named, profile, profilesOf)
		? {kind: 'conflict'}
		: {kind: 'customer', customerId: named};
}

/** A company whose profile id is another one is not the one buying; its document is then ignored, and the person is simply new. */
function resolveCompany(
	presented: readonly Identifier[],
	found: ReadonlyMap<string, string>,
	profilesOf: ReadonlyMap<string, ReadonlySet<string>>,
	profile: Identifier | undefined,
): Resolution {
	const company = presented.find(identifier => found.has(identifierKey(identifier)));
	const customerId = company && found.get(identifierKey(company));
	return customerId === undefined || isSomebodyElse(customerId, profile, profilesOf)
		? {kind: 'unknown'}
		: {kind: 'customer', customerId};
}

function isSomebodyElse(
	customerId: string,
	profile: Identifier | undefined,
	profilesOf: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
	const known = profilesOf.get(customerId);
	return profile !== undefined && known !== undefined && !known.has(profile.value);
}

/** The trimmed text; nothing where it is empty, or masked with asterisks as VTEX masks profiles (KI-360783). */
function readable(text: Field): string | undefined {
	const trimmed = text?.trim();
	return trimmed === undefined || trimmed === '' || trimmed.includes('*') ? undefined : trimmed;
}

/** Zeros and dashes only: what systems send for "none", and what every guest would share. */
function isBlankNumber(value: string): boolean {
	return /^[0-]*$/.test(value);
}

/** Control characters and broken surrogates cannot be stored as text, so they name nobody. */
function usable(value: string): string | undefined {
	return value.length > IDENTIFIER_LENGTH_MAX || /[\p{Cc}\p{Cs}]/u.test(value) ? undefined : value;
}
