import {type Instant} from '../ledger/calendar.ts';
import {type SpendableCard} from '../ledger/card-state.ts';
import {isExpired, spendableBalance} from '../ledger/lots.ts';

/** A card as it counts for what is owed on it. Amounts are minor units of its asset. */
export type OwedCard = SpendableCard & {
	readonly assetId: number;
	readonly held: bigint;
	/** What the shopper owes: zero or below (A10). */
	readonly debt: bigint;
};

/**
 * What is owed on a card, or on several of one asset, in minor units of it. `balance`, `pending`, `barred` and `expired` add up to what
 * is available in the books.
 */
export type Owed = {
	/** What can be spent now (B10). */
	readonly balance: bigint;
	/** What can be spent later only. */
	readonly pending: bigint;
	/** What is there and cannot be spent as the card stands: it is blocked, used, or not yet valid. */
	readonly barred: bigint;
	/** Reserved for orders. */
	readonly held: bigint;
	/** What is past its date and not yet swept. It is owed no more. */
	readonly expired: bigint;
	/** What the shopper owes in turn, to be paid first from what is earned next: zero or above. */
	readonly debt: bigint;
	/** What ends soonest of balance, pending and barred, and when; null where nothing ends. */
	readonly next: {readonly at: Instant; readonly amount: bigint} | null;
};

export const nothingOwed: Owed = {
	balance: 0n,
	pending: 0n,
	barred: 0n,
	held: 0n,
	expired: 0n,
	debt: 0n,
	next: null,
};

/** What is owed on one card at an instant. */
export function owedOn(card: OwedCard, now: Instant): Owed {
	const lots = [...card.lots.values()].filter(({remaining}) => remaining > 0n);
	const [past, live] = [lots.filter(lot => isExpired(lot, now)), lots.filter(lot => !isExpired(lot, now))];
	const pending = total(live.filter(({spendableFrom}) => spendableFrom > now));
	const balance = spendableBalance(card, now);
	const next = live
		.flatMap(({expiresAt, remaining}) => (expiresAt === null ? [] : [{at: expiresAt, amount: remaining}]))
		.reduce<Owed['next']>(sooner, null);
	return {
		balance,
		pending,
		barred: total(live) - pending - balance,
		held: card.held,
		expired: total(past),
		debt: -card.debt,
		next,
	};
}

/** What is owed on several cards, asset by asset: nothing is ever added across assets. */
export function owedByAsset(cards: readonly OwedCard[], now: Instant): Map<number, Owed> {
	const totals = new Map<number, Owed>();
	for (const card of cards) {
		totals.set(card.assetId, together(totals.get(card.assetId) ?? nothingOwed, owedOn(card, now)));
	}

	return totals;
}

function together(a: Owed, b: Owed): Owed {
	return {
		balance: a.balance + b.balance,
		pending: a.pending + b.pending,
		barred: a.barred + b.barred,
		held: a.held + b.held,
		expired: a.expired + b.expired,
		debt: a.debt + b.debt,
		next: b.next === null ? a.next : sooner(a.next, b.next),
	};
}

/** What ends at the earlier instant; both together where they end at once. */
function sooner(a: Owed['next'], b: NonNullable<Owed['next']>): Owed['next'] {
	if (a === null || b.at < a.at) {
		return b;
	}

	return b.at > a.at ? a : {at: a.at, amount: a.amount + b.amount};
}

function total(lots: readonly {readonly remaining: bigint}[]): bigint {
	return lots.reduce((sum, {remaining}) => sum + remaining, 0n);
}
