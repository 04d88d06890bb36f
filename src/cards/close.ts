import {explained} from '../ledger/commands.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {CardChangeRefusedError} from './block.ts';

export type Closing = Why & {
	/** The card's row. */
	readonly cardId: string;
	readonly actorId: number;
};

/** What remained on the card, in minor units, and went to the adjustment account (C4). */
export type Closed = {readonly remainder: bigint; readonly at: Instant};

/**
 * Close a card for good, with who and why.
 * @throws {CardChangeRefusedError} while something is held (A13), and for a card that is closed already
 */
export async function closeCard(
	writer: Writer,
	merchant: {readonly id: number; readonly timeZone: string},
	{cardId, actorId, ...why}: Closing,
): Promise<Closed> {
	const note = explained(why);
	const outcome = await writer.submit(merchant, {verb: 'close', cardId, actorId, key: null, note});
	if (outcome.kind === 'done') {
		return {remainder: outcome.moved, at: outcome.at};
	}

	throw new CardChangeRefusedError(
		outcome.refusal === 'cardHasHolds'
			? 'Some of the card is held for orders that are neither settled nor cancelled. Close it when they are; cards:block stops new ones now.'
			: outcome.refusal === 'cardClosed'
				? 'The card is closed already.'
				: `The card was not closed: ${outcome.refusal}.`,
	);
}
