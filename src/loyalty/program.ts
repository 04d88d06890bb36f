import {
	endOfLocalDayAfter,
	endOfLocalMonthAfter,
	endOfLocalYearAfter,
	type Instant,
} from '../ledger/calendar.ts';
import {isPromotional, type Origin} from '../ledger/chart.ts';
import {type Terms} from '../ledger/terms.ts';
import {type Asset} from '../money/asset.ts';
import {type Rate} from '../money/convert.ts';
import {type EarnRules} from './earn-rules.ts';

/**
 * When points end: after the last second of a local day. `days`: that of so many days later. `month` and `year`: the last one of the month
 * or year that is so many months or years later; none, and it is the one in which they were earned.
 */
export type ExpiryPolicy =
	{readonly kind: 'never'} | {readonly kind: 'days' | 'month' | 'year'; readonly count: number};

/** What becomes of points that are to be taken back and were spent (A10): the wallet owes them, or its lot remembers that it does. */
export type Clawback = 'debt' | 'owed';

/** What may change of a program. Amounts are minor units of its points. */
export type ProgramSettings = {
	/** By which people and scripts name it. */
	readonly name: string;
	/** What checkout shows of a wallet. */
	readonly caption: string;
	/** Of points that were earned or given. */
	readonly expiry: ExpiryPolicy;
	/** Of all others: those that were paid for, and those of which nobody knows that they were not. */
	readonly purchasedExpiry: ExpiryPolicy;
	/** How many local days earned points wait before they can be spent. */
	readonly pendingDays: number;
	/** What one order may redeem of a wallet, at least and at most. */
	readonly redemptionMin: bigint;
	readonly redemptionMax: bigint | null;
	/** What a wallet may carry, and what it may earn in a local day and with one order. */
	readonly balanceMax: bigint | null;
	readonly dayMax: bigint | null;
	readonly orderMax: bigint | null;
	/** Local days that points which come back to an expired lot can be spent, and how many after its first date at most (A11). */
	readonly graceDays: number;
	readonly graceCapDays: number;
	readonly clawback: Clawback;
	/** Null where orders earn nothing: the points are only given. */
	readonly earnRules: EarnRules | null;
};

/** What points are worth in a currency from an instant on, until another rate of the same currency takes over. */
export type ProgramRate = {
	/** Of the merchant's asset. */
	readonly currencyId: number;
	readonly from: Instant;
	/** Minor units of the currency for one minor unit of the points. */
	readonly rate: Rate;
};

/** A loyalty program: points, what they are worth, and how they come and go. */
export type Program = ProgramSettings & {
	readonly id: number;
	/** The points. */
	readonly asset: Asset & {readonly id: number};
	/** Past, present and announced ones; those of each currency from the earliest to the latest. */
	readonly rates: readonly ProgramRate[];
};

/**
 * When points end that come to a wallet at an instant: the first instant after their last local second, or null for never.
 *
 * @param from - when they can be spent first, where that is later. Points that would end before anybody could spend them end as if they had
 * come then: earned on 25 January, spendable from 8 February and good "until the end of the month" means February.
 */
export function expiryOf(
	{expiry, purchasedExpiry}: Pick<Program, 'expiry' | 'purchasedExpiry'>,
	origin: Origin,
	at: Instant,
	timeZone: string,
	from: Instant = at,
): Instant | null {
	const policy = isPromotional(origin) ? expiry : purchasedExpiry;
	const end = endBy(policy, at, timeZone);
	return end !== null && end <= from ? endBy(policy, from, timeZone) : end;
}

function endBy(policy: ExpiryPolicy, at: Instant, timeZone: string): Instant | null {
	switch (policy.kind) {
		case 'never': {
			return null;
		}

		case 'days': {
			return endOfLocalDayAfter(at, policy.count, timeZone);
		}

		case 'month': {
			return endOfLocalMonthAfter(at, policy.count, timeZone);
		}

		case 'year': {
			return endOfLocalYearAfter(at, policy.count, timeZone);
		}
	}
}

/** When points that are earned at an instant can be spent first: then, or at the start of the local day on which they have waited long enough. */
export function spendableFrom(
	{pendingDays}: Pick<Program, 'pendingDays'>,
	at: Instant,
	timeZone: string,
): Instant {
	return pendingDays === 0 ? at : endOfLocalDayAfter(at, pendingDays - 1, timeZone);
}

/** What the points are worth in a currency at an instant; undefined where they are worth nothing in it (yet). */
export function rateAt({rates}: Pick<Program, 'rates'>, currencyId: number, at: Instant): Rate | undefined {
	return rates.findLast(one => one.currencyId === currencyId && one.from <= at)?.rate;
}

/** What an order in a currency may redeem, and at which rate; undefined where points do not pay in that currency (yet). */
export function termsAt(
	program: Pick<Program, 'rates' | 'redemptionMin' | 'redemptionMax'>,
	currencyId: number,
	at: Instant,
): Terms | undefined {
	const rate = rateAt(program, currencyId, at);
	return rate && {rate, least: program.redemptionMin, most: program.redemptionMax};
}
