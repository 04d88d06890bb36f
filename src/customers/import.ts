import {setTimeout as delay} from 'node:timers/promises';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {sqlStateOf} from '../db/sql-state.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';
import {
	identifierArrays,
	identifierNumbers,
	knownCustomers,
	lockIdentifiers,
	readKnown,
} from './customers.ts';
import {type Identifier} from './identity.ts';
import {type ImportOutcome, type ImportPlan, type ImportRow, planImport} from './import-plan.ts';
import {whileLiving} from './survivor.ts';

export type {ImportOutcome, ImportRow} from './import-plan.ts';

/** Lines that are looked up and written together. Each of their identifiers is a lock for some milliseconds. */
export const importChunkSize = 100;

// Somebody else makes one of the chunk's customers at the moment: tried again, with a pause.
const attemptsMax = 10;
const pauseMs = 200;
// Checkouts come first, and may leave a file little room.
const waitMs = 30_000;
const timeoutMs = 30_000;
// A check looks at a whole file in one transaction.
const checkTimeoutMs = 6 * 3_600_000;

/**
 * Import some lines: make the customers whom nobody knows, and add what is new of others. Repeated it changes nothing.
 * @param rows - some hundreds at most: each identifier is a lock until they are written
 * @returns what became of each line, in order; a conflict changed nothing
 */
export async function importRows(
	prisma: PrismaClient,
	merchantId: number,
	rows: readonly ImportRow[],
): Promise<readonly ImportOutcome[]> {
	const identifiers = rows.flatMap(row => row.identifiers);
	const glance = planImport(rows, await readKnown(prisma, merchantId, identifiers));
	return glance.additions.length === 0
		? glance.outcomes
		: (await write(prisma, merchantId, {rows, identifiers})).outcomes;
}

/**
 * The customers whom some lines name that are not all known: made, or what is new of them added, as `importRows` does it.
 * @param rows - some hundreds at most, of which somebody looked up that most are new
 * @returns the customer of each line, by number, in order; nobody for a conflict
 */
export async function nameRows(
	prisma: PrismaClient,
	merchantId: number,
	rows: readonly ImportRow[],
): Promise<readonly (string | undefined)[]> {
	const identifiers = rows.flatMap(row => row.identifiers);
	return (await write(prisma, merchantId, {rows, identifiers})).owners;
}

type Written = Pick<ImportPlan, 'outcomes' | 'owners'>;

async function write(
	prisma: PrismaClient,
	merchantId: number,
	{rows, identifiers}: {readonly rows: readonly ImportRow[]; readonly identifiers: readonly Identifier[]},
): Promise<Written> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await whileLiving(async () =>
				prisma.$transaction(
					async tx => {
						await lockIdentifiers(tx, merchantId, identifiers);
						const plan = planImport(rows, await readKnown(tx, merchantId, identifiers));
						const numbers = await carryOut(tx, merchantId, plan);
						const owners = plan.owners.map(owner => owner && (numbers.get(owner) ?? owner));
						return {outcomes: plan.outcomes, owners};
					},
					{maxWait: waitMs, timeout: timeoutMs},
				),
			);
		} catch (error) {
			// 55P03: an identifier was locked all the time.
			if (sqlStateOf(error) !== '55P03' || attempt === attemptsMax) {
				throw error;
			}

			await delay(Math.random() * pauseMs);
		}
	}
}

// In one order: each locks its customer, and two that name the same ones never wait in a circle.
const addSql = `INSERT INTO customer_identifiers (merchant_id, kind, value, customer_id)
	SELECT $1::int, i.* FROM unnest($2::smallint[], $3::text[], $4::bigint[]) AS i(kind, value, customer_id)
	ORDER BY i.customer_id`;

async function carryOut(
	tx: Prisma.TransactionClient,
	merchantId: number,
	{made, additions}: ImportPlan,
): Promise<ReadonlyMap<string, string>> {
	if (made.length + additions.length === 0) {
		return new Map();
	}

	const customers = await tx.$queryRaw<{id: string}[]>`
		INSERT INTO customers (merchant_id) SELECT ${merchantId}::int FROM generate_series(1, ${made.length}::int) RETURNING id::text`;
	const numbers = new Map(customers.map(({id}, index) => [made[index] ?? '', id]));
	await tx.$executeRawUnsafe(
		addSql,
		merchantId,
		plainArray(additions.map(({identifier: {kind}}) => identifierNumbers[kind])),
		textArray(additions.map(({identifier: {value}}) => value)),
		plainArray(additions.map(({customer}) => numbers.get(customer) ?? customer)),
	);
	return numbers;
}

const notedSql = [
	'CREATE TEMP TABLE noted (kind smallint, value text, customer text, PRIMARY KEY (kind, value)) ON COMMIT DROP',
	'CREATE INDEX noted_profiles ON noted (customer) WHERE kind = 1',
];

// What the database knows, and what the lines before would have added to it.
const knownSql = `WITH asked AS (
		SELECT * FROM unnest($2::smallint[], $3::text[]) AS q(kind, value)
	), found AS (
		SELECT i.kind, i.value, i.customer_id::text AS customer FROM asked CROSS JOIN LATERAL (
			SELECT * FROM customer_identifiers i WHERE i.merchant_id = $1::int AND i.kind = asked.kind AND i.value = asked.value LIMIT 1
		) i
		UNION ALL
		SELECT n.kind, n.value, n.customer FROM asked JOIN noted n ON n.kind = asked.kind AND n.value = asked.value
	), named AS (
		SELECT DISTINCT customer, CASE WHEN customer NOT LIKE 'new %' THEN customer::bigint END AS number FROM found
	), profiles AS (
		SELECT named.customer, i.value FROM named JOIN customer_identifiers i
			ON i.merchant_id = $1::int AND i.kind = 1 AND i.customer_id = named.number
		UNION ALL
		SELECT named.customer, n.value FROM named JOIN noted n ON n.kind = 1 AND n.customer = named.customer
	)
	SELECT (SELECT json_agg(json_build_array(kind, value, customer)) FROM found)::text AS found,
		(SELECT json_agg(json_build_array(customer, value)) FROM profiles)::text AS profiles`;

const noteSql = 'INSERT INTO noted SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[])';

/**
 * Look what importing a file would do, each line knowing those before it, and change nothing. What the lines would add is noted in a
 * temporary table of the database, so that a file of any size is checked in the memory of one chunk.
 * @param chunks - of at most `importChunkSize` lines
 * @param onOutcomes - told of each chunk, in order
 */
export async function checkImport(
	prisma: PrismaClient,
	merchantId: number,
	chunks: AsyncIterable<readonly ImportRow[]>,
	onOutcomes: (outcomes: readonly ImportOutcome[]) => void,
): Promise<void> {
	await prisma.$transaction(
		async tx => {
			await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = '60s'`;
			for (const statement of notedSql) {
				await tx.$executeRawUnsafe(statement);
			}

			for await (const rows of chunks) {
				const arrays = identifierArrays(rows.flatMap(row => row.identifiers));
				const [row] = await tx.$queryRawUnsafe<[{found: string | null; profiles: string | null}]>(
					knownSql,
					merchantId,
					...arrays,
				);
				const {outcomes, additions} = planImport(rows, knownCustomers(row));
				await tx.$executeRawUnsafe(
					noteSql,
					plainArray(additions.map(({identifier: {kind}}) => identifierNumbers[kind])),
					textArray(additions.map(({identifier: {value}}) => value)),
					textArray(additions.map(({customer}) => customer)),
				);
				onOutcomes(outcomes);
			}
		},
		{timeout: checkTimeoutMs},
	);
}
