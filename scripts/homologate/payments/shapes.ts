import {expectThat, isObject, type Members, shown} from '../expect.ts';
import {isTextOrNothing, type PaymentAnswer} from './answers.ts';
import {contentTypeOf, isJson} from './manifest.ts';

/** Members of an answer to a create, in seconds (Payment Provider Protocol, 7). */
export const delayNames = ['delayToAutoSettle', 'delayToAutoSettleAfterAntifraud', 'delayToCancel'] as const;

/**
 * The form of an answer to a create (Payment Provider Protocol, 5.2). Of a payment that is not approved its ids may be missing or
 * empty; null is what VTEX's test suite takes for none of both.
 * @throws Failure
 */
export function expectPaymentForm({members, status, answer}: PaymentAnswer, paymentId: unknown): void {
	expectThat(isJson(answer), 'application/json', contentTypeOf(answer));
	expectThat(members['paymentId'] === paymentId, `the paymentId ${shown(paymentId)}`, answer);
	expectText(members, 'tid');
	for (const name of ['authorizationId', 'nsu'] as const) {
		if (status === 'approved') {
			expectText(members, name);
		} else {
			const isSound = members[name] === undefined || typeof members[name] === 'string';
			expectThat(isSound, `a text as ${name}, or no such member, not null`, shown(members[name]));
		}
	}

	expectDelays(members, status === 'approved');
	expectSmaller(members);
}

function expectText(members: Members, name: string): void {
	const value = members[name];
	expectThat(typeof value === 'string' && value !== '', `a non-empty text as ${name}`, shown(value));
}

/** Seconds as whole numbers. A payment that is not approved needs none. */
function expectDelays(members: Members, areNeeded: boolean): void {
	for (const name of delayNames) {
		const delay = members[name];
		const isMissing = delay === undefined || delay === null;
		const isSound = isMissing ? !areNeeded : Number.isInteger(delay) && Number(delay) >= 0;
		expectThat(isSound, `whole seconds, as a JSON number, as ${name}`, shown(delay));
	}
}

function expectSmaller(members: Members): void {
	const {maxValue, paymentAppData} = members;
	for (const name of ['acquirer', 'code', 'message', 'paymentUrl']) {
		expectThat(isTextOrNothing(members[name]), `a text or null as ${name}`, shown(members[name]));
	}

	if (maxValue !== undefined && maxValue !== null) {
		expectThat(typeof maxValue === 'number', 'a JSON number as maxValue', shown(maxValue));
	}

	if (paymentAppData !== undefined && paymentAppData !== null) {
		const {appName, payload} = isObject(paymentAppData) ? paymentAppData : {};
		const isSound = typeof appName === 'string' && isTextOrNothing(payload);
		expectThat(isSound, 'texts as appName and payload of paymentAppData', shown(paymentAppData));
	}
}

/**
 * What an operation's answer repeats (Payment Provider Protocol, 8 to 10).
 * @throws Failure
 */
export function expectEchoes(
	members: Members,
	asked: {readonly paymentId: string; readonly requestId: string},
): void {
	for (const name of ['paymentId', 'requestId'] as const) {
		expectThat(members[name] === asked[name], `the ${name} ${shown(asked[name])}`, shown(members[name]));
	}

	for (const name of ['code', 'message']) {
		expectThat(isTextOrNothing(members[name]), `a text or null as ${name}`, shown(members[name]));
	}
}

/** An error of a create (Payment Provider Protocol, 14). */
export function isCreateError({
	members,
	status,
}: {
	readonly members: unknown;
	readonly status: number;
}): boolean {
	return (
		[400, 500].includes(status) &&
		isObject(members) &&
		members['status'] === 'error' &&
		typeof members['code'] === 'string' &&
		typeof members['message'] === 'string'
	);
}
