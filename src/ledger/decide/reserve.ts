import {type Rate} from '../../money/convert.ts';
import {type CardState, isClosed} from '../card-state.ts';
import {type JournalEntry, type LegOpening, type Movement, type Posting} from '../entry.ts';
import {isCardExpired, liveLots, reopenedValue, spendableBalance} from '../lots.ts';
import {type Identifier, ownerMatch} from '../owner.ts';
import {type Refusal} from '../refusals.ts';
import {type Terms} from '../terms.ts';
import {type Pricing, pricingOf, unitsOf, valueOf} from '../worth.ts';
import {type Circumstances} from './decision.ts';
import {min, sum} from './portion.ts';
import {takeFrom} from './take.ts';

/** What somebody wants to reserve: minor units of a currency, and who they say to be. */
export type Wish = {
	readonly amount: bigint;
	readonly assetId: number;
	readonly presented: readonly Identifier[];
	/** What was agreed for wallets when their points were held before, by card; otherwise their programs say so. */
	readonly agreed?: ReadonlyMap<string, Terms>;
};

export type Reservation = {
	readonly entry: JournalEntry;
	readonly hold: {readonly id: string; readonly legs: readonly LegOpening[]};
};

/** What a card gives: a value, and the units of its own asset that it takes for it. */
type Share = {
	readonly card: CardState;
	readonly value: bigint;
	readonly units: bigint;
	readonly rate: Rate | null;
};

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
			postings: reserved(shares, wish.assetId),
			movements: shares.flatMap((share, index) => take(share, index + 1, now)),
		},
		hold: {
			id,
			legs: shares.map(({card, value, units, rate}, index) => ({
				number: index + 1,
				cardId: card.id,
				assetId: card.assetId,
				currencyId: wish.assetId,
				value,
				units,
				rate,
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
		const share = shareOf(candidate, missing, wish, now);
		if (share !== undefined) {
			shares.push(share);
			missing -= share.value;
		}
	}

	if (missing === 0n && shares.length > 0) {
		return shares;
	}

	return card === undefined || second !== undefined ? 'insufficientBalance' : whyTooLittle(card, wish, now);
}

/** What a card gives of what is still missing, if anything. */
function shareOf(card: CardState, missing: bigint, wish: Wish, now: number): Share | undefined {
	const pricing = pricingFor(card, wish);
	if (pricing === undefined || whyUnusable(card, wish, now) !== undefined) {
		return undefined;
	}

	const value = min(valueOf(spendableBalance(card, now), pricing), missing);
	const units = unitsOf(value, pricing);
	return value === 0n || (pricing !== 'same' && units < pricing.least)
		? undefined
		: {card, value, units, rate: pricing === 'same' ? null : pricing.rate};
}

function pricingFor(card: CardState, {assetId, agreed}: Wish): Pricing | undefined {
	return agreed?.get(card.id) ?? pricingOf(card, assetId);
}

/** Why a card that can be used does not give the value: it has not enough, or its program does not let an order take as much. */
function whyTooLittle(card: CardState, wish: Wish, now: number): Refusal {
	const pricing = pricingFor(card, wish);
	if (pricing === undefined || pricing === 'same') {
		return 'insufficientBalance';
	}

	const units = unitsOf(wish.amount, pricing);
	if (units > spendableBalance(card, now)) {
		return 'insufficientBalance';
	}

	return units < pricing.least ? 'redemptionTooSmall' : 'redemptionTooLarge';
}

/** Of points, the books note in the currency what they are to pay for: a promise of the exchange, until it is kept or released. */
function reserved(shares: readonly Share[], currencyId: number): Posting[] {
	const postings = shares.flatMap(({card: {id: cardId, assetId}, units}): Posting[] => [
		{account: 'available', cardId, assetId, amount: -units},
		{account: 'held', cardId, assetId, amount: units},
	]);
	const promised = sum(shares.map(({rate, value}) => (rate === null ? 0n : value)));
	if (promised > 0n) {
		postings.push(
			{account: 'exchange', cardId: null, assetId: currencyId, amount: -promised},
			{account: 'committed', cardId: null, assetId: currencyId, amount: promised},
		);
	}

	return postings;
}

/** Why nothing can be spent of a card by whoever presents it, whatever its balance is. */
export function whyUnusable(
	card: CardState,
	{assetId, presented}: Pick<Wish, 'assetId' | 'presented'>,
	now: number,
): Refusal | undefined {
	if (pricingOf(card, assetId) === undefined) {
		return 'currencyMismatch';
	}

	if (isClosed(card)) {
		return 'cardClosed';
	}

	if (card.status === 'blocked') {
		return 'cardBlocked';
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

function take({card, units}: Share, leg: number, now: number): Movement[] {
	return takeFrom(liveLots(card.lots.values(), now), units).map(({lot, part}) => ({
		cardId: card.id,
		lotId: lot.id,
		leg,
		remainingDelta: -part,
		heldDelta: part,
	}));
}
