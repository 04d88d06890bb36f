import {type Prisma} from '../../db/client.ts';
import {lineOf, orderOf, type Position, type SealedEntry} from './canonical.ts';

/** A place in the order of entries; SQL. */
export const place = '(e.incarnation, e.xid::text::bigint, e.id)';

type Row = [
	id: string,
	entry: string,
	postings: string[] | null,
	movements: string[] | null,
	commands: string[] | null,
];

/**
 * Prepare a transaction for reading blocks, however long it takes. The planner takes each part of a block for a single row, and would look for
 * the command of each of a thousand entries among all thousand commands; without nested loops it hashes them. And it is told where a block
 * is each time, instead of planning for any: what the summaries leave out depends on it.
 */
export async function prepareForBlocks(tx: Prisma.TransactionClient): Promise<void> {
	await tx.$executeRawUnsafe(
		`SELECT set_config('statement_timeout', '0', true), set_config('enable_nestloop', 'off', true),
			set_config('plan_cache_mode', 'force_custom_plan', true)`,
	);
}

/**
 * A block of a merchant's entries, with all that belongs to them, in order. Everything is found by an index: the entries by the summaries of
 * their numbers, the commands by those of their times, the rest by its keys.
 * @param tx - a transaction that was prepared for it
 * @param from - the place before the first
 * @param to - the place of the last
 */
export async function readBlock(
	tx: Prisma.TransactionClient,
	merchantId: number,
	from: Position,
	to: Position,
): Promise<SealedEntry[]> {
	const places = [from, to].flatMap(({incarnation, xid, entryId}) => [incarnation, xid, entryId]);
	const isOfOne = from.incarnation === to.incarnation;
	const isOfOneTransaction = isOfOne && from.xid === to.xid;
	const sql = isOfOneTransaction ? ofOneTransaction : isOfOne ? ofOne : ofSeveral;
	const rows = await tx.$queryRawUnsafe<{row: string}[]>(sql, merchantId, ...places);
	return rows.map(({row}) => {
		const [id, entry, postings, movements, commands] = JSON.parse(row) as Row;
		return {
			id,
			entries: [entry],
			postings: postings ?? [],
			lot_movements: movements ?? [],
			commands: commands ?? [],
		};
	});
}

const parts = (table: 'postings' | 'lot_movements') =>
	`(SELECT json_agg(${lineOf(table, 'p')} ORDER BY ${orderOf(table, 'p')})
		FROM ${table} p WHERE p.merchant_id = e.merchant_id AND p.entry_id = e.id)`;

// What moved nothing repeats what was done, maybe later and in the same millisecond: another process has another clock.
const block = (range: string) => `
	WITH block AS MATERIALIZED (
		SELECT e.* FROM entries e
		WHERE e.merchant_id = $1::int AND ${range}
			AND ${place} > ($2::smallint, $3::bigint, $4::uuid) AND ${place} <= ($5::smallint, $6::bigint, $7::uuid)
	), command AS MATERIALIZED (
		SELECT c.outcome_id, c.decided_at, json_agg(${lineOf('commands', 'c')} ORDER BY ${orderOf('commands', 'c')}) AS lines
		FROM commands c
		WHERE c.merchant_id = $1::int AND c.refusal IS NULL AND c.moved <> 0 AND c.outcome_id IN (SELECT id FROM block)
			AND c.decided_at BETWEEN (SELECT min(recorded_at) FROM block) AND (SELECT max(recorded_at) FROM block)
		GROUP BY c.outcome_id, c.decided_at
	)
	SELECT json_build_array(e.id, ${lineOf('entries', 'e')}, ${parts('postings')}, ${parts('lot_movements')}, c.lines)::text AS row
	FROM block e LEFT JOIN command c ON c.outcome_id = e.id AND c.decided_at = e.recorded_at
	ORDER BY e.incarnation, e.xid::text::bigint, e.id`;

// The summaries know both numbers by themselves, and nothing of the order of their pairs.
const ofOne = block(`e.incarnation = $2::smallint AND e.xid::text::bigint BETWEEN $3::bigint AND $6::bigint`);
// An import writes thousands of entries in one transaction: among those the ids are the order.
const ofOneTransaction = block('e.id > $4::uuid AND e.id <= $7::uuid');
const ofSeveral = block(`e.incarnation BETWEEN $2::smallint AND $5::smallint`);
