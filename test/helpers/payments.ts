import {readFileSync} from 'node:fs';
import {type Answer, type CallOptions} from './ask.ts';
import {newRequestId} from './vtex.ts';

const folder = new URL('../fixtures/vtex/payments/', import.meta.url);

export type Body = Record<string, unknown>;

/** A published body of the Payment Provider Protocol, byte for byte: `seed-create-payment.request`. */
export function paymentSampleText(name: string): string {
	return readFileSync(new URL(`${name}.json`, folder), 'utf8');
}

export function paymentSample(name: string): Body {
	return JSON.parse(paymentSampleText(name)) as Body;
}

/** The card numbers by which the homologation says what is to happen. */
export const selectors = {
	approve: '4444333322221111',
	deny: '4444333322221112',
	approveLater: '4222222222222224',
	denyLater: '4222222222222225',
} as const;

/** The published credit card payment under a fresh id, by private label and without a callback; members over that. */
export function createBody(members: Body = {}): Body {
	return {
		...paymentSample('oas-create-payment-success-denied.request'),
		paymentId: newRequestId(),
		paymentMethod: 'Privatelabels',
		value: 30,
		callbackUrl: null,
		returnUrl: null,
		...members,
	};
}

/** A card as the checkout sends it. */
export function cardMember(number: string, csc: string | null = null): Body {
	return {holder: 'ANA PRADO', number, csc, expiration: {month: '12', year: '2030'}};
}

/** What a create answers. */
export type PaymentAnswer = {
	readonly paymentId: string;
	readonly status: string;
	readonly authorizationId: string;
	readonly tid: string;
	readonly nsu: string;
	readonly code: string | null;
	readonly message: string | null;
	readonly paymentUrl?: string;
	readonly maxValue?: number;
} & Body;

/** The Payments Gateway's calls, with its bodies. */
export type Gateway = {
	readonly create: (members?: Body) => Promise<Answer>;
	readonly settle: (paymentId: string, value: unknown, members?: Body) => Promise<Answer>;
	readonly refund: (paymentId: string, value: unknown, members?: Body) => Promise<Answer>;
	readonly cancel: (paymentId: string, members?: Body) => Promise<Answer>;
	readonly inbound: (paymentId: string, action: string, members?: Body) => Promise<Answer>;
	readonly post: (path: string, body: unknown, headers?: CallOptions['headers']) => Promise<Answer>;
};

type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export function openGateway({call}: {readonly call: Call}): Gateway {
	const post: Gateway['post'] = (path, body, headers) =>
		call('POST', path, {body, headers: {'Content-Type': 'application/json', ...headers}});
	const operate = (kind: string, paymentId: string, members: Body) =>
		post(`/payments/${encodeURIComponent(paymentId)}/${kind}`, {
			paymentId,
			requestId: newRequestId(),
			...members,
		});
	return {
		post,
		create: members => post('/payments', createBody(members)),
		settle: (paymentId, value, members) => operate('settlements', paymentId, {value, ...members}),
		refund: (paymentId, value, members) => operate('refunds', paymentId, {value, ...members}),
		cancel: (paymentId, members = {}) => operate('cancellations', paymentId, members),
		inbound: (paymentId, action, members = {}) => operate(`inbound/${action}`, paymentId, members),
	};
}

/** The id of a payment that the sandbox approved. */
export async function approved(gateway: Gateway, value: unknown, members: Body = {}): Promise<string> {
	const {status, json, text} = await gateway.create({card: cardMember(selectors.approve), value, ...members});
	const {paymentId, status: outcome} = (json ?? {}) as Partial<PaymentAnswer>;
	if (status !== 200 || outcome !== 'approved' || paymentId === undefined) {
		throw new Error(`Expected an approved payment, got ${status}: ${text}`);
	}

	return paymentId;
}

/** What the published answer to a create always has. */
export const answerMembers = [
	...['paymentId', 'status', 'authorizationId', 'tid', 'nsu', 'acquirer', 'code', 'message'],
	...['delayToAutoSettle', 'delayToAutoSettleAfterAntifraud', 'delayToCancel'],
] as const;
