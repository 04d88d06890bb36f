import {type CardState, isClosed, type LedgerState, type Lot} from '../card-state.ts';
import {type Effect, type JournalEntry, type LotOpening} from '../entry.ts';
import {lineOf} from '../wallet-line.ts';
import {type Circumstances} from './decision.ts';
import {min, sum} from './portion.ts';
import {childOf, movementOf} from './transfer.ts';

/** What follows when value comes back, in entries of the same operation. */
export type Onward = Pick<Effect, 'entries' | 'lots' | 'owed'>;

/** A release or refund, and the lots that it opens. */
type GivenBack = {readonly entry: Omit<JournalEntry, 'id'>; readonly lots: readonly LotOpening[]};

/** Value that came back to a lot, or to a child that was opened for it. */
type Arrival = {
	readonly lot: Lot | LotOpening;
	/** The lot whose debt it pays first. */
	readonly debtor: Lot;
	readonly amount: bigint;
};

/**
 * Value that comes back pays what its lot owes first (A10), and what then remains on a wallet that was merged into another moves on
 * there (A13). Each is an entry of its own, so that what a release or refund gave back can still be read off its movements.
 * @param given - what came back: the releases and refunds of one operation, and the lots that they opened
 */
export function onward(
	state: LedgerState,
	given: readonly GivenBack[],
	operationId: string,
	circumstances: Circumstances,
): Onward {
	const cards = [...new Set(given.flatMap(({entry}) => entry.movements.map(({cardId}) => cardId)))];
	const parts = cards.flatMap(id => {
		const card = state.cards.get(id);
		return card === undefined ? [] : onwardFrom(state, card, {given, operationId, circumstances});
	});
	return {
		entries: parts.flatMap(({entries}) => entries),
		lots: parts.flatMap(({lots}) => lots),
		owed: parts.flatMap(({owed}) => owed),
	};
}

type Occasion = {
	readonly given: readonly GivenBack[];
	readonly operationId: string;
	readonly circumstances: Circumstances;
};

function onwardFrom(
	state: LedgerState,
	card: CardState,
	{given, operationId, circumstances}: Occasion,
): Onward[] {
	const arrivals = arrivalsAt(card, given);
	const isOwing = arrivals.some(({debtor}) => debtor.owed > 0n);
	const survivor = survivorOf(state, card);
	if (!isOwing && survivor === undefined) {
		return [];
	}

	const paid = payOwed(card, arrivals, operationId, circumstances);
	return survivor === undefined
		? [paid]
		: [paid, moveOn(card, survivor, {arrivals: paid.left, operationId, circumstances})];
}

function arrivalsAt(card: CardState, given: readonly GivenBack[]): Arrival[] {
	const lots = given.flatMap(part => part.lots);
	const amounts = new Map<string, bigint>();
	for (const {cardId, lotId, remainingDelta} of given.flatMap(({entry}) => entry.movements)) {
		if (cardId === card.id && remainingDelta > 0n) {
			// A lot that gets value by a release and by a refund moves it on once: an entry has one movement for a lot (B1).
			amounts.set(lotId, (amounts.get(lotId) ?? 0n) + remainingDelta);
		}
	}

	return [...amounts].flatMap(([lotId, amount]): Arrival[] => {
		const child = lots.find(({id}) => id === lotId);
		const debtor = card.lots.get(child?.parentId ?? lotId);
		return debtor === undefined ? [] : [{lot: child ?? debtor, debtor, amount}];
	});
}

/** available → the account that the value once came from, out of the very lots that it has come back to. */
function payOwed(
	card: CardState,
	arrivals: readonly Arrival[],
	operationId: string,
	{newId}: Circumstances,
): Onward & {readonly left: readonly Arrival[]} {
	const entries: JournalEntry[] = [];
	const owed: Effect['owed'][number][] = [];
	const left = arrivals.map(arrival => {
		const {lot, debtor, amount} = arrival;
		const alreadyPaid = -sum(owed.filter(one => one.lotId === debtor.id).map(({delta}) => delta));
		const part = min(debtor.owed - alreadyPaid, amount);
		if (part === 0n) {
			return arrival;
		}

		const {id: cardId, assetId} = card;
		owed.push({cardId, lotId: debtor.id, delta: -part});
		entries.push({
			id: newId(),
			kind: 'clawback',
			answers: debtor.rootId ?? debtor.id,
			operationId,
			postings: [
				{account: 'available', cardId, assetId, amount: -part},
				{account: lot.origin, cardId: null, assetId, amount: part},
			],
			movements: [movementOf(card, lot.id, -part)],
		});
		return {...arrival, amount: amount - part};
	});
	return {entries, lots: [], owed, left: left.filter(({amount}) => amount > 0n)};
}

/** available → available of the survivor, in child lots under the same dates (A13). */
function moveOn(
	card: CardState,
	survivor: CardState,
	{
		arrivals,
		operationId,
		circumstances: {newId},
	}: {
		readonly arrivals: readonly Arrival[];
		readonly operationId: string;
		readonly circumstances: Circumstances;
	},
): Onward {
	const amount = sum(arrivals.map(one => one.amount));
	if (amount === 0n) {
		return {entries: [], lots: [], owed: []};
	}

	const {assetId} = card;
	const lots = arrivals.map(({lot, amount: part}) => childOf(survivor, {lot, part}, newId()));
	const movements = [
		...arrivals.map(({lot, amount: part}) => movementOf(card, lot.id, -part)),
		...lots.map(({id, issued}) => movementOf(survivor, id, issued)),
	];
	return {
		entries: [
			{
				id: newId(),
				kind: 'transfer',
				answers: null,
				operationId,
				postings: [
					{account: 'available', cardId: card.id, assetId, amount: -amount},
					{account: 'available', cardId: survivor.id, assetId, amount},
				],
				movements,
			},
		],
		lots,
		owed: [],
	};
}

/** The wallet at the end of the line of those that took over; undefined for a card that was not merged, or into one that is closed. */
function survivorOf({cards}: LedgerState, card: CardState): CardState | undefined {
	const survivor = lineOf(cards, card).at(-1);
	return survivor === undefined || survivor === card || isClosed(survivor) ? undefined : survivor;
}
