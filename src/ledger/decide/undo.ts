import {type CardState, type CreditState, type HoldState, type LedgerState, type Leg} from '../card-state.ts';
import {type Undo} from '../commands.ts';
import {
	type Effect,
	type JournalEntry,
	type LegStep,
	type LotOpening,
	merged,
	type Movement,
	type Posting,
} from '../entry.ts';
import {uncaptured} from './capture.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {onward} from './onward.ts';
import {exactly, min, portion, sum} from './portion.ts';
import {restoreShares} from './restore.ts';
import {type Step, stepOf} from './step.ts';

/** What was captured of a leg and not refunded yet. */
export function refundable(leg: Leg): bigint {
	return leg.captured - leg.refunded;
}

/**
 * Give back all or part of a hold: uncaptured value is released first, then captured value is refunded, as two
 * entries of one operation (A9); a person does one of the two. It returns to the lots it came from, whatever the card's status or date.
 */
export function decideUndoHold(
	state: LedgerState,
	hold: HoldState,
	command: Undo,
	circumstances: Circumstances,
): Decision {
	const parts = partsOf(hold, command);
	if (parts === null) {
		return refuse('exceedsHold');
	}

	const given = [
		giveBack(state, hold, {kind: 'release', amount: parts.released}, circumstances),
		giveBack(state, hold, {kind: 'refund', amount: parts.refunded}, circumstances),
	];
	const id = circumstances.newId();
	return accept(id, parts.released + parts.refunded, inOneOperation(state, id, given, circumstances));
}

/** How much an undoing releases and refunds; null where that is not left. */
function partsOf(
	{legs}: HoldState,
	{amount, byHand}: Undo,
): {readonly released: bigint; readonly refunded: bigint} | null {
	const releasable = sum(legs.map(uncaptured));
	const captured = sum(legs.map(refundable));
	if (byHand !== undefined) {
		const moved = exactly(amount, byHand === 'release' ? releasable : captured);
		const [released, refunded] = byHand === 'release' ? [moved, 0n] : [0n, moved];
		return released === null || refunded === null ? null : {released, refunded};
	}

	const moved = portion(amount, releasable + captured, sum(legs.map(leg => leg.value)));
	if (moved === null) {
		return null;
	}

	const released = min(moved, releasable);
	return {released, refunded: moved - released};
}

type GivenBack = {
	readonly entry: Omit<JournalEntry, 'id'>;
	readonly lots: readonly LotOpening[];
	readonly legSteps: readonly LegStep[];
};

/** What an operation gives back, and what follows from that, as entries under the id of the first (A9). */
export function inOneOperation(
	state: LedgerState,
	id: string,
	given: readonly (GivenBack | undefined)[],
	circumstances: Circumstances,
): Pick<Effect, 'entries' | 'lots' | 'legSteps' | 'owed'> {
	const parts = given.filter(part => part !== undefined);
	const entries = parts.map(({entry}, index) =>
		index === 0 ? {...entry, id} : {...entry, id: circumstances.newId(), operationId: id},
	);
	const further = onward(state, parts, id, circumstances);
	return {
		entries: [...entries, ...further.entries],
		lots: [...parts.flatMap(({lots}) => lots), ...further.lots],
		legSteps: parts.flatMap(({legSteps}) => legSteps),
		owed: further.owed,
	};
}

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

		const units = stepOf(leg, isRelease ? 'released' : 'refunded', part);
		const restored = restoreShares(
			{card, leg, amount: units},
			isRelease
				? share => share.taken - share.captured - share.released
				: share => share.captured - share.refunded,
			isRelease,
			circumstances,
		);
		postings.push(...returned(card, leg, isRelease, {value: part, units}));
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

function returned(
	{id, assetId}: CardState,
	{rate, currencyId}: Leg,
	isRelease: boolean,
	{value, units}: Step,
): Posting[] {
	const arrival: Posting = {account: 'available', cardId: id, assetId, amount: units};
	const held: Posting = {account: 'held', cardId: id, assetId, amount: -units};
	if (rate === null) {
		return [isRelease ? held : {account: 'redeemed', cardId: null, assetId, amount: -units}, arrival];
	}

	// What points were to pay for, or have paid for, goes back to the exchange (A5).
	return [
		isRelease ? held : {account: 'exchange', cardId: null, assetId, amount: -units},
		arrival,
		{account: isRelease ? 'committed' : 'redeemed', cardId: null, assetId: currencyId, amount: -value},
		{account: 'exchange', cardId: null, assetId: currencyId, amount: value},
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
