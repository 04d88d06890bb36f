import {cardFlags, findCard, printCard} from './lib/card-flags.ts';
import {defineCommand} from './lib/command.ts';
import {momentOf} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';

export const cardsShow = defineCommand({
	name: 'cards:show',
	summary: 'Show a card: its balance, what is held, its lots, and who changed it why.',
	flags: {
		...cardFlags,
		'as-of': {
			type: 'text',
			placeholder: 'T',
			description: 'As it stood then: a day, or a moment with its offset.',
		},
	},
	changes: false,
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0',
		'--code 7KQW-2D9M-XH4T-PC63 --json',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --as-of 2026-12-31',
	],
	async run(context, {card, code, 'as-of': asOf}) {
		const at = asOf === undefined ? undefined : momentOf('as-of', asOf, context.merchant.timeZone);
		printCard(context, await findCard(context, {card, code}, at));
	},
});

await runAsScript(import.meta.url, cardsShow);
