import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Refusal} from '../ledger/refusals.ts';

/** A card as commands name it: its row, its public id (a UUID), and its asset. */
export type CardPlace = {readonly cardId: string; readonly publicId: string; readonly assetId: number};

/** What moved, in minor units, by which entry (a UUID). `isReplay`: it had been done before under this key. */
export type Moved = {
	readonly entryId: string;
	readonly moved: bigint;
	readonly at: Instant;
	readonly isReplay: boolean;
};

/** A grant, a transfer or an adjustment that moved nothing. The message says why, and what to do. */
export class ValueRefusedError extends Error {
	override readonly name = 'ValueRefusedError';
	/** Undefined where it is no refusal of the ledger's. */
	readonly refusal: Refusal | undefined;

	constructor(message: string, refusal?: Refusal) {
		super(message);
		this.refusal = refusal;
	}
}

const sentences: Partial<Record<Refusal, string>> = {
	keyConflict: 'The key was used for another amount. Take a new key for another command.',
	currencyMismatch: 'The amount is in another currency than the card.',
	cardClosed: 'The card is closed, and a closed card stays closed.',
	cardBlocked: 'The card that gives is blocked. cards:unblock it first.',
	cardNotYetValid: 'The card that gives cannot be used yet.',
	cardExpired: 'The card has expired. Give --expires to add value that can be spent.',
	cardUsed: 'The card that gives is for single use, and has been used. cards:adjust corrects it.',
	insufficientBalance: 'The card cannot spend that much now. cards:show tells what it can.',
	balanceLimit: 'The card cannot carry that much.',
	notRechargeable: 'The card takes no further credit.',
	amountUnusable: 'An amount of nothing moves nothing.',
	reasonMissing: 'Say why: a reason is kept with every transfer and adjustment.',
	sameCard: 'A card cannot transfer to itself.',
	targetCurrency: 'The two cards have different currencies.',
	targetClosed: 'The card that is to get the value is closed.',
	targetExpired: 'The card that is to get the value has expired.',
	targetUsed: 'The card that is to get the value is for single use, and has been used.',
	targetNotRechargeable: 'The card that is to get the value takes no further credit.',
	targetBalanceLimit: 'The card that is to get the value cannot carry that much.',
	runTakenBack: 'The import that it belongs to was taken back.',
};

/**
 * What to tell the person.
 * @param isReplay - the same key was refused before, which stays its answer (A7)
 */
export function valueRefused(refusal: Refusal, isReplay: boolean): ValueRefusedError {
	const sentence = sentences[refusal] ?? `Nothing was moved: ${refusal}.`;
	const again = isReplay ? ' This key was refused before; take a new one to try again.' : '';
	return new ValueRefusedError(sentence + again, refusal);
}

/** Whether an entry brought value to a card. */
export async function hasReached(
	prisma: PrismaClient,
	merchantId: number,
	entryId: string,
	cardId: string,
): Promise<boolean> {
	const rows = await prisma.$queryRaw<unknown[]>`
		SELECT 1 FROM postings WHERE merchant_id = ${merchantId}::int AND entry_id = ${entryId}::uuid
			AND card_id = ${BigInt(cardId)}::bigint AND amount > 0`;
	return rows.length > 0;
}
