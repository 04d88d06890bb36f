import {type LedgerState} from '../card-state.ts';
import {type Command} from '../commands.ts';
import {decideAuthorize} from './authorize.ts';
import {decideCapture} from './capture.ts';
import {type Circumstances, type Decision, refuse} from './decision.ts';
import {decideClose, decideExpire} from './empty.ts';
import {decideCredit, decideIssue} from './issue.ts';
import {decideUndoCredit, decideUndoHold} from './undo.ts';

export type {Circumstances, Decision} from './decision.ts';

/**
 * What a command does, or why it is refused: the rules of a gift card. Pure: no database, no clock, no HTTP. The state
 * holds the cards, holds and credits that the command names; what is not there does not exist.
 */
export function decide(state: LedgerState, command: Command, circumstances: Circumstances): Decision {
	const card = state.cards.get(command.cardId);
	if (card === undefined) {
		return refuse('cardNotFound');
	}

	switch (command.verb) {
		case 'issue':
			return decideIssue(card, command, circumstances);
		case 'credit':
			return decideCredit(card, command, circumstances);
		case 'authorize':
			return decideAuthorize(card, command, circumstances);
		case 'capture': {
			const hold = state.holds.get(command.holdId);
			const isCredit = state.credits.get(command.holdId)?.cardId === card.id;
			return hold?.legs.some(leg => leg.cardId === card.id)
				? decideCapture(state, hold, command, circumstances)
				: refuse(isCredit ? 'notAHold' : 'operationNotFound');
		}

		case 'undo': {
			const hold = state.holds.get(command.operationId);
			const credit = state.credits.get(command.operationId);
			if (hold?.legs.some(leg => leg.cardId === card.id)) {
				return decideUndoHold(state, hold, command, circumstances);
			}

			return credit?.cardId === card.id
				? decideUndoCredit(card, credit, command, circumstances)
				: refuse('operationNotFound');
		}

		case 'expire':
			return decideExpire(card, circumstances);
		case 'close':
			return decideClose(card, circumstances);
	}
}
