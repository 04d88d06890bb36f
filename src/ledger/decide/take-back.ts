import {type CardState, type CreditState} from '../card-state.ts';
import {type Undo} from '../commands.ts';
import {bySpendingOrder} from '../lots.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';
import {sum} from './portion.ts';
import {takeFrom} from './take.ts';
import {movementOf} from './transfer.ts';

/**
 * Take back a credit that a person was wrong to give, out of all that goes on of its lot on one card: available → funding. That may be
 * the card that it was given to, after an extension, or a wallet that took over from that one (A13). Value past its date that no sweep has
 * booked yet, and value that cannot be spent yet, is taken too. What was spent cannot be taken (A10), and what is held comes back first.
 * @param holder - the card that has the value
 */
export function decideTakeBack(
	holder: CardState | undefined,
	credit: CreditState | undefined,
	{cardId, amount}: Undo,
	{newId}: Circumstances,
): Decision {
	if (holder === undefined || credit?.cardId !== cardId) {
		return refuse('operationNotFound');
	}

	if (amount > credit.amount - credit.reversed) {
		return refuse('exceedsHold');
	}

	const lots = [...holder.lots.values()].filter(lot => (lot.rootId ?? lot.id) === credit.id);
	const parts = takeFrom(lots.sort(bySpendingOrder), amount);
	const origin = parts[0]?.lot.origin;
	if (origin === undefined || sum(parts.map(({part}) => part)) < amount) {
		return refuse('creditSpent');
	}

	const id = newId();
	const {assetId} = holder;
	return accept(id, amount, {
		entries: [
			{
				id,
				kind: 'reverseCredit',
				answers: credit.id,
				operationId: null,
				postings: [
					{account: 'available', cardId: holder.id, assetId, amount: -amount},
					{account: origin, cardId: null, assetId, amount},
				],
				movements: parts.map(({lot, part}) => movementOf(holder, lot.id, -part)),
			},
		],
	});
}
