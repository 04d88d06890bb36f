import {type Instant} from './calendar.ts';
import {type PaymentState} from './card-state.ts';
import {type Command, type Fingerprint, isSameCommand} from './commands.ts';
import {type Refusal} from './refusals.ts';

/**
 * What became of a command. `id` is the hold or entry it made, `moved` what really moved in minor units, `at` when it
 * was decided. `isReplay`: it had been decided before, and this is that answer again.
 */
export type Outcome =
	| {
			readonly kind: 'done';
			readonly id: string;
			readonly moved: bigint;
			readonly at: Instant;
			readonly isReplay: boolean;
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
 * the first answer whatever their content is (A8).
 */
export function replay({outcome, at, ...known}: Remembered, command: Command): Outcome {
	if (command.key !== null && !('payment' in command) && !isSameCommand(known, command)) {
		return {kind: 'refused', refusal: 'keyConflict', isReplay: false};
	}

	return outcome.kind === 'refused'
		? {kind: 'refused', refusal: outcome.refusal, isReplay: true}
		: {kind: 'done', id: outcome.id, moved: outcome.moved, at, isReplay: true};
}

/** A payment's create, which its row remembers (B16); undefined for one that was never created, a tombstone among them. */
export function rememberedCreate(payment: PaymentState | undefined): Remembered | undefined {
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
