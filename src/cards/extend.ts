import {type Instant} from '../ledger/calendar.ts';
import {explained} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Refusal} from '../ledger/refusals.ts';
import {type Writer} from '../ledger/writer.ts';
import {CardChangeRefusedError} from './block.ts';
import {type CardPlace} from './value-moves.ts';

export type Extension = Why & {
	readonly card: CardPlace;
	/** The first instant after its new last day. */
	readonly expiresAt: Instant;
	readonly actorId: number;
	/** Under which it happens once; belongs to the card, and is for this date only. */
	readonly key: string;
};

/** What lasts longer now, in minor units; null when card and value lasted that long before. */
export type Extended = {readonly moved: bigint; readonly entryId: string} | null;

/**
 * Let a card and what remains on it last until a later date, with who and why. Doing it again changes nothing.
 * @throws {CardChangeRefusedError} for a closed card, and for a date that has passed or comes before the card's own
 * @throws {OverloadedError} when the database is too busy; repeating it is safe
 */
export async function extendCard(
	writer: Writer,
	merchant: {readonly id: number; readonly timeZone: string},
	{card, expiresAt, actorId, key, ...why}: Extension,
): Promise<Extended> {
	const outcome = await writer.submit(merchant, {
		verb: 'extend',
		cardId: card.cardId,
		assetId: card.assetId,
		amount: 0n,
		expiresAt,
		actorId,
		key: {scope: card.publicId, space: 'extension', key},
		note: explained(why),
	});
	if (outcome.kind === 'done') {
		return {moved: outcome.moved, entryId: outcome.id};
	}

	if (outcome.refusal === 'alreadyExtended') {
		return null;
	}

	throw new CardChangeRefusedError(
		sentences[outcome.refusal] ?? `The card was not extended: ${outcome.refusal}.`,
	);
}

const sentences: Partial<Record<Refusal, string>> = {
	cardClosed: 'The card is closed, and a closed card stays closed. Issue another one.',
	dateTooEarly:
		'The date has passed, or the card lasts longer already. Take a later one: dates are only made later; value that should end sooner is ' +
		'taken by cards:adjust.',
	reasonMissing: 'Say why: a reason is kept with every extension.',
};
