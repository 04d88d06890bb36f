import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {keySpaces, scriptScope} from '../ledger/commands.ts';
import {spendableBalance} from '../ledger/lots.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';
import {openCardReader} from './read.ts';

/** Numbers for card rows that are about to be made: the writer wants them before it opens a batch. Unused ones are lost, which is fine. */
export async function reserveCardIds(prisma: PrismaClient, count: number): Promise<string[]> {
	const rows = await prisma.$queryRaw<{id: string}[]>`
		SELECT nextval(pg_get_serial_sequence('cards', 'id'))::text AS id FROM generate_series(1, ${count}::int)`;
	return rows.map(({id}) => id);
}

/** A card of a run as it is now. */
export type FoundCard = {
	/** A UUID. */
	readonly publicId: string;
	readonly codeLast4: string;
	/** Whether it has another code than the run gave it. */
	readonly isReissued: boolean;
	/** What can be spent of it (B10), in minor units. */
	readonly balance: bigint;
};

/**
 * Which cards of a run exist already, by their number in it. Found through the command that issued each: its outcome is the entry,
 * and the lot of an issuing entry has the entry's id.
 */
export async function findIssued(
	{prisma, clock}: {readonly prisma: PrismaClient; readonly clock: () => Instant},
	merchantId: number,
	runKey: string,
	indexes: readonly number[],
): Promise<Map<number, FoundCard>> {
	const keys = indexes.map(index => `${runKey}:${index}`);
	const rows = await prisma.$queryRaw<{key: string; publicId: string; isReissued: boolean}[]>`
		SELECT c.key, card.public_id::text AS "publicId", EXISTS (
			SELECT FROM card_changes change WHERE change.merchant_id = card.merchant_id AND change.card_id = card.id
				AND change.kind = ${cardChangeNumbers.reissue}::smallint
		) AS "isReissued"
		FROM commands c
		JOIN lots l ON l.merchant_id = c.merchant_id AND l.id = c.outcome_id
		JOIN cards card ON card.merchant_id = l.merchant_id AND card.id = l.card_id
		WHERE c.merchant_id = ${merchantId}::int AND c.scope = ${scriptScope}::uuid AND c.space = ${keySpaces.issue}::smallint
			AND c.key = ANY (${keys}::text[])`;
	const reader = openCardReader(prisma);
	const now = clock();
	const found = rows.map(async ({key, publicId, isReissued}): Promise<[number, FoundCard]> => {
		const card = await reader.find(merchantId, publicId);
		const balance = card === undefined ? 0n : spendableBalance(card, now);
		const {codeLast4} = card ?? {codeLast4: null};
		return [
			Number(key.slice(runKey.length + 1)),
			{publicId, codeLast4: codeLast4 ?? '', isReissued, balance},
		];
	});
	return new Map(await Promise.all(found));
}
