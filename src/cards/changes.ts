import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type ReasonCode, reasonCodeOf} from '../ledger/reasons.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';

export type ChangeKind = keyof typeof cardChangeNumbers;
/** Those that change the status. */
export type StatusChangeKind = Extract<ChangeKind, 'block' | 'unblock' | 'close'>;

/** Who did what to a card, when and why. */
export type CardChange = {
	readonly kind: ChangeKind;
	readonly at: Instant;
	readonly actor: string;
	readonly reasonCode: ReasonCode | null;
	/** Empty where it was erased. */
	readonly reason: string;
};

const kindsByNumber = new Map(
	Object.entries(cardChangeNumbers).map(([kind, number]) => [number as number, kind as ChangeKind]),
);

const shownMax = 10;

/** The last changes of a card until an instant, the newest first. */
export async function lastChanges(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	until: Instant,
): Promise<CardChange[]> {
	const rows = await prisma.cardChange.findMany({
		where: {merchantId, cardId: BigInt(cardId), at: {lte: new Date(until)}},
		orderBy: {id: 'desc'},
		take: shownMax,
		select: {kind: true, at: true, reason: true, reasonCode: true, actor: {select: {name: true}}},
	});
	return rows.map(({kind, at, reason, reasonCode, actor}) => ({
		kind: kindsByNumber.get(kind) ?? 'block',
		at: at.getTime(),
		actor: actor.name,
		reasonCode: reasonCodeOf(reasonCode),
		reason,
	}));
}

/** The first time after an instant that the card got a later date; nothing when its date is still the same. */
export async function firstExtension(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	after: Instant,
): Promise<{readonly formerExpiresAt: Instant} | undefined> {
	const row = await prisma.cardChange.findFirst({
		where: {
			...{merchantId, cardId: BigInt(cardId), at: {gt: new Date(after)}},
			...{kind: cardChangeNumbers.extend, formerExpiresAt: {not: null}},
		},
		orderBy: {id: 'asc'},
		select: {formerExpiresAt: true},
	});
	const former = row?.formerExpiresAt ?? null;
	return former === null ? undefined : {formerExpiresAt: former.getTime()};
}

/** What last changed the status of a card until an instant; nothing when it is as it was issued. */
export async function lastStatusChange(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	until: Instant,
): Promise<StatusChangeKind | undefined> {
	const row = await prisma.cardChange.findFirst({
		where: {
			merchantId,
			cardId: BigInt(cardId),
			at: {lte: new Date(until)},
			kind: {in: [cardChangeNumbers.block, cardChangeNumbers.unblock, cardChangeNumbers.close]},
		},
		orderBy: {id: 'desc'},
		select: {kind: true},
	});
	return row === null ? undefined : (kindsByNumber.get(row.kind) as StatusChangeKind);
}
