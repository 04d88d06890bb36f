import {type CardState} from '../card-state.ts';
import {type JournalEntry, type LegOpening, type Movement} from '../entry.ts';
import {isCardExpired, liveLots, reopenedValue, spendableBalance} from '../lots.ts';
import {type Identifier, ownerMatch} from '../owner.ts';
import {type Refusal} from '../refusals.ts';
import {type Circumstances} from './decision.ts';
import {min} from './portion.ts';
import {takeFrom} from './take.ts';

/** What somebody wants to reserve: minor units of an asset, and who they say to be. */
export type Wish = {
	readonly amount: bigint;
	readonly assetId: number;
	readonly presented: readonly Identifier[];
};

export type Reservation = {
	readonly entry: JournalEntry;
	readonly hold: {readonly id: string; readonly legs: readonly LegOpening[]};
};

type Share = {readonly card: CardState; readonly part: bigint};

/**
 * Reserve a value on cards, one after the other, all or nothing: available → held, with a leg for each card that gives, out of its
 * live lots in spending order (C3). Of several cards those that cannot be used are passed over; a single one says why not.
 */
export function reserve(
	cards: readonly CardState[],
	wish: Wish,
	{now, newId}: Circumstances,
): Reservation | Refusal {
	const shares = sharesOf(cards, wish, now);
	if (typeof shares === 'string') {
		return shares;
	}

	const id = newId();
	return {
		entry: {
			id,
			kind: 'authorize',
			answers: null,
			operationId: null,
			postings: shares.flatMap(({card: {id: cardId, assetId}, part}) => [
				{account: 'available', cardId, assetId, amount: -part} as const,
				{account: 'held', cardId, assetId, amount: part} as const,
			]),
			movements: shares.flatMap((share, index) => take(share, index + 1, now)),
		},
		hold: {
			id,
			legs: shares.map(({card, part}, index) => ({
				number: index + 1,
				cardId: card.id,
				assetId: card.assetId,
				value: part,
				singleUse: card.singleUse,
			})),
		},
	};
}

function sharesOf(cards: readonly CardState[], wish: Wish, now: number): Share[] | Refusal {
	const [card, second] = cards;
	const refusal = card === undefined || second !== undefined ? undefined : whyUnusable(card, wish, now);
	if (refusal !== undefined) {
		return refusal;
	}

	const shares: Share[] = [];
	let missing = wish.amount;
	for (const candidate of cards) {
		const isUsable = whyUnusable(candidate, wish, now) === undefined;
		const part = isUsable ? min(spendableBalance(candidate, now), missing) : 0n;
		if (part > 0n) {
			shares.push({card: candidate, part});
			missing -= part;
		}
	}

	return missing === 0n && shares.length > 0 ? shares : 'insufficientBalance';
}

/** Why nothing can be spent of a card by whoever presents it, whatever its balance is. */
export function whyUnusable(
	card: CardState,
	{assetId, presented}: Pick<Wish, 'assetId' | 'presented'>,
	now: number,
): Refusal | undefined {
	if (assetId !== card.assetId) {
		return 'currencyMismatch';
	}

	if (card.status !== 'active') {
		return card.status === 'closed' ? 'cardClosed' : 'cardBlocked';
	}

	if (card.restricted && ownerMatch(card.owner, presented) === 'other') {
		return 'ownerMismatch';
	}

	if (card.emittedAt > now) {
		return 'cardNotYetValid';
	}

	if (isCardExpired(card, now)) {
		return 'cardExpired';
	}

	return card.singleUse && reopenedValue(card.uses) === 0n ? 'cardUsed' : undefined;
}

function take({card, part: amount}: Share, leg: number, now: number): Movement[] {
	return takeFrom(liveLots(card.lots.values(), now), amount).map(({lot, part}) => ({
		cardId: card.id,
		lotId: lot.id,
		leg,
		remainingDelta: -part,
		heldDelta: part,
	}));
}
