/*
 * Holds once more: what a value takes of each card, and where every unit of it goes. How many units a part of the value moves is
 * taken from the three formulas of rule A5, over what was captured, released and refunded so far in all.
 */

import {
	addLot,
	type Buyer,
	continueLot,
	isGone,
	isOver,
	lineOf,
	type Price,
	type ReferenceCard,
	referenceBalance,
	type ReferenceHold,
	type ReferenceLeg,
	type ReferenceLot,
	rootOf,
	takeUnits,
	type Unit,
} from './reference-state.ts';

export type Wish = {
	readonly amount: number;
	readonly assetId: number;
	readonly by: Buyer;
	/** What was agreed with the shopper before, in place of what programs say now. */
	readonly agreed?: ReadonlyMap<ReferenceCard, Price>;
};

/** How a card pays in an asset: its own one for one, a currency as its program says, and nothing else. */
export function priceOf({assetId: own, program}: ReferenceCard, assetId: number): Price | undefined {
	const rate = program?.rates[assetId];
	if (own === assetId) {
		return {worth: 1, points: 1, least: 0, most: Infinity, isPoints: false};
	}

	return rate === undefined || program === null
		? undefined
		: {...rate, least: program.least, most: program.most, isPoints: true};
}

/** What the shopper is shown for some points, and the fewest points that are worth a value. */
export const worthOf = (points: number, rate: Price) => Math.floor((points * rate.worth) / rate.points);
export const fewestFor = (value: number, rate: Price) => Math.ceil((value * rate.points) / rate.worth);

/** Why nothing can be spent of a card; empty where something might. */
export function whyNot(card: ReferenceCard, {assetId, by}: Omit<Wish, 'amount'>, now: number): string {
	const refusals = [
		priceOf(card, assetId) === undefined ? 'currencyMismatch' : '',
		isGone(card) ? 'cardClosed' : '',
		card.status === 'blocked' ? 'cardBlocked' : '',
		card.isRestricted && by === 'other' ? 'ownerMismatch' : '',
		now < card.startsAt ? 'cardNotYetValid' : '',
		isOver(card, now) ? 'cardExpired' : '',
		card.opened === 0 ? 'cardUsed' : '',
	];
	return refusals.find(name => name !== '') ?? '';
}

/** A value from cards in their order, all or nothing. A single card says why it does not give it. */
export function reserve(cards: readonly ReferenceCard[], wish: Wish, now: number): ReferenceHold | string {
	const [only] = cards;
	const refusal = cards.length === 1 && only !== undefined ? whyNotAll(only, wish, now) : '';
	if (refusal !== '') {
		return refusal;
	}

	const plan: {readonly card: ReferenceCard; readonly price: Price; readonly value: number}[] = [];
	let missing = wish.amount;
	for (const card of cards) {
		const price = wish.agreed?.get(card) ?? priceOf(card, wish.assetId);
		const value =
			price === undefined || whyNot(card, wish, now) !== ''
				? 0
				: Math.min(missing, worthOf(Math.min(referenceBalance(card, now), price.most), price));
		if (price !== undefined && value > 0 && fewestFor(value, price) >= price.least) {
			plan.push({card, price, value});
			missing -= value;
		}
	}

	if (missing > 0) {
		return 'insufficientBalance';
	}

	for (const card of new Set(plan.map(part => part.card))) {
		card.entries++;
	}

	return {kind: 'hold', legs: plan.map(({card, price, value}) => take(card, price, value, now))};
}

function whyNotAll(card: ReferenceCard, wish: Wish, now: number): string {
	const refusal = whyNot(card, wish, now);
	const price = wish.agreed?.get(card) ?? priceOf(card, wish.assetId);
	if (refusal !== '' || price === undefined) {
		return refusal;
	}

	const needed = fewestFor(wish.amount, price);
	if (needed > referenceBalance(card, now)) {
		return 'insufficientBalance';
	}

	if (needed < price.least) {
		return 'redemptionTooSmall';
	}

	return needed > price.most ? 'redemptionTooLarge' : '';
}

function take(card: ReferenceCard, price: Price, value: number, now: number): ReferenceLeg {
	const units = takeUnits(card, fewestFor(value, price), now).map((lot): Unit => ({lot, state: 'held'}));
	for (const {lot} of units) {
		lot.held++;
	}

	const isFirstUse = card.isSingleUse && card.opened === null;
	if (card.isSingleUse) {
		card.opened = (card.opened ?? units.length) - units.length;
	}

	return {card, price, value, units, isFirstUse, captured: 0, released: 0, refunded: 0};
}

export const uncaptured = ({value, captured, released}: ReferenceLeg) => value - captured - released;
export const refundable = ({captured, refunded}: ReferenceLeg) => captured - refunded;

/** The value of all legs of a hold in some respect. */
export function valueIn(hold: ReferenceHold | null, of: (leg: ReferenceLeg) => number): number {
	return hold?.legs.reduce((sum, leg) => sum + of(leg), 0) ?? 0;
}

/** The units of a leg that are in some states. */
export function unitsIn({units}: ReferenceLeg, ...states: readonly Unit['state'][]): number {
	return units.filter(({state}) => states.includes(state)).length;
}

/** First leg first, and of each the units that were taken first. */
export function capture(hold: ReferenceHold, amount: number): void {
	let missing = amount;
	for (const leg of hold.legs) {
		const part = Math.min(uncaptured(leg), missing);
		missing -= part;
		leg.captured += part;
		// ⌊P·C/V⌋, of which some were captured before.
		const due = Math.floor((leg.units.length * leg.captured) / leg.value);
		const moving = due - unitsIn(leg, 'captured', 'refunded');
		for (const unit of leg.units.filter(({state}) => state === 'held').slice(0, moving)) {
			unit.state = 'captured';
			unit.lot.held--;
		}

		leg.card.entries += moving > 0 ? 1 : 0;
	}
}

/** What came back to a lot, or to a child of the one that it was taken from. */
export type Arrival = {readonly lot: ReferenceLot; readonly takenFrom: ReferenceLot; readonly amount: number};

/** Last leg first, and of each the units that were taken last. */
export function giveBack(
	hold: ReferenceHold,
	kind: 'released' | 'refunded',
	amount: number,
	now: number,
): Arrival[] {
	const arrivals: Arrival[] = [];
	let missing = amount;
	for (const leg of hold.legs.toReversed()) {
		const part = Math.min(kind === 'released' ? uncaptured(leg) : refundable(leg), missing);
		missing -= part;
		leg[kind] += part;
		// ⌈P·R/V⌉ or ⌊P·F/V⌋, of which some came back before.
		const share = (leg.units.length * leg[kind]) / leg.value;
		const moving = (kind === 'released' ? Math.ceil(share) : Math.floor(share)) - unitsIn(leg, kind);
		const units = leg.units.filter(({state}) => state === (kind === 'released' ? 'held' : 'captured'));
		arrivals.push(...returnUnits(leg, units.slice(units.length - moving), kind, now));
	}

	return arrivals;
}

function returnUnits(
	leg: ReferenceLeg,
	units: readonly Unit[],
	state: 'released' | 'refunded',
	now: number,
): Arrival[] {
	const {card} = leg;
	if (units.length === 0) {
		return [];
	}

	const arrivals = [...new Set(units.map(({lot}) => lot))].map(lot => {
		const amount = units.filter(unit => unit.lot === lot).length;
		lot.held -= state === 'released' ? amount : 0;
		return {lot: returnTo(lot, amount, now), takenFrom: lot, amount};
	});
	for (const unit of units) {
		unit.state = state;
	}

	card.entries++;
	if (card.isSingleUse && (state === 'refunded' || !leg.isFirstUse)) {
		card.opened = (card.opened ?? 0) + units.length;
	} else if (leg.isFirstUse && leg.units.every(unit => unit.state === 'released')) {
		card.opened = null;
	}

	return arrivals;
}

/** To the lot itself, or to a child of it once it has ended (A11). */
function returnTo(lot: ReferenceLot, issued: number, now: number): ReferenceLot {
	if (now < lot.expiresAt) {
		lot.remaining += issued;
		return lot;
	}

	const {card, isPromotional} = lot;
	const expiresAt = restoredUntil(lot, now);
	return addLot(card, {parent: lot, issued, isPromotional, spendableFrom: now, expiresAt});
}

/** The end of a day in São Paulo, where clocks have not changed since 2019: three hours after midnight UTC. */
export function endOfDay(at: number, days: number): number {
	const day = 86_400_000;
	const offset = day / 8;
	return (Math.floor((at - offset) / day) + days + 1) * day + offset;
}

/** A program may give what was given for nothing as little time as it likes; what was paid for has a month, and a year in all. */
function restoredUntil(lot: ReferenceLot, now: number): number {
	const {graceDays, graceCapDays} = lot.card.program ?? {graceDays: 30, graceCapDays: 365};
	const days = lot.isPromotional ? graceDays : Math.max(30, graceDays);
	const cap = lot.isPromotional ? graceCapDays : Math.max(365, graceCapDays);
	return Math.max(lot.expiresAt, Math.min(endOfDay(now, days), endOfDay(rootOf(lot).expiresAt - 1, cap)));
}

/**
 * What comes back pays what its lot owes first (A10), in an entry for each lot; what is left of it on a wallet that was merged moves on to
 * the end of the line, unless that was closed (A13).
 */
export function moveOn(arrivals: readonly Arrival[]): void {
	for (const card of new Set(arrivals.map(({lot}) => lot.card))) {
		const own = together(arrivals.filter(({lot}) => lot.card === card));
		const left = own.map(arrival => ({...arrival, amount: arrival.amount - payOwed(arrival)}));
		const survivor = lineOf(card).at(-1);
		if (survivor === undefined || survivor === card || survivor.status === 'closed') {
			continue;
		}

		const moving = left.filter(({amount}) => amount > 0);
		for (const {lot, amount} of moving) {
			lot.remaining -= amount;
			continueLot(survivor, lot, amount);
		}

		card.entries += moving.length > 0 ? 1 : 0;
		survivor.entries += moving.length > 0 ? 1 : 0;
	}
}

/** A lot that gets something twice at once has got it all at once. */
function together(arrivals: readonly Arrival[]): Arrival[] {
	return [...new Set(arrivals.map(({lot}) => lot))].flatMap(lot => {
		const same = arrivals.filter(arrival => arrival.lot === lot);
		return same.slice(0, 1).map(first => ({
			...first,
			amount: same.reduce((sum, {amount}) => sum + amount, 0),
		}));
	});
}

function payOwed({lot, takenFrom, amount}: Arrival): number {
	const paid = Math.min(takenFrom.owed, amount);
	takenFrom.owed -= paid;
	lot.remaining -= paid;
	lot.takenBack += paid;
	lot.card.entries += paid > 0 ? 1 : 0;
	return paid;
}
