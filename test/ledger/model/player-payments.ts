import {type CommandOfPayment, handKey} from '../../../src/ledger/commands.ts';
import {cancel, pay, refund, rootOf, settle} from '../../helpers/payment-commands.ts';
import {assertUnchanged, compare, fingerprintOf} from './checks.ts';
import {amountOf, type Limits, restOf} from './limits.ts';
import {assets} from './memory.ts';
import {type Play, type PlayedCard} from './player.ts';
import {refundable, uncaptured, valueIn} from './reference-holds.ts';
import {newReferencePayment, paymentOutcome} from './reference-payments.ts';
import {
	type ReferenceOutcome,
	type ReferencePayment,
	type ReferencePaymentCommand,
} from './reference-state.ts';
import {type Step} from './steps.ts';

type PlayedPayment = {readonly id: string; readonly reference: ReferencePayment; holdId: string | null};

export type PlayedPayments = {
	readonly all: readonly PlayedPayment[];
	/** What operations answered, by payment, space and key: all but what they refused, except once a payment was denied. */
	readonly remembered: Map<
		string,
		{readonly outcome: ReferenceOutcome; readonly id: string; readonly amount: bigint}
	>;
};

export function newPayments(): PlayedPayments {
	const all = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8'].map(id => ({
		id,
		reference: newReferencePayment(),
		holdId: null,
	}));
	return {all, remembered: new Map()};
}

export type PaymentStep = Extract<Step, {do: 'pay' | 'settle' | 'refund' | 'cancel' | 'mendPayment'}>;

const place = {actorId: 1, assetId: assets.currency};

/**
 * Submit a command of a payment to both sides. One that comes again is told what the first one was told, whatever it says (A8), unless a
 * person gave it.
 */
export function performPayment(stage: Play, step: PaymentStep): void {
	const {ledger, payments} = stage;
	const payment = payments.all[step.payment % payments.all.length];
	if (payment === undefined) {
		return;
	}

	const {command, reference} = said(stage, payment, step);
	const name = command.key === null ? '' : `${payment.id} ${command.key.space} ${command.key.key}`;
	const known = command.key === null ? createdAs(payment) : payments.remembered.get(name);
	const before = fingerprintOf(ledger);
	const outcome = ledger.submit(command);
	if (known !== undefined) {
		const isSame = step.do !== 'mendPayment' || known.amount === command.amount;
		compare(outcome, isSame ? known.outcome : 'keyConflict', isSame, known.id);
		assertUnchanged(before, ledger);
		return;
	}

	const wasNew = payment.reference.status === 'new';
	const expected = paymentOutcome(payment.reference, reference, ledger.now);
	compare(outcome, expected, false);
	// A denied create leaves its denial behind.
	if (typeof expected === 'string' && !(wasNew && step.do === 'pay')) {
		assertUnchanged(before, ledger);
	}

	if (typeof expected !== 'string' && outcome.kind === 'done') {
		payment.holdId =
			expected.operation === undefined
				? payment.holdId
				: (ledger.books.payments.get(payment.id)?.holdId ?? null);
		payments.remembered.set(name, {outcome: expected, id: outcome.id, amount: command.amount});
	}
}

/** What is told to a create that comes again, once there is a payment. */
function createdAs({
	id,
	reference,
	holdId,
}: PlayedPayment): {outcome: ReferenceOutcome; id: string; amount: bigint} | undefined {
	const {isCreated, refusal, value} = reference;
	return isCreated
		? {outcome: refusal ?? {moved: value}, id: holdId ?? rootOf(id).tid, amount: BigInt(value)}
		: undefined;
}

function said(
	stage: Play,
	{id: paymentId, reference, holdId}: PlayedPayment,
	step: PaymentStep,
): {readonly command: CommandOfPayment; readonly reference: ReferencePaymentCommand} {
	const {ledger} = stage;
	if (step.do === 'pay') {
		const cards = step.cards.flatMap(index => stage.cards[index] ?? []);
		const amount = amountOf(step.amount, payableOf(cards, ledger.now));
		return {
			command: pay(
				place,
				paymentId,
				cards.map(({id}) => id),
				BigInt(amount),
			),
			reference: {verb: 'pay', cards: cards.map(one => one.reference), amount},
		};
	}

	const cardIds = ledger.books.holds.get(holdId ?? '')?.legs.map(({cardId}) => cardId) ?? [];
	const target = {paymentId, cardIds, holdId};
	const key = `r${step.key}`;
	if (step.do === 'cancel') {
		const {isTimeOut} = step;
		return {
			command: {...cancel(place, target, key), isTimeOut},
			reference: {verb: 'cancel', isTimeOut},
		};
	}

	if (step.do === 'mendPayment') {
		const {how} = step;
		const rest = valueIn(reference.hold, how === 'refund' ? refundable : uncaptured);
		const amount = step.everything ? 0 : amountOf(step.amount, {rest, whole: reference.value});
		const common = {
			key: handKey(rootOf(paymentId).tid, how, key),
			byHand: true,
			amount: BigInt(amount),
		} as const;
		const commands = {
			capture: {...settle(place, target, 0n, key), ...common},
			release: {...cancel(place, target, key), ...common},
			refund: {...refund(place, target, 0n, key), ...common},
		};
		return {command: commands[how], reference: {verb: 'mend', how, amount}};
	}

	const {do: verb} = step;
	const of = verb === 'settle' ? uncaptured : refundable;
	const rest = reference.isForgotten ? reference.value : valueIn(reference.hold, of);
	const amount = amountOf(step.amount, {rest, whole: reference.value});
	return {
		command: (verb === 'settle' ? settle : refund)(place, target, BigInt(amount), key),
		reference: {verb, amount},
	};
}

/** The values that some cards can show together. */
function payableOf(cards: readonly PlayedCard[], now: number): Limits {
	const limits = cards.map(({reference}) => restOf(reference, assets.currency, now));
	return {
		rest: limits.reduce((sum, {rest}) => sum + rest, 0),
		whole: limits.reduce((sum, {whole}) => sum + whole, 0),
	};
}
