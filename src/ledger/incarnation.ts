import {type Prisma, type PrismaClient} from '../db/client.ts';

/*
 * An entry's xid numbers the transaction that wrote it, and the numbers are the server's (rules B5). Restored into another server, old
 * entries have numbers that new ones will have too; so each entry names the incarnation in which its number counts. The latest one counts
 * here as long as it was opened on this server, and this server's transactions have come as far as its horizons: they have not where
 * the server itself was set back, and a younger copy of the database was restored into it. A role that may not know its server knows no
 * incarnation either, and takes no snapshots.
 */

/** The number of the oldest transaction under way; every one below it has ended. SQL. */
export const oldestRunning = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/** The incarnation that counts here; SQL of a table expression with a column `id`, and one row at most. */
export const currentIncarnation = `
	SELECT i.id FROM incarnations i
	WHERE i.id = (SELECT max(id) FROM incarnations) AND i.system_id = server_id()
		AND NOT EXISTS (SELECT FROM house_horizons h WHERE h.incarnation = i.id AND h.horizon > ${oldestRunning})`;

type Found = {readonly id: number};

/** The number of the incarnation that entries are written in here; null after a restore, until somebody opens one, and where nobody may. */
export async function readIncarnation(tx: Prisma.TransactionClient): Promise<number | null> {
	const [found] = await tx.$queryRawUnsafe<Found[]>(currentIncarnation);
	return found?.id ?? null;
}

// Longer than a batch of the writer, which is what usually holds the table; and checkouts that come meanwhile wait for us.
const usualPatienceMs = 200;

/**
 * The incarnation of this server, opened where there is none. From then on entries are written in it. The table of entries is locked for
 * a moment: whoever writes one in the old incarnation has committed before the new one begins, so all that is in an old one is final.
 * Fails with 55P03 when the table stays taken for longer than `patienceMs`: then it is for another time.
 * @returns null where the role may not know which server this is
 */
export async function openIncarnation(
	prisma: PrismaClient,
	patienceMs = usualPatienceMs,
): Promise<number | null> {
	return prisma.$transaction(async tx => {
		const known = await readIncarnation(tx);
		const [{isKnown}] = await tx.$queryRawUnsafe<[{isKnown: boolean}]>(
			'SELECT server_id() IS NOT NULL AS "isKnown"',
		);
		if (known !== null || !isKnown) {
			return known;
		}

		await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${patienceMs}`);
		// It looks once more when it has the table: another process may have opened one while we waited.
		const [{id}] = await tx.$queryRawUnsafe<[{id: number | null}]>('SELECT open_incarnation() AS id');
		return id;
	});
}

/**
 * Open another incarnation although the numbers go on: what was restored from a backup of this very server is another history from here on.
 * Locks the table of entries as `openIncarnation` does.
 * @returns null where the role may not know which server this is
 */
export async function beginIncarnation(
	prisma: PrismaClient,
	patienceMs = usualPatienceMs,
): Promise<number | null> {
	return prisma.$transaction(async tx => {
		const [{isKnown}] = await tx.$queryRawUnsafe<[{isKnown: boolean}]>(
			'SELECT server_id() IS NOT NULL AS "isKnown"',
		);
		if (!isKnown) {
			return null;
		}

		await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = ${patienceMs}`);
		await tx.$executeRawUnsafe('LOCK TABLE entries IN ACCESS EXCLUSIVE MODE');
		return insertIncarnation(tx);
	});
}

async function insertIncarnation(tx: Prisma.TransactionClient): Promise<number> {
	const [{id}] = await tx.$queryRawUnsafe<[Found]>(`
		INSERT INTO incarnations (id, system_id)
		-- Entries of the first incarnation are there, also where nobody could say on which server it was.
		SELECT coalesce(max(i.id), 1) + 1, server_id() FROM incarnations i
		RETURNING id`);
	await tx.$executeRawUnsafe(`ALTER TABLE entries ALTER COLUMN incarnation SET DEFAULT ${id}`);
	return id;
}
