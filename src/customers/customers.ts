import {type Prisma, type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';
import {type IdentifierNumber, identifierOf} from '../ledger/store/rows.ts';
import {type Identifier, identifierKey, type Resolution, resolveCustomer} from './identity.ts';
import {whileLiving} from './survivor.ts';

/** Kind of identifier → the number that stands for it in the database. */
export const identifierNumbers = {
	profile: 1,
	document: 2,
	email: 3,
} as const satisfies Record<Identifier['kind'], IdentifierNumber>;

/** The identifiers contradict each other or what is known, so they are nobody's (A3). */
export class CustomerConflictError extends Error {
	constructor() {
		super('These identifiers belong to different customers. Send only those of the one who is meant.');
		this.name = 'CustomerConflictError';
	}
}

/** What is known of some identifiers: enough to say whom they name, each request by itself. */
export type KnownCustomers = {
	/** Customer ids by `identifierKey`. */
	readonly found: ReadonlyMap<string, string>;
	/** Profile ids by customer id: several where customers turned out to be one. */
	readonly profilesOf: ReadonlyMap<string, ReadonlySet<string>>;
};

export type FoundRow = [kind: IdentifierNumber, value: string, customerId: string];
export type ProfileRow = [customerId: string, value: string];

/**
 * The common table expressions `found` and `named`, over arrays of kinds and values in $2 and $3: the customers whom some
 * identifiers of merchant $1 name. `foundColumns` read from them. LATERAL keeps the plan to one index look-up for each.
 */
export const namedCustomers = `found AS (
		SELECT i.* FROM unnest($2::smallint[], $3::text[]) AS q(kind, value) CROSS JOIN LATERAL (
			SELECT kind, value, customer_id FROM customer_identifiers
			WHERE merchant_id = $1::int AND customer_identifiers.kind = q.kind AND customer_identifiers.value = q.value LIMIT 1
		) i
	), named AS (SELECT DISTINCT customer_id FROM found)`;

const foundColumn = `(SELECT json_agg(json_build_array(kind, value, customer_id::text))::text FROM found) AS found`;

// The kind is asked for outside, where it can choose no index: while few profile ids are known, the planner would read all of them for each
// customer, and go on doing so when there are a million.
export const foundColumns = `${foundColumn},
	(SELECT json_agg(json_build_array(customer_id::text, value))::text FROM named JOIN LATERAL (
		SELECT kind, value FROM customer_identifiers i WHERE i.merchant_id = $1::int AND i.customer_id = named.customer_id OFFSET 0
	) profile ON profile.kind = 1) AS profiles`;

/** The parameters $2 and $3 of `namedCustomers`. */
export function identifierArrays(identifiers: readonly Identifier[]): [kinds: string, values: string] {
	const unique = new Map<string, Identifier>();
	for (const identifier of identifiers) {
		unique.set(identifierKey(identifier), identifier);
	}

	const all = [...unique.values()];
	return [plainArray(all.map(({kind}) => identifierNumbers[kind])), textArray(all.map(({value}) => value))];
}

export function knownCustomers(row: {found: string | null; profiles: string | null}): KnownCustomers {
	const found = new Map<string, string>();
	for (const [kind, value, customerId] of JSON.parse(row.found ?? '[]') as FoundRow[]) {
		found.set(identifierKey(identifierOf(kind, value)), customerId);
	}

	return {found, profilesOf: profilesByCustomer(JSON.parse(row.profiles ?? '[]') as ProfileRow[])};
}

function profilesByCustomer(rows: readonly ProfileRow[]): Map<string, Set<string>> {
	const profiles = new Map<string, Set<string>>();
	for (const [customerId, value] of rows) {
		profiles.set(customerId, (profiles.get(customerId) ?? new Set()).add(value));
	}

	return profiles;
}

const resolveSql = `WITH ${namedCustomers} SELECT ${foundColumns}`;
// A profile id of the customer speaks only against another one.
const resolveWithoutProfilesSql = `WITH ${namedCustomers} SELECT ${foundColumn}, NULL AS profiles`;

/** Whom some identifiers name (A3), without making anybody. */
export async function findCustomer(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<Resolution> {
	return identifiers.length === 0
		? {kind: 'unknown'}
		: (await resolve(prisma, merchantId, identifiers)).resolution;
}

/**
 * The customer whom some identifiers name; made, when nobody is known by any of them. Of several, those that are new are
 * added to the customer. Two requests at once make one customer, and one that is merged or erased at that moment is looked up again.
 * @param identifiers - as `identifiersOf` gives them, at least one
 * @returns the customer's id
 * @throws {CustomerConflictError} when they name more than one (A3)
 */
export async function findOrCreateCustomer(
	prisma: PrismaClient,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<string> {
	if (identifiers.length === 0) {
		throw new RangeError('A customer needs at least one of profile id, document and e-mail.');
	}

	const known = await resolve(prisma, merchantId, identifiers);
	if (known.resolution.kind === 'customer' && known.unknown.length === 0) {
		return known.resolution.customerId;
	}

	return whileLiving(async () => makeOrExtend(prisma, merchantId, identifiers));
}

async function makeOrExtend(
	prisma: PrismaClient,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<string> {
	return prisma.$transaction(async tx => {
		await lockIdentifiers(tx, merchantId, identifiers);
		const {resolution, unknown} = await resolve(tx, merchantId, identifiers);
		if (resolution.kind === 'conflict') {
			throw new CustomerConflictError();
		}

		const customerId =
			resolution.kind === 'customer'
				? resolution.customerId
				: String((await tx.customer.create({data: {merchantId}})).id);
		await tx.customerIdentifier.createMany({
			data: unknown.map(({kind, value}) => ({
				merchantId,
				kind: identifierNumbers[kind],
				value,
				customerId: BigInt(customerId),
			})),
		});
		return customerId;
	});
}

/** Whoever looks up or gives out one of these identifiers elsewhere, to make a customer of it, waits until the transaction ends. */
export async function lockIdentifiers(
	tx: Prisma.TransactionClient,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<void> {
	await lockNames(
		tx,
		identifiers.map(one => `customer ${merchantId} ${identifierKey(one)}`),
	);
}

/** What is known of some identifiers now: the profile ids of their customers only where a profile id is among them. */
export async function readKnown(
	prisma: Pick<Prisma.TransactionClient, '$queryRawUnsafe'>,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<KnownCustomers> {
	const hasProfile = identifiers.some(({kind}) => kind === 'profile');
	const [row] = await prisma.$queryRawUnsafe<[{found: string | null; profiles: string | null}]>(
		hasProfile ? resolveSql : resolveWithoutProfilesSql,
		merchantId,
		...identifierArrays(identifiers),
	);
	return knownCustomers(row);
}

async function resolve(
	prisma: Pick<Prisma.TransactionClient, '$queryRawUnsafe'>,
	merchantId: number,
	identifiers: readonly Identifier[],
): Promise<{resolution: Resolution; unknown: Identifier[]}> {
	const {found, profilesOf} = await readKnown(prisma, merchantId, identifiers);
	return {
		resolution: resolveCustomer(identifiers, found, profilesOf),
		unknown: identifiers.filter(one => !found.has(identifierKey(one))),
	};
}
