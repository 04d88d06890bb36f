import {identifierKey, type Identifier, resolveCustomer} from '../customers/identity.ts';
import {nameRows} from '../customers/import.ts';
import {readKnown} from '../customers/customers.ts';
import {type PrismaClient} from '../db/client.ts';

/** Customers by the line that names them; lines that contradict what is known (A3) name nobody. */
export type NamedCustomers = ReadonlyMap<number, string>;

/** `readerPrisma` looks up by key whatever the statistics say. */
type Databases = {readonly prisma: PrismaClient; readonly readerPrisma: PrismaClient};

// Each identifier of them is a lock for some milliseconds; the server has room for some thousands.
const madeTogether = 512;

type Named = {readonly line: number; readonly identifiers: readonly Identifier[]};

/**
 * The customers whom some lines name; those whom nobody knows are made, and what is new of others is added to them, one line after the
 * other. Lines that name known customers in full cost one query between them.
 */
export async function nameCustomers(
	{prisma, readerPrisma}: Databases,
	merchantId: number,
	lines: readonly Named[],
): Promise<NamedCustomers> {
	const named = await knownInFull(readerPrisma, merchantId, lines);
	const rest = lines.filter(({line}) => !named.has(line));
	for (let from = 0; from < rest.length; from += madeTogether) {
		const rows = rest.slice(from, from + madeTogether);
		const owners = await nameRows(prisma, merchantId, rows);
		for (const [index, owner] of owners.entries()) {
			const line = rows[index]?.line;
			if (line !== undefined && owner !== undefined) {
				named.set(line, owner);
			}
		}
	}

	return named;
}

/** Those who are known by all that a line says of them. */
async function knownInFull(
	prisma: PrismaClient,
	merchantId: number,
	lines: readonly Named[],
): Promise<Map<number, string>> {
	const named = new Map<number, string>();
	const {found, profilesOf} = await readKnown(
		prisma,
		merchantId,
		lines.flatMap(({identifiers}) => identifiers),
	);
	for (const {line, identifiers} of lines) {
		const resolution = resolveCustomer(identifiers, found, profilesOf);
		if (resolution.kind === 'customer' && identifiers.every(one => found.has(identifierKey(one)))) {
			named.set(line, resolution.customerId);
		}
	}

	return named;
}
