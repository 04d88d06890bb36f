import {readFileSync} from 'node:fs';
const cpu = (pid: number) => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return Number(f[11]) + Number(f[12]); };
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {cardChecks} from './audit/card-checks.ts';
import {type Check, type CountedTable} from './audit/check.ts';
import {commandChecks} from './audit/command-checks.ts';
import {holdChecks} from './audit/hold-checks.ts';
import {journalChecks} from './audit/journal-checks.ts';
import {lotChecks} from './audit/lot-checks.ts';

/** Something that is not as the books must be: a sentence, amounts in minor units, and the ids of the rows. No personal data. */
export type AuditFinding = {readonly problem: string} & Readonly<Record<string, string | number>>;

export type AuditCheck = {
	readonly name: string;
	readonly ok: boolean;
	/** How many rows were looked at. */
	readonly checked: number;
	/** How many findings there are. */
	readonly found: number;
	/** The first of them. */
	readonly findings: readonly AuditFinding[];
};

/** `warnings` tell of work that is late, not of wrong books: they never make `ok` false. */
export type AuditReport = {
	readonly ok: boolean;
	readonly checks: readonly AuditCheck[];
	readonly warnings: readonly string[];
};

// Enough to see what happened; somebody who has more of them needs the database and not a list.
const findingsMax = 20;
// The longest that an audit may take: far more than it does with millions of postings.
const timeoutMs = 30 * 60_000;

const checks: readonly Check[] = [
	...journalChecks,
	...cardChecks,
	...lotChecks,
	...holdChecks,
	...commandChecks,
];

const tables = [
	...[
		'cards',
		'lots',
		'entries',
		'postings',
		'lot_movements',
		'entry_notes',
		'holds',
		'hold_legs',
		'commands',
	],
	...['actors', 'assets'],
] as const;

/**
 * Prove the books: every balance, lot, hold and command against the journal, in one read-only snapshot beside live
 * traffic (Monedero's promise 4).
 * @param prisma - of the general database: the audit reads tables as a whole, which the writer's plans forbid
 * @param options.merchantId - one merchant only; default: all
 */
export async function audit(
	prisma: PrismaClient,
	{merchantId}: {merchantId?: number} = {},
): Promise<AuditReport> {
	return prisma.$transaction(
		async tx => {
			// Reading millions of rows takes longer than a request may; sorting and hashing them wants memory.
			await tx.$executeRawUnsafe('SET TRANSACTION READ ONLY');
			await tx.$executeRawUnsafe('SET LOCAL statement_timeout = 0');
			const scope = scopeOf(merchantId);
			const [{pid}] = await tx.$queryRawUnsafe<any>("SELECT pg_backend_pid() AS pid");
			const start = cpu(pid); setTimeout
			const results: AuditCheck[] = [];
			for (const check of checks) {
				const t = Date.now(); const before = cpu(pid);
				results.push(await run(tx, check, scope));
				console.log(Date.now() - t, 10 * (cpu(pid) - before), check.name);
			}
			console.log('cpu', 10 * (cpu(pid) - start));
			return {ok: results.every(({ok}) => ok), checks: results, warnings: []};
		},
		{isolationLevel: 'RepeatableRead', timeout: timeoutMs, maxWait: 5000},
	);
}

/** Table expressions that stand in for the tables of the same names and hold one merchant's rows only. */
function scopeOf(merchantId: number | undefined): string {
	return merchantId === undefined
		? ''
		: `WITH ${tables.map(table => `${table} AS NOT MATERIALIZED (SELECT * FROM ${table} WHERE merchant_id = ${merchantId})`).join(', ')}`;
}

async function run(tx: Prisma.TransactionClient, {name, damage}: Check, scope: string): Promise<AuditCheck> {
	const rows = await tx.$queryRawUnsafe<{found: string; finding: string}[]>(
		`${scope} SELECT (count(*) OVER ())::text AS found, row_to_json(damage)::text AS finding FROM (${damage}) damage LIMIT ${findingsMax}`,
	);
	return {
		name,
		ok: rows.length === 0,
		checked: 0,
		found: Number(rows[0]?.found ?? 0),
		findings: rows.map(({finding}) => JSON.parse(finding)),
	};
}
