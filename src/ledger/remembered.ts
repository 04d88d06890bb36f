import {type Instant} from './calendar.ts';
import {type PaymentState} from './card-state.ts';
import {type Command, type Fingerprint, isSameCommand, keyText} from './commands.ts';
import {type Refusal} from './refusals.ts';

/**
 * What became of a command. `id` is the hold or entry it made, `moved` what really moved in minor units, `at` when it
 * was decided. `isReplay`: it had been decided before, and this is that answer again. What is taken back for an order has moved by less
 * than nothing; `isSuperseded`: nothing was done for it, because a later version of it is known.
 */
export type Outcome =
	| {
			readonly kind: 'done';
			readonly id: string;
			readonly moved: bigint;
			readonly at: Instant;
			readonly isReplay: boolean;
			readonly isSuperseded?: true;
	  }
	| {readonly kind: 'refused'; readonly refusal: Refusal; readonly isReplay: boolean};

/** A command that was decided before, and how. */
export type Remembered = Fingerprint & {
	readonly at: Instant;
	readonly outcome:
		| {readonly kind: 'accepted'; readonly id: string; readonly moved: bigint}
		| {readonly kind: 'refused'; readonly refusal: Refusal};
};

/**
 * The stored outcome of a command that was decided before; a conflict when its content is another (A18). A payment's commands get
 * the first answer whatever their content is (A8), unless a person gave them.
 */
export function replay({outcome, at, ...known}: Remembered, command: Command): Outcome {
	const isOfVtex = 'payment' in command && command.key?.space !== 'byHand';
	if (command.key !== null && !isOfVtex && !isSameCommand(known, command)) {
		return {kind: 'refused', refusal: 'keyConflict', isReplay: false};
	}

	return outcome.kind === 'refused'
		? {kind: 'refused', refusal: outcome.refusal, isReplay: true}
		: {kind: 'done', id: outcome.id, moved: outcome.moved, at, isReplay: true};
}

/**
 * How a command was decided before, if it was: a payment's create is remembered by its row (B16), everything else under its key.
 * @param remembered - by `keyText`
 * @param payments - by their ids
 */
export function rememberedAs(
	command: Command,
	remembered: ReadonlyMap<string, Remembered>,
	payments: ReadonlyMap<string, PaymentState>,
): Remembered | undefined {
	if (command.verb === 'pay') {
		return createOf(payments.get(command.payment.paymentId));
	}

	return command.key === null ? undefined : remembered.get(keyText(command.key));
}

/** Undefined for a payment that was never created, a tombstone among them. */
function createOf(payment: PaymentState | undefined): Remembered | undefined {
	if (payment === undefined || payment.way === null) {
		return undefined;
	}

	const {tid, refusal, assetId, value, holdId, createdAt} = payment;
	return {
		verb: 'pay',
		amount: value ?? 0n,
		assetId: assetId ?? 0,
		at: createdAt ?? 0,
		outcome:
			refusal === null
				? {kind: 'accepted', id: holdId ?? tid, moved: holdId === null ? 0n : (value ?? 0n)}
				: {kind: 'refused', refusal},
	};
}
