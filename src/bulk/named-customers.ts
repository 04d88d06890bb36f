import {identifierKey, type Identifier, resolveCustomer} from '../customers/identity.ts';
import {importRows, type ImportRow} from '../customers/import.ts';
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
	const known = await resolved(readerPrisma, merchantId, lines, {inFull: true});
	const rest = lines.filter(({line}) => !known.has(line));
	if (rest.length === 0) {
		return known;
	}

	const conflicts = await makeAll(prisma, merchantId, rest);
	const made = await resolved(
		readerPrisma,
		merchantId,
		rest.filter(({line}) => !conflicts.has(line)),
		{inFull: false},
	);
	return new Map([...known, ...made]);
}

/** Those who are known; `inFull`: by all that a line says of them. */
async function resolved(
	prisma: PrismaClient,
	merchantId: number,
	lines: readonly Named[],
	{inFull}: {readonly inFull: boolean},
): Promise<Map<number, string>> {
	if (lines.length === 0) {
		return new Map();
	}

	const all = lines.flatMap(({identifiers}) => identifiers);
	const {found, profilesOf} = await readKnown(prisma, merchantId, all);
	return new Map(
		lines.flatMap(({line, identifiers}): [number, string][] => {
			const resolution = resolveCustomer(identifiers, found, profilesOf);
			const isUsable = !inFull || identifiers.every(one => found.has(identifierKey(one)));
			return resolution.kind === 'customer' && isUsable ? [[line, resolution.customerId]] : [];
		}),
	);
}

/** @returns the lines in conflict */
async function makeAll(
	prisma: PrismaClient,
	merchantId: number,
	rows: readonly ImportRow[],
): Promise<Set<number>> {
	const conflicts = new Set<number>();
	for (let from = 0; from < rows.length; from += madeTogether) {
		const outcomes = await importRows(prisma, merchantId, rows.slice(from, from + madeTogether));
		for (const {line, kind} of outcomes) {
			if (kind === 'conflict') {
				conflicts.add(line);
			}
		}
	}

	return conflicts;
}
