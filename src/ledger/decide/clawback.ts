import {type CardState, type LedgerState, type Lot} from '../card-state.ts';
import {type EarnTerms} from '../commands.ts';
import {type Effect, type JournalEntry, merged, type Movement, type Posting} from '../entry.ts';
import {bySpendingOrder} from '../lots.ts';
import {book, noLosses, noReversal, type OrderState, type Reversal} from '../order-state.ts';
import {lineOf} from '../wallet-line.ts';
import {accept, type Circumstances, type Decision} from './decision.ts';
import {min, sum} from './portion.ts';

/** What is to be taken back of an order's points. `amount` is above zero, and not more than was given and forgone. */
export type Claim = {
	readonly assetId: number;
	readonly amount: bigint;
	readonly policy: EarnTerms['clawback'];
	/** The wallet that earns now: the last to be taken from. */
	readonly earningWallet: string | null;
};

/** A lot that an order gave, or one that goes on of it, and the wallet that it is on. */
export type OrderLot = {readonly card: CardState; readonly lot: Lot};

/**
 * Take back what an order earned too much: first what was forgone, which nobody ever had, and then what was given, wallet by wallet:
 * those that were booked to once in the order of their ids, the one that earns now last.
 *
 * It comes out of the order's own lots, as far as they still have it: value that cannot be spent yet, and value past its date that no
 * sweep has booked, too. A merged wallet's value is with the one that took over (A13). What left those lots unspent, to breakage or to
 * adjustment, the shopper never used: it is taken back from there and never becomes a debt. What was spent is owed, by the wallet or by
 * the lots it was taken from (A10).
 */
export function takeBack(
	state: LedgerState,
	known: OrderState,
	claim: Claim,
	{newId}: Circumstances,
): Decision {
	const {order, holders} = unbook(state, known, claim);
	const pool = unspentLosses(state, order, claim.assetId);
	const drafts: Draft[] = [];
	const owed: Effect['owed'][number][] = [];
	let reversed = noReversal;
	for (const holder of holders) {
		const lots = lotsOf(order, holder.wallets);
		const taken = takeOf(lots, holder.units);
		const lost = takeReversal(minus(pool, reversed), holder.units - sum(taken.map(({part}) => part)));
		reversed = plus(reversed, lost);
		const missing = holder.units - sum(taken.map(({part}) => part)) - lost.breakage - lost.adjustment;
		const byLots = claim.policy === 'owed' ? owedBy(state, lots, missing) : [];
		owed.push(...byLots);
		const debt = missing - sum(byLots.map(({delta}) => delta));
		drafts.push(...draftsOf(holder.survivor, {taken, lost, debt}, claim.assetId));
	}

	const ids = drafts.map(() => newId());
	const entries = drafts.map((draft, index): JournalEntry => ({
		...draft,
		id: ids[index] ?? '',
		kind: 'clawback',
		answers: order.earningId,
		operationId: index === 0 ? null : (ids[0] ?? null),
	}));
	const before = order.reversed.get(claim.assetId) ?? noReversal;
	return accept(ids[0] ?? order.earningId ?? newId(), -sum(holders.map(({units}) => units)), {
		entries,
		owed,
		order: {...order, reversed: new Map([...order.reversed, [claim.assetId, plus(before, reversed)]])},
	});
}

/** What is to be taken back from one wallet: the units that were booked to it and to those that were merged into it. */
type Holder = {readonly survivor: CardState; readonly wallets: readonly CardState[]; readonly units: bigint};

function unbook(
	state: LedgerState,
	known: OrderState,
	{amount, assetId, earningWallet}: Claim,
): {readonly order: OrderState; readonly holders: readonly Holder[]} {
	const wallets = bookedWallets(state, known, assetId).sort(byIdWithLast(earningWallet));
	let order = known;
	let missing = amount;
	for (const {id} of wallets) {
		const part = min(known.bookings.get(id)?.forgone ?? 0n, missing);
		order = book(order, id, {forgone: -part});
		missing -= part;
	}

	const holders = new Map<string, Holder>();
	for (const wallet of wallets) {
		const part = min(known.bookings.get(wallet.id)?.units ?? 0n, missing);
		if (part > 0n) {
			order = book(order, wallet.id, {units: -part});
			missing -= part;
			const line = lineOf(state.cards, wallet);
			const survivor = line.at(-1) ?? wallet;
			const holder = holders.get(survivor.id);
			holders.set(survivor.id, {
				survivor,
				wallets: [...new Set([...(holder?.wallets ?? []), ...line])],
				units: (holder?.units ?? 0n) + part,
			});
		}
	}

	return {order, holders: [...holders.values()]};
}

function byIdWithLast(last: string | null) {
	return (a: CardState, b: CardState): number =>
		Number(a.id === last) - Number(b.id === last) || (BigInt(a.id) < BigInt(b.id) ? -1 : 1);
}

function bookedWallets(state: LedgerState, {bookings}: OrderState, assetId: number): CardState[] {
	return [...bookings.keys()]
		.flatMap(id => state.cards.get(id) ?? [])
		.filter(card => card.assetId === assetId);
}

/** The wallets on which lots of an order may be: those that were booked to, and those that took over from them (A13). */
export function walletsOf(state: LedgerState, order: OrderState, assetId: number): CardState[] {
	const lines = bookedWallets(state, order, assetId).flatMap(card => lineOf(state.cards, card));
	return [...new Set(lines)];
}

/** An order's lots on some wallets, soonest expiry first: what has expired already is taken back before what can still be spent. */
export function lotsOf({lotIds}: OrderState, wallets: readonly CardState[]): OrderLot[] {
	const roots = new Set(lotIds);
	return wallets
		.flatMap(card => [...card.lots.values()].map(lot => ({card, lot})))
		.filter(({lot}) => roots.has(lot.rootId ?? lot.id))
		.sort((a, b) => bySpendingOrder(a.lot, b.lot));
}

type Taken = OrderLot & {readonly part: bigint};

function takeOf(lots: readonly OrderLot[], amount: bigint): Taken[] {
	let missing = amount;
	return lots.flatMap(({card, lot}) => {
		const part = min(lot.remaining, missing);
		missing -= part;
		return part > 0n ? [{card, lot, part}] : [];
	});
}

/** What left the order's lots unspent and was not taken back from there before. */
function unspentLosses(state: LedgerState, order: OrderState, assetId: number): Reversal {
	const losses = lotsOf(order, walletsOf(state, order, assetId)).map(
		({lot}) => state.losses.get(lot.id) ?? noLosses,
	);
	return minus(
		{
			breakage: sum(losses.map(({expired}) => expired)),
			adjustment: sum(losses.map(({adjusted}) => adjusted)),
		},
		order.reversed.get(assetId) ?? noReversal,
	);
}

function takeReversal(pool: Reversal, missing: bigint): Reversal {
	const breakage = min(pool.breakage, missing);
	return {breakage, adjustment: min(pool.adjustment, missing - breakage)};
}

function plus(a: Reversal, b: Reversal): Reversal {
	return {breakage: a.breakage + b.breakage, adjustment: a.adjustment + b.adjustment};
}

function minus(a: Reversal, b: Reversal): Reversal {
	return {breakage: a.breakage - b.breakage, adjustment: a.adjustment - b.adjustment};
}

/** Never more than was taken out of a lot and could come back to it: what is held of it, and what was captured. */
function owedBy(state: LedgerState, lots: readonly OrderLot[], amount: bigint): Effect['owed'][number][] {
	let missing = amount;
	return lots.flatMap(({card, lot}) => {
		// Less than nothing where a wallet that its value was moved to has become one with this one: what was owed for it is on both sides.
		const room = takenOut(state, lot, lots) - lot.owed;
		const part = room > 0n ? min(room, missing) : 0n;
		missing -= part;
		return part > 0n ? [{cardId: card.id, lotId: lot.id, delta: part}] : [];
	});
}

/** What is not in a lot any more, nor in one that goes on of it, and was not lost. */
function takenOut(state: LedgerState, {id, issued, remaining}: Lot, lots: readonly OrderLot[]): bigint {
	const {expired, adjusted, clawedBack} = state.losses.get(id) ?? noLosses;
	const children = lots.filter(({lot}) => lot.parentId === id).map(({lot}) => lot.issued);
	return issued - remaining - expired - adjusted - clawedBack - sum(children);
}

type Draft = {readonly postings: readonly Posting[]; readonly movements: readonly Movement[]};

type Taking = {readonly taken: readonly Taken[]; readonly lost: Reversal; readonly debt: bigint};

/** An entry for each wallet that gives something, and one without a wallet where only breakage or adjustment does. */
function draftsOf(survivor: CardState, {taken, lost, debt}: Taking, assetId: number): Draft[] {
	const house: Posting[] = [
		{account: 'breakage', cardId: null, assetId, amount: -lost.breakage},
		{account: 'adjustment', cardId: null, assetId, amount: -lost.adjustment},
	];
	const cards = [...new Set([...taken.map(({card}) => card), ...(debt > 0n ? [survivor] : [])])];
	const drafts = cards.map(({id: cardId}): Draft => {
		const parts = taken.filter(({card}) => card.id === cardId);
		return {
			postings: [
				{account: 'available', cardId, assetId, amount: -sum(parts.map(({part}) => part))},
				{account: 'debt', cardId, assetId, amount: cardId === survivor.id ? -debt : 0n},
			],
			movements: parts.map(({lot, part}) => ({
				...{cardId, lotId: lot.id, leg: null},
				...{remainingDelta: -part, heldDelta: 0n},
			})),
		};
	});
	const [first = {postings: [], movements: []}, ...others] = drafts;
	return [{...first, postings: [...first.postings, ...house]}, ...others]
		.map(draft => ({...draft, postings: toFunding(draft.postings, assetId)}))
		.filter(({postings}) => postings.length > 0);
}

/** Everything that is taken back goes where it came from. */
function toFunding(postings: readonly Posting[], assetId: number): Posting[] {
	const amount = -sum(postings.map(posting => posting.amount));
	return merged([...postings, {account: 'fundingEarned', cardId: null, assetId, amount}]);
}
