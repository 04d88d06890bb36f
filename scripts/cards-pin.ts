import process from 'node:process';
import {changePin} from '../src/cards/change-pin.ts';
import {makePin} from '../src/cards/pins.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {maskCode} from '../src/cards/redemption-code.ts';
import {cardValue, findCard, namedReasonFlags, whyOf} from './lib/card-flags.ts';
import {defineCommand, UsageError} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {readSecret} from './lib/secret-input.ts';
import {printFields} from './lib/table.ts';

export const cardsPin = defineCommand({
	name: 'cards:pin',
	summary: 'Give a card a new PIN, for payments, and unlock it after wrong ones. The old PIN works no more.',
	details: [
		'The PIN is made here and printed once, or read from standard input: 4 to 12 digits. It is stored as a hash only. A shopper who ' +
			'confirms a payment from several cards types the PIN of any of them.',
	],
	flags: {
		...namedReasonFlags,
		'pin-stdin': {
			type: 'switch',
			description: 'Take the PIN from the first line of standard input, and do not print it.',
		},
	},
	changes: true,
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --reason "forgotten" --reason-code lost',
		'--code 7KQW-2D9M-XH4T-PC63 --reason "chosen in the shop" --pin-stdin',
	],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const isGiven = args['pin-stdin'];
		const {card: found} = await findCard(context, args);
		const pin = isGiven ? await typedPin() : makePin();
		await changePin(parts.prisma, parts.peppers.current, {
			merchantId: merchant.id,
			card: found,
			pin,
			actorId: await context.actorId(),
			...whyOf(args),
			now: parts.clock(),
		});
		const id = wireIdOf(found.publicId);
		print.value({
			...cardValue(await findCard(context, {card: id}), merchant.timeZone),
			...(!isGiven && {pin}),
		});
		printFields(print, [
			['Card', id],
			['Code', found.codeLast4 === null ? 'none' : maskCode(found.codeLast4)],
			['PIN', isGiven ? 'as given' : pin, 'bold'],
		]);
		const advice = isGiven
			? 'The card has its new PIN.'
			: 'The PIN is shown here only: hand it on safely, apart from the code.';
		print.line(print.styled('yellow', `\n${advice}`));
	},
});

async function typedPin(): Promise<string> {
	const pin = (await readSecret(process.stdin)).trim();
	if (!/^\d{4,12}$/.test(pin)) {
		throw new UsageError('--pin-stdin takes 4 to 12 digits from standard input.');
	}

	return pin;
}

await runAsScript(import.meta.url, cardsPin);
