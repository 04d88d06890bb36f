import {type CardState, type HoldState, type LedgerState, type Leg} from '../card-state.ts';
import {type Capture} from '../commands.ts';
import {type JournalEntry, type LegStep, merged, type Movement, type Posting} from '../entry.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {exactly, min, portion, sum} from './portion.ts';
import {type Step, stepOf} from './step.ts';

/** What is neither captured nor released of a leg. */
export function uncaptured(leg: Leg): bigint {
	return leg.value - leg.captured - leg.released;
}

/**
 * Make all or part of a hold final: held → redeemed, legs and lots in the order they were taken (A5). More than what
 * is left is refused, except the value of the whole hold, which captures exactly the rest (A9); not so when a person asks.
 */
export function decideCapture(
	state: LedgerState,
	hold: HoldState,
	command: Capture,
	{newId}: Circumstances,
): Decision {
	const value = sum(hold.legs.map(leg => leg.value));
	const left = sum(hold.legs.map(uncaptured));
	const moved =
		command.byHand === true ? exactly(command.amount, left) : portion(command.amount, left, value);
	if (moved === null) {
		return refuse('exceedsHold');
	}

	const {entry, legSteps} = captureOf(state, hold, moved);
	const id = newId();
	return accept(id, moved, {entries: [{id, ...entry}], legSteps});
}

/** The entry that makes `amount` of a hold final, which must be left of it, and what it adds to the legs. */
export function captureOf(
	state: LedgerState,
	hold: HoldState,
	amount: bigint,
): {readonly entry: Omit<JournalEntry, 'id'>; readonly legSteps: readonly LegStep[]} {
	const postings: Posting[] = [];
	const movements: Movement[] = [];
	const legSteps: LegStep[] = [];
	let missing = amount;
	for (const leg of hold.legs) {
		const part = min(uncaptured(leg), missing);
		const card = state.cards.get(leg.cardId);
		if (part === 0n || card === undefined) {
			continue;
		}

		const units = stepOf(leg, 'captured', part);
		postings.push(...captured(card, leg, {value: part, units}));
		movements.push(...captureShares(leg, units));
		legSteps.push({holdId: hold.id, leg: leg.number, captured: part, released: 0n, refunded: 0n});
		missing -= part;
	}

	return {
		entry: {kind: 'capture', answers: hold.id, operationId: null, postings: merged(postings), movements},
		legSteps,
	};
}

/** Points leave by the exchange for what the books had promised for them (A5). */
function captured({id, assetId}: CardState, {rate, currencyId}: Leg, {value, units}: Step): Posting[] {
	return rate === null
		? [
				{account: 'held', cardId: id, assetId, amount: -units},
				{account: 'redeemed', cardId: null, assetId, amount: units},
			]
		: [
				{account: 'held', cardId: id, assetId, amount: -units},
				{account: 'exchange', cardId: null, assetId, amount: units},
				{account: 'committed', cardId: null, assetId: currencyId, amount: -value},
				{account: 'redeemed', cardId: null, assetId: currencyId, amount: value},
			];
}

function captureShares(leg: Leg, units: bigint): Movement[] {
	const movements: Movement[] = [];
	let missing = units;
	for (const share of leg.shares) {
		const part = min(share.taken - share.captured - share.released, missing);
		if (part > 0n) {
			movements.push({
				cardId: leg.cardId,
				lotId: share.lotId,
				leg: leg.number,
				remainingDelta: 0n,
				heldDelta: -part,
			});
			missing -= part;
		}
	}

	return movements;
}
