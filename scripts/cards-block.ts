import {changeStatus} from '../src/cards/block.ts';
import {findCard, printCard, reasonFlags, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';

export const cardsBlock = defineCommand({
	name: 'cards:block',
	summary:
		'Block a card: it is not found by search and refuses debits. Orders in flight still settle, cancel and refund.',
	flags: reasonFlags,
	changes: true,
	examples: ['--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --reason "reported by phone" --reason-code stolen'],
	run: (context, args) => block(context, args, 'blocked'),
});

/** Block a card or unblock it, and print what it is now. */
export async function block(
	context: Context,
	args: Args<typeof reasonFlags>,
	to: 'active' | 'blocked',
): Promise<void> {
	const {parts, merchant, print} = context;
	const {card} = await findCard(context, {card: args.card});
	const isChanged = await changeStatus(parts.prisma, {
		merchantId: merchant.id,
		cardId: card.cardId,
		to,
		actorId: await context.actorId(),
		...whyOf(args),
		now: parts.clock(),
	});
	printCard(context, await findCard(context, {card: args.card}));
	const done = to === 'blocked' ? 'blocked' : 'unblocked';
	print.line(isChanged ? `\nThe card is ${done}.` : `\nThe card was ${to} before; nothing was changed.`);
}

await runAsScript(import.meta.url, cardsBlock);
