import {type CardState} from '../card-state.ts';
import {type Authorize} from '../commands.ts';
import {type Movement} from '../entry.ts';
import {isCardExpired, liveLots, reopenedValue, spendableBalance} from '../lots.ts';
import {ownerMatch} from '../owner.ts';
import {type Refusal} from '../refusals.ts';
import {accept, type Circumstances, type Decision, refuse} from './decision.ts';

/** Reserve value: available → held, out of live lots in spending order (C3). One leg, on one card. */
export function decideAuthorize(card: CardState, command: Authorize, circumstances: Circumstances): Decision {
	const refusal = whyNot(card, command, circumstances.now);
	if (refusal !== undefined) {
		return refuse(refusal);
	}

	const {amount} = command;
	const id = circumstances.newId();
	const cardId = card.id;
	const {assetId} = card;
	return accept(id, amount, {
		entries: [
			{
				id,
				kind: 'authorize',
				answers: null,
				operationId: null,
				postings: [
					{account: 'available', cardId, assetId, amount: -amount},
					{account: 'held', cardId, assetId, amount},
				],
				movements: take(card, amount, circumstances.now),
			},
		],
		hold: {id, legs: [{number: 1, cardId, assetId, value: amount, singleUse: card.singleUse}]},
	});
}

function whyNot(card: CardState, command: Authorize, now: number): Refusal | undefined {
	if (command.assetId !== card.assetId) {
		return 'currencyMismatch';
	}

	if (card.status !== 'active') {
		return card.status === 'closed' ? 'cardClosed' : 'cardBlocked';
	}

	if (card.restricted && ownerMatch(card.owner, command.presented) === 'other') {
		return 'ownerMismatch';
	}

	if (card.emittedAt > now) {
		return 'cardNotYetValid';
	}

	if (isCardExpired(card, now)) {
		return 'cardExpired';
	}

	if (card.singleUse && reopenedValue(card.uses) === 0n) {
		return 'cardUsed';
	}

	return command.amount > spendableBalance(card, now) ? 'insufficientBalance' : undefined;
}

function take(card: CardState, amount: bigint, now: number): Movement[] {
	const movements: Movement[] = [];
	let missing = amount;
	for (const lot of liveLots(card.lots.values(), now)) {
		if (missing === 0n) {
			break;
		}

		const part = lot.remaining < missing ? lot.remaining : missing;
		movements.push({cardId: card.id, lotId: lot.id, leg: 1, remainingDelta: -part, heldDelta: part});
		missing -= part;
	}

	return movements;
}
