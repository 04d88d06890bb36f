import {type PrismaClient} from '../db/client.ts';
import {type CommandKey, type KeySpace, keySpaces, keyText, scriptScope} from '../ledger/commands.ts';
import {type Refusal, refusalOf} from '../ledger/refusals.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';

/** The scope of the keys that lines without a key of their own get from their run. */
export const lineScope = '00000000-0000-0000-0000-000000000001';

/**
 * Under which a line happens once: under its own key, whatever file it stands in, or under its place in its run.
 * @param key - null for a line without one
 */
export function lineKey(
	space: KeySpace,
	{line, key}: {readonly line: number; readonly key: string | null},
	runId: number,
): CommandKey {
	return key === null ? {scope: lineScope, space, key: `${runId}:${line}`} : {scope: scriptScope, space, key};
}

/** What became of a line before. */
export type KnownLine = {
	/** Minor units. */
	readonly amount: bigint;
	readonly assetId: number;
	readonly refusal: Refusal | null;
	/** The row of the card that got it; null where it was refused. */
	readonly cardId: string | null;
	/** Whether it belongs to a run that was taken back. */
	readonly isUndone: boolean;
};

// The lot of an issue or a credit has the id of its entry, which is the command's outcome.
const knownSql = `SELECT json_agg(json_build_array(c.scope, c.key, c.amount::text, c.asset_id, c.refusal, l.card_id::text,
		(SELECT r.undone_at IS NOT NULL FROM import_runs r WHERE r.merchant_id = $1::int AND r.id = c.run_id)))::text AS lines
	FROM unnest($2::uuid[], $4::text[]) AS k(scope, key)
	CROSS JOIN LATERAL (
		SELECT * FROM commands
		WHERE merchant_id = $1::int AND commands.scope = k.scope AND commands.space = $3::smallint AND commands.key = k.key LIMIT 1
	) c
	LEFT JOIN lots l ON l.merchant_id = $1::int AND l.id = c.outcome_id`;

type Row = [
	scope: string,
	key: string,
	amount: string,
	assetId: number,
	refusal: number | null,
	cardId: string | null,
	isUndone: boolean | null,
];

/** Which of some lines were done or refused before, by the text of their key. What is remembered is final and needs no lock (B16). */
export async function findKnownLines(
	prisma: PrismaClient,
	merchantId: number,
	space: KeySpace,
	keys: readonly CommandKey[],
): Promise<Map<string, KnownLine>> {
	if (keys.length === 0) {
		return new Map();
	}

	const [row] = await prisma.$queryRawUnsafe<[{lines: string | null}]>(
		knownSql,
		merchantId,
		plainArray(keys.map(({scope}) => scope)),
		keySpaces[space],
		textArray(keys.map(({key}) => key)),
	);
	return new Map(
		(JSON.parse(row.lines ?? '[]') as Row[]).map(
			([scope, key, amount, assetId, refusal, cardId, isUndone]) => [
				keyText({scope, space, key}),
				{
					...{amount: BigInt(amount), assetId, cardId},
					refusal: refusal === null ? null : refusalOf(refusal),
					isUndone: isUndone === true,
				},
			],
		),
	);
}
