import {type CardState, isClosed} from '../card-state.ts';
import {type Credit, type Issue} from '../commands.ts';
import {isCardExpired, isExpired} from '../lots.ts';
import {type Origin} from '../chart.ts';
import {type Instant} from '../calendar.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {min} from './portion.ts';

/** The most that one card may carry, in minor units: beyond it a JSON number would lose cents. */
export const cardBalanceMax = 10n ** 15n;

/** Open a new card with its first value: funding → available, one lot under the card's own date. */
export function decideIssue(card: CardState, command: Issue, circumstances: Circumstances): Decision {
	return command.amount > cardBalanceMax
		? refuse('balanceLimit')
		: openLot('issue', card, {...command, ...ownTerms(card, circumstances.now)}, circumstances);
}

/**
 * Add value to a card: funding → available, one lot under the card's date (C4). A blocked card takes value, which
 * waits there; a closed or expired one does not, and one that is not rechargeable takes its first value only. What is granted with a date of
 * its own makes an expired card live again.
 */
export function decideCredit(card: CardState, command: Credit, circumstances: Circumstances): Decision {
	if (command.assetId !== card.assetId) {
		return refuse('currencyMismatch');
	}

	if (isClosed(card)) {
		return refuse('cardClosed');
	}

	// A card past its date can still be live by a restored lot; what is added then is as old as the card, unless it has a date of its own.
	const {amount, origin, grant = {...ownTerms(card, circumstances.now), balanceMax: null}} = command;
	if (
		command.grant === undefined ? isCardExpired(card, circumstances.now) : isExpired(grant, circumstances.now)
	) {
		return refuse('cardExpired');
	}

	if (!card.rechargeable && card.version > 0n) {
		return refuse('notRechargeable');
	}

	return card.available + card.held + amount > min(grant.balanceMax ?? cardBalanceMax, cardBalanceMax)
		? refuse('balanceLimit')
		: openLot('credit', card, {amount, origin, ...grant}, circumstances);
}

/** When value can be spent that follows the card's own dates. */
export function ownTerms({emittedAt, expiresAt}: CardState, now: Instant) {
	return {spendableFrom: Math.min(now, emittedAt), expiresAt};
}

/** What a lot is opened with, in minor units. */
type Funding = {
	readonly amount: bigint;
	readonly origin: Origin;
	readonly spendableFrom: Instant;
	readonly expiresAt: Instant | null;
};

/** Bring value to a card in a lot of its own: origin → available. */
export function openLot(
	kind: 'issue' | 'credit' | 'adjust',
	card: CardState,
	{amount, origin, spendableFrom, expiresAt}: Funding,
	{newId}: Circumstances,
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
				spendableFrom,
				expiresAt,
				parentId: null,
				rootId: null,
				rootExpiresAt: expiresAt,
			},
		],
	});
}
