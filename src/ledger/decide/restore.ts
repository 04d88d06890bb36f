import {type CardState, type Leg, type LotShare} from '../card-state.ts';
import {type LotOpening, type Movement} from '../entry.ts';
import {isExpired, restoredUntil} from '../lots.ts';
import {type Circumstances} from './decision.ts';
import {min} from './portion.ts';

/** Lot movements, and child lots for those that have expired. */
export type Restoration = {readonly movements: readonly Movement[]; readonly lots: readonly LotOpening[]};

/**
 * Give `amount` of a leg back to the lots it was taken from, last taken first.
 * @param restorable - how much of a share can come back by this verb
 * @param isHeld - whether the value is still held (a release) or was captured (a refund)
 */
export function restoreShares(
	{card, leg, amount}: {readonly card: CardState; readonly leg: Leg; readonly amount: bigint},
	restorable: (share: LotShare) => bigint,
	isHeld: boolean,
	circumstances: Circumstances,
): Restoration {
	const movements: Movement[] = [];
	const lots: LotOpening[] = [];
	let missing = amount;
	for (const share of leg.shares.toReversed()) {
		const part = min(restorable(share), missing);
		if (part > 0n) {
			const restored = restoreToLot({card, leg, amount: part}, share.lotId, isHeld, circumstances);
			movements.push(...restored.movements);
			lots.push(...restored.lots);
			missing -= part;
		}
	}

	return {movements, lots};
}

function restoreToLot(
	{card, leg, amount}: {readonly card: CardState; readonly leg: Leg; readonly amount: bigint},
	lotId: string,
	isHeld: boolean,
	{now, newId, timeZone}: Circumstances,
): Restoration {
	const lot = card.lots.get(lotId);
	if (lot === undefined) {
		throw new Error(`Lot ${lotId} was taken by a hold but is not among its card's lots.`);
	}

	const place = {cardId: card.id, leg: leg.number};
	const heldDelta = isHeld ? -amount : 0n;
	if (!isExpired(lot, now)) {
		return {movements: [{...place, lotId, remainingDelta: amount, heldDelta}], lots: []};
	}

	// Dates never change (A11): what comes back after the date goes on in a child lot with a date of its own.
	const child: LotOpening = {
		id: newId(),
		cardId: card.id,
		origin: lot.origin,
		issued: amount,
		spendableFrom: now,
		expiresAt: restoredUntil({...lot, expiresAt: lot.expiresAt ?? now}, now, {
			timeZone,
			program: card.program,
		}),
		parentId: lot.id,
		rootId: lot.rootId ?? lot.id,
		rootExpiresAt: lot.rootExpiresAt ?? lot.expiresAt,
	};
	const arrival: Movement = {...place, lotId: child.id, remainingDelta: amount, heldDelta: 0n};
	const departure: Movement[] = isHeld ? [{...place, lotId, remainingDelta: 0n, heldDelta}] : [];
	return {movements: [...departure, arrival], lots: [child]};
}
