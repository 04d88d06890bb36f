import {type PrismaClient} from '../db/client.ts';
import {derivedTables, differencesQuery} from './rebuild/derive.ts';

/** A stored number that is not what the journal makes of it. Amounts are minor units; null where the row is missing. */
export type Difference = {
	readonly merchantId: number;
	/** `holds` are the legs of a hold together. */
	readonly table: 'cards' | 'lots' | 'hold_legs' | 'holds' | 'payments';
	/** As the row is named elsewhere: a card's id on the wire, a lot's, a hold's and its leg, a payment's tid. */
	readonly id: string;
	readonly column: string;
	/** What an amount is of; null where the row that says it is missing. */
	readonly assetId: number | null;
	readonly stored: bigint | null;
	readonly derived: bigint | null;
};

export type Rebuild = {
	readonly found: number;
	/** The first of what was found, at most `differencesMax`. */
	readonly differences: readonly Difference[];
};

export type RebuildOptions = {
	/** The rows of one merchant only; without it all. */
	readonly merchantId?: number;
};

// All of them are printed; beyond these the database is another one than the journal is of, and a list helps nobody.
export const differencesMax = 10_000;
const pageSize = 500;
const timeoutMs = 60 * 60_000;

// It reads every row once, in groups of millions, beside a writer that needs the memory.
const settings = ['SET LOCAL statement_timeout = 0', "SET LOCAL work_mem = '64MB'", 'SET LOCAL jit = off'];

type Row = {
	readonly merchantId: number;
	readonly table: Difference['table'];
	readonly id: string;
	readonly assetId: number | null;
	readonly column: string;
	readonly stored: string | null;
	readonly derived: string | null;
};

/**
 * Derive balances, lots and holds from the journal into temporary tables and compare them with what is stored, in one moment beside live
 * traffic. Nothing is changed. PostgreSQL does all of it; here there is a page of differences at a time.
 * @param prisma - of the general database
 */
export async function rebuild(prisma: PrismaClient, {merchantId}: RebuildOptions = {}): Promise<Rebuild> {
	const of = (alias: string) => (merchantId === undefined ? '' : `AND ${alias}.merchant_id = ${merchantId}`);
	return prisma.$transaction(
		async tx => {
			for (const setting of settings) {
				await tx.$executeRawUnsafe(setting);
			}

			for (const [name, query] of derivedTables(of)) {
				await tx.$executeRawUnsafe(`CREATE TEMPORARY TABLE ${name} ON COMMIT DROP AS ${query}`);
				// Nobody else keeps statistics of them, and a million rows are not a thousand.
				await tx.$executeRawUnsafe(`ANALYZE ${name}`);
			}

			await tx.$executeRawUnsafe(
				`DECLARE differences NO SCROLL CURSOR FOR
				SELECT merchant_id AS "merchantId", "table", id, asset_id AS "assetId", "column", stored::text, derived::text
				FROM (${differencesQuery(of)}) difference`,
			);
			const differences: Difference[] = [];
			for (let found = 0; ;) {
				const rows = await tx.$queryRawUnsafe<Row[]>(`FETCH ${pageSize} FROM differences`);
				found += rows.length;
				differences.push(...rows.slice(0, differencesMax - differences.length).map(differenceOf));
				if (rows.length < pageSize) {
					return {found, differences};
				}
			}
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}

function differenceOf({stored, derived, ...row}: Row): Difference {
	return {...row, stored: amountOf(stored), derived: amountOf(derived)};
}

function amountOf(text: string | null): bigint | null {
	return text === null ? null : BigInt(text);
}
