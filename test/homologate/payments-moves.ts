import {randomBytes} from 'node:crypto';
import {type PaymentChoice, type PaymentFault} from './payments-faults.ts';

/* What the small provider does to a payment that is there, and what it answers. */

export type Members = Readonly<Record<string, unknown>>;
export type Reply = {readonly status: number; readonly body: unknown};
export type Kind = 'settlements' | 'refunds' | 'cancellations';
export type Has = (trait: PaymentFault | PaymentChoice) => boolean;

/** A payment of the small provider; amounts are cents. */
export type Payment = {
	readonly paymentId: string;
	tid: string;
	readonly callbackUrl: string;
	status: 'approved' | 'denied' | 'undefined';
	/** What it will be after a while, where it waits. */
	readonly end: 'approved' | 'denied' | undefined;
	readonly hasPage: boolean;
	approved: number;
	settled: number;
	refunded: number;
	cancellationId: string | undefined;
};

/** `cents` is what is asked for; a cancellation asks for nothing. */
type Move = (has: Has, payment: Payment, body: Members, cents: number) => Promise<Reply>;

const idNames = {settlements: 'settleId', refunds: 'refundId', cancellations: 'cancellationId'} as const;

export function newId(): string {
	return randomBytes(8).toString('hex');
}

/** Whoever stands between looking and doing, and waits for another one to get there. */
const between = new WeakMap<Has, () => void>();

/** So long nobody has to come. */
const aloneMs = 300;

/** With a fault, wait for a second one that has looked as well; both then do what they meant to. */
export async function dawdle(has: Has, ...faults: readonly PaymentFault[]): Promise<void> {
	if (!faults.some(has)) {
		return;
	}

	const goOn = between.get(has);
	between.delete(has);
	if (goOn !== undefined) {
		goOn();
		return;
	}

	await new Promise<void>(resolve => {
		between.set(has, resolve);
		setTimeout(() => {
			if (between.get(has) === resolve) {
				between.delete(has);
			}

			resolve();
		}, aloneMs);
	});
}

const settle: Move = async (has, payment, body, asked) => {
	const {status, approved, settled, cancellationId} = payment;
	const left = approved - settled;
	const cents = has('settlements of what is left') && left > 0 ? Math.min(asked, left) : asked;
	const isOver = cancellationId !== undefined && !has('settlements after the cancellation');
	const isLate = has('one settlement only') && settled > 0;
	const isNothing = cents <= 0 && !has('settlements of nothing');
	const isAbove = cents > left && !has('settlements above what was approved');
	const lacks = has('no settlement without authorizationId') && body['authorizationId'] === undefined;
	await dawdle(has, 'settlements that do not wait for each other', 'a cancellation and a settlement at once');
	if (status === 'undefined' || isOver || isLate || isNothing || isAbove || lacks) {
		return refused(has, 'settlements', body);
	}

	payment.settled += cents;
	return done(has, 'settlements', body, cents);
};

const refund: Move = async (has, payment, body, cents) => {
	const {approved, settled, refunded} = payment;
	if (has('refunds by hand')) {
		const members = {...body, refundId: null, value: 0, code: 'refund-manually', message: 'Ask us.'};
		return {status: 501, body: members};
	}

	const most = has('refunds of what was never settled') ? approved : settled;
	const isAbove = cents > most - refunded && !has('refunds without end');
	const isLate = has('one refund only') && refunded > 0;
	const lacks = has('no refund without tid') && body['tid'] === undefined;
	await dawdle(has, 'refunds that do not wait for each other');
	if (cents <= 0 || isAbove || isLate || lacks) {
		return refused(has, 'refunds', body);
	}

	payment.refunded += cents;
	return done(has, 'refunds', body, cents);
};

const cancel: Move = async (has, payment, body) => {
	const {cancellationId = newId(), settled, approved} = payment;
	const givesBack = has('cancellations that give back what was settled');
	const isKind = givesBack || has('a cancellation of what was settled');
	const isSettled = approved > 0 && settled >= approved && !isKind;
	const isPart = settled > 0 && has('no cancellations after a part was settled');
	const isRepeated = payment.cancellationId !== undefined && has('a second cancellation refused');
	await dawdle(has, 'a cancellation and a settlement at once');
	if (isSettled || isPart || isRepeated) {
		return refused(has, 'cancellations', body);
	}

	payment.cancellationId = has('ignored requestIds') ? newId() : cancellationId;
	const isKept = payment.status === 'undefined' && has('an approval after the cancellation');
	payment.refunded = givesBack ? payment.settled : payment.refunded;
	payment.status = isKept || settled > 0 ? payment.status : 'denied';
	return done(has, 'cancellations', body, 0, payment.cancellationId);
};

export const moves: Readonly<Record<Kind, Move>> = {
	settlements: settle,
	refunds: refund,
	cancellations: cancel,
};

export function refused(has: Has, kind: Kind, {paymentId, requestId}: Members): Reply {
	const code = has('refunds asked for by hand') ? 'refund-manually' : 'nothing-left';
	const isLie = kind === 'refunds' && has('200 for a refund that was refused');
	return {
		status: isLie || (kind === 'settlements' && has('200 for settlements that are refused')) ? 200 : 500,
		body: {
			...{paymentId, requestId, code, message: 'There is nothing left.'},
			[idNames[kind]]: isLie ? newId() : null,
			...(kind !== 'cancellations' && {value: 0}),
		},
	};
}

function done(has: Has, kind: Kind, {paymentId, requestId}: Members, cents: number, id = newId()): Reply {
	const isNumber = kind === 'settlements' && has('a settleId that is a number');
	const isMissing = kind === 'cancellations' && has('a cancellation without an id');
	return {
		status: 200,
		body: {
			...{paymentId, code: null, message: null},
			requestId: has('another requestId in the answer') ? newId() : requestId,
			[idNames[kind]]: isNumber ? 7 : isMissing ? '' : id,
			...(kind !== 'cancellations' && {
				value: has('a value that is a text') ? `${cents / 100}` : cents / 100,
			}),
		},
	};
}
