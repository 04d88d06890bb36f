import {type CardState, isClosed} from '../card-state.ts';
import {type Extend} from '../commands.ts';
import {type JournalEntry} from '../entry.ts';
import {isExpired} from '../lots.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {sum} from './portion.ts';
import {childOf, movementOf, unexpiredLots} from './transfer.ts';

/**
 * Let a card and the value on it last until a later date. The dates of a lot never change (A11): what remains of each lot that has not ended
 * and would end before then is put by, available → adjustment, and comes back at once, adjustment → available, in a child of that lot
 * under the new date, as two entries of one operation. It begins when its parent does, so that what waits goes on waiting. What has
 * expired stays so, and what is held keeps its lot: it comes back there, by the usual rules. Nor do a block, the emission date or a single use
 * stand in the way; a closed card stays closed. A card without a date, as wallets are, keeps none.
 */
export function decideExtend(card: CardState, command: Extend, {now, newId}: Circumstances): Decision {
	const {expiresAt} = command;
	const lots = unexpiredLots(card, now).filter(lot => lot.expiresAt !== null && lot.expiresAt < expiresAt);
	const isLater = card.expiresAt !== null && card.expiresAt < expiresAt;
	const refusal = whyNot(card, command, now) ?? (lots.length > 0 || isLater ? undefined : 'alreadyExtended');
	if (refusal !== undefined) {
		return refuse(refusal);
	}

	const id = newId();
	const parts = lots.map(lot => ({lot, part: lot.remaining}));
	const children = parts.map(part => ({...childOf(card, part, newId()), expiresAt}));
	const moved = sum(parts.map(({part}) => part));
	const entries = [
		entryOf(card, {
			...{id, operationId: null, amount: -moved},
			movements: parts.map(({lot, part}) => movementOf(card, lot.id, -part)),
		}),
		entryOf(card, {
			...{id: newId(), operationId: id, amount: moved},
			movements: children.map(child => movementOf(card, child.id, child.issued)),
		}),
	];
	return accept(id, moved, {
		entries: moved === 0n ? [] : entries,
		lots: children,
		extension: isLater ? {cardId: card.id, from: card.expiresAt, to: expiresAt} : null,
	});
}

/** @param part.amount - into the card */
function entryOf(
	{id: cardId, assetId}: CardState,
	{amount, ...part}: Pick<JournalEntry, 'id' | 'operationId' | 'movements'> & {readonly amount: bigint},
): JournalEntry {
	return {
		...part,
		kind: 'extend',
		answers: null,
		postings: [
			{account: 'available', cardId, assetId, amount},
			{account: 'adjustment', cardId: null, assetId, amount: -amount},
		],
	};
}

function whyNot(card: CardState, {assetId, expiresAt, note}: Extend, now: number): Refusal | undefined {
	if (assetId !== card.assetId) {
		return 'currencyMismatch';
	}

	if (isClosed(card)) {
		return 'cardClosed';
	}

	if ((note.reason ?? '').trim() === '') {
		return 'reasonMissing';
	}

	return isExpired({expiresAt}, now) || (card.expiresAt !== null && expiresAt < card.expiresAt)
		? 'dateTooEarly'
		: undefined;
}
