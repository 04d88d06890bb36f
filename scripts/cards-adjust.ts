import {adjustCard} from '../src/cards/adjust.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {type Moved} from '../src/cards/value-moves.ts';
import {type Instant} from '../src/ledger/calendar.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {amountOf, cardFlags, findCard, type Shown, valueReasonFlags, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {endOfDay} from './lib/dates.ts';
import {giveOut} from './lib/giving.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';
import {checkTypedTwice, onceFlags, underKey} from './lib/typed-twice.ts';

const flags = {
	...cardFlags,
	amount: {
		type: 'text',
		placeholder: '±50.00',
		description: "How much, in the card's currency: 50.00 adds, -50.00 takes.",
		required: true,
	},
	...valueReasonFlags,
	expires: {
		type: 'text',
		placeholder: '2027-12-31',
		description: "Last day of what is added, to its end in the merchant's time zone; without it the card's.",
	},
	...onceFlags,
} as const satisfies Flags;

export const cardsAdjust = defineCommand({
	name: 'cards:adjust',
	summary: 'Correct the balance of a card, up or down, against the adjustment account, with who and why.',
	details: [
		'What is taken leaves what the card can spend, soonest expiry first; what is held for orders stays. A blocked card can be corrected, a ' +
			'closed one cannot.',
	],
	flags,
	changes: true,
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --amount 10.00 --reason "charged twice" --reason-code correction',
		'--code 7KQW-2D9M-XH4T-PC63 --amount -10.00 --reason "too much" --key ticket-812',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const shown = await findCard(context, args);
		const amount = amountOf(args.amount, shown.asset);
		if (amount === 0n) {
			throw new UsageError('--amount must not be zero.');
		}

		const expiresAt = expiryOf(context, args.expires, amount);
		const actorId = await context.actorId();
		const {card} = shown;
		await checkTypedTwice(context, args, {
			kind: 'adjust',
			actorId,
			amounts: [{cardId: card.cardId, amount}],
		});
		const why = whyOf(args);
		const done = await underKey(args.key, key => {
			const adjust = () =>
				adjustCard(parts.writer, merchant, {card, amount, expiresAt, actorId, key, ...why});
			const once = `cards:adjust ${card.publicId} ${key}`;
			return amount < 0n ? adjust() : giveOut(context, {asset: shown.asset, amount, once}, adjust);
		});
		await printAdjustment(context, done, {shown, amount});
	},
});

function expiryOf(
	{parts, merchant}: Context,
	text: Args<typeof flags>['expires'],
	amount: bigint,
): Instant | undefined {
	if (text === undefined) {
		return undefined;
	}

	if (amount < 0n) {
		throw new UsageError('--expires is for what is added; what is taken keeps its dates.');
	}

	const expiresAt = endOfDay('expires', text, merchant.timeZone);
	if (expiresAt <= parts.clock()) {
		throw new Error('The value would have expired before it is added. Take a later date.');
	}

	return expiresAt;
}

async function printAdjustment(
	context: Context,
	{entryId, moved, isReplay}: Moved,
	{shown, amount}: {readonly shown: Shown; readonly amount: bigint},
): Promise<void> {
	const {print} = context;
	const {card, balance, asset} = await findCard(context, {card: wireIdOf(shown.card.publicId)});
	const signed = amount < 0n ? -moved : moved;
	print.value({
		entryId: wireIdOf(entryId),
		cardId: wireIdOf(card.publicId),
		amount: toJsonNumber(signed, asset),
		balance: toJsonNumber(balance, asset),
		currency: asset.code,
	});
	printFields(print, [
		['Card', wireIdOf(card.publicId)],
		['Balance', formatMoney(balance, asset), 'bold'],
		['Entry', wireIdOf(entryId)],
	]);
	const money = formatMoney(signed, asset);
	print.line(
		isReplay
			? `\nIt had been adjusted by ${money} under this key before; nothing changed now.`
			: `\nThe card is adjusted by ${money}.`,
	);
}

await runAsScript(import.meta.url, cardsAdjust);
