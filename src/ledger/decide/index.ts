import {type CardState, type CreditState, type LedgerState, newPayment} from '../card-state.ts';
import {type CardCommand, type Command, type CommandOfPayment} from '../commands.ts';
import {decideAdjust} from './adjust.ts';
import {decideAuthorize} from './authorize.ts';
import {decideCapture} from './capture.ts';
import {type Circumstances, type Decision, refuse} from './decision.ts';
import {decideEarn} from './earn.ts';
import {decideClose, decideExpire} from './empty.ts';
import {decideCredit, decideIssue} from './issue.ts';
import {decideExtend} from './extend.ts';
import {decideMerge} from './merge.ts';
import {decideConclude, decidePay} from './pay.ts';
import {decideCancel, decideRefund, decideSettle} from './payment-operations.ts';
import {decideTakeBack} from './take-back.ts';
import {decideTransfer} from './transfer.ts';
import {decideUndoCredit, decideUndoHold} from './undo.ts';

export type {Circumstances, Decision} from './decision.ts';

/**
 * What a command does, or why it is refused. Pure: no database, no clock, no HTTP. The state holds the cards, holds,
 * credits, payments and orders that the command names; what is not there does not exist.
 */
export function decide(state: LedgerState, command: Command, circumstances: Circumstances): Decision {
	if (command.verb === 'earn') {
		return decideEarn(state, command, circumstances);
	}

	return 'payment' in command
		? decideOfPayment(state, command, circumstances)
		: decideOfCard(state, command, circumstances);
}

function decideOfPayment(
	state: LedgerState,
	command: CommandOfPayment,
	circumstances: Circumstances,
): Decision {
	const payment = state.payments.get(command.payment.paymentId) ?? newPayment(command.payment);
	switch (command.verb) {
		case 'pay':
			return decidePay(state, payment, command, circumstances);
		case 'conclude':
			return decideConclude(state, payment, command, circumstances);
		case 'settle':
			return decideSettle(state, payment, command, circumstances);
		case 'cancel':
			return decideCancel(state, payment, command, circumstances);
		case 'refund':
			return decideRefund(state, payment, command, circumstances);
	}
}

/** Whether a card has this credit as VTEX knows it. */
function isCreditOf({id}: CardState, credit: CreditState | undefined): credit is CreditState {
	return credit?.cardId === id && !credit.isGrant;
}

function decideOfCard(state: LedgerState, command: CardCommand, circumstances: Circumstances): Decision {
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
			const isCredit = isCreditOf(card, state.credits.get(command.holdId));
			return hold?.legs.every(leg => leg.cardId === card.id)
				? decideCapture(state, hold, command, circumstances)
				: refuse(isCredit ? 'notAHold' : 'operationNotFound');
		}

		case 'undo': {
			const hold = state.holds.get(command.operationId);
			const credit = state.credits.get(command.operationId);
			if (hold?.legs.every(leg => leg.cardId === card.id)) {
				return decideUndoHold(state, hold, command, circumstances);
			}

			if (command.holderId !== undefined) {
				return decideTakeBack(state.cards.get(command.holderId), credit, command, circumstances);
			}

			return command.byHand === undefined && isCreditOf(card, credit)
				? decideUndoCredit(card, credit, command, circumstances)
				: refuse('operationNotFound');
		}

		case 'expire':
			return decideExpire(card, circumstances);
		case 'close':
			return decideClose(card, circumstances);
		case 'transfer': {
			const target = state.cards.get(command.targetId);
			return target === undefined
				? refuse('cardNotFound')
				: decideTransfer(card, target, command, circumstances);
		}

		case 'merge': {
			const target = state.cards.get(command.targetId);
			return target === undefined
				? refuse('cardNotFound')
				: decideMerge(card, target, command, circumstances);
		}

		case 'adjust':
			return decideAdjust(card, command, circumstances);
		case 'extend':
			return decideExtend(card, command, circumstances);
	}
}
