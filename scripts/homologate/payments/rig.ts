import {isIP} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {Skip} from '../check.ts';
import {type Answer, type CallOptions, type Wire} from '../wire.ts';
import {paymentOf} from './answers.ts';
import {type Body, cardOf, createBody} from './bodies.ts';
import {type Created, createdBy, type Gateway, openGateway} from './gateway.ts';
import {type Charges, watchCharges} from './charges.ts';
import {type CallbackAnswers, type Listener, type Mailbox, openListener} from './listener.ts';
import {type Offer, readOffer} from './offer.ts';
import {type PaymentsOptions, suiteAnswerMs, testCards} from './options.ts';

/** An answer that was measured. */
export type Seen = {readonly call: string; readonly answer: Answer};

/** What the checks of payments work with. */
export type PaymentsRig = {
	readonly options: PaymentsOptions;
	readonly wire: Wire;
	readonly gateway: Gateway;
	/** Every answer so far. */
	readonly seen: readonly Seen[];
	readonly answerMs: number;
	/** The method that is paid with, and what else the manifest has. */
	readonly offer: () => Promise<Offer>;
	/** What asks for a payment of 30 that is to be approved; members over that. */
	readonly body: (members?: Body) => Promise<Body>;
	/** Where callbacks for one payment arrive. @throws Skip where the provider could not reach it */
	readonly mailbox: (answers: CallbackAnswers) => Mailbox;
	/** Where VTEX is played; undefined where the provider could not reach it. */
	readonly listener: Listener | undefined;
	/** Look again and again until there is something, or the time is over. */
	readonly wait: <Found>(
		look: () => Found | undefined | Promise<Found | undefined>,
		seconds?: number,
	) => Promise<Found | undefined>;
	/** A payment that was approved. @throws Skip where none is */
	readonly approved: (members?: Body) => Promise<Created>;
	/** Give back what a real card was charged. */
	readonly tidy: () => Promise<void>;
	readonly close: () => Promise<void>;
};

/** Currency units of every payment: its parts are whole in every currency. */
export const value = 30;

const stepMs = 250;

/** Where nobody listens; the name is reserved for examples, so a callback reaches no one. */
const nowhere = 'https://homologation.example.com/api/pvt/payment-provider/callback?X-VTEX-signature=none';

export async function openPaymentsRig(line: Wire, options: PaymentsOptions): Promise<PaymentsRig> {
	const {callbackPort, callbackUrl, callbackSeconds, code, pin, isLater, currency, signal} = options;
	[code, pin].forEach(secret => {
		line.keepSecret(secret ?? '');
	});
	const seen: Seen[] = [];
	const charges: Charges | undefined = code === undefined ? undefined : watchCharges();
	const wire = measured(line, seen, charges);
	const {pause = async (ms: number) => delay(ms, undefined, {signal})} = options;
	const gateway = openGateway(wire, pause);
	const isReachable = callbackUrl !== undefined || isOnThisMachine(options.url);
	const listener = isReachable ? await openListener(callbackPort, callbackUrl) : undefined;
	const anywhere = listener?.openMailbox([200]).url ?? nowhere;
	let offer: Promise<Offer> | undefined;

	const rig: PaymentsRig = {
		...{options, wire, gateway, seen, listener},
		answerMs: options.answerMs ?? suiteAnswerMs,
		offer: () => (offer ??= readOffer(wire, options.method)),
		async body(members = {}) {
			const {method} = await rig.offer();
			const card = isLater
				? null
				: cardOf(code ?? testCards.approve, pin ?? (code === undefined ? '123' : null));
			const wish = {paymentMethod: method, value, currency, card, callbackUrl: anywhere};
			return {...createBody(wish), ...members};
		},
		mailbox(answers) {
			if (listener === undefined) {
				throw new Skip(
					'The provider is not on this machine and cannot call it back: pass --callback-url with the address of a tunnel that leads to --callback-port.',
				);
			}

			return listener.openMailbox(answers);
		},
		async wait(look, seconds = callbackSeconds) {
			for (let leftMs = seconds * 1000; ; leftMs -= stepMs) {
				const found = await look();
				if (found !== undefined || leftMs <= 0) {
					return found;
				}

				await pause(Math.min(stepMs, leftMs));
			}
		},
		approved: members => approvedBy(rig, members),
		tidy: async () => charges?.giveBack(gateway),
		async close() {
			await listener?.close();
			wire.close();
		},
	};
	return rig;
}

/** Whether an address names this machine, so that the provider reaches what listens on it. */
function isOnThisMachine(url: string): boolean {
	const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
	return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The same wire, with every answer noted. */
function measured(wire: Wire, seen: Seen[], charges: Charges | undefined): Wire {
	return {
		...wire,
		async send(method: string, path: string, call?: CallOptions) {
			const answer = await wire.send(method, path, call);
			seen.push({call: `${method} ${path}`, answer});
			charges?.note(path, call?.body, answer);
			return answer;
		},
	};
}

async function approvedBy(rig: PaymentsRig, members?: Body): Promise<Created> {
	const body = await rig.body(members);
	const first = await rig.gateway.create(body);
	const answer = rig.options.isLater && isWaiting(first) ? ((await decided(rig, body)) ?? first) : first;
	if (answer.status !== 200 || paymentOf(answer).status !== 'approved') {
		throw new Skip('This needs an approved payment, and the provider approved none: see P02 and P07.');
	}

	return createdBy(body, paymentOf(answer).members);
}

function isWaiting(answer: Answer): boolean {
	return answer.status === 200 && paymentOf(answer).status === 'undefined';
}

/** The answer of a payment when it waits no longer, asked for as the Gateway does: by its create, sent again. Undefined when it still waits. */
export async function decided(rig: PaymentsRig, body: Body): Promise<Answer | undefined> {
	return rig.wait(async () => {
		const answer = await rig.gateway.create(body);
		return isWaiting(answer) ? undefined : answer;
	});
}
