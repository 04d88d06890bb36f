import {type PrismaClient} from '../db/client.ts';
import {type FundingAccount} from '../ledger/chart.ts';
import {explained, type GrantTerms, scriptScope} from '../ledger/commands.ts';
import {type Why} from '../ledger/reasons.ts';
import {type Writer} from '../ledger/writer.ts';
import {type CardPlace, hasReached, type Moved, valueRefused, ValueRefusedError} from './value-moves.ts';

export type Grant = Why & {
	readonly card: CardPlace;
	/** Minor units, above zero. */
	readonly amount: bigint;
	/** What it is given for. */
	readonly origin: FundingAccount;
	readonly terms: GrantTerms;
	readonly actorId: number;
	/** Under which it happens once; of all grants of the merchant. */
	readonly key: string;
};

/**
 * Give value to a card or a wallet, with who and why.
 * @throws {ValueRefusedError} when the ledger refuses it, and when the key was used for a grant to another card
 * @throws {OverloadedError} when the database is too busy; repeating it under the same key is safe
 */
export async function grantCredit(
	{prisma, writer}: {readonly prisma: PrismaClient; readonly writer: Pick<Writer, 'submit'>},
	merchant: {readonly id: number; readonly timeZone: string},
	{card, amount, origin, terms, actorId, key, ...why}: Grant,
): Promise<Moved> {
	const outcome = await writer.submit(merchant, {
		verb: 'credit',
		cardId: card.cardId,
		assetId: card.assetId,
		amount,
		origin,
		grant: terms,
		actorId,
		key: {scope: scriptScope, space: 'grant', key},
		note: explained(why),
	});
	if (outcome.kind === 'refused') {
		throw valueRefused(outcome.refusal, outcome.isReplay);
	}

	const {id, moved, at, isReplay} = outcome;
	// The card is no part of the fingerprint (A18), so the journal says which one got it.
	if (isReplay && !(await hasReached(prisma, merchant.id, id, card.cardId))) {
		throw new ValueRefusedError('The key was used for a grant to another card. Take a new key for this one.');
	}

	return {entryId: id, moved, at, isReplay};
}
