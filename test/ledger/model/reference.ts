/*
 * The rules of a gift card once more, for comparison, as simply as they can be written: every minor unit that a hold
 * took is an object with a state, lots are counters, and nothing is fast. It shares no code with the ledger.
 */

import {
	addLot,
	type ReferenceCard,
	type ReferenceCommand,
	type ReferenceCredit,
	type ReferenceHold,
	type ReferenceLot,
	type ReferenceOperation,
	type ReferenceOutcome,
	type Unit,
} from './reference-state.ts';

export function referenceOutcome(command: ReferenceCommand, now: number): ReferenceOutcome {
	switch (command.verb) {
		case 'authorize':
			return authorize(command, now);
		case 'credit':
			return credit(command, now);
		case 'capture':
			return command.operation.kind === 'hold' ? capture(command.operation, command.amount) : 'notAHold';
		case 'undo':
			return command.operation.kind === 'hold'
				? undo(command.operation, command.amount, now)
				: reverse(command.operation, command.amount);
		case 'transfer':
			return transfer(command, now);
		case 'adjust':
			return adjust(command, now);
		case 'expire':
			return empty(command.card, lot => now >= lot.expiresAt);
		case 'close':
			return close(command.card);
	}
}

export function referenceBalance(card: ReferenceCard, now: number): number {
	if (card.status !== 'active' || now < card.startsAt) {
		return 0;
	}

	return Math.min(total(card.lots.filter(lot => now < lot.expiresAt)), card.opened ?? Infinity);
}

export function unitsIn(operation: ReferenceOperation, ...states: readonly Unit['state'][]): number {
	return operation.kind === 'hold' ? operation.units.filter(({state}) => states.includes(state)).length : 0;
}

/** What an operation may still move, and the value of the whole: the limits of rule A9. */
export function limitsOf(
	operation: ReferenceOperation,
	verb: 'capture' | 'undo',
): {readonly rest: number; readonly whole: number} {
	if (operation.kind === 'credit') {
		return {rest: operation.lot.issued - operation.reversed, whole: operation.lot.issued};
	}

	const states = verb === 'capture' ? (['held'] as const) : (['held', 'captured'] as const);
	return {rest: unitsIn(operation, ...states), whole: operation.units.length};
}

function authorize(
	{card, amount, assetId, by}: Extract<ReferenceCommand, {verb: 'authorize'}>,
	now: number,
): ReferenceOutcome {
	const isOver = now >= card.expiresAt && total(card.lots.filter(lot => now < lot.expiresAt)) === 0;
	const refusals = [
		assetId !== 1 ? 'currencyMismatch' : '',
		card.status === 'closed' ? 'cardClosed' : '',
		card.status === 'blocked' ? 'cardBlocked' : '',
		card.isRestricted && by === 'other' ? 'ownerMismatch' : '',
		now < card.startsAt ? 'cardNotYetValid' : '',
		isOver ? 'cardExpired' : '',
		card.opened === 0 ? 'cardUsed' : '',
		amount > referenceBalance(card, now) ? 'insufficientBalance' : '',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	const units: Unit[] = [];
	while (units.length < amount) {
		const [lot] = card.lots
			.filter(({remaining, expiresAt}) => remaining > 0 && now < expiresAt)
			.sort(bySpending);
		if (lot === undefined) {
			throw new Error('The reference believes in a balance that its lots do not have.');
		}

		lot.remaining--;
		lot.held++;
		units.push({lot, state: 'held'});
	}

	const isFirstUse = card.isSingleUse && card.opened === null;
	if (card.isSingleUse) {
		card.opened = (card.opened ?? amount) - amount;
	}

	card.entries++;
	return {moved: amount, operation: {kind: 'hold', card, units, isFirstUse}};
}

function bySpending(a: ReferenceLot, b: ReferenceLot): number {
	const key = (lot: ReferenceLot) => [lot.expiresAt, lot.isPromotional ? 0 : 1, lot.id ?? ''] as const;
	const [x, y] = [key(a), key(b)];
	return x[0] === y[0] ? x[1] - y[1] || (x[2] < y[2] ? -1 : 1) : x[0] < y[0] ? -1 : 1;
}

function credit(
	{card, amount, assetId, isPromotional}: Extract<ReferenceCommand, {verb: 'credit'}>,
	now: number,
): ReferenceOutcome {
	const isOver = now >= card.expiresAt && total(card.lots.filter(lot => now < lot.expiresAt)) === 0;
	const refusals = [
		assetId !== 1 ? 'currencyMismatch' : '',
		card.status === 'closed' ? 'cardClosed' : '',
		isOver ? 'cardExpired' : '',
		card.isRechargeable ? '' : 'notRechargeable',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	const lot = addLot(card, {parent: null, issued: amount, isPromotional, expiresAt: card.expiresAt});
	card.entries++;
	return {moved: amount, operation: {kind: 'credit', card, lot, reversed: 0}};
}

/** Unit by unit, so that a child is as large as what was taken of its parent. */
function transfer(
	{card, target, amount, assetId}: Extract<ReferenceCommand, {verb: 'transfer'}>,
	now: number,
): ReferenceOutcome {
	const live = card.lots.filter(lot => now < lot.expiresAt);
	const wanted = amount === 0 ? total(live) : amount;
	const isTargetOver = now >= target.expiresAt && total(target.lots.filter(lot => now < lot.expiresAt)) === 0;
	const refusals = [
		assetId !== 1 ? 'currencyMismatch' : '',
		card.status === 'closed' ? 'cardClosed' : '',
		card.status === 'blocked' ? 'cardBlocked' : '',
		now < card.startsAt ? 'cardNotYetValid' : '',
		now >= card.expiresAt && total(live) === 0 ? 'cardExpired' : '',
		card.opened !== null ? 'cardUsed' : '',
		wanted === 0 || wanted > total(live) ? 'insufficientBalance' : '',
		card === target ? 'sameCard' : '',
		target.status === 'closed' ? 'targetClosed' : '',
		isTargetOver ? 'targetExpired' : '',
		target.opened !== null ? 'targetUsed' : '',
		target.isRechargeable ? '' : 'targetNotRechargeable',
	];
	const refusal = refusals.find(name => name !== '');
	if (refusal !== undefined) {
		return refusal;
	}

	const taken = new Map<ReferenceLot, number>();
	for (const lot of takenOneByOne(live, wanted)) {
		taken.set(lot, (taken.get(lot) ?? 0) + 1);
	}

	for (const [parent, issued] of taken) {
		addLot(target, {parent, issued, isPromotional: parent.isPromotional, expiresAt: parent.expiresAt});
	}

	card.entries++;
	target.entries++;
	return {moved: wanted};
}

function* takenOneByOne(lots: readonly ReferenceLot[], amount: number): Generator<ReferenceLot> {
	for (let count = 0; count < amount; count++) {
		const [lot] = lots.filter(({remaining}) => remaining > 0).sort(bySpending);
		if (lot !== undefined) {
			lot.remaining--;
			yield lot;
		}
	}
}

function adjust(
	{card, amount, expiresAt}: Extract<ReferenceCommand, {verb: 'adjust'}>,
	now: number,
): ReferenceOutcome {
	const live = card.lots.filter(lot => now < lot.expiresAt);
	if (card.status === 'closed') {
		return 'cardClosed';
	}

	if (amount > 0 ? now >= expiresAt : -amount > total(live)) {
		return amount > 0 ? 'cardExpired' : 'insufficientBalance';
	}

	if (amount > 0) {
		addLot(card, {parent: null, issued: amount, isPromotional: false, expiresAt});
	} else {
		// Taking is what the generator does; nobody asks what it took.
		Array.from(takenOneByOne(live, -amount));
	}

	card.entries++;
	return {moved: Math.abs(amount)};
}

function capture(hold: ReferenceHold, amount: number): ReferenceOutcome {
	const moved = portionOf(amount, limitsOf(hold, 'capture'));
	if (moved === null) {
		return 'exceedsHold';
	}

	for (const unit of hold.units.filter(({state}) => state === 'held').slice(0, moved)) {
		unit.state = 'captured';
		unit.lot.held--;
	}

	hold.card.entries++;
	return {moved};
}

function undo(hold: ReferenceHold, amount: number, now: number): ReferenceOutcome {
	const moved = portionOf(amount, limitsOf(hold, 'undo'));
	if (moved === null) {
		return 'exceedsHold';
	}

	const released = lastOf(hold, 'held', moved);
	const refunded = lastOf(hold, 'captured', moved - released.length);
	giveBack(hold, released, 'released', now);
	giveBack(hold, refunded, 'refunded', now);
	return {moved};
}

function lastOf(hold: ReferenceHold, state: Unit['state'], count: number): Unit[] {
	const units = hold.units.filter(unit => unit.state === state);
	return units.slice(Math.max(0, units.length - count));
}

function giveBack(
	{card, units: all, isFirstUse}: ReferenceHold,
	units: readonly Unit[],
	state: 'released' | 'refunded',
	now: number,
): void {
	if (units.length === 0) {
		return;
	}

	for (const lot of new Set(units.map(unit => unit.lot))) {
		const issued = units.filter(unit => unit.lot === lot).length;
		if (now < lot.expiresAt) {
			lot.remaining += issued;
		} else {
			addLot(card, {
				parent: lot,
				issued,
				isPromotional: lot.isPromotional,
				expiresAt: restoredUntil(lot, now),
			});
		}

		lot.held -= state === 'released' ? issued : 0;
	}

	for (const unit of units) {
		unit.state = state;
	}

	card.entries++;
	if (card.isSingleUse && (state === 'refunded' || !isFirstUse)) {
		card.opened = (card.opened ?? 0) + units.length;
	} else if (isFirstUse && all.every(unit => unit.state === 'released')) {
		card.opened = null;
	}
}

/** The end of a day in São Paulo, where clocks have not changed since 2019: three hours after midnight UTC. */
function endOfDay(at: number, days: number): number {
	const day = 86_400_000;
	const offset = day / 8;
	return (Math.floor((at - offset) / day) + days + 1) * day + offset;
}

function restoredUntil(lot: ReferenceLot, now: number): number {
	let root = lot;
	while (root.parent !== null) {
		root = root.parent;
	}

	return Math.max(lot.expiresAt, Math.min(endOfDay(now, 30), endOfDay(root.expiresAt - 1, 365)));
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

function portionOf(
	amount: number,
	{rest, whole}: {readonly rest: number; readonly whole: number},
): number | null {
	if (amount === whole && rest > 0) {
		return rest;
	}

	return amount <= rest ? amount : null;
}

function empty(card: ReferenceCard, isTaken: (lot: ReferenceLot) => boolean): ReferenceOutcome {
	const lots = card.lots.filter(isTaken);
	const moved = total(lots);
	for (const lot of lots) {
		lot.remaining = 0;
	}

	card.entries += moved > 0 ? 1 : 0;
	return {moved};
}

function close(card: ReferenceCard): ReferenceOutcome {
	if (card.status === 'closed' || card.lots.some(({held}) => held > 0)) {
		return card.status === 'closed' ? 'cardClosed' : 'cardHasHolds';
	}

	card.status = 'closed';
	return empty(card, () => true);
}

function total(lots: readonly ReferenceLot[]): number {
	return lots.reduce((sum, {remaining}) => sum + remaining, 0);
}
