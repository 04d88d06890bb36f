import {randomUUID} from 'node:crypto';
import {type Extended, extendCard} from '../src/cards/extend.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {cardValue, findCard, namedReasonFlags, type Shown, whyOf} from './lib/card-flags.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {endOfDay, lastDay} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const cardsExtend = defineCommand({
	name: 'cards:extend',
	summary: 'Let a card and the value on it last until a later day.',
	details: [
		"The day is the last one on which it can be spent, to its end in the merchant's time zone. All that has not ended and would end before is " +
			'extended with the card, what waits for a later beginning and promotional value too; what lasts longer keeps its date. A wallet has no date ' +
			'of its own, so only the value on it is extended.',
		'What has expired stays expired: a card past its day can be extended and takes new value, which credits:grant gives. What is held for an ' +
			'order keeps its day, and comes back to it. A blocked card can be extended and stays blocked. Doing it again changes nothing.',
	],
	changes: true,
	flags: {
		...namedReasonFlags,
		expires: {
			type: 'text',
			placeholder: '2028-12-31',
			description: "The new last day, to its end in the merchant's time zone.",
			required: true,
		},
	},
	examples: [
		'--code 7KQW-2D9M-XH4T-PC63 --expires 2028-06-30 --reason "as promised by phone"',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --expires 2028-12-31 --reason "shop was closed" --json',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const {expires} = args;
		const expiresAt = endOfDay('expires', expires, merchant.timeZone);
		const {card} = await findCard(context, args);
		const done = await extendCard(parts.writer, merchant, {
			// State makes it happen once, whatever the key: that is for the writer's own attempts.
			...{card, expiresAt, key: randomUUID(), ...whyOf(args)},
			actorId: await context.actorId(),
		});
		printExtended(context, await findCard(context, {card: wireIdOf(card.publicId)}), {done, expires});
	},
});

function printExtended(
	{print, merchant}: Context,
	shown: Shown,
	{done, expires}: {readonly done: Extended; readonly expires: string},
): void {
	const {card, balance, isExpired, asset} = shown;
	const {timeZone} = merchant;
	const moved = done?.moved ?? 0n;
	const last = lastDay(card.expiresAt, timeZone);
	print.value({...cardValue(shown, timeZone), extended: toJsonNumber(moved, asset)});
	printFields(print, [
		['Card', wireIdOf(card.publicId)],
		['Status', isExpired ? `${card.status}, expired` : card.status],
		['Balance', formatMoney(balance, asset), 'bold'],
		['Valid through', last === null ? 'no end' : `${last} (${timeZone})`],
	]);
	if (done === null) {
		print.line(`\nCard and value last through ${expires} or longer already; nothing was changed.`);
		return;
	}

	print.line(
		moved > 0n
			? `\n${formatMoney(moved, asset)} can be spent through ${expires} now.`
			: '\nThe card lasts longer. There was no value on it to extend; what has expired stays expired, and credits:grant gives new value.',
	);
}

await runAsScript(import.meta.url, cardsExtend);
