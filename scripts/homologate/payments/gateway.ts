import {type Members} from '../expect.ts';
import {type Answer, type CallOptions, type Wire} from '../wire.ts';
import {type Body, newId} from './bodies.ts';

/** What an operation needs to know of a payment. */
export type Created = {
	readonly paymentId: string;
	readonly transactionId: unknown;
	/** Currency units. */
	readonly value: number;
	readonly tid?: unknown;
	readonly nsu?: unknown;
	readonly authorizationId?: unknown;
};

/** VTEX's Payments Gateway in its test suite. Members that are given as undefined are left out of a body. */
export type Gateway = {
	readonly post: (path: string, body: Body, call?: CallOptions) => Promise<Answer>;
	readonly create: (body: Body, call?: CallOptions) => Promise<Answer>;
	/** `value` is currency units. */
	readonly settle: (payment: Created, value: unknown, members?: Body, call?: CallOptions) => Promise<Answer>;
	readonly refund: (payment: Created, value: unknown, members?: Body, call?: CallOptions) => Promise<Answer>;
	readonly cancel: (payment: Created, members?: Body, call?: CallOptions) => Promise<Answer>;
	/** `path` is one of the two under which VTEX has documented it. */
	readonly inbound: (payment: Created, path: string, members?: Body) => Promise<Answer>;
};

/** Every request of VTEX's suite says so (homologation, 1). */
export const suiteHeader = {'X-VTEX-API-Is-TestSuite': 'true'};

/** No answers: nothing was done, and who asks comes back. An error to a create counts, so that one is not sent again. */
const busyStatuses: readonly number[] = [429, 503];
const attemptsMax = 4;
const busyMs = 250;

/** @param pause - lets some time pass */
export function openGateway(wire: Pick<Wire, 'send'>, pause: (ms: number) => Promise<void>): Gateway {
	const post: Gateway['post'] = (path, body, call = {}) =>
		wire.send('POST', path, {...call, body, headers: {...suiteHeader, ...call.headers}});
	const operate = async (kind: string, payment: Created, members: Body = {}, call?: CallOptions) => {
		const body = operationBody(payment, members);
		for (let attempt = 1; ; attempt++) {
			const answer = await post(pathOf(payment, kind), body, call);
			if (!busyStatuses.includes(answer.status) || attempt === attemptsMax) {
				return answer;
			}

			await pause(attempt * busyMs);
		}
	};

	return {
		post,
		create: (body, call) => post('/payments', body, call),
		settle: (payment, value, members, call) => operate('settlements', payment, {value, ...members}, call),
		refund: (payment, value, members, call) => operate('refunds', payment, {value, ...members}, call),
		// The one amount that a text describes in cents; nobody should rely on it (Payment Provider Protocol, 8).
		cancel: (payment, members, call) =>
			operate('cancellations', payment, {value: Math.round(payment.value * 100), ...members}, call),
		inbound: (payment, path, members) =>
			operate(`${path}/status`, payment, {requestData: {body: '{"ping":true}'}, ...members}),
	};
}

function pathOf({paymentId}: Pick<Created, 'paymentId'>, kind: string): string {
	return `/payments/${encodeURIComponent(paymentId)}/${kind}`;
}

function operationBody({paymentId, transactionId, tid, nsu, authorizationId}: Created, members: Body): Body {
	return {
		...{transactionId, requestId: newId(), paymentId, authorizationId: authorizationId ?? '', tid, nsu},
		...{sandboxMode: true, merchantSettings: [], connectorMetadata: []},
		...members,
	};
}

/** A payment as its create asked for it and was answered. */
export function createdBy(body: Body, answer: Members): Created {
	const {paymentId, transactionId, value} = body;
	const {tid, nsu, authorizationId} = answer;
	return {paymentId: String(paymentId), transactionId, value: Number(value), tid, nsu, authorizationId};
}
