import {createHash} from 'node:crypto';
import {
	type Cancel,
	type Conclude,
	noNote,
	type Pay,
	type PaymentOpening,
	type PaymentParticulars,
	type PaymentRoot,
	type Refund,
	type Settle,
} from '../../src/ledger/commands.ts';

/* Commands of payments, as simple as they can be. Cards are row numbers, in the order in which they pay. */

type Place = {readonly actorId: number; readonly assetId: number};

export const particulars: PaymentParticulars = {
	method: 'Privatelabels',
	orderId: 'v500',
	reference: null,
	transactionId: null,
	callbackUrl: 'https://example.com/callback?a="b"\\',
	returnUrl: null,
	delayToAutoSettle: 86_400,
	delayAfterAntifraud: 60,
	delayToCancel: 600,
	customerId: null,
	pageHash: null,
	pageUntil: null,
	particulars: '{"settings":[{"name":"a \\"quoted\\" \\\\ one"}]}',
};

export const opening: PaymentOpening = {
	way: 'wallet',
	holdUntil: null,
	concludeAt: null,
	concludeApproved: null,
	particulars,
};

/** A payment's root under some name: its tid is made of it. */
export function rootOf(paymentId: string): PaymentRoot {
	const hex = createHash('sha256').update(paymentId).digest('hex');
	return {
		paymentId,
		tid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
	};
}

export function pay(
	{actorId, assetId}: Place,
	paymentId: string,
	cardIds: readonly string[],
	amount: bigint,
	overrides: Partial<Pay> = {},
): Pay {
	const payment = rootOf(paymentId);
	return {
		verb: 'pay',
		cardIds,
		payment,
		key: null,
		actorId,
		note: {...noNote, orderId: 'v500', requestId: paymentId},
		amount,
		assetId,
		plan: {kind: 'hold'},
		presented: [],
		opening,
		...overrides,
	};
}

export function conclude(
	{actorId, assetId}: Place,
	paymentId: string,
	cardIds: readonly string[],
	amount: bigint,
	overrides: Partial<Conclude> = {},
): Conclude {
	const payment = rootOf(paymentId);
	return {
		verb: 'conclude',
		cardIds,
		payment,
		key: {scope: payment.tid, space: 'conclusion', key: 'conclusion'},
		actorId,
		note: {...noNote, orderId: 'v500'},
		amount,
		assetId,
		plan: {kind: 'hold'},
		presented: [],
		holdUntil: null,
		callback: null,
		...overrides,
	};
}

type Target = {
	readonly paymentId: string;
	readonly cardIds: readonly string[];
	readonly holdId: string | null;
};

const spaces = {settle: 'settlement', cancel: 'cancellation', refund: 'refund'} as const;

function operation<Verb extends 'settle' | 'cancel' | 'refund'>(
	verb: Verb,
	{actorId, assetId}: Place,
	{paymentId, cardIds, holdId}: Target,
	{amount, key}: {readonly amount: bigint; readonly key: string},
) {
	const payment = rootOf(paymentId);
	return {
		verb,
		cardIds,
		payment,
		key: {scope: payment.tid, space: spaces[verb], key},
		actorId,
		note: {...noNote, requestId: key},
		amount,
		assetId,
		holdId,
	} as const;
}

export function settle(place: Place, target: Target, amount: bigint, key: string): Settle {
	return operation('settle', place, target, {amount, key});
}

export function refund(place: Place, target: Target, amount: bigint, key: string): Refund {
	return operation('refund', place, target, {amount, key});
}

export function cancel(place: Place, target: Target, key: string): Cancel {
	return {...operation('cancel', place, target, {amount: 0n, key}), isTimeOut: false};
}
