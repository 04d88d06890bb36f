import {findCallback, retryCallbacks} from '../src/callbacks/operate.ts';
import {printCallbacks} from './lib/callback-output.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {shownMoment} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';

export const callbacksRetry = defineCommand({
	name: 'callbacks:retry',
	summary: 'Have callbacks tried now: those that wait for their next attempt, and those that were given up.',
	details: [
		'The running service sends them within seconds; without one they wait for it. What was given up gets at least another hour.',
	],
	flags: {
		payment: {type: 'text', placeholder: 'ID', description: "The payment's id, as VTEX gave it."},
		all: {type: 'switch', description: "All of the merchant's that wait or were given up."},
		again: {
			type: 'switch',
			description: 'Also where VTEX has taken it already: it may authorize a second time, or cancel.',
		},
	},
	changes: true,
	examples: ['--payment F5C1A4E20D3B4E07B7E871F5B5BC9F91', '--all'],
	async run(context, {payment: paymentId, all, again}) {
		if (all === (paymentId !== undefined)) {
			throw new UsageError('Say which callbacks: --payment ID, or --all.');
		}

		if (all && again) {
			throw new UsageError('--again works with --payment only: each of them deserves a thought.');
		}

		const {parts, merchant, print} = context;
		const callbacks = await retryCallbacks(parts.prisma, merchant.id, {paymentId, again, now: parts.clock()});
		if (paymentId !== undefined && callbacks.length === 0) {
			throw await refusalOf(context, paymentId);
		}

		printCallbacks(context, callbacks);
		print.line(
			callbacks.length === 0
				? `${merchant.name} has no callbacks that wait or were given up.`
				: `\nThe service tries ${callbacks.length === 1 ? 'it' : `these ${callbacks.length}`} within half a minute.`,
		);
	},
});

async function refusalOf({parts, merchant}: Context, paymentId: string): Promise<Error> {
	const callback = await findCallback(parts.prisma, merchant.id, paymentId);
	return new Error(
		callback?.deliveredAt
			? `VTEX took this callback at ${shownMoment(callback.deliveredAt.getTime(), merchant.timeZone)} (${merchant.timeZone}). Add --again to send it a second time all the same.`
			: `${merchant.name} has no callback for this payment: either it was decided at once, or it is not decided yet, or VTEX named no address. Check the id, and --merchant where there are several.`,
	);
}

await runAsScript(import.meta.url, callbacksRetry);
