import {closeCard} from '../src/cards/close.ts';
import {formatMoney} from '../src/money/amount.ts';
import {findCard, printCard, reasonFlags, whyOf} from './lib/card-flags.ts';
import {defineCommand} from './lib/command.ts';
import {confirmAtTerminal, confirmFlag} from './lib/confirm.ts';
import {runAsScript} from './lib/run-command.ts';

export const cardsClose = defineCommand({
	name: 'cards:close',
	summary:
		'Close a card for good. What remains on it goes to the adjustment account; refused while something is held.',
	flags: {...reasonFlags, yes: confirmFlag},
	changes: true,
	examples: ['--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --reason "replaced" --reason-code damaged'],
	async run(context, args) {
		const {parts, merchant, print} = context;
		const id = args.card;
		const {card, asset} = await findCard(context, {card: id});
		if (card.status !== 'closed') {
			const loses = card.available === 0n ? '' : `, which gives up ${formatMoney(card.available, asset)}`;
			await confirmAtTerminal(context, args, `Close the card${loses}?`);
		}

		const closing = {cardId: card.cardId, actorId: await context.actorId(), ...whyOf(args)};
		const {remainder} = await closeCard(parts.writer, merchant, closing);
		printCard(context, await findCard(context, {card: id}));
		print.line(`\nThe card is closed; ${formatMoney(remainder, asset)} went to the adjustment account.`);
	},
});

await runAsScript(import.meta.url, cardsClose);
