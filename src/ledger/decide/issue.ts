import {type CardState, isClosed} from '../card-state.ts';
import {type Credit, type Issue} from '../commands.ts';
import {isCardExpired} from '../lots.ts';
import {type Origin} from '../chart.ts';
import {type Instant} from '../calendar.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';

/** The most that one card may carry, in minor units: beyond it a JSON number would lose cents. */
export const cardBalanceMax = 10n ** 15n;

/** Open a new card with its first value: funding → available, one lot under the card's own date. */
export function decideIssue(card: CardState, command: Issue, circumstances: Circumstances): Decision {
	return command.amount > cardBalanceMax
		? refuse('balanceLimit')
		: openLot('issue', card, {...command, expiresAt: card.expiresAt}, circumstances);
}

/**
 * Add value to a card: funding → available, one lot under the card's date (C4). A blocked card takes value, which
 * waits there; a closed or expired one does not, and one that is not rechargeable takes its first value only.
 */
export function decideCredit(card: CardState, command: Credit, circumstances: Circumstances): Decision {
	if (command.assetId !== card.assetId) {
		return refuse('currencyMismatch');
	}

	if (isClosed(card)) {
		return refuse('cardClosed');
	}

	if (isCardExpired(card, circumstances.now)) {
		return refuse('cardExpired');
	}

	if (!card.rechargeable && card.version > 0n) {
		return refuse('notRechargeable');
	}

	return card.available + card.held + command.amount > cardBalanceMax
		? refuse('balanceLimit')
		: // A card past its date can still be live by a restored lot; what is added then is as old as the card.
			openLot('credit', card, {...command, expiresAt: card.expiresAt}, circumstances);
}

/** What a lot is opened with, in minor units. */
type Funding = {readonly amount: bigint; readonly origin: Origin; readonly expiresAt: Instant | null};

/** Bring value to a card in a lot of its own: origin → available. */
export function openLot(
	kind: 'issue' | 'credit' | 'adjust',
	card: CardState,
	{amount, origin, expiresAt}: Funding,
	{now, newId}: Circumstances,
): Decision {
	// The lot has its entry's id, so that a credit finds its own lot again when it is taken back (A10).
	const id = newId();
	const cardId = card.id;
	const postings = [
		{account: origin, cardId: null, assetId: card.assetId, amount: -amount},
		{account: 'available', cardId, assetId: card.assetId, amount},
	] as const;
	return accept(id, amount, {
		entries: [
			{
				id,
				kind,
				answers: null,
				operationId: null,
				postings,
				movements: [{cardId, lotId: id, leg: null, remainingDelta: amount, heldDelta: 0n}],
			},
		],
		lots: [
			{
				id,
				cardId,
				origin,
				issued: amount,
				spendableFrom: Math.min(now, card.emittedAt),
				expiresAt,
				parentId: null,
				rootId: null,
				rootExpiresAt: expiresAt,
			},
		],
	});
}
