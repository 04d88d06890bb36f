import {wireIdOf} from '../../src/cards/public-id.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatAmount, formatFigure, formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type CustomerLine} from '../../src/reports/customer-statement.ts';
import {type StatementLine} from '../../src/reports/statement.ts';
import {saidWhy} from './card-flags.ts';
import {counted} from './counted.ts';
import {type CsvColumn} from './csv-write.ts';
import {jsonMoment, shownMoment} from './dates.ts';
import {type Print} from './print.ts';
import {type Column, printTable} from './table.ts';

/** A line of a card's statement, or of a customer's, whose lines name their cards. */
export type ShownLine = (StatementLine | CustomerLine) & {readonly asset: MerchantAsset};

const titles = {
	opening: 'opening',
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
	extend: 'extended',
} as const satisfies Record<CustomerLine['kind'], string>;

/** A line as `--json` prints it; what it does not have is left out. */
export function lineValue(line: ShownLine) {
	const money = (units: bigint) => toJsonNumber(units, line.asset);
	return {
		...(line.entryId === null ? {} : {entryId: wireIdOf(line.entryId)}),
		kind: line.kind,
		occurredAt: jsonMoment(line.occurredAt),
		...('card' in line && line.card !== null && {card: wireIdOf(line.card), wallet: line.isWallet}),
		amount: money(line.amount),
		balance: money(line.balance),
		heldAmount: money(line.heldAmount),
		held: money(line.held),
		currency: line.asset.code,
		...(line.answers === null ? {} : {answers: wireIdOf(line.answers)}),
		...(line.otherCard === null ? {} : {otherCard: wireIdOf(line.otherCard)}),
		...('isWithin' in line && line.isWithin && {withinCustomer: true}),
		...(line.orderId === null ? {} : {orderId: line.orderId}),
		...(line.requestId === null ? {} : {requestId: line.requestId}),
		...(line.actor === '' ? {} : {actor: line.actor}),
		...(line.reasonCode === null ? {} : {reasonCode: line.reasonCode}),
		...(line.reason === null ? {} : {reason: line.reason}),
	};
}

/** The same, as columns. */
export function lineColumns(of: 'card' | 'customer'): readonly CsvColumn<ShownLine>[] {
	return [
		{name: 'entryId', text: ({entryId}) => idOf(entryId)},
		{name: 'kind', text: ({kind}) => kind},
		{name: 'occurredAt', text: ({occurredAt}) => jsonMoment(occurredAt)},
		...(of === 'customer' ? cardColumns : []),
		{name: 'amount', number: ({amount, asset}) => formatAmount(amount, asset)},
		{name: 'balance', number: ({balance, asset}) => formatAmount(balance, asset)},
		{name: 'heldAmount', number: ({heldAmount, asset}) => formatAmount(heldAmount, asset)},
		{name: 'held', number: ({held, asset}) => formatAmount(held, asset)},
		{name: 'currency', text: ({asset}) => asset.code},
		{name: 'answers', text: ({answers}) => idOf(answers)},
		{name: 'otherCard', text: ({otherCard}) => idOf(otherCard)},
		...(of === 'customer' ? [withinColumn] : []),
		{name: 'orderId', text: ({orderId}) => orderId},
		{name: 'requestId', text: ({requestId}) => requestId},
		{name: 'actor', text: ({actor}) => actor},
		{name: 'reasonCode', text: ({reasonCode}) => reasonCode},
		{name: 'reason', text: ({reason}) => reason},
	];
}

const cardColumns: readonly CsvColumn<ShownLine>[] = [
	{name: 'card', text: line => ('card' in line ? idOf(line.card) : null)},
	{name: 'wallet', text: line => ('card' in line && line.card !== null ? String(line.isWallet) : null)},
];
const withinColumn: CsvColumn<ShownLine> = {
	name: 'withinCustomer',
	text: line => String('isWithin' in line && line.isWithin),
};

/** Lines of one asset for people, and what they come to. Columns in which nothing stands are left out. */
export function printStatement(print: Print, lines: readonly ShownLine[], timeZone: string): void {
	const some = (test: (line: ShownLine) => boolean) => lines.some(line => test(line));
	const columns: readonly (Column<ShownLine> | false)[] = [
		{title: 'When', text: ({occurredAt}) => shownMoment(occurredAt, timeZone)},
		{title: 'Entry', text: ({kind}) => titles[kind]},
		some(line => 'card' in line) && {title: 'Card', text: cardOf},
		{
			title: 'Amount',
			text: ({amount, asset}) => (amount === 0n ? '' : formatFigure(amount, asset)),
			isRight: true,
		},
		{title: 'Balance', text: ({balance, asset}) => formatFigure(balance, asset), isRight: true},
		some(({held, heldAmount}) => held !== 0n || heldAmount !== 0n) && {
			title: 'Held',
			text: ({held, asset}) => formatFigure(held, asset),
			isRight: true,
		},
		some(({orderId}) => orderId !== null) && {
			title: 'Order',
			text: ({orderId}) => orderId ?? '',
			isShrinking: true,
		},
		{title: 'Who', text: ({actor}) => actor, isShrinking: true},
		{title: 'Why', text: whyOf, isWrapping: true},
	];
	printTable(
		print,
		lines,
		columns.filter(column => column !== false),
	);
	const last = lines.at(-1);
	if (last !== undefined) {
		const count = lines.filter(({kind}) => kind !== 'opening').length;
		print.line(
			`\n${counted(count, 'entry', 'entries')}, ${formatMoney(last.balance, last.asset)} available.`,
		);
	}
}

/** The first digits of a card's id tell the cards of one customer apart; all of it would take the room of three columns. */
function cardOf(line: ShownLine): string {
	return 'card' in line && line.card !== null
		? `${wireIdOf(line.card).slice(0, 8)}${line.isWallet ? ' wallet' : ''}`
		: '';
}

function whyOf(line: ShownLine): string {
	const direction = line.amount < 0n ? 'to' : 'from';
	const other =
		line.otherCard === null
			? ''
			: `${direction} ${'isWithin' in line && line.isWithin ? 'own ' : ''}${wireIdOf(line.otherCard)}`;
	return [other, saidWhy(line)].filter(text => text !== '').join(', ');
}

function idOf(id: string | null): string | null {
	return id === null ? null : wireIdOf(id);
}
