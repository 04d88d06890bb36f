import {type Check} from '../check.ts';
import {type Flags, UsageError, type Values} from '../../lib/command.ts';
import {defineSuite, type Settings, type Suite} from '../suite.ts';
import {openWire} from '../wire.ts';
import {accessChecks} from './access.ts';
import {cancelChecks} from './cancel.ts';
import {createChecks} from './create.ts';
import {laterChecks} from './later.ts';
import {manifestChecks} from './manifest.ts';
import {type PaymentsOptions} from './options.ts';
import {refundChecks} from './refund.ts';
import {openPaymentsRig, type PaymentsRig} from './rig.ts';
import {settleChecks} from './settle.ts';
import {signUpChecks, vtexReturnUrl} from './sign-up.ts';
import {toleranceChecks} from './tolerance.ts';

/** Everything that is looked at in a provider of payments. */
export const paymentChecks: readonly Check<PaymentsRig>[] = [
	...manifestChecks,
	...createChecks,
	...laterChecks,
	...settleChecks,
	...refundChecks,
	...cancelChecks,
	...accessChecks,
	...toleranceChecks,
	...signUpChecks,
];

const callbackSeconds = 60;

export const paymentFlags = {
	method: {
		type: 'text',
		placeholder: 'NAME',
		description:
			'Payment method to pay with, as the manifest spells it; without this flag the first that takes a card number.',
	},
	'card-number': {
		type: 'text',
		placeholder: 'NUMBER',
		description:
			"What a shopper types to pay with a real card, for a provider that does not know VTEX's test cards. What it is charged is given back.",
		isSecret: true,
	},
	'card-pin': {
		type: 'text',
		placeholder: 'PIN',
		description: 'PIN or security code of that card.',
		isSecret: true,
	},
	later: {
		type: 'switch',
		description:
			"The method takes no card number: every payment waits for a shopper, and the provider's sandbox approves it by itself.",
	},
	'callback-url': {
		type: 'text',
		placeholder: 'URL',
		description:
			'Address at which the provider reaches this machine: of a tunnel that leads to --callback-port. Not needed where both are one machine.',
	},
	'callback-port': {
		type: 'whole',
		placeholder: 'PORT',
		description: 'Port on 127.0.0.1 on which callbacks are awaited (default any that is free).',
	},
	'callback-seconds': {
		type: 'whole',
		placeholder: 'SECONDS',
		description: `How long a callback, or a payment that is decided later, is waited for (default ${callbackSeconds}).`,
	},
	'sign-up-return-url': {
		type: 'text',
		placeholder: 'URL',
		description: `Where the sign-up leads a browser back to (default ${vtexReturnUrl}).`,
	},
	'sign-up-code': {
		type: 'text',
		placeholder: 'CODE',
		description: 'Authorization code that the page of the sign-up gave a person.',
		isSecret: true,
	},
} as const satisfies Flags;

/** In stores the Gateway waits so long; what the test suite allows is looked at by P31 (Payment Provider Protocol, 1). */
const timeoutMs = 20_000;

/** The payments half of the kit. @param pause - lets time pass; by default time itself */
export function paymentsSuite(pause?: PaymentsOptions['pause']): Suite {
	return defineSuite({
		protocol: 'payments',
		title: 'Payments',
		flags: paymentFlags,
		// A real card gets back what a check took from it before the next one begins.
		checks: paymentChecks.map(check => ({
			...check,
			async run(rig: PaymentsRig) {
				try {
					await check.run(rig);
				} finally {
					await rig.tidy();
				}
			},
		})),
		async open(settings) {
			const options = optionsOf(settings);
			const {url, appKey, appToken, signal} = settings;
			const waitMs = Math.max(timeoutMs, settings.timeoutMs ?? 0);
			const wire = openWire({
				...{url, appKey, appToken, signal, timeoutMs: waitMs, mediaType: 'application/json'},
				secrets: [options.code ?? '', options.pin ?? '', options.signUpCode ?? ''],
			});
			const rig = await openPaymentsRig(wire, {...options, pause});
			return {rig, wire: rig.wire, close: rig.close};
		},
	});
}

export const payments = paymentsSuite();

function optionsOf({url, currency, values, signal, timeoutMs: answerMs}: Settings): PaymentsOptions {
	const callbackUrl = text(values, 'callback-url');
	if (callbackUrl !== undefined && !/^https?:\/\/[^/?#]+[^?#]*$/i.test(callbackUrl)) {
		throw new UsageError(
			'--callback-url must be an address such as https://abc.example.com, without a query.',
		);
	}

	return {
		...{url, currency, signal, answerMs, callbackUrl},
		method: text(values, 'method'),
		code: text(values, 'card-number'),
		pin: text(values, 'card-pin'),
		isLater: values['later'] === true,
		callbackPort: whole(values, 'callback-port'),
		callbackSeconds: whole(values, 'callback-seconds') ?? callbackSeconds,
		signUpReturnUrl: text(values, 'sign-up-return-url'),
		signUpCode: text(values, 'sign-up-code'),
	};
}

function text(values: Values, name: keyof typeof paymentFlags): string | undefined {
	const value = values[name];
	return typeof value === 'string' ? value : undefined;
}

function whole(values: Values, name: keyof typeof paymentFlags): number | undefined {
	const value = values[name];
	return typeof value === 'number' ? value : undefined;
}
