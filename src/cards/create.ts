import {randomBytes} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {type Instant} from '../ledger/calendar.ts';
import {hashCode} from './pepper.ts';
import {type Peppers} from './peppers.ts';
import {newPublicId} from './public-id.ts';
import {lastFour, makeRedemptionCode} from './redemption-code.ts';

/** A card without value, as VTEX asks for one. */
export type NewCard = {
	/** The customer's id. */
	readonly ownerId: string;
	readonly assetId: number;
	readonly relationName: string;
	readonly caption: string | null;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
	/** Null: from now on, whenever that is. */
	readonly emittedAt: Instant | null;
	readonly expiresAt: Instant | null;
};

/** The card that is there now. `code` is the normalised code of a card made just now; of an older one only the last four are known. */
export type CreatedCard = {
	/** A UUID. */
	readonly publicId: string;
	readonly code: string | null;
	readonly codeLast4: string;
	readonly emittedAt: Instant;
	readonly expiresAt: Instant | null;
};

export type CardCreation = {
	/**
	 * Make a card with balance zero; or find the one that the same request has made already, as long as nothing has
	 * happened to it (A16). Two requests at once make one card.
	 */
	readonly create: (merchantId: number, card: NewCard) => Promise<CreatedCard>;
};

export function openCardCreation(
	prisma: PrismaClient,
	{peppers, clock}: {peppers: Peppers; clock: () => Instant},
): CardCreation {
	return {
		create: (merchantId, card) =>
			prisma.$transaction(async tx => {
				await lockNames(tx, [`card ${merchantId} ${card.ownerId} ${card.relationName}`]);
				const {emittedAt, expiresAt, singleUse, rechargeable, restricted, ...rest} = card;
				const attributes = {
					...rest,
					...{merchantId, singleUse, rechargeable, restricted},
					ownerId: BigInt(card.ownerId),
					expiresAt: expiresAt === null ? null : new Date(expiresAt),
				};
				const emission = emittedAt === null ? {} : {emittedAt: new Date(emittedAt)};
				const existing = await tx.card.findFirst({
					where: {...attributes, ...emission, version: 0n, status: {not: closed}},
					orderBy: {id: 'asc'},
				});
				if (existing !== null) {
					return {
						publicId: existing.publicId,
						code: null,
						codeLast4: existing.codeLast4 ?? '',
						emittedAt: existing.emittedAt.getTime(),
						expiresAt,
					};
				}

				const {current} = peppers;
				const code = makeRedemptionCode(randomBytes);
				const made = {publicId: newPublicId(), codeLast4: lastFour(code), emittedAt: emittedAt ?? clock()};
				await tx.card.create({
					data: {
						...attributes,
						...made,
						emittedAt: new Date(made.emittedAt),
						pepperId: current.id,
						codeHash: new Uint8Array(hashCode(code, current.key)),
					},
				});
				return {...made, code, expiresAt};
			}),
	};
}

const closed = 3;
