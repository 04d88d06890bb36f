/**
 * Why a command is refused: a closed union, in order of precedence. When two refusals apply, the earlier one is
 * given, so that an answer never depends on the order in which the code happens to look.
 *
 * `number` stands for the refusal in the database and never changes. `isRemembered` follows A7: a remembered refusal
 * stays the answer to its key for ever, even after a top-up; the others may succeed on retry.
 */
export const refusals = {
	/** The key is known with another verb, amount or currency (A18). */
	keyConflict: {number: 1, isRemembered: false},
	cardNotFound: {number: 2, isRemembered: false},
	/** No such authorization or credit on this card. */
	operationNotFound: {number: 3, isRemembered: false},
	/** A capture names a credit. */
	notAHold: {number: 4, isRemembered: false},
	/** The command names another currency than the card's (C4). */
	currencyMismatch: {number: 5, isRemembered: true},
	cardClosed: {number: 6, isRemembered: true},
	cardBlocked: {number: 7, isRemembered: true},
	/** The card is restricted to its owner, and the shopper is somebody else (B11). */
	ownerMismatch: {number: 8, isRemembered: true},
	/** The card's emission date lies ahead. */
	cardNotYetValid: {number: 9, isRemembered: true},
	/** The card's date has passed and no live lot remains (A11). */
	cardExpired: {number: 10, isRemembered: true},
	/** A single-use card is used while one of its holds lives (A14). */
	cardUsed: {number: 11, isRemembered: true},
	/** The card takes no credit after its first value. */
	notRechargeable: {number: 12, isRemembered: true},
	insufficientBalance: {number: 13, isRemembered: true},
	/** More value than one card may carry. */
	balanceLimit: {number: 14, isRemembered: true},
	/** More than what is left of the authorization (A9). */
	exceedsHold: {number: 15, isRemembered: false},
	/** The credit, or its rest, has been spent already (A10). */
	creditSpent: {number: 16, isRemembered: false},
	/** A card cannot be closed while something is held (A13). */
	cardHasHolds: {number: 17, isRemembered: false},
	/** A payment that was cancelled before it was created, or before it was concluded. */
	paymentCancelled: {number: 18, isRemembered: true},
	/** The payment's hold is another one than when its cards were looked up: to be looked up again (A2). */
	paymentChanged: {number: 19, isRemembered: false},
	/** No such payment, or nothing was ever approved. */
	paymentNotApproved: {number: 20, isRemembered: false},
	/** A cancellation after all of the payment was captured: that is a refund. */
	paymentSettled: {number: 21, isRemembered: false},
	/** The payment method is not offered. */
	methodNotOffered: {number: 22, isRemembered: true},
	/** The redemption code is no card of ours, or its PIN is wrong or missing: a stranger learns no more. */
	codeUnknown: {number: 23, isRemembered: true},
	/** Too many wrong PINs; the card takes none for a time. */
	pinLocked: {number: 24, isRemembered: true},
	/** Nobody is named, or not by an identifier on which a wallet may pay. */
	walletUnknown: {number: 25, isRemembered: true},
	/** The shopper said no, or did not answer in time. */
	declined: {number: 26, isRemembered: true},
	/** A sandbox selector asks for it. */
	sandboxDenied: {number: 27, isRemembered: true},
	/** An amount that the currency cannot hold, or none at all. */
	amountUnusable: {number: 28, isRemembered: true},
	/** A person moved value and did not say why. */
	reasonMissing: {number: 29, isRemembered: false},
	/** A transfer from a card to itself. */
	sameCard: {number: 30, isRemembered: false},
	// What the card that gets a transfer has against it. None is remembered: a key says nothing about the target (A18), and what one
	// target refused must not be the answer for another.
	targetCurrency: {number: 31, isRemembered: false},
	targetClosed: {number: 32, isRemembered: false},
	/** Its date has passed and no live lot remains (A11). */
	targetExpired: {number: 33, isRemembered: false},
	/** A used single-use card, on which nobody could spend what arrives (A14). */
	targetUsed: {number: 34, isRemembered: false},
	targetNotRechargeable: {number: 35, isRemembered: false},
	targetBalanceLimit: {number: 36, isRemembered: false},
	/** Fewer points than one order must redeem, or more than it may. */
	redemptionTooSmall: {number: 37, isRemembered: true},
	redemptionTooLarge: {number: 38, isRemembered: true},
	/** An extension to a date that has passed, or before the card's own. */
	dateTooEarly: {number: 39, isRemembered: false},
	/** An extension of a card that has this date already, and nothing on it that ends before. */
	alreadyExtended: {number: 40, isRemembered: false},
	/** It belongs to an import that somebody has begun to take back. */
	runTakenBack: {number: 41, isRemembered: false},
} as const satisfies Record<string, {number: number; isRemembered: boolean}>;

export type Refusal = keyof typeof refusals;

/** Refusals that only commands of payments get. */
export type PaymentRefusal =
	| 'paymentCancelled'
	| 'paymentChanged'
	| 'paymentNotApproved'
	| 'paymentSettled'
	| 'methodNotOffered'
	| 'codeUnknown'
	| 'pinLocked'
	| 'walletUnknown'
	| 'declined'
	| 'sandboxDenied'
	| 'amountUnusable';

/** Refusals that only transfers, adjustments, extensions and imports get, which no protocol sends. */
export type OperatorRefusal =
	| ('reasonMissing' | 'sameCard' | 'dateTooEarly' | 'alreadyExtended' | 'runTakenBack')
	| Extract<Refusal, `target${string}`>;

/** Refusals of commands that VTEX sends to a card. */
export type CardRefusal = Exclude<Refusal, PaymentRefusal | OperatorRefusal>;

/** Whether a refusal may answer a command that VTEX sends to a card. */
export function isCardRefusal(refusal: Refusal): refusal is CardRefusal {
	const {number} = refusals[refusal];
	return (
		number < refusals.paymentCancelled.number ||
		(number > refusals.targetBalanceLimit.number && number < refusals.dateTooEarly.number)
	);
}

const byNumber = new Map(
	Object.entries(refusals).map(([name, {number}]) => [number as number, name as Refusal]),
);

/** The refusal behind a number read from the database. @throws {RangeError} when it is unknown. */
export function refusalOf(number: number): Refusal {
	const refusal = byNumber.get(number);
	if (refusal === undefined) {
		throw new RangeError(`No refusal has the number ${number}; is this service older than the database?`);
	}

	return refusal;
}
