import {Failure, Skip} from '../check.ts';
import {described, expectThat, isObject, type Members, objectOf, textMember} from '../expect.ts';
import {type Answer} from '../wire.ts';

/* What answers of the Payment Provider Protocol say, in every form that is sound (Payment Provider Protocol, 5.2 and 8 to 10). */

export const statuses = ['approved', 'denied', 'undefined'] as const;
export type Status = (typeof statuses)[number];

/** What a create answered, as far as it was looked at: its status is one of the three. */
export type PaymentAnswer = {readonly status: Status; readonly members: Members; readonly answer: Answer};

/** @throws Failure for what is no answer to a create */
export function paymentOf(answer: Answer, after = 'to a create'): PaymentAnswer {
	const members = objectOf(answer, after);
	const status = statuses.find(one => one === members['status']);
	expectThat(status !== undefined, `a status of ${statuses.join(', ')} ${after}`, answer);
	return {status, members, answer};
}

/** @throws Failure where the payment stands otherwise */
export function expectPayment(answer: Answer, wanted: Status, after?: string): PaymentAnswer {
	const payment = paymentOf(answer, after);
	expectThat(payment.status === wanted, `200 and the status "${wanted}" ${after ?? 'to a create'}`, answer);
	return payment;
}

/** What must not change while a payment lives. */
export type Ids = Readonly<Record<'tid' | 'nsu' | 'authorizationId', unknown>>;

export function idsOf({members}: PaymentAnswer): Ids {
	const {tid, nsu, authorizationId} = members;
	return {tid, nsu, authorizationId};
}

export type Kind = 'settlements' | 'refunds' | 'cancellations';

export const idNames = {
	settlements: 'settleId',
	refunds: 'refundId',
	cancellations: 'cancellationId',
} as const satisfies Record<Kind, string>;

/** An operation that was done: its id, and what it moved in currency units; a cancellation says nothing of that. */
export type Done = {readonly id: string; readonly value: number; readonly members: Members};

/**
 * @param value - what has to have moved; undefined for a cancellation
 * @throws Failure unless it was done; Skip where the provider leaves it to the merchant, which it may
 */
export function expectDone(answer: Answer, kind: Kind, value?: number, after = ''): Done {
	const idName = idNames[kind];
	skipManual(answer, kind);
	const wanted = `200 with a text as ${idName}${value === undefined ? '' : ` and the value ${value}`}`;
	const members = isObject(answer.json) ? answer.json : {};
	const {[idName]: id, value: moved} = members;
	const isDone = answer.status === 200 && typeof id === 'string' && id !== '';
	expectThat(
		isDone && (value === undefined || moved === value),
		`${wanted}${after === '' ? '' : ` ${after}`}`,
		answer,
	);
	return {id, value: typeof moved === 'number' ? moved : 0, members};
}

/** A provider may leave refunds and cancellations to people (Payment Provider Protocol, 8 and 10). @throws Skip where this one does */
export function skipManual({status, json}: Answer, kind: Kind): void {
	if (status === 501 && kind !== 'settlements' && isObject(json) && json[idNames[kind]] === null) {
		throw new Skip(`The provider answers 501: it leaves ${kind} to the merchant.`);
	}
}

/** @throws Failure unless nothing was done, and said so in the form that VTEX takes for that */
export function expectRefused(answer: Answer, kind: Kind, after: string): void {
	const idName = idNames[kind];
	const wanted = `500 with ${idName} null${kind === 'cancellations' ? '' : ' and the value 0'} ${after}`;
	expectThat(refusalStatuses[kind].includes(answer.status) && isNothing(answer, kind), wanted, answer);
}

// VTEX's own connector answers a refused settlement with 200; that a cancellation is left to people says that none was made.
const refusalStatuses: Readonly<Record<Kind, readonly number[]>> = {
	settlements: [500, 200],
	refunds: [500],
	cancellations: [500, 501],
};

function isNothing({json}: Answer, kind: Kind): boolean {
	return (
		isObject(json) &&
		json[idNames[kind]] === null &&
		(kind === 'cancellations' || json['value'] === 0) &&
		[json['code'], json['message']].every(one => isTextOrNothing(one))
	);
}

export function isTextOrNothing(value: unknown): value is string | null | undefined {
	return value === null || value === undefined || typeof value === 'string';
}

/**
 * How much a settlement or refund moved, done or refused, in currency units.
 * @throws Failure for what is neither; Skip for refunds that are left to the merchant
 */
export function movedBy(answer: Answer, kind: 'settlements' | 'refunds', after = ''): number {
	skipManual(answer, kind);
	if (refusalStatuses[kind].includes(answer.status) && isNothing(answer, kind)) {
		return 0;
	}

	const members = objectOf(answer, after);
	textMember(members, idNames[kind]);
	const value = members['value'];
	if (typeof value !== 'number' || value < 0) {
		throw new Failure(`the value that moved as a JSON number ${after}`.trim(), described(answer));
	}

	return value;
}
