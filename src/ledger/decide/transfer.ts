import {type CardState, isClosed, type Lot} from '../card-state.ts';
import {type Transfer} from '../commands.ts';
import {type LotOpening, type Movement} from '../entry.ts';
import {bySpendingOrder, isCardExpired, isExpired, liveLots, reopenedValue} from '../lots.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {cardBalanceMax} from './issue.ts';
import {sum} from './portion.ts';
import {whyUnusable} from './reserve.ts';
import {takeFrom} from './take.ts';

/**
 * Move value from one card to another: available → available. Lots never change card (A13): a part of each lot is closed, in spending
 * order (C3), and a child of it opened on the target, with the same origin and the same dates. An amount comes out of what can be spent
 * now; everything is that and what can be spent later only, since nobody could say how much of an amount is meant to wait. What is
 * past its date stays and goes to breakage; what is held stays with its card, and comes back to it.
 */
export function decideTransfer(
	source: CardState,
	target: CardState,
	command: Transfer,
	{now, newId}: Circumstances,
): Decision {
	const isAll = command.amount === 0n;
	const lots = isAll ? unexpiredLots(source, now) : liveLots(source.lots.values(), now);
	const moved = isAll ? sum(lots.map(lot => lot.remaining)) : command.amount;
	const parts = takeFrom(lots, moved);
	const isCovered = moved !== 0n && sum(parts.map(({part}) => part)) >= moved;
	const refusal =
		whyNotFrom(source, command, {isCovered, now}) ?? whyNotTo(target, {source, command, moved, now});
	if (refusal !== undefined) {
		return refuse(refusal);
	}

	const id = newId();
	const children = parts.map(part => childOf(target, part, newId()));
	const {assetId} = source;
	return accept(id, moved, {
		entries: [
			{
				id,
				kind: 'transfer',
				answers: null,
				operationId: null,
				postings: [
					{account: 'available', cardId: source.id, assetId, amount: -moved},
					{account: 'available', cardId: target.id, assetId, amount: moved},
				],
				movements: [
					...parts.map(({lot, part}) => movementOf(source, lot.id, -part)),
					...children.map(child => movementOf(target, child.id, child.issued)),
				],
			},
		],
		lots: children,
	});
}

export function unexpiredLots({lots}: CardState, now: number): Lot[] {
	return [...lots.values()].filter(lot => lot.remaining > 0n && !isExpired(lot, now)).sort(bySpendingOrder);
}

/** Asked as a debit is, by nobody in particular. Refunds alone open a used single-use card again, for an order and not for this (A14). */
function whyNotFrom(
	source: CardState,
	{assetId, amount, note}: Transfer,
	{isCovered, now}: {readonly isCovered: boolean; readonly now: number},
): Refusal | undefined {
	// A currency that points can pay in is not what they are counted in.
	if (assetId !== source.assetId) {
		return 'currencyMismatch';
	}

	const refusal = whyUnusable(source, {assetId, presented: []}, now);
	if (refusal !== undefined) {
		return refusal;
	}

	if (isUsed(source)) {
		return 'cardUsed';
	}

	if (!isCovered && amount >= 0n) {
		return 'insufficientBalance';
	}

	if (amount < 0n) {
		return 'amountUnusable';
	}

	return (note.reason ?? '').trim() === '' ? 'reasonMissing' : undefined;
}

type Arrival = {
	readonly source: CardState;
	readonly command: Transfer;
	readonly moved: bigint;
	readonly now: number;
};

/** Asked as a credit is. A blocked card takes value, which waits there. */
function whyNotTo(target: CardState, {source, command, moved, now}: Arrival): Refusal | undefined {
	if (target.id === source.id) {
		return 'sameCard';
	}

	if (target.assetId !== command.assetId) {
		return 'targetCurrency';
	}

	if (isClosed(target)) {
		return 'targetClosed';
	}

	if (isCardExpired(target, now)) {
		return 'targetExpired';
	}

	if (isUsed(target)) {
		return 'targetUsed';
	}

	if (!target.rechargeable && target.version > 0n) {
		return 'targetNotRechargeable';
	}

	return target.available + target.held + moved > cardBalanceMax ? 'targetBalanceLimit' : undefined;
}

function isUsed({singleUse, uses}: CardState): boolean {
	return singleUse && reopenedValue(uses) !== null;
}

/** A lot of another card under the dates of the one that it continues (A13). */
export function childOf(
	target: CardState,
	{lot, part}: {readonly lot: Lot | LotOpening; readonly part: bigint},
	id: string,
): LotOpening {
	const {origin, spendableFrom, expiresAt} = lot;
	return {
		id,
		cardId: target.id,
		origin,
		issued: part,
		spendableFrom,
		expiresAt,
		parentId: lot.id,
		rootId: lot.rootId ?? lot.id,
		// However often value is moved and restored, it never outlives its first date by more than the cap (A11).
		rootExpiresAt: lot.rootExpiresAt,
	};
}

export function movementOf(card: CardState, lotId: string, remainingDelta: bigint): Movement {
	return {cardId: card.id, lotId, leg: null, remainingDelta, heldDelta: 0n};
}
