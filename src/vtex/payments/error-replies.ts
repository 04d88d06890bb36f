import {type OperatorRefusal, type Refusal} from '../../ledger/refusals.ts';
import {ProtocolError} from '../protocol-error.ts';

/** What is answered as `code` and `message`; VTEX logs both, and the merchant reads them. */
export type Reason = readonly [code: string, message: string];

/** Each refusal as a denied create or a failed operation gives it. */
export const refusalReasons: Readonly<Record<Exclude<Refusal, OperatorRefusal>, Reason>> = {
	keyConflict: [
		'request_id_conflict',
		'This requestId was used for another operation. Send a new one for a new request.',
	],
	cardNotFound: ['card_not_found', 'The card does not exist.'],
	operationNotFound: ['payment_not_found', 'There is no such payment.'],
	notAHold: ['payment_not_found', 'There is no such payment.'],
	currencyMismatch: ['currency_mismatch', "The card's currency is not that of the payment."],
	cardClosed: ['card_closed', 'The card is closed.'],
	cardBlocked: ['card_blocked', 'The card is blocked.'],
	ownerMismatch: ['owner_mismatch', 'Only its owner may pay with this card.'],
	cardNotYetValid: ['card_not_yet_valid', 'The card cannot be used yet.'],
	cardExpired: ['card_expired', 'The card has expired.'],
	cardUsed: ['card_used', 'The card can be used only once, and has been.'],
	notRechargeable: ['not_rechargeable', 'The card takes no further credit.'],
	insufficientBalance: ['insufficient_balance', 'The balance does not cover the value of the payment.'],
	balanceLimit: ['balance_limit', 'The card cannot carry that much.'],
	exceedsHold: ['nothing_left', 'The value is above what is left of the payment.'],
	creditSpent: ['credit_spent', 'The credit has been spent.'],
	cardHasHolds: ['card_has_holds', 'Payments of this card are still open.'],
	redemptionTooSmall: ['redemption_too_small', 'The value takes fewer points than one order must redeem.'],
	redemptionTooLarge: ['redemption_too_large', 'The value takes more points than one order may redeem.'],
	paymentCancelled: ['payment_cancelled', 'The payment was cancelled.'],
	paymentChanged: ['payment_changed', 'The payment changed meanwhile. Send the request again.'],
	paymentNotApproved: ['payment_not_approved', 'There is no such payment, or it was not approved.'],
	paymentSettled: [
		'payment_settled',
		'All of the payment was settled, so nothing is left to cancel. Ask for a refund.',
	],
	methodNotOffered: [
		'method_not_offered',
		'This payment method is not offered. The manifest lists those that are.',
	],
	codeUnknown: [
		'card_not_accepted',
		'The card cannot pay: its number or PIN is not right, or it cannot be used for this.',
	],
	pinLocked: ['pin_locked', 'The PIN was wrong too often. Try again later.'],
	walletUnknown: ['wallet_unknown', 'The buyer has no balance here, or is not identified well enough.'],
	declined: ['declined', 'The shopper did not confirm the payment.'],
	sandboxDenied: ['sandbox_denied', 'The sandbox denies payments with this card number.'],
	amountUnusable: [
		'amount_unusable',
		'The value is missing, not above zero, ambiguous or finer than the currency. Send a JSON number with its decimals.',
	],
};

const byRefusal: ReadonlyMap<string, Reason> = new Map(Object.entries(refusalReasons));

/** @throws TypeError for a refusal that no command of a payment gets */
export function refusalReason(refusal: Refusal): Reason {
	const reason = byRefusal.get(refusal);
	if (reason === undefined) {
		throw new TypeError(
			`A command of a payment was refused with ${refusal}, which this protocol does not know.`,
		);
	}

	return reason;
}

/** Nobody knows yet whether it was approved: the gateway asks again. */
export const waitingReason: Reason = ['waiting', 'The payment waits for the shopper.'];
export const unknownReason: Reason = [
	'pending',
	'The payment is not decided yet. Send the same request again.',
];

/** A request that cannot be understood. `problem` reads after the member's name: "is missing." */
export function invalid(member: string, problem: string): ProtocolError {
	return new ProtocolError(400, 'invalid_request', `body.${member}: ${problem}`);
}

type ErrorContent = {readonly code: string; readonly message: string};

/** A create that fails (Payment Provider Protocol, 14). */
export const createError = ({code, message}: ErrorContent) => ({status: 'error', code, message});
/** Operations that fail (Payment Provider Protocol, 8 to 10): the ids are null, so that nobody takes them for done. */
export const cancellationError = ({code, message}: ErrorContent) => ({cancellationId: null, code, message});
export const settlementError = ({code, message}: ErrorContent) => ({settleId: null, value: 0, code, message});
export const refundError = ({code, message}: ErrorContent) => ({refundId: null, value: 0, code, message});
