import {createHash} from 'node:crypto';
import {type Prisma} from './client.ts';

// Longer than a card's lock is waited for: only those who do the same thing wait here, and a first use may take a while.
const usualPatienceMs = 1000;

/**
 * Lock some names until the transaction ends, so that whoever does the same thing elsewhere waits for us; in one order, so
 * that nobody waits in a circle. Fails with 55P03 when a name stays taken for longer than `patienceMs`.
 * @param names - beginning with the kind of thing that is locked; two kinds must not lock the same name
 */
export async function lockNames(
	tx: Prisma.TransactionClient,
	names: readonly string[],
	patienceMs = usualPatienceMs,
): Promise<void> {
	const keys = [...new Set(names.map(keyOf))].sort((a, b) => (a < b ? -1 : 1));
	await tx.$executeRaw`SELECT set_config('lock_timeout', ${String(patienceMs)}, true)`;
	// A lock belongs to a transaction and not to a session, so that it works behind a pooler (rules B15).
	await tx.$queryRaw`SELECT pg_advisory_xact_lock(key)::text FROM unnest(${keys}::bigint[]) AS key`;
}

function keyOf(name: string): bigint {
	return createHash('sha256').update(name).digest().readBigInt64BE();
}

/** Lock a name until the transaction ends, or say at once that somebody else has it. */
export async function tryLockName(tx: Prisma.TransactionClient, name: string): Promise<boolean> {
	const [{locked}] = await tx.$queryRaw<[{locked: boolean}]>`
		SELECT pg_try_advisory_xact_lock(${keyOf(name)}::bigint) AS locked`;
	return locked;
}
