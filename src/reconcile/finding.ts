import {type ListedHold} from '../holds/hold.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Asset} from '../money/asset.ts';
import {
	type Absence,
	type Difference,
	differenceOf,
	type Here,
	inOtherCurrency,
	isInFlight,
	type There,
	unknownHere,
	unknownThere,
} from './compare.ts';
import {hereOf, lastMovedAt, type Match, type Purchase, thereOf} from './purchase.ts';

/** A difference between VTEX and us, with everything that a person needs who looks into it. Amounts are minor units of `asset`. */
export type Finding = Difference & {
	/** As VTEX names it, or as we were told. */
	readonly orderId: string | null;
	readonly paymentId: string | null;
	/** A UUID, of the card that pays; null where none is known. */
	readonly cardId: string | null;
	/** A UUID: the hold on which the remedy works. */
	readonly holdId: string | null;
	/** The currency of our side; of VTEX's where we have none. */
	readonly asset: Asset;
	/** In its own currency. Null where the one or the other side has nothing. */
	readonly there: (There & {readonly status: string; readonly asset: Asset}) | null;
	readonly here: Here | null;
	/** When either side last moved, as far as is known. */
	readonly movedAt: Instant;
};

/** What comes of a comparison: nothing, a finding, or what looks like one and may still be on its way. */
export type Outcome =
	| {readonly kind: 'agreed'}
	| {readonly kind: 'inFlight'}
	| {readonly kind: 'found'; readonly finding: Finding};

export type Patience = {readonly now: Instant; readonly graceMs: number};

/** Compare a payment with its holds. */
export function comparePayment(
	purchase: Purchase,
	match: Match,
	asset: Asset,
	{now, graceMs}: Patience,
): Outcome {
	const {payment, holds} = match;
	const there = thereOf(purchase, match, now);
	const here = holds.length === 0 ? null : hereOf(holds);
	const movedAt = lastMovedAt(purchase, match);
	const difference =
		here === null
			? unknownHere(there)
			: asset.code === purchase.asset.code
				? differenceOf(there, here)
				: inOtherCurrency(here);
	return outcomeOf(
		difference,
		movedAt,
		{now, graceMs},
		{
			orderId: purchase.orders[0]?.id ?? purchase.groupId,
			paymentId: payment.named.id,
			cardId: holds[0]?.legs[0]?.publicId ?? null,
			holdId: holdFor(difference, holds)?.id ?? null,
			asset,
			there: {...there, status: payment.money.status, asset: purchase.asset},
			here,
		},
	);
}

/** Compare a hold for which VTEX has nothing. */
export function compareAlone(hold: ListedHold, absence: Absence, asset: Asset, patience: Patience): Outcome {
	const here = hereOf([hold]);
	return outcomeOf(unknownThere(here, absence), hold.openedAt, patience, {
		...{orderId: hold.orderId, paymentId: hold.payment?.paymentId ?? null},
		...{cardId: hold.legs[0]?.publicId ?? null, holdId: hold.id, asset, there: null, here},
	});
}

function outcomeOf(
	difference: Difference | undefined,
	movedAt: Instant,
	{now, graceMs}: Patience,
	about: Omit<Finding, keyof Difference | 'movedAt'>,
): Outcome {
	if (difference === undefined) {
		return {kind: 'agreed'};
	}

	return isInFlight(movedAt, now, graceMs)
		? {kind: 'inFlight'}
		: {kind: 'found', finding: {...difference, ...about, movedAt}};
}

/** Of several holds of a payment, the one that has what the remedy takes. */
function holdFor(difference: Difference | undefined, holds: readonly ListedHold[]): ListedHold | undefined {
	const has = ({value}: ListedHold, amount: bigint) =>
		difference?.remedy === 'refund' ? value.captured - value.refunded >= amount : value.held >= amount;
	return holds.find(hold => has(hold, difference?.amount ?? 0n)) ?? holds[0];
}
