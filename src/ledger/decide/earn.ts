import {type CardState, isClosed, type LedgerState} from '../card-state.ts';
import {type Earn} from '../commands.ts';
import {type Effect, merged} from '../entry.ts';
import {book, earnedKey, newOrder, type OrderState} from '../order-state.ts';
import {type Refusal} from '../refusals.ts';
import {lineOf} from '../wallet-line.ts';
import {lotsOf, takeBack, walletsOf} from './clawback.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {cardBalanceMax} from './issue.ts';
import {min, sum} from './portion.ts';

/**
 * Book what an order should have earned so far (A12): the difference between that and what was given or forgone before, found under the
 * order's lock. An older version of the document than the one that was applied changes nothing; the same one again finds no difference.
 * What moved is above zero where units were given and below where they were taken back; what a cap keeps away does not count.
 */
export function decideEarn(state: LedgerState, command: Earn, circumstances: Circumstances): Decision {
	const known = state.orders.get(command.orderId) ?? newOrder(command.orderId);
	const {appliedVersion} = known;
	const id = () => known.earningId ?? circumstances.newId();
	if (appliedVersion !== null && command.version < appliedVersion) {
		return {...accept(id(), 0n, {}), isSuperseded: true};
	}

	const {assetId, terms} = command;
	const order = {...known, appliedVersion: command.version};
	const difference = differenceOf(known, command, state.cards);
	if (difference > 0n) {
		return give(state, order, difference, command, circumstances);
	}

	if (difference < 0n) {
		const amount = -difference;
		const claim = {assetId, amount, policy: terms.clawback, earningWallet: command.cardId};
		return takeBack(state, order, claim, circumstances);
	}

	return accept(id(), 0n, {order: appliedVersion === command.version ? null : order});
}

/**
 * What an order should have earned, less what was given or forgone for it in these points over all wallets. Another program's points are
 * a matter of their own.
 */
export function differenceOf(
	{bookings}: OrderState,
	{assetId, target, terms: {orderMax}}: Earn,
	cards: LedgerState['cards'],
): bigint {
	const decided = [...bookings].map(([cardId, {units, forgone}]) =>
		cards.get(cardId)?.assetId === assetId ? units + forgone : 0n,
	);
	return min(target, orderMax ?? target) - sum(decided);
}

/**
 * fundingEarned → what the wallet owes, and then → available, in a lot of its own. Before that, what the order's own lots still owe
 * from an earlier clawback is theirs again: it was spent, and by this version it was earned (A10).
 */
function give(
	state: LedgerState,
	known: OrderState,
	difference: bigint,
	command: Earn,
	circumstances: Circumstances,
): Decision {
	const {order, owed, left} = pardon(state, known, difference, command.assetId);
	const pardoned = difference - left;
	if (left === 0n || command.cardId === null) {
		return accept(order.earningId ?? circumstances.newId(), pardoned, {owed, order});
	}

	const wallet = earningWallet(state, command.cardId, command.assetId);
	if (typeof wallet === 'string') {
		return refuse(wallet);
	}

	const parts = partsOf(state, wallet, left, command);
	const given = parts.debt + parts.lot;
	const booked = book(order, wallet.id, {units: given, forgone: left - given});
	return given === 0n
		? accept(order.earningId ?? circumstances.newId(), pardoned, {owed, order: booked})
		: earn(wallet, booked, {...parts, pardoned, owed}, command, circumstances);
}

function earn(
	{id: cardId, assetId}: CardState,
	order: OrderState,
	{debt, lot, pardoned, owed}: Parts & {readonly pardoned: bigint; readonly owed: Effect['owed']},
	{terms: {spendableFrom, expiresAt}}: Earn,
	{newId}: Circumstances,
): Decision {
	// The lot has its entry's id: so all lots of an order are found by its entries.
	const id = newId();
	const origin = 'fundingEarned';
	return accept(id, pardoned + debt + lot, {
		entries: [
			{
				id,
				kind: 'earn',
				answers: order.earningId,
				operationId: null,
				postings: merged([
					{account: origin, cardId: null, assetId, amount: -debt - lot},
					{account: 'debt', cardId, assetId, amount: debt},
					{account: 'available', cardId, assetId, amount: lot},
				]),
				movements: lot === 0n ? [] : [{cardId, lotId: id, leg: null, remainingDelta: lot, heldDelta: 0n}],
			},
		],
		lots:
			lot === 0n
				? []
				: [
						{
							...{id, cardId, origin, issued: lot, spendableFrom, expiresAt},
							...{parentId: null, rootId: null, rootExpiresAt: expiresAt},
						},
					],
		owed,
		order: {...order, earningId: order.earningId ?? id, lotIds: [...order.lotIds, id]},
	});
}

/** How much of what is to be given goes where; the caps keep the rest away. */
type Parts = {readonly debt: bigint; readonly lot: bigint};

/** The day's cap is about what is earned, whatever it pays; the balance's cap about what the wallet carries, which a debt is no part of. */
function partsOf(state: LedgerState, wallet: CardState, left: bigint, {terms}: Earn): Parts {
	const {balanceMax, dayMax, dayStart} = terms;
	const earned = state.earned.get(earnedKey(wallet.id, dayStart)) ?? 0n;
	const today = dayMax === null ? left : min(left, notBelowZero(dayMax - earned));
	const debt = min(today, -wallet.debt);
	const room = min(balanceMax ?? cardBalanceMax, cardBalanceMax) - wallet.available - wallet.held;
	return {debt, lot: min(today - debt, notBelowZero(room))};
}

function notBelowZero(units: bigint): bigint {
	return units < 0n ? 0n : units;
}

/** What lots owe is booked again to the wallets that they are on, as far as it goes. */
function pardon(
	state: LedgerState,
	known: OrderState,
	difference: bigint,
	assetId: number,
): {readonly order: OrderState; readonly owed: Effect['owed']; readonly left: bigint} {
	const owed: Effect['owed'][number][] = [];
	let order = known;
	let left = difference;
	for (const {card, lot} of lotsOf(known, walletsOf(state, known, assetId))) {
		const part = min(lot.owed, left);
		if (part > 0n) {
			owed.push({cardId: card.id, lotId: lot.id, delta: -part});
			order = book(order, card.id, {units: part});
			left -= part;
		}
	}

	return {order, owed, left};
}

/** The wallet itself, or the one that took over from it (A13). A blocked one earns: the points wait there. */
function earningWallet(state: LedgerState, cardId: string, assetId: number): CardState | Refusal {
	const card = state.cards.get(cardId);
	const wallet = card === undefined ? undefined : lineOf(state.cards, card).at(-1);
	if (wallet === undefined) {
		return 'cardNotFound';
	}

	if (wallet.assetId !== assetId) {
		return 'currencyMismatch';
	}

	return isClosed(wallet) ? 'cardClosed' : wallet;
}
