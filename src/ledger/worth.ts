import {convertDown, convertUp, inverse} from '../money/convert.ts';
import {type CardState} from './card-state.ts';
import {type Terms} from './terms.ts';

/*
 * What a card's units are worth to an order. A card of money is worth its units in its own currency; the points of a wallet are worth
 * what their program says, rounded down when they are shown and rounded up when they are taken (A5).
 */

/** How a card pays in a currency: `same` asset, or by the terms of its program; undefined where it cannot. */
export type Pricing = 'same' | Terms;

export function pricingOf(
	{assetId, program}: Pick<CardState, 'assetId' | 'program'>,
	currencyId: number,
): Pricing | undefined {
	return assetId === currencyId ? 'same' : program?.terms.get(currencyId);
}

/**
 * What can be spent of some units with one order, in minor units of the currency. None where they are fewer than one order must redeem.
 * @param units - what can be spent of the card, not below zero
 */
export function valueOf(units: bigint, pricing: Pricing): bigint {
	if (pricing === 'same') {
		return units;
	}

	const {rate, least, most} = pricing;
	const redeemable = most !== null && most < units ? most : units;
	return redeemable < least ? 0n : convertDown(redeemable, rate);
}

/** The units that a value takes. Of a value that `valueOf` gave for some units, never more than those. */
export function unitsOf(value: bigint, pricing: Pricing): bigint {
	return pricing === 'same' ? value : convertUp(value, inverse(pricing.rate));
}
