import {statement, type StatementLine} from '../src/reports/statement.ts';
import {wireIdOf} from '../src/cards/public-id.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {cardFlags, findCard} from './lib/card-flags.ts';
import {defineCommand} from './lib/command.ts';
import {jsonMoment, momentOf, shownMoment} from './lib/dates.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

export const cardsStatement = defineCommand({
	name: 'cards:statement',
	summary: 'List every entry of a card with what it did to the balance, oldest first.',
	details: [
		'The amount is what an entry did to what is available, the balance what was available afterwards, and held what was ' +
			'reserved for orders then. A capture takes from what is held, so its amount is zero. A transfer names the other card.',
	],
	flags: {
		...cardFlags,
		'as-of': {
			type: 'text',
			placeholder: 'T',
			description: 'Entries until then: a day, or a moment with its offset.',
		},
	},
	changes: false,
	examples: [
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0',
		'--code 7KQW-2D9M-XH4T-PC63 --as-of 2026-12-31 --json',
	],
	async run(context, {card: id, code, 'as-of': asOf}) {
		const {parts, merchant, print} = context;
		const until = asOf === undefined ? null : momentOf('as-of', asOf, merchant.timeZone);
		const {card, asset} = await findCard(context, {card: id, code});
		const place = {merchantId: merchant.id, cardId: card.cardId};
		const lines: StatementLine[] = [];
		for await (const line of statement(parts.prisma, place, until)) {
			print.value(valueOf(line, asset));
			if (!print.isJson) {
				lines.push(line);
			}
		}

		print.line(`Card ${wireIdOf(card.publicId)}, amounts in ${asset.code}, times in ${merchant.timeZone}\n`);
		const money = (units: bigint) => formatAmount(units, asset);
		printTable(print, lines, [
			{title: 'When', text: ({occurredAt}) => shownMoment(occurredAt, merchant.timeZone)},
			{title: 'Entry', text: ({kind}) => titles[kind]},
			{title: 'Amount', text: ({amount}) => (amount === 0n ? '' : money(amount)), isRight: true},
			{title: 'Balance', text: ({balance}) => money(balance), isRight: true},
			{title: 'Held', text: ({held}) => money(held), isRight: true},
			...(lines.some(({otherCard}) => otherCard !== null) ? [otherCardColumn] : []),
			{title: 'Order', text: ({orderId}) => orderId ?? ''},
			{title: 'Who', text: ({actor}) => actor},
			{title: 'Why', text: ({reason}) => reason ?? '', isShrinking: true},
		]);
		const last = lines.at(-1);
		print.line(
			last === undefined
				? 'No entries until then.'
				: `\n${lines.length} ${lines.length === 1 ? 'entry' : 'entries'}, ${formatMoney(last.balance, asset)} available.`,
		);
	},
});

const otherCardColumn = {
	title: 'Other card',
	text: ({otherCard}: StatementLine) => (otherCard === null ? '' : wireIdOf(otherCard)),
};

const titles = {
	issue: 'issued',
	credit: 'credited',
	authorize: 'authorized',
	capture: 'captured',
	release: 'released',
	refund: 'refunded',
	reverseCredit: 'credit reversed',
	expire: 'expired',
	close: 'closed',
	transfer: 'transferred',
	adjust: 'adjusted',
	earn: 'earned',
	clawback: 'clawed back',
} as const satisfies Record<StatementLine['kind'], string>;

function valueOf(line: StatementLine, asset: MerchantAsset) {
	const money = (units: bigint) => toJsonNumber(units, asset);
	return {
		entryId: wireIdOf(line.entryId),
		kind: line.kind,
		occurredAt: jsonMoment(line.occurredAt),
		amount: money(line.amount),
		balance: money(line.balance),
		heldAmount: money(line.heldAmount),
		held: money(line.held),
		currency: asset.code,
		...(line.answers === null ? {} : {answers: wireIdOf(line.answers)}),
		...(line.otherCard === null ? {} : {otherCard: wireIdOf(line.otherCard)}),
		...(line.orderId === null ? {} : {orderId: line.orderId}),
		...(line.requestId === null ? {} : {requestId: line.requestId}),
		actor: line.actor,
		...(line.reason === null ? {} : {reason: line.reason}),
	};
}

await runAsScript(import.meta.url, cardsStatement);
