import {type CardState, isClosed} from '../card-state.ts';
import {type Merge} from '../commands.ts';
import {type JournalEntry, type Posting} from '../entry.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {cardBalanceMax} from './issue.ts';
import {sum} from './portion.ts';
import {childOf, movementOf, unexpiredLots} from './transfer.ts';

/**
 * Merge a wallet into another of the same points, when their customers turned out to be one (A13): all that has not expired moves, in child
 * lots under the same dates, what is owed moves with it, and what comes back later follows. What is held stays, and so does what is past
 * its date, for breakage. A wallet that was merged stays so; merging it into the same one again changes nothing.
 */
export function decideMerge(
	source: CardState,
	target: CardState,
	command: Merge,
	{now, newId}: Circumstances,
): Decision {
	if (source.forwardsTo === target.id) {
		return accept(newId(), 0n, {});
	}

	const parts = unexpiredLots(source, now).map(lot => ({lot, part: lot.remaining}));
	const moved = sum(parts.map(({part}) => part));
	const refusal = whyNot(source, target, command, moved);
	if (refusal !== undefined) {
		return refuse(refusal);
	}

	const id = newId();
	const children = parts.map(part => childOf(target, part, newId()));
	const entry: JournalEntry = {
		id,
		kind: 'transfer',
		answers: null,
		operationId: null,
		postings: [...moves('available', source, target, moved), ...moves('debt', source, target, source.debt)],
		movements: [
			...parts.map(({lot, part}) => movementOf(source, lot.id, -part)),
			...children.map(child => movementOf(target, child.id, child.issued)),
		],
	};
	return accept(id, moved, {
		entries: entry.postings.length === 0 ? [] : [entry],
		lots: children,
		forward: {cardId: source.id, to: target.id},
	});
}

function moves(
	account: 'available' | 'debt',
	source: CardState,
	target: CardState,
	amount: bigint,
): Posting[] {
	const {assetId} = source;
	return amount === 0n
		? []
		: [
				{account, cardId: source.id, assetId, amount: -amount},
				{account, cardId: target.id, assetId, amount},
			];
}

function whyNot(
	source: CardState,
	target: CardState,
	{assetId, note}: Merge,
	moved: bigint,
): Refusal | undefined {
	if (source.assetId !== assetId) {
		return 'currencyMismatch';
	}

	if (isClosed(source)) {
		return 'cardClosed';
	}

	// What a block keeps from being spent would be free on the other one.
	if (source.status === 'blocked') {
		return 'cardBlocked';
	}

	if ((note.reason ?? '').trim() === '') {
		return 'reasonMissing';
	}

	if (source.id === target.id) {
		return 'sameCard';
	}

	if (target.assetId !== assetId) {
		return 'targetCurrency';
	}

	if (isClosed(target)) {
		return 'targetClosed';
	}

	return target.available + target.held + moved > cardBalanceMax ? 'targetBalanceLimit' : undefined;
}
