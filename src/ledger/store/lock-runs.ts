import {plainArray} from './arrays.ts';
import {type Transaction} from './ask.ts';

// Shared, so that batches of one import do not wait for each other. Whoever marks a run as taken back waits for the batches that have it,
// and every later one reads the mark.
const lockSql = `SELECT json_agg(id) FILTER (WHERE undone_at IS NOT NULL)::text AS undone FROM (
	SELECT id, undone_at FROM import_runs WHERE merchant_id = $1::int AND id = ANY ($2::int[]) ORDER BY id FOR SHARE
) r`;

/**
 * Hold some imports as they are until the transaction ends, and tell which of them were taken back: nothing more may be given by those.
 * Throws 55P03 when one stays taken.
 */
export async function lockRuns(
	tx: Transaction,
	merchantId: number,
	runIds: readonly number[],
): Promise<ReadonlySet<number>> {
	const [{undone}] = await tx.$queryRawUnsafe<[{undone: string | null}]>(
		lockSql,
		merchantId,
		plainArray(runIds),
	);
	return new Set(JSON.parse(undone ?? '[]') as number[]);
}
