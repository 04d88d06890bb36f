import {type PrismaClient} from '../db/client.ts';
import {keySpaces, scriptScope} from '../ledger/commands.ts';

/** Numbers for card rows that are about to be made: the writer wants them before it opens a batch. Unused ones are lost, which is fine. */
export async function reserveCardIds(prisma: PrismaClient, count: number): Promise<string[]> {
	const rows = await prisma.$queryRaw<{id: string}[]>`
		SELECT nextval(pg_get_serial_sequence('cards', 'id'))::text AS id FROM generate_series(1, ${count}::int)`;
	return rows.map(({id}) => id);
}

/**
 * Which cards of a run exist already, by their number in it. Found through the command that issued each: its outcome is the entry,
 * and the lot of an issuing entry has the entry's id.
 */
export async function findIssued(
	prisma: PrismaClient,
	merchantId: number,
	runKey: string,
	indexes: readonly number[],
): Promise<Map<number, {readonly publicId: string; readonly codeLast4: string}>> {
	const keys = indexes.map(index => `${runKey}:${index}`);
	const rows = await prisma.$queryRaw<{key: string; publicId: string; codeLast4: string | null}[]>`
		SELECT c.key, card.public_id::text AS "publicId", card.code_last4 AS "codeLast4"
		FROM commands c
		JOIN lots l ON l.merchant_id = c.merchant_id AND l.id = c.outcome_id
		JOIN cards card ON card.merchant_id = l.merchant_id AND card.id = l.card_id
		WHERE c.merchant_id = ${merchantId}::int AND c.scope = ${scriptScope}::uuid AND c.space = ${keySpaces.issue}::smallint
			AND c.key = ANY (${keys}::text[])`;
	return new Map(
		rows.map(({key, publicId, codeLast4}) => [
			Number(key.slice(runKey.length + 1)),
			{publicId, codeLast4: codeLast4 ?? ''},
		]),
	);
}
