import {randomBytes} from 'node:crypto';
import {findOrCreateCustomer} from '../customers/customers.ts';
import {type Identifier} from '../customers/identity.ts';
import {whileLiving} from '../customers/survivor.ts';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {lockNames} from '../db/named-lock.ts';
import {type Instant} from '../ledger/calendar.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {hashCode} from './pepper.ts';
import {type Peppers} from './peppers.ts';
import {newPublicId} from './public-id.ts';
import {lastFour, makeRedemptionCode} from './redemption-code.ts';

/** A card without value, as VTEX asks for one. */
export type NewCard = {
	/** What names the owner, at least one; a customer that nobody knows yet is made. */
	readonly owner: readonly Identifier[];
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
	 * @throws {CustomerConflictError} when the owner's identifiers name several customers
	 */
	readonly create: (merchantId: number, card: NewCard) => Promise<CreatedCard>;
};

type Tools = {readonly peppers: Peppers; readonly clock: () => Instant};

export function openCardCreation(prisma: PrismaClient, tools: Tools): CardCreation {
	return {
		async create(merchantId, {owner, emittedAt, ...card}) {
			return whileLiving(async () => {
				const ownerId = await findOrCreateCustomer(prisma, merchantId, owner);
				return prisma.$transaction(async tx => {
					await lockNames(tx, [`card ${merchantId} ${ownerId} ${card.relationName}`]);
					const attributes = attributesOf(merchantId, ownerId, card);
					const existing = await findUntouched(tx, attributes, emittedAt);
					return existing ?? make(tx, tools, attributes, emittedAt ?? tools.clock());
				});
			});
		},
	};
}

type Attributes = ReturnType<typeof attributesOf>;

/** What makes two requests the same (A16), as columns. */
function attributesOf(
	merchantId: number,
	ownerId: string,
	{expiresAt, ...card}: Omit<NewCard, 'owner' | 'emittedAt'>,
) {
	return {
		...card,
		merchantId,
		ownerId: BigInt(ownerId),
		expiresAt: expiresAt === null ? null : new Date(expiresAt),
	};
}

async function findUntouched(
	tx: Prisma.TransactionClient,
	attributes: Attributes,
	emittedAt: Instant | null,
): Promise<CreatedCard | undefined> {
	const emission = emittedAt === null ? {} : {emittedAt: new Date(emittedAt)};
	const card = await tx.card.findFirst({
		where: {...attributes, ...emission, version: 0n, status: {not: statusNumbers.closed}},
		orderBy: {id: 'asc'},
	});
	return card === null ? undefined : createdCard(card, null);
}

async function make(
	tx: Prisma.TransactionClient,
	{peppers: {current}}: Tools,
	attributes: Attributes,
	emittedAt: Instant,
): Promise<CreatedCard> {
	const code = makeRedemptionCode(randomBytes);
	const card = await tx.card.create({
		data: {
			...attributes,
			publicId: newPublicId(),
			emittedAt: new Date(emittedAt),
			pepperId: current.id,
			codeHash: new Uint8Array(hashCode(code, current.key)),
			codeLast4: lastFour(code),
		},
	});
	return createdCard(card, code);
}

type Row = {publicId: string; codeLast4: string | null; emittedAt: Date; expiresAt: Date | null};

function createdCard({publicId, codeLast4, emittedAt, expiresAt}: Row, code: string | null): CreatedCard {
	return {
		publicId,
		code,
		codeLast4: codeLast4 ?? '',
		emittedAt: emittedAt.getTime(),
		expiresAt: expiresAt?.getTime() ?? null,
	};
}
