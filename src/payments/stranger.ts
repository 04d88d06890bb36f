import {type Refusal} from '../ledger/refusals.ts';

/**
 * Why a code cannot pay, as far as it says something about a card: to somebody who guesses, each of these would tell that there is one.
 * They are answered alike; what it really was stands with the payment, for the store. What only a card that can pay is refused for (too
 * little on it, too few points) is no secret from who knows its code.
 */
const hiding: ReadonlySet<Refusal> = new Set([
	'codeUnknown',
	'pinLocked',
	'cardNotFound',
	'cardClosed',
	'cardBlocked',
	'ownerMismatch',
	'cardNotYetValid',
	'cardExpired',
	'cardUsed',
	'currencyMismatch',
] as const);

/** Whether a stranger who typed a code must not be told why it was denied. */
export function hidesCard(refusal: Refusal): boolean {
	return hiding.has(refusal);
}
