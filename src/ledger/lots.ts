import {isPromotional, type Origin} from './chart.ts';
import {endOfLocalDayAfter, type Instant} from './calendar.ts';
import {isClosed, type Lot, type SpendableCard, type Use} from './card-state.ts';
import {type Grace, type WalletProgram} from './terms.ts';

/**
 * Of a card of money: long enough to place the order again after a return, and however often value is spent and returned, it never
 * outlives its first date by more than the cap.
 */
export const restorationGrace: Grace = {days: 30, capDays: 365};

/** Whether a lot's date lets it be spent at `now`, swept or not. */
export function isLive(lot: Lot, now: Instant): boolean {
	return lot.spendableFrom <= now && !isExpired(lot, now);
}

export function isExpired({expiresAt}: {readonly expiresAt: Instant | null}, now: Instant): boolean {
	return expiresAt !== null && now >= expiresAt;
}

/** Spending order (C3): soonest expiry first and none last, promotional before purchased, then by lot id. */
export function bySpendingOrder(a: Lot, b: Lot): number {
	const aEnd = a.expiresAt ?? Number.POSITIVE_INFINITY;
	const bEnd = b.expiresAt ?? Number.POSITIVE_INFINITY;
	if (aEnd !== bEnd) {
		return aEnd - bEnd;
	}

	const promotionalFirst = Number(isPromotional(b.origin)) - Number(isPromotional(a.origin));
	return promotionalFirst || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** The lots that can be spent at `now`, in spending order. */
export function liveLots(lots: Iterable<Lot>, now: Instant): Lot[] {
	return [...lots].filter(lot => lot.remaining > 0n && isLive(lot, now)).sort(bySpendingOrder);
}

/**
 * What can be spent of a card now (B10), in minor units: the one meaning of "balance" that search, read and debit share.
 * Zero for a blocked, closed or merged card and before its emission date; a used single-use card has what was refunded to it (A14).
 */
export function spendableBalance(card: SpendableCard, now: Instant): bigint {
	if (card.status !== 'active' || isClosed(card) || card.emittedAt > now) {
		return 0n;
	}

	let balance = 0n;
	for (const lot of card.lots.values()) {
		if (isLive(lot, now)) {
			balance += lot.remaining;
		}
	}

	const limit = card.singleUse ? reopenedValue(card.uses) : null;
	return limit !== null && limit < balance ? limit : balance;
}

/**
 * How much of a used single-use card refunds have opened again; null while the card is unused (A14).
 * The first live hold is the one use, and what later ones took came out of its refunds. So it is the largest of them:
 * that tells it apart without any order, for the ids of two service processes follow two clocks (B14).
 */
export function reopenedValue(uses: readonly Use[]): bigint | null {
	const live = uses.filter(use => use.value > use.released);
	if (live.length === 0) {
		return null;
	}

	let refunded = 0n;
	let used = 0n;
	let largest = 0n;
	for (const use of live) {
		const kept = use.value - use.released;
		refunded += use.refunded;
		used += kept;
		largest = kept > largest ? kept : largest;
	}

	return refunded - (used - largest);
}

/** A card is expired only when its date has passed and no live lot remains (A11). */
export function isCardExpired(card: SpendableCard, now: Instant): boolean {
	return isExpired(card, now) && liveLots(card.lots.values(), now).length === 0;
}

/**
 * Until when value restored to an expired lot can be spent (A11): the days of grace from now, to the end of that local day, but no
 * later than the cap after its root's date, and never before its own.
 * @param place.program - of a wallet; null for a card of money, which has `restorationGrace`
 */
export function restoredUntil(
	lot: Lot & {readonly expiresAt: Instant},
	now: Instant,
	{timeZone, program}: {readonly timeZone: string; readonly program: WalletProgram | null},
): Instant {
	const {days, capDays} = graceOf(program?.grace ?? restorationGrace, lot.origin);
	const root = lot.rootExpiresAt ?? lot.expiresAt;
	const grace = endOfLocalDayAfter(now, days, timeZone);
	const cap = endOfLocalDayAfter(root - 1, capDays, timeZone);
	return Math.max(lot.expiresAt, Math.min(grace, cap));
}

/**
 * How long value can be spent that comes back to an expired lot (A11). A program may give points that were given no grace at all; what was
 * paid for has the time that gift cards have, or more.
 * @param grace - as the program says
 */
export function graceOf({days, capDays}: Grace, origin: Origin): Grace {
	return isPromotional(origin)
		? {days, capDays}
		: {days: Math.max(days, restorationGrace.days), capDays: Math.max(capDays, restorationGrace.capDays)};
}
