import {type Instant} from '../calendar.ts';
import {type Effect, type PaymentChange} from '../entry.ts';
import {type Refusal} from '../refusals.ts';

/** What surrounds a decision: pure functions get the time and fresh ids as arguments. */
export type Circumstances = {
	readonly now: Instant;
	/** The merchant's; days end by its clocks. */
	readonly timeZone: string;
	/** A fresh UUID, greater than every earlier one. */
	readonly newId: () => string;
};

/**
 * What became of a command. `id` is the hold or the (first) entry it made: the transaction id or `oid` that VTEX gets.
 * `moved` is what really moved, in minor units: less than asked where only a rest was left (A9).
 * A refused create leaves a denied payment behind: its row changes, and nothing else.
 */
export type Decision =
	| {readonly kind: 'refused'; readonly refusal: Refusal; readonly payment?: PaymentChange}
	| {
			readonly kind: 'accepted';
			readonly id: string;
			readonly moved: bigint;
			readonly effect: Effect;
			/** Nothing was done, because a later version of the document was applied before (A12). */
			readonly isSuperseded?: true;
	  };

export function refuse(refusal: Refusal): Decision {
	return {kind: 'refused', refusal};
}

/** An accepted command with one entry; what the effect does not mention does not happen. */
export function accept(
	id: string,
	moved: bigint,
	effect: Partial<Effect>,
): Extract<Decision, {kind: 'accepted'}> {
	return {
		kind: 'accepted',
		id,
		moved,
		effect: {
			entries: effect.entries ?? [],
			lots: effect.lots ?? [],
			hold: effect.hold ?? null,
			legSteps: effect.legSteps ?? [],
			owed: effect.owed ?? [],
			status: effect.status ?? null,
			extension: effect.extension ?? null,
			forward: effect.forward ?? null,
			payment: effect.payment ?? null,
			order: effect.order ?? null,
		},
	};
}
