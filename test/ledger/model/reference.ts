/*
 * The rules of cards and wallets once more, for comparison, as simply as they can be written: every minor unit that a hold
 * took is an object with a state, lots are counters, and nothing is fast. It shares no code with the ledger.
 */

import {
	type Arrival,
	capture,
	giveBack,
	moveOn,
	priceOf,
	refundable,
	reserve,
	uncaptured,
	valueIn,
	whyNot,
} from './reference-holds.ts';
import {
	addLot,
	continueLot,
	isGone,
	isOver,
	portionOf,
	type ReferenceCard,
	type ReferenceCommand,
	type ReferenceCredit,
	type ReferenceHold,
	type ReferenceLot,
	type ReferenceOperation,
	type ReferenceOutcome,
	spendable,
	takeUnits,
	total,
	typedOf,
} from './reference-state.ts';

export function referenceOutcome(command: ReferenceCommand, now: number): ReferenceOutcome {
	switch (command.verb) {
		case 'authorize': {
			const hold = reserve([command.card], command, now);
			return typeof hold === 'string' ? hold : {moved: command.amount, operation: hold};
		}

		case 'credit':
			return credit(command, now);
		case 'capture':
			return command.operation.kind === 'hold' ? captureSome(command.operation, command.amount) : 'notAHold';
		case 'undo':
			return command.operation.kind === 'hold'
				? undo(command.operation, command.amount, now)
				: reverse(command.operation, command.amount);
		case 'mend':
			return mend(command, now);
		case 'transfer':
			return transfer(command, now);
		case 'merge':
			return merge(command, now);
		case 'adjust':
			return adjust(command, now);
		case 'extend':
			return extend(command, now);
		case 'expire':
			return empty(command.card, lot => now >= lot.expiresAt, 'expired');
		case 'close':
			return close(command.card);
	}
}

/** What an operation may still move, and the value of the whole: the limits of rule A9. */
export function limitsOf(
	operation: ReferenceOperation,
	verb: 'capture' | 'undo',
): {readonly rest: number; readonly whole: number} {
	if (operation.kind === 'credit') {
		return {rest: operation.lot.issued - operation.reversed, whole: operation.lot.issued};
	}

	const rest = valueIn(operation, leg => uncaptured(leg) + (verb === 'undo' ? refundable(leg) : 0));
	return {rest, whole: valueIn(operation, ({value}) => value)};
}

function credit(
	{card, amount, assetId, isPromotional}: Extract<ReferenceCommand, {verb: 'credit'}>,
	now: number,
): ReferenceOutcome {
	const refusals = [
		assetId !== card.assetId ? 'currencyMismatch' : '',
		isGone(card) ? 'cardClosed' : '',
		isOver(card, now) ? 'cardExpired' : '',
		card.isRechargeable || card.entries === 0 ? '' : 'notRechargeable',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	const {expiresAt} = card;
	const lot = addLot(card, {parent: null, issued: amount, isPromotional, spendableFrom: now, expiresAt});
	card.entries++;
	return {moved: amount, operation: {kind: 'credit', card, lot, reversed: 0}};
}

function transfer(
	{card, target, amount, assetId}: Extract<ReferenceCommand, {verb: 'transfer'}>,
	now: number,
): ReferenceOutcome {
	const coming = amount === 0 ? notEnded(card, now) : spendable(card, now);
	const wanted = amount === 0 ? total(coming) : amount;
	const refusals = [
		assetId !== card.assetId ? 'currencyMismatch' : whyNot(card, {assetId, by: 'nobody'}, now),
		card.opened !== null ? 'cardUsed' : '',
		wanted === 0 || wanted > total(coming) ? 'insufficientBalance' : '',
		card === target ? 'sameCard' : '',
		assetId !== target.assetId ? 'targetCurrency' : '',
		isGone(target) ? 'targetClosed' : '',
		isOver(target, now) ? 'targetExpired' : '',
		target.opened !== null ? 'targetUsed' : '',
		target.isRechargeable || target.entries === 0 ? '' : 'targetNotRechargeable',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	if (amount === 0) {
		moveWhole(coming, target);
	} else {
		const units = takeUnits(card, wanted, now);
		for (const lot of new Set(units)) {
			continueLot(target, lot, units.filter(unit => unit === lot).length);
		}
	}

	card.entries++;
	target.entries++;
	return {moved: wanted};
}

/** What has something left and has not ended, whether or not it can be spent already. */
function notEnded(card: ReferenceCard, now: number): ReferenceLot[] {
	return card.lots.filter(lot => lot.remaining > 0 && now < lot.expiresAt);
}

function moveWhole(lots: readonly ReferenceLot[], target: ReferenceCard): void {
	for (const lot of lots) {
		continueLot(target, lot, lot.remaining);
		lot.remaining = 0;
	}
}

/** All that has not ended goes to another wallet of the same points, and whatever comes back follows it (A13). */
function merge(
	{card, target, assetId}: Extract<ReferenceCommand, {verb: 'merge'}>,
	now: number,
): ReferenceOutcome {
	if (card.mergedInto === target) {
		return {moved: 0};
	}

	const refusals = [
		assetId !== card.assetId ? 'currencyMismatch' : '',
		isGone(card) ? 'cardClosed' : '',
		card.status === 'blocked' ? 'cardBlocked' : '',
		card === target ? 'sameCard' : '',
		assetId !== target.assetId ? 'targetCurrency' : '',
		isGone(target) ? 'targetClosed' : '',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	const moving = notEnded(card, now);
	const moved = total(moving);
	moveWhole(moving, target);
	const isEntry = moved > 0 || card.debt > 0;
	target.debt += card.debt;
	card.debt = 0;
	card.mergedInto = target;
	card.entries += isEntry ? 1 : 0;
	target.entries += isEntry ? 1 : 0;
	return {moved};
}

/** What would end before that ends then, as lots of its own; what has ended or is held stays where it is. */
function extend({card, until}: Extract<ReferenceCommand, {verb: 'extend'}>, now: number): ReferenceOutcome {
	if (isGone(card)) {
		return 'cardClosed';
	}

	const hasDate = card.expiresAt < Infinity;
	if (now >= until || (hasDate && until < card.expiresAt)) {
		return 'dateTooEarly';
	}

	const ending = notEnded(card, now).filter(lot => lot.expiresAt < until);
	const isLater = hasDate && card.expiresAt < until;
	if (ending.length === 0 && !isLater) {
		return 'alreadyExtended';
	}

	const moved = total(ending);
	for (const lot of ending) {
		const {isPromotional, spendableFrom, remaining} = lot;
		addLot(card, {parent: lot, issued: remaining, isPromotional, spendableFrom, expiresAt: until});
		lot.remaining = 0;
	}

	card.expiresAt = isLater ? until : card.expiresAt;
	card.entries += moved > 0 ? 2 : 0;
	return {moved};
}

function adjust(
	{card, amount, expiresAt}: Extract<ReferenceCommand, {verb: 'adjust'}>,
	now: number,
): ReferenceOutcome {
	if (isGone(card)) {
		return 'cardClosed';
	}

	if (amount > 0 ? now >= expiresAt : -amount > total(spendable(card, now))) {
		return amount > 0 ? 'cardExpired' : 'insufficientBalance';
	}

	if (amount > 0) {
		addLot(card, {parent: null, issued: amount, isPromotional: false, spendableFrom: now, expiresAt});
	} else {
		for (const lot of takeUnits(card, -amount, now)) {
			lot.adjusted++;
		}
	}

	card.entries++;
	return {moved: Math.abs(amount)};
}

function captureSome(hold: ReferenceHold, amount: number): ReferenceOutcome {
	const moved = portionOf(amount, limitsOf(hold, 'capture'));
	if (moved === null) {
		return 'exceedsHold';
	}

	capture(hold, moved);
	return {moved};
}

/** What is not captured comes back before what is, and only then anything moves on. */
function undo(hold: ReferenceHold, amount: number, now: number): ReferenceOutcome {
	const moved = portionOf(amount, limitsOf(hold, 'undo'));
	if (moved === null) {
		return 'exceedsHold';
	}

	const released = Math.min(moved, valueIn(hold, uncaptured));
	const arrivals: Arrival[] = [
		...giveBack(hold, 'released', released, now),
		...giveBack(hold, 'refunded', moved - released, now),
	];
	moveOn(arrivals);
	return {moved};
}

/** A person captures, releases or refunds, and never something else in its place. */
function mend(
	{how, operation, amount}: Extract<ReferenceCommand, {verb: 'mend'}>,
	now: number,
): ReferenceOutcome {
	if (operation.kind === 'credit') {
		return how === 'capture' ? 'notAHold' : 'operationNotFound';
	}

	const moved = typedOf(amount, valueIn(operation, how === 'refund' ? refundable : uncaptured));
	if (moved === null) {
		return 'exceedsHold';
	}

	if (how === 'capture') {
		capture(operation, moved);
	} else {
		moveOn(giveBack(operation, how === 'release' ? 'released' : 'refunded', moved, now));
	}

	return {moved};
}

function reverse(credited: ReferenceCredit, amount: number): ReferenceOutcome {
	const moved = portionOf(amount, limitsOf(credited, 'undo'));
	if (moved === null || moved > credited.lot.remaining) {
		return moved === null ? 'exceedsHold' : 'creditSpent';
	}

	credited.lot.remaining -= moved;
	credited.reversed += moved;
	credited.card.entries++;
	return {moved};
}

function empty(
	card: ReferenceCard,
	isTaken: (lot: ReferenceLot) => boolean,
	where: 'expired' | 'adjusted',
): ReferenceOutcome {
	const lots = card.lots.filter(isTaken);
	const moved = total(lots);
	for (const lot of lots) {
		lot[where] += lot.remaining;
		lot.remaining = 0;
	}

	card.entries += moved > 0 ? 1 : 0;
	return {moved};
}

function close(card: ReferenceCard): ReferenceOutcome {
	if (isGone(card) || card.lots.some(({held}) => held > 0)) {
		return isGone(card) ? 'cardClosed' : 'cardHasHolds';
	}

	card.status = 'closed';
	return empty(card, () => true, 'adjusted');
}

/** What can be paid of a card in a currency at most, as the shopper sees it. */
export function payable(card: ReferenceCard, assetId: number, balance: number): number {
	const price = priceOf(card, assetId);
	return price === undefined ? 0 : Math.floor((balance * price.worth) / price.points);
}
