import {type CardState, isClosed, type Lot} from '../card-state.ts';
import {type JournalEntry} from '../entry.ts';
import {isExpired} from '../lots.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {sum} from './portion.ts';

/** Book exactly what remains of the lots past their date to breakage. What is held does not expire. */
export function decideExpire(card: CardState, {now, newId}: Circumstances): Decision {
	const due = [...card.lots.values()].filter(lot => lot.remaining > 0n && isExpired(lot, now));
	return empty(card, due, 'expire', newId());
}

/** Close a card for good: what remains goes to adjustment (C4). Refused while something is held (A13). */
export function decideClose(card: CardState, {newId}: Circumstances): Decision {
	if (isClosed(card)) {
		return refuse('cardClosed');
	}

	if (card.held > 0n) {
		return refuse('cardHasHolds');
	}

	const decision = empty(
		card,
		[...card.lots.values()].filter(lot => lot.remaining > 0n),
		'close',
		newId(),
	);
	return decision.kind === 'refused'
		? decision
		: {...decision, effect: {...decision.effect, status: {cardId: card.id, to: 'closed'}}};
}

function empty(card: CardState, lots: readonly Lot[], kind: 'expire' | 'close', id: string): Decision {
	const amount = sum(lots.map(lot => lot.remaining));
	const entry: JournalEntry = {
		id,
		kind,
		answers: null,
		operationId: null,
		postings: [
			{account: 'available', cardId: card.id, assetId: card.assetId, amount: -amount},
			{account: kind === 'expire' ? 'breakage' : 'adjustment', cardId: null, assetId: card.assetId, amount},
		],
		movements: lots.map(lot => ({
			cardId: card.id,
			lotId: lot.id,
			leg: null,
			remainingDelta: -lot.remaining,
			heldDelta: 0n,
		})),
	};
	return accept(id, amount, {entries: amount === 0n ? [] : [entry]});
}
