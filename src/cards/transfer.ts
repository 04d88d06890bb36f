import {type PrismaClient} from '../db/client.ts';
import {explained} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {type CardPlace, hasReached, type Moved, valueRefused, ValueRefusedError} from './value-moves.ts';

export type TransferRequest = Why & {
	readonly source: CardPlace;
	readonly target: CardPlace;
	/** Minor units above zero, or zero for everything that can be spent, now or later. */
	readonly amount: bigint;
	readonly actorId: number;
	/** Under which it happens once; belongs to the card that gives. */
	readonly key: string;
};

/**
 * Move value from card to card (A13).
 * @throws {ValueRefusedError} when the ledger refuses it, and when the key was used for a transfer to another card
 * @throws {OverloadedError} when the database is too busy; repeating it under the same key is safe
 */
export async function transferValue(
	{prisma, writer}: {readonly prisma: PrismaClient; readonly writer: Writer},
	merchant: {readonly id: number; readonly timeZone: string},
	{source, target, amount, actorId, key, ...why}: TransferRequest,
): Promise<Moved> {
	const outcome = await writer.submit(merchant, {
		verb: 'transfer',
		cardId: source.cardId,
		targetId: target.cardId,
		assetId: source.assetId,
		amount,
		actorId,
		key: {scope: source.publicId, space: 'transfer', key},
		note: explained(why),
	});
	if (outcome.kind === 'refused') {
		throw valueRefused(outcome.refusal, outcome.isReplay);
	}

	const {id, moved, at, isReplay} = outcome;
	// The target is no part of the fingerprint (A18), so the journal says which card got it.
	if (isReplay && !(await hasReached(prisma, merchant.id, id, target.cardId))) {
		throw new ValueRefusedError(
			'The key was used for a transfer to another card. Take a new key for this one.',
		);
	}

	return {entryId: id, moved, at, isReplay};
}
