import {type Instant} from '../ledger/calendar.ts';
import {explained} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {type CardPlace, type Moved, valueRefused} from './value-moves.ts';

export type Adjustment = Why & {
	readonly card: CardPlace;
	/** Minor units: above zero to add, below zero to take. */
	readonly amount: bigint;
	/** When value that is added ends; undefined for the card's own date. */
	readonly expiresAt: Instant | undefined;
	readonly actorId: number;
	/** Under which it happens once; belongs to the card. */
	readonly key: string;
};

/**
 * Correct the balance of a card (C4), with who and why.
 * @returns what moved, above zero whichever way it went
 * @throws {ValueRefusedError} when the ledger refuses it
 * @throws {OverloadedError} when the database is too busy; repeating it under the same key is safe
 */
export async function adjustCard(
	writer: Writer,
	merchant: {readonly id: number; readonly timeZone: string},
	{card, amount, expiresAt, actorId, key, ...why}: Adjustment,
): Promise<Moved> {
	const outcome = await writer.submit(merchant, {
		verb: 'adjust',
		cardId: card.cardId,
		assetId: card.assetId,
		amount,
		expiresAt,
		actorId,
		key: {scope: card.publicId, space: 'adjustment', key},
		note: explained(why),
	});
	if (outcome.kind === 'refused') {
		throw valueRefused(outcome.refusal, outcome.isReplay);
	}

	const {id, moved, at, isReplay} = outcome;
	return {entryId: id, moved, at, isReplay};
}
