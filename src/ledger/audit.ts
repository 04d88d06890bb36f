import {type Prisma, type PrismaClient} from '../db/client.ts';
import {cardChecks} from './audit/card-checks.ts';
import {auditedTables, type Check, type CountedTable, countedTables} from './audit/check.ts';
import {commandChecks} from './audit/command-checks.ts';
import {holdChecks} from './audit/hold-checks.ts';
import {houseChecks} from './audit/house-checks.ts';
import {journalChecks} from './audit/journal-checks.ts';
import {lotChecks} from './audit/lot-checks.ts';
import {paymentChecks} from './audit/payment-checks.ts';
import {orderChecks} from './audit/order-checks.ts';
import {sealChecks} from './audit/seal-checks.ts';
import {overdueWarnings} from './audit/overdue.ts';

/** What is not as it must be: a sentence, with amounts in minor units, and the ids of the rows. No personal data. */
export type AuditFinding = {readonly problem: string} & Readonly<Record<string, string | number>>;

export type AuditCheck = {
	/** What is true where nothing is found. */
	readonly name: string;
	readonly ok: boolean;
	/** How many rows were looked at. */
	readonly checked: number;
	/** How many findings there are; `findings` has the first twenty. */
	readonly found: number;
	readonly findings: readonly AuditFinding[];
};

/** `warnings` tell of work that is late and not of wrong books: they never make `ok` false. */
export type AuditReport = {
	readonly ok: boolean;
	readonly checks: readonly AuditCheck[];
	readonly warnings: readonly string[];
};

export type AuditOptions = {
	/** The books of one merchant only; without it all. */
	readonly merchantId?: number;
	/** Rows of one table from which two connections share the work. */
	readonly sharedFrom?: number;
};

/** What an audit reads with: one snapshot of one merchant's rows, or of all. */
type Reading = {
	readonly tx: Prisma.TransactionClient;
	readonly scope: string;
	readonly args: readonly number[];
};

// Whoever has more findings than these needs the database, not a list.
const findingsMax = 20;
const timeoutMs = 30 * 60_000;
// Before that a second connection would cost more than it saves.
const sharedFromRows = 1_000_000;

// An audit reads for longer than a request may, in groups of millions: sorting those is faster than hashing them, and keeps to
// the memory it is given.
const settings = [
	'SET TRANSACTION READ ONLY',
	'SET LOCAL statement_timeout = 0',
	"SET LOCAL work_mem = '32MB'",
	'SET LOCAL enable_hashagg = off',
];

/** All that an audit proves, in the order of the report. */
export const checks: readonly Check[] = [
	...journalChecks,
	...cardChecks,
	...lotChecks,
	...holdChecks,
	...commandChecks,
	...paymentChecks,
	...orderChecks,
	...houseChecks,
	...sealChecks,
];

/**
 * Prove the books: every balance, lot, hold and command against the journal, in one read-only snapshot beside live traffic, so
 * that what is written meanwhile cannot look like damage.
 * @param prisma - of the general database: tables are read as a whole, which the writer's connections are told not to do
 */
export async function audit(
	prisma: PrismaClient,
	{merchantId, sharedFrom = sharedFromRows}: AuditOptions = {},
): Promise<AuditReport> {
	return inSnapshot(prisma, undefined, async tx => {
		const counts = await countRows(readingOf(tx, merchantId));
		const results = new Map<Check, AuditCheck>();
		const waiting = [...checks];
		const work = async (own: Prisma.TransactionClient) => {
			for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
				results.set(check, await prove(readingOf(own, merchantId), check, counts));
			}
		};
		const isShared = Object.values(counts).some(count => count >= sharedFrom);
		await Promise.all([work(tx), ...(isShared ? [besideIt(prisma, tx, work)] : [])]);
		const proven = checks.map(check => results.get(check)).filter(result => result !== undefined);
		const warnings = await overdueWarnings(tx, merchantId);
		return {ok: proven.every(({ok}) => ok), checks: proven, warnings};
	});
}

/** The same snapshot on a second connection: two checks are proven at a time. */
async function besideIt(
	prisma: PrismaClient,
	tx: Prisma.TransactionClient,
	work: (tx: Prisma.TransactionClient) => Promise<void>,
): Promise<void> {
	const [{snapshot}] = await tx.$queryRaw<[{snapshot: string}]>`SELECT pg_export_snapshot() AS snapshot`;
	await inSnapshot(prisma, snapshot, work);
}

/** Run what reads one moment: that of another transaction, by its exported snapshot, or now. */
async function inSnapshot<Result>(
	prisma: PrismaClient,
	snapshot: string | undefined,
	work: (tx: Prisma.TransactionClient) => Promise<Result>,
): Promise<Result> {
	// PostgreSQL names it by digits, letters and dashes; it takes no parameter here.
	const adoption = snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT '${snapshot}'`];
	return prisma.$transaction(
		async tx => {
			for (const setting of [...adoption, ...settings]) {
				await tx.$executeRawUnsafe(setting);
			}

			return work(tx);
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}

/** For one merchant, table expressions stand in for the tables and hold that merchant's rows only. */
function readingOf(tx: Prisma.TransactionClient, merchantId: number | undefined): Reading {
	if (merchantId === undefined) {
		return {tx, scope: '', args: []};
	}

	const scoped = auditedTables.map(
		table => `${table} AS NOT MATERIALIZED (SELECT * FROM ${table} WHERE merchant_id = $1::int)`,
	);
	return {tx, scope: `WITH ${scoped.join(', ')}`, args: [merchantId]};
}

async function countRows({tx, scope, args}: Reading): Promise<Record<CountedTable, number>> {
	const columns = countedTables.map(table => `(SELECT count(*) FROM ${table})::float8 AS ${table}`);
	const sql = `${scope} SELECT ${columns.join(', ')}`;
	const [counts] = await tx.$queryRawUnsafe<[Record<CountedTable, number>]>(sql, ...args);
	return counts;
}

async function prove(
	{tx, scope, args}: Reading,
	{name, looksAt, damage}: Check,
	counts: Readonly<Record<CountedTable, number>>,
): Promise<AuditCheck> {
	// Which ones are shown, and in which order, must not be a matter of the plan.
	const sql = `${scope} SELECT (count(*) OVER ())::float8 AS found, row_to_json(damage)::text AS finding
		FROM (${damage}) damage ORDER BY finding LIMIT ${findingsMax}`;
	const rows = await tx.$queryRawUnsafe<{readonly found: number; readonly finding: string}[]>(sql, ...args);
	return {
		name,
		ok: rows.length === 0,
		checked: looksAt.reduce((sum, table) => sum + counts[table], 0),
		found: rows[0]?.found ?? 0,
		findings: rows.map(({finding}) => findingOf(finding)),
	};
}

/** A row of damage without the ids that it does not have. */
function findingOf(json: string): AuditFinding {
	const entries = Object.entries(JSON.parse(json) as Record<string, string | number | null>);
	const {problem, ...ids} = Object.fromEntries(entries.filter(([, value]) => value !== null));
	return {problem: String(problem), ...(ids as Record<string, string | number>)};
}
