import {Failure, Skip} from '../check.ts';
import {expectThat, isObject, shown} from '../expect.ts';
import {type Answer} from '../wire.ts';
import {expectPayment, type PaymentAnswer, paymentOf, type Status} from './answers.ts';
import {type Body, cardOf} from './bodies.ts';
import {type Callback, type CallbackAnswers, type Mailbox} from './listener.ts';
import {testCards} from './options.ts';
import {decided, type PaymentsRig} from './rig.ts';
import {expectPaymentForm} from './shapes.ts';

/** A payment that was answered `undefined`. */
export type Waiting = {
	readonly asked: Body;
	readonly payment: PaymentAnswer;
	/** When the answer was there, on the clock of `performance.now()`. */
	readonly answeredAtMs: number;
};

/**
 * Ask for a payment that is decided later.
 * @param end - what it is to become
 * @throws Skip where the provider has no way to make one; Failure where it should have
 */
export async function waiting(
	rig: PaymentsRig,
	end: 'approved' | 'denied',
	callbackUrl?: string,
): Promise<Waiting> {
	const {code, isLater} = rig.options;
	if (isLater && end === 'denied') {
		throw new Skip('Nothing is known that makes this provider deny a payment later.');
	}

	const number = end === 'approved' ? testCards.approveLater : testCards.denyLater;
	const asked = await rig.body({
		...(isLater ? {} : {card: cardOf(number, '123')}),
		...(callbackUrl === undefined ? {} : {callbackUrl}),
	});
	const answer = await rig.gateway.create(asked);
	const answeredAtMs = performance.now();
	const payment = paymentOf(answer);
	if (payment.status !== 'undefined' && code !== undefined) {
		throw new Skip(
			"A real card is decided at once; give the provider a sandbox that knows VTEX's test cards.",
		);
	}

	expectThat(
		payment.status === 'undefined',
		`the status "undefined" to ${isLater ? 'a create without a card' : `the test card ${number}`}`,
		answer,
	);
	return {asked, payment, answeredAtMs};
}

/** The first callback of a payment. @throws Failure where none comes, or elsewhere */
export async function firstCallback(rig: PaymentsRig, box: Mailbox): Promise<Callback> {
	const {callbackSeconds} = rig.options;
	const strayed = rig.listener?.strays.length ?? 0;
	const callback = await rig.wait(() => box.received[0]);
	if (callback === undefined) {
		const stray = rig.listener?.strays[strayed];
		throw new Failure(
			`a POST to the callbackUrl within ${callbackSeconds} s`,
			stray === undefined ? 'none' : `one to ${stray.address}`,
		);
	}

	return callback;
}

/** How a payment that is approved later went: told once, for all checks that look at it. */
type Story = Waiting & {readonly box: Mailbox; readonly callback: Callback};

const stories = new WeakMap<PaymentsRig, Promise<Story>>();

/** The story of one approval by callback. @throws as {@link waiting} and {@link firstCallback} */
export function approvalStory(rig: PaymentsRig): Promise<Story> {
	const story = stories.get(rig) ?? tellStory(rig);
	stories.set(rig, story);
	return story;
}

async function tellStory(rig: PaymentsRig): Promise<Story> {
	const {box, begun} = await waitingWith(rig, 'approved', [200]);
	return {...begun, box, callback: await firstCallback(rig, box)};
}

/** For checks that look at one detail of it. @throws Skip where there is none; P06 says why */
export async function soundStory(rig: PaymentsRig): Promise<Story> {
	try {
		return await approvalStory(rig);
	} catch (error) {
		throw error instanceof Skip ? error : new Skip('This needs a callback, and none came: see P06.');
	}
}

/** A callback says how the payment ended. @throws Failure */
export function expectCallback(callback: Callback, box: Mailbox, {asked}: Waiting, end: Status): void {
	const {method, address, headers} = callback;
	expectThat(method === 'POST', 'a POST', method);
	expectThat(
		box.addresses.includes(address),
		`a callback to exactly ${box.addresses[0] ?? ''}`,
		`one to ${address}`,
	);
	for (const name of ['X-VTEX-API-AppKey', 'X-VTEX-API-AppToken']) {
		const header = headers[name.toLowerCase()];
		expectThat(
			typeof header === 'string' && header !== '',
			`the header ${name} in the callback`,
			shown(header),
		);
	}

	const told = expectPayment(answerOf(callback), end, 'in the callback');
	expectPaymentForm(told, asked['paymentId']);
}

/** A callback is the answer to the create, sent by the provider. */
function answerOf({headers, body}: Callback): Answer {
	let json: unknown;
	try {
		json = JSON.parse(body);
	} catch {
		json = undefined;
	}

	return {status: 200, headers, text: body, json: isObject(json) ? json : undefined, ms: 0};
}

/** The create again, when the payment waits no longer. @throws Failure when it still does */
export async function expectEnd(
	rig: PaymentsRig,
	{asked}: Pick<Waiting, 'asked'>,
	wanted: Status,
): Promise<PaymentAnswer> {
	const answer = await decided(rig, asked);
	if (answer === undefined) {
		throw new Failure(`the status "${wanted}" within ${rig.options.callbackSeconds} s`, 'still "undefined"');
	}

	return expectPayment(answer, wanted, 'to the create again, after the end');
}

/** Ask for a payment that is decided later and called back about. */
export async function waitingWith(rig: PaymentsRig, wanted: 'approved' | 'denied', answers: CallbackAnswers) {
	const box = rig.mailbox(answers);
	return {box, begun: await waiting(rig, wanted, box.url)};
}
