import {type CardState, type CreditState, type HoldState, type LedgerState, type Leg} from '../card-state.ts';
import {type Undo} from '../commands.ts';
import {
	type JournalEntry,
	type LegStep,
	type LotOpening,
	merged,
	type Movement,
	type Posting,
} from '../entry.ts';
import {uncaptured} from './capture.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {min, portion, sum} from './portion.ts';
import {restoreShares} from './restore.ts';

/** What was captured of a leg and not refunded yet. */
export function refundable(leg: Leg): bigint {
	return leg.captured - leg.refunded;
}

/**
 * Give back all or part of a hold: uncaptured value is released first, then captured value is refunded, as two
 * entries of one operation (A9). It returns to the lots it came from, whatever the card's status or date.
 */
export function decideUndoHold(
	state: LedgerState,
	hold: HoldState,
	command: Undo,
	circumstances: Circumstances,
): Decision {
	const value = sum(hold.legs.map(leg => leg.value));
	const releasable = sum(hold.legs.map(uncaptured));
	const moved = portion(command.amount, releasable + sum(hold.legs.map(refundable)), value);
	if (moved === null) {
		return refuse('exceedsHold');
	}

	const released = min(moved, releasable);
	const parts = [
		giveBack(state, hold, {kind: 'release', amount: released}, circumstances),
		giveBack(state, hold, {kind: 'refund', amount: moved - released}, circumstances),
	].filter(part => part !== undefined);
	const id = circumstances.newId();
	return accept(id, moved, {
		entries: parts.map(({entry}, index) =>
			index === 0 ? {...entry, id} : {...entry, id: circumstances.newId(), operationId: id},
		),
		lots: parts.flatMap(({lots}) => lots),
		legSteps: parts.flatMap(({legSteps}) => legSteps),
	});
}

type GivenBack = {
	readonly entry: Omit<JournalEntry, 'id'>;
	readonly lots: readonly LotOpening[];
	readonly legSteps: readonly LegStep[];
};

/** Release or refund `amount` of a hold, which must be left of it, last leg first. Undefined for nothing. */
export function giveBack(
	state: LedgerState,
	hold: HoldState,
	{kind, amount}: {readonly kind: 'release' | 'refund'; readonly amount: bigint},
	circumstances: Circumstances,
): GivenBack | undefined {
	const isRelease = kind === 'release';
	const postings: Posting[] = [];
	const movements: Movement[] = [];
	const lots: LotOpening[] = [];
	const legSteps: LegStep[] = [];
	let missing = amount;
	for (const leg of hold.legs.toReversed()) {
		const part = min(isRelease ? uncaptured(leg) : refundable(leg), missing);
		const card = state.cards.get(leg.cardId);
		if (part === 0n || card === undefined) {
			continue;
		}

		const restored = restoreShares(
			{card, leg, amount: part},
			isRelease
				? share => share.taken - share.captured - share.released
				: share => share.captured - share.refunded,
			isRelease,
			circumstances,
		);
		postings.push(...returned(card, isRelease ? 'held' : 'redeemed', part));
		movements.push(...restored.movements);
		lots.push(...restored.lots);
		legSteps.push({
			holdId: hold.id,
			leg: leg.number,
			captured: 0n,
			released: isRelease ? part : 0n,
			refunded: isRelease ? 0n : part,
		});
		missing -= part;
	}

	return amount === 0n
		? undefined
		: {
				entry: {kind, answers: hold.id, operationId: null, postings: merged(postings), movements},
				lots,
				legSteps,
			};
}

function returned({id, assetId}: CardState, from: 'held' | 'redeemed', amount: bigint): Posting[] {
	return [
		{account: from, cardId: from === 'held' ? id : null, assetId, amount: -amount},
		{account: 'available', cardId: id, assetId, amount},
	];
}

/** Take back all or part of a credit, out of its own lot: available → funding. What was spent cannot be taken (A10). */
export function decideUndoCredit(
	card: CardState,
	credit: CreditState,
	command: Undo,
	{newId}: Circumstances,
): Decision {
	const moved = portion(command.amount, credit.amount - credit.reversed, credit.amount);
	if (moved === null) {
		return refuse('exceedsHold');
	}

	const lot = card.lots.get(credit.id);
	if (lot === undefined || lot.remaining < moved) {
		return refuse('creditSpent');
	}

	const id = newId();
	return accept(id, moved, {
		entries: [
			{
				id,
				kind: 'reverseCredit',
				answers: credit.id,
				operationId: null,
				postings: [
					{account: 'available', cardId: card.id, assetId: card.assetId, amount: -moved},
					{account: lot.origin, cardId: null, assetId: card.assetId, amount: moved},
				],
				movements: [{cardId: card.id, lotId: lot.id, leg: null, remainingDelta: -moved, heldDelta: 0n}],
			},
		],
	});
}
