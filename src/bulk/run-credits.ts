import {type PrismaClient} from '../db/client.ts';
import {accountNumbers} from '../ledger/chart.ts';
import {scriptScope, verbs} from '../ledger/commands.ts';
import {entryKinds} from '../ledger/entry.ts';
import {plainArray} from '../ledger/store/arrays.ts';

/** A credit of a run as it stands now. Amounts are minor units of its asset. */
export type RunCredit = {
	/** Its entry, which is its lot too: a UUID. */
	readonly id: string;
	/** The row of the card that it was given to. */
	readonly cardId: string;
	/** A UUID. */
	readonly publicId: string;
	/** The number of the customer; null for a card of nobody's. */
	readonly customerId: string | null;
	readonly assetId: number;
	readonly amount: bigint;
	/** What was taken back of it before. */
	readonly reversed: bigint;
	/** What is held of it for orders. */
	readonly held: bigint;
	/** The cards on which something of it is left: its own first, then wallets that took over from that one. */
	readonly holders: readonly {readonly cardId: string; readonly remaining: bigint}[];
};

/** The last command of a page, where the next one begins. */
export type Place = readonly [scope: string, space: number, key: string];

export const firstPlace: Place = [scriptScope, -1, ''];

// In the order of the primary key, from where the last page ended: each page costs the same, however many were before it.
const pageSql = `SELECT json_agg(json_build_array(scope, space, key, outcome_id) ORDER BY scope, space, key)::text AS page FROM (
	SELECT scope, space, key, outcome_id FROM commands
	WHERE merchant_id = $1::int AND run_id = $2::int AND refusal IS NULL AND verb = ${verbs.credit}
		AND (scope, space, key) > ($3::uuid, $4::smallint, $5::text)
	ORDER BY scope, space, key LIMIT $6::int
) c`;

/** The credits of a run after a place, at most so many, by their ids. */
export async function nextCredits(
	prisma: PrismaClient,
	{merchantId, runId}: {readonly merchantId: number; readonly runId: number},
	{after, limit}: {readonly after: Place; readonly limit: number},
): Promise<{readonly ids: readonly string[]; readonly last: Place | undefined}> {
	const args = [merchantId, runId, ...after, limit];
	const [row] = await prisma.$queryRawUnsafe<[{page: string | null}]>(pageSql, ...args);
	const page = JSON.parse(row.page ?? '[]') as [...Place, id: string][];
	const last = page.at(-1);
	return {ids: page.map(([, , , id]) => id), last: last && [last[0], last[1], last[2]]};
}

const {available} = accountNumbers;

// What goes on of a credit has its lot as its root, on the same card after an extension and on others after a merge (A13). Lots are
// found by their card: no index leads from a root to them. What is held of a lot without a remainder is known of the credit's own.
const standingSql = `SELECT json_agg(json_build_array(l.id, l.card_id::text, c.public_id, c.owner_id::text, c.asset_id, l.issued::text,
		(SELECT coalesce(-sum(p.amount), 0)::text FROM entries e
			JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.card_id <> 0 AND p.account = ${available}
			WHERE e.merchant_id = $1::int AND e.answers = l.id AND e.kind = ${entryKinds.reverseCredit}),
		(l.held + coalesce(line.held, 0))::text, line.holders) ORDER BY wanted.place)::text AS credits
	FROM unnest($2::uuid[]) WITH ORDINALITY AS wanted(id, place)
	JOIN lots l ON l.merchant_id = $1::int AND l.id = wanted.id
	JOIN cards c ON c.merchant_id = $1::int AND c.id = l.card_id
	CROSS JOIN LATERAL (
		SELECT sum(held) AS held, json_agg(json_build_array(card_id::text, remaining::text) ORDER BY step) AS holders FROM (
			WITH RECURSIVE line AS (
				SELECT id, forwards_to, 1 AS step FROM cards WHERE merchant_id = $1::int AND id = l.card_id
				UNION ALL
				SELECT n.id, n.forwards_to, step + 1 FROM line JOIN cards n ON n.merchant_id = $1::int AND n.id = line.forwards_to
			)
			SELECT line.id AS card_id, step, sum(x.remaining) AS remaining, sum(x.held) FILTER (WHERE x.id <> l.id) AS held
			FROM line JOIN lots x ON x.merchant_id = $1::int AND x.card_id = line.id AND NOT x.spent AND coalesce(x.root_id, x.id) = l.id
			GROUP BY line.id, step
		) holder
	) line`;

type Row = [
	id: string,
	cardId: string,
	publicId: string,
	customerId: string | null,
	assetId: number,
	amount: string,
	reversed: string,
	held: string,
	holders: [cardId: string, remaining: string][] | null,
];

/** Some credits as they stand now, in their order. */
export async function standingOf(
	prisma: PrismaClient,
	merchantId: number,
	ids: readonly string[],
): Promise<RunCredit[]> {
	const [row] = await prisma.$queryRawUnsafe<[{credits: string | null}]>(
		standingSql,
		merchantId,
		plainArray(ids),
	);
	return (JSON.parse(row.credits ?? '[]') as Row[]).map(creditOf);
}

function creditOf([
	id,
	cardId,
	publicId,
	customerId,
	assetId,
	amount,
	reversed,
	held,
	holders,
]: Row): RunCredit {
	return {
		...{id, cardId, publicId, customerId, assetId},
		...{amount: BigInt(amount), reversed: BigInt(reversed), held: BigInt(held)},
		holders: (holders ?? []).map(([holderId, remaining]) => ({
			cardId: holderId,
			remaining: BigInt(remaining),
		})),
	};
}
