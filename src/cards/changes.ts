import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';

export type ChangeKind = keyof typeof cardChangeNumbers;

/** Who did what to a card, when and why. */
export type CardChange = {
	readonly kind: ChangeKind;
	readonly at: Instant;
	readonly actor: string;
	readonly reason: string;
};

const kindsByNumber = new Map(
	Object.entries(cardChangeNumbers).map(([kind, number]) => [number as number, kind as ChangeKind]),
);

/** The last changes of a card until an instant, the newest first. */
export async function lastChanges(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	until: Instant,
	countMax = 10,
): Promise<CardChange[]> {
	const rows = await prisma.cardChange.findMany({
		where: {merchantId, cardId: BigInt(cardId), at: {lte: new Date(until)}},
		orderBy: {id: 'desc'},
		take: countMax,
		select: {kind: true, at: true, reason: true, actor: {select: {name: true}}},
	});
	return rows.map(({kind, at, reason, actor}) => ({
		kind: kindsByNumber.get(kind) ?? 'block',
		at: at.getTime(),
		actor: actor.name,
		reason,
	}));
}
