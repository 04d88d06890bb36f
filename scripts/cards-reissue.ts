import {wireIdOf} from '../src/cards/public-id.ts';
import {formatCode, maskCode} from '../src/cards/redemption-code.ts';
import {reissuable, type Reissued, reissueCard} from '../src/cards/reissue.ts';
import {formatMoney} from '../src/money/amount.ts';
import {cardValue, findCard, namedReasonFlags, type Shown, whyOf} from './lib/card-flags.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {confirmFlag, confirmAtTerminal} from './lib/confirm.ts';
import {lastDay} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printFields} from './lib/table.ts';

export const cardsReissue = defineCommand({
	name: 'cards:reissue',
	summary: 'Give a card a new redemption code, and a new PIN where it has one. The old ones work no more.',
	details: [
		'The card keeps its id, its balance and its history. Search finds nothing by the old code, and a payment with it is denied, from this ' +
			'moment on. What was done under the card before goes on: an order in flight settles, and comes back to the card when it is cancelled.',
		'A cart that had found the card by its old code names it by its id, and can still pay. Where a card was stolen, cards:block it first, ' +
			'and cards:unblock it when the code is with its owner. A blocked card stays blocked.',
		'Code and PIN are printed once and stored as hashes only. If they were lost on the way, do it again: that gives new ones.',
	],
	changes: true,
	flags: {
		...namedReasonFlags,
		pin: {type: 'switch', description: 'With a PIN, although the card has none.'},
		yes: confirmFlag,
	},
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0 --reason "code seen by others"',
		'--code 3MNP-8RTV-K2WX-9DH0 --reason "scratched" --reason-code damaged --pin --yes --json',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const {card: found} = await findCard(context, args);
		const place = {merchantId: merchant.id, cardId: found.cardId};
		const former = await reissuable(parts.prisma, place);
		const old = maskCode(found.codeLast4 ?? '');
		await confirmAtTerminal(context, args, `The code ${old} will work no more. Give the card a new one?`);
		const done = await reissueCard(parts.prisma, parts.peppers.current, {
			...{merchantId: merchant.id, card: found, former, withPin: args.pin, ...whyOf(args)},
			...{actorId: await context.actorId(), now: parts.clock()},
		});
		printReissued(context, await findCard(context, {card: wireIdOf(found.publicId)}), done);
	},
});

function printReissued({print, merchant}: Context, shown: Shown, {code, pin}: Reissued): void {
	const {card, balance, asset} = shown;
	const redemptionCode = formatCode(code);
	const {id, ...rest} = cardValue(shown, merchant.timeZone);
	print.value({id, redemptionCode, ...(pin !== null && {pin}), ...rest});
	printFields(print, [
		['Card', id],
		['Redemption code', redemptionCode, 'bold'],
		['PIN', pin ?? undefined, 'bold'],
		['Status', card.status],
		['Balance', formatMoney(balance, asset)],
		['Valid through', lastDay(card.expiresAt, merchant.timeZone) ?? 'no end'],
	]);
	const advice =
		pin === null
			? 'The code is shown here only: hand it on safely.'
			: 'The code and the PIN are shown here only: hand them on safely, apart from each other.';
	print.line(print.styled('yellow', `\n${advice} The old code works no more.`));
	if (card.status === 'blocked') {
		print.line('The card was blocked and stays so: cards:unblock it when its owner has the new code.');
	}
}

await runAsScript(import.meta.url, cardsReissue);
