import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';

/** Kind of change to a card → the number that stands for it in the database. */
export const changeNumbers = {block: 1, unblock: 2, close: 3} as const;

export type ChangeKind = keyof typeof changeNumbers;

/** Who did what to a card, when and why. */
export type CardChange = {
	readonly kind: ChangeKind;
	readonly at: Instant;
	readonly actor: string;
	readonly reason: string;
};

const kindsByNumber = new Map(
	Object.entries(changeNumbers).map(([kind, number]) => [number as number, kind as ChangeKind]),
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
