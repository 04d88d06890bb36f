/*
 * What orders earn once more (A10, A12). An order is told what it should have earned in all; what follows is the difference to what it
 * was given, and to what caps kept away from it, whatever became of the points meanwhile.
 */

import {
	addLot,
	bySpending,
	isGone,
	lineOf,
	type ReferenceCard,
	type ReferenceEarn,
	type ReferenceLot,
	type ReferenceOrder,
	type ReferenceOutcome,
	rootOf,
} from './reference-state.ts';

export function newReferenceOrder(): ReferenceOrder {
	const takenBack = {fromBreakage: new Map(), fromAdjustment: new Map()};
	return {version: null, given: new Map(), forgone: new Map(), lots: [], ...takenBack};
}

export function earnOutcome(order: ReferenceOrder, earn: ReferenceEarn, now: number): ReferenceOutcome {
	if (order.version !== null && earn.version < order.version) {
		return {moved: 0};
	}

	const decided = walletsOf(order, earn.assetId).reduce(
		(sum, card) => sum + (order.given.get(card) ?? 0) + (order.forgone.get(card) ?? 0),
		0,
	);
	const difference = Math.min(earn.target, earn.orderMax) - decided;
	if (difference > 0) {
		return give(order, difference, earn, now);
	}

	order.version = earn.version;
	return {moved: -takeBack(order, -difference, earn)};
}

/** The wallets of some points to which something was ever booked, the oldest first. */
function walletsOf({given}: ReferenceOrder, assetId: number): ReferenceCard[] {
	return [...given.keys()].filter(card => card.assetId === assetId).sort((a, b) => a.number - b.number);
}

/** The lots that an order gave and those that go on of them, on some wallets. */
function lotsOn(order: ReferenceOrder, wallets: readonly ReferenceCard[]): ReferenceLot[] {
	const cards = [...new Set(wallets.flatMap(lineOf))];
	return cards
		.flatMap(({lots}) => lots)
		.filter(lot => order.lots.includes(rootOf(lot)))
		.sort(bySpending);
}

function book(order: ReferenceOrder, card: ReferenceCard, given: number, forgone: number): void {
	order.given.set(card, (order.given.get(card) ?? 0) + given);
	order.forgone.set(card, (order.forgone.get(card) ?? 0) + forgone);
}

/** What its lots owe is theirs again, then a debt is paid, and only the rest can be spent; caps keep away what is too much. */
function give(order: ReferenceOrder, difference: number, earn: ReferenceEarn, now: number): ReferenceOutcome {
	const owing = lotsOn(order, walletsOf(order, earn.assetId)).filter(({owed}) => owed > 0);
	const pardoned = Math.min(
		difference,
		owing.reduce((sum, {owed}) => sum + owed, 0),
	);
	const left = difference - pardoned;
	const wallet = earn.card === null || left === 0 ? undefined : lineOf(earn.card).at(-1);
	if (wallet !== undefined && (wallet.assetId !== earn.assetId || isGone(wallet))) {
		return wallet.assetId === earn.assetId ? 'cardClosed' : 'currencyMismatch';
	}

	order.version = earn.version;
	let pardoning = pardoned;
	for (const lot of owing) {
		const part = Math.min(lot.owed, pardoning);
		lot.owed -= part;
		pardoning -= part;
		book(order, lot.card, part, 0);
	}

	return {moved: pardoned + (wallet === undefined ? 0 : giveTo(wallet, order, left, earn, now))};
}

function giveTo(
	wallet: ReferenceCard,
	order: ReferenceOrder,
	left: number,
	{balanceMax, dayMax, dayStart, spendableFrom, expiresAt}: ReferenceEarn,
	now: number,
): number {
	const today = wallet.earnings.filter(({at}) => at >= dayStart).reduce((sum, {amount}) => sum + amount, 0);
	const carried = wallet.lots.reduce((sum, {remaining, held}) => sum + remaining + held, 0);
	const allowed = Math.min(left, Math.max(0, dayMax - today));
	const paid = Math.min(allowed, wallet.debt);
	const issued = Math.min(allowed - paid, Math.max(0, balanceMax - carried));
	book(order, wallet, paid + issued, left - paid - issued);
	if (paid + issued === 0) {
		return 0;
	}

	if (issued > 0) {
		const born = {parent: null, issued, isPromotional: true, spendableFrom, expiresAt};
		order.lots.push(addLot(wallet, born));
	}

	wallet.debt -= paid;
	wallet.earnings.push({at: now, amount: paid + issued});
	wallet.entries++;
	return paid + issued;
}

/** First what nobody ever had; then from wallet to wallet, the one that earns now last. */
function takeBack(order: ReferenceOrder, amount: number, earn: ReferenceEarn): number {
	const all = walletsOf(order, earn.assetId);
	const wallets = [...all.filter(card => card !== earn.card), ...all.filter(card => card === earn.card)];
	let missing = amount;
	for (const card of wallets) {
		const part = Math.min(missing, order.forgone.get(card) ?? 0);
		book(order, card, 0, -part);
		missing -= part;
	}

	const moved = missing;
	const claims = new Map<ReferenceCard, {readonly wallets: ReferenceCard[]; units: number}>();
	for (const card of wallets) {
		const part = Math.min(missing, order.given.get(card) ?? 0);
		const survivor = lineOf(card).at(-1) ?? card;
		const claim = claims.get(survivor) ?? {wallets: [], units: 0};
		book(order, card, -part, 0);
		missing -= part;
		if (part > 0) {
			claim.wallets.push(card);
			claim.units += part;
			claims.set(survivor, claim);
		}
	}

	for (const [survivor, claim] of claims) {
		claimFrom(survivor, claim, order, earn);
	}

	return moved;
}

/** Out of the order's own lots, then from where they lost it unspent, and the rest is owed: by the lots or by the wallet. */
function claimFrom(
	survivor: ReferenceCard,
	{wallets, units}: {readonly wallets: readonly ReferenceCard[]; readonly units: number},
	order: ReferenceOrder,
	{assetId, clawback}: ReferenceEarn,
): void {
	const lots = lotsOn(order, wallets);
	const touched = new Set<ReferenceCard>();
	let missing = units;
	for (const lot of lots) {
		const part = Math.min(lot.remaining, missing);
		lot.remaining -= part;
		lot.takenBack += part;
		missing -= part;
		if (part > 0) {
			touched.add(lot.card);
		}
	}

	missing -= fromHouse(order, 'fromBreakage', lot => lot.expired, {assetId, missing});
	missing -= fromHouse(order, 'fromAdjustment', lot => lot.adjusted, {assetId, missing});
	for (const lot of clawback === 'owed' ? lots : []) {
		const part = Math.min(missing, Math.max(0, comingBack(lot, lots) - lot.owed));
		lot.owed += part;
		missing -= part;
	}

	survivor.debt += missing;
	if (missing > 0) {
		touched.add(survivor);
	}

	for (const card of touched) {
		card.entries++;
	}
}

function fromHouse(
	order: ReferenceOrder,
	account: 'fromBreakage' | 'fromAdjustment',
	lost: (lot: ReferenceLot) => number,
	{assetId, missing}: {readonly assetId: number; readonly missing: number},
): number {
	const before = order[account].get(assetId) ?? 0;
	const all = lotsOn(order, walletsOf(order, assetId)).reduce((sum, lot) => sum + lost(lot), 0);
	const part = Math.min(missing, all - before);
	order[account].set(assetId, before + part);
	return part;
}

/** What was taken out of a lot to be spent, and could still come back to it: not what went on to other lots. */
function comingBack(lot: ReferenceLot, lots: readonly ReferenceLot[]): number {
	const children = lots.filter(({parent}) => parent === lot).reduce((sum, {issued}) => sum + issued, 0);
	return lot.issued - lot.remaining - lot.expired - lot.adjusted - lot.takenBack - children;
}
