import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {isCardExpired, spendableBalance} from '../ledger/lots.ts';
import {type Identifier} from '../ledger/owner.ts';
import {identifierOf, type IdentifierNumber} from '../ledger/store/rows.ts';
import {cardAsOf} from './as-of.ts';
import {type CardChange, lastChanges} from './changes.ts';
import {type PinState, pinStateOf} from './pins.ts';
import {openCardReader} from './read.ts';
import {type StoredCard} from './stored-card.ts';

/** A card for the people who run the shop. Amounts are minor units of its asset. */
export type CardView = {
	readonly card: StoredCard;
	/** What can be spent (B10). */
	readonly balance: bigint;
	readonly isExpired: boolean;
	/** What names its owner, masked. */
	readonly owner: readonly Identifier[];
	/** As it is now; undefined for a card as it stood before, since nobody noted it. */
	readonly pin: PinState | undefined;
	/** The newest first. */
	readonly changes: readonly CardChange[];
};

/**
 * A card by its public id (a UUID), now or as it stood before; nothing when the merchant has no such card.
 * @param asOf - undefined for now
 */
export async function showCard(
	prisma: PrismaClient,
	merchantId: number,
	publicId: string,
	{now, asOf}: {readonly now: Instant; readonly asOf?: Instant | undefined},
): Promise<CardView | undefined> {
	const stored = await openCardReader(prisma).find(merchantId, publicId);
	if (stored === undefined) {
		return undefined;
	}

	const at = asOf ?? now;
	const {cardId} = stored;
	const card = asOf === undefined ? stored : await cardAsOf(prisma, merchantId, stored, asOf);
	return {
		card,
		balance: spendableBalance(card, at),
		isExpired: isCardExpired(card, at),
		owner: (await ownerOf(prisma, merchantId, cardId)).map(maskIdentifier),
		pin: asOf === undefined ? await pinStateOf(prisma, {merchantId, cardId}, now) : undefined,
		changes: await lastChanges(prisma, {merchantId, cardId}, at),
	};
}

async function ownerOf(prisma: PrismaClient, merchantId: number, cardId: string): Promise<Identifier[]> {
	const rows = await prisma.$queryRaw<{kind: number; value: string}[]>`
		SELECT i.kind, i.value FROM cards c
		JOIN customer_identifiers i ON i.merchant_id = c.merchant_id AND i.customer_id = c.owner_id
		WHERE c.merchant_id = ${merchantId}::int AND c.id = ${BigInt(cardId)}::bigint
		ORDER BY i.kind, i.value LIMIT 20`;
	return rows.map(({kind, value}) => identifierOf(kind as IdentifierNumber, value));
}

/** Enough to recognise somebody whom one knows, not enough to learn who it is. */
export function maskIdentifier({kind, value}: Identifier): Identifier {
	if (kind === 'email') {
		const at = value.lastIndexOf('@');
		return {kind, value: `${value.slice(0, 1)}***${value.slice(at)}`};
	}

	const shown = Math.min(4, Math.floor(value.length / 3));
	return {kind, value: `***${value.slice(value.length - shown)}`};
}
