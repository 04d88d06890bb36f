import {type CardRefusal, isCardRefusal, type Refusal} from '../../ledger/refusals.ts';
import {ProtocolError} from '../protocol-error.ts';

type ErrorReply = readonly [status: number, code: string, message: string];

/** How each refusal is answered: the status table of Gift Card Provider Protocol, 7, with a sentence on what to do. */
export const refusalReplies: Readonly<Record<CardRefusal, ErrorReply>> = {
	keyConflict: [
		409,
		'request_id_conflict',
		'This requestId was used for another operation, value or currency. Send a new one for a new request.',
	],
	cardNotFound: [404, 'card_not_found', 'There is no such card. Search for it again.'],
	operationNotFound: [
		404,
		'transaction_not_found',
		'This card has no such transaction. Send the id that was answered when it was created.',
	],
	notAHold: [422, 'not_a_debit', 'Only a debit can be settled; this transaction is a credit.'],
	currencyMismatch: [
		422,
		'currency_mismatch',
		"The card's currency is another one. Use a card in the cart's currency.",
	],
	cardClosed: [422, 'card_closed', 'The card is closed. Use another one.'],
	cardBlocked: [422, 'card_blocked', 'The card is blocked. Use another one, or ask the store.'],
	ownerMismatch: [422, 'owner_mismatch', 'Only its owner may use this card. Use another one.'],
	cardNotYetValid: [422, 'card_not_yet_valid', 'The card cannot be used before its emission date.'],
	cardExpired: [422, 'card_expired', 'The card has expired. Use another one.'],
	cardUsed: [422, 'card_used', 'The card can be used only once, and has been. Use another one.'],
	notRechargeable: [422, 'not_rechargeable', 'The card takes no further credit. Create another one.'],
	insufficientBalance: [
		422,
		'insufficient_balance',
		"The value is above the card's balance. Read the card and send a smaller value under a new requestId.",
	],
	balanceLimit: [
		422,
		'balance_limit',
		'The card cannot carry that much. Send a smaller value under a new requestId.',
	],
	exceedsHold: [
		422,
		'exceeds_transaction',
		'The value is above what is left of the transaction. Read its settlements and cancellations.',
	],
	creditSpent: [
		422,
		'credit_spent',
		'The credit has been spent in part. Only what is left of it can be cancelled.',
	],
	redemptionTooSmall: [
		422,
		'redemption_too_small',
		'The value takes fewer points than one order must redeem. Send a larger value under a new requestId.',
	],
	redemptionTooLarge: [
		422,
		'redemption_too_large',
		'The value takes more points than one order may redeem. Send a smaller value under a new requestId.',
	],
	cardHasHolds: [422, 'card_has_holds', 'Debits of this card are still open. Settle or cancel them first.'],
};

/** A refusal of the ledger as this protocol answers it. */
export function refusalError(refusal: Refusal): ProtocolError {
	if (!isCardRefusal(refusal)) {
		throw new TypeError(
			`A command of a card was refused with ${refusal}, which this protocol does not know.`,
		);
	}

	return new ProtocolError(...refusalReplies[refusal]);
}

/** A request that cannot be understood. `problem` reads after the member's name: "is missing." */
export function invalid(member: string, problem: string): ProtocolError {
	return new ProtocolError(400, 'invalid_request', `body.${member}: ${problem}`);
}
