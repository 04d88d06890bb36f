import {type CardState, isClosed} from '../card-state.ts';
import {type Adjust} from '../commands.ts';
import {isExpired, liveLots} from '../lots.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {cardBalanceMax, openLot, ownTerms} from './issue.ts';
import {sum} from './portion.ts';
import {type Part, takeFrom} from './take.ts';

/**
 * Correct a card's balance (C4): what is added comes in a lot of its own, adjustment → available, and what is taken leaves the live
 * lots in spending order (C3), available → adjustment. A person mends, so neither a block, nor the card's emission date, nor its one use,
 * nor that it takes no credit stands in the way; a closed card stays closed.
 */
export function decideAdjust(card: CardState, command: Adjust, circumstances: Circumstances): Decision {
	const {amount} = command;
	const {now} = circumstances;
	const expiresAt = command.expiresAt === undefined ? card.expiresAt : command.expiresAt;
	const parts = takeFrom(liveLots(card.lots.values(), now), -amount);
	const refusal = whyNot(card, command, {
		isOver: amount > 0n && isExpired({expiresAt}, now),
		isCovered: amount >= 0n || sum(parts.map(({part}) => part)) === -amount,
	});
	if (refusal !== undefined) {
		return refuse(refusal);
	}

	return amount > 0n
		? openLot(
				'adjust',
				card,
				{amount, origin: 'adjustment', ...ownTerms(card, now), expiresAt},
				circumstances,
			)
		: take(card, parts, {amount: -amount, id: circumstances.newId()});
}

function whyNot(
	card: CardState,
	{assetId, amount, note}: Adjust,
	{isOver, isCovered}: {readonly isOver: boolean; readonly isCovered: boolean},
): Refusal | undefined {
	if (assetId !== card.assetId) {
		return 'currencyMismatch';
	}

	if (isClosed(card)) {
		return 'cardClosed';
	}

	// Nobody could spend it. Another date than the card's makes the card live again.
	if (isOver) {
		return 'cardExpired';
	}

	if (!isCovered) {
		return 'insufficientBalance';
	}

	if (card.available + card.held + amount > cardBalanceMax) {
		return 'balanceLimit';
	}

	if (amount === 0n) {
		return 'amountUnusable';
	}

	return (note.reason ?? '').trim() === '' ? 'reasonMissing' : undefined;
}

function take(
	{id: cardId, assetId}: CardState,
	parts: readonly Part[],
	{amount, id}: {readonly amount: bigint; readonly id: string},
): Decision {
	return accept(id, amount, {
		entries: [
			{
				id,
				kind: 'adjust',
				answers: null,
				operationId: null,
				postings: [
					{account: 'available', cardId, assetId, amount: -amount},
					{account: 'adjustment', cardId: null, assetId, amount},
				],
				movements: parts.map(({lot, part}) => ({
					cardId,
					lotId: lot.id,
					leg: null,
					remainingDelta: -part,
					heldDelta: 0n,
				})),
			},
		],
	});
}
