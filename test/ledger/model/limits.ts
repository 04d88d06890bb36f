import {priceOf, worthOf} from './reference-holds.ts';
import {type ReferenceCard, referenceBalance, total} from './reference-state.ts';
import {type Amount} from './steps.ts';

/* Amounts of a story that are named by what a command will be compared with. */

export type Limits = {readonly rest: number; readonly whole: number};

export function amountOf(amount: Amount, {rest, whole}: Limits): number {
	const limits = {rest, half: Math.floor(rest / 2), oneMoreThanRest: rest + 1, whole};
	return Math.max(1, typeof amount === 'number' ? amount : limits[amount]);
}

/** What may be spent of a card in an asset with one order by now, and what might be if all of it could. */
export function restOf(card: ReferenceCard, assetId: number, now: number): Limits {
	const price = priceOf(card, assetId);
	const balance = Math.min(referenceBalance(card, now), price?.most ?? Infinity);
	const worth = (units: number) => (price === undefined ? 0 : worthOf(units, price));
	return {rest: balance < (price?.least ?? 0) ? 0 : worth(balance), whole: worth(total(card.lots))};
}
