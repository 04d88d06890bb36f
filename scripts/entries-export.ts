import {wireIdOf} from '../src/cards/public-id.ts';
import {type Account, accountNumbers} from '../src/ledger/chart.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatAmount, toJsonNumber} from '../src/money/amount.ts';
import {type ListedPosting, readEntries} from '../src/reports/entries.ts';
import {findCard, reasonCodeFlag} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {type CsvColumn} from './lib/csv-write.ts';
import {beginningOf, checkPeriod, jsonMoment, momentOf} from './lib/dates.ts';
import {exportRows, withAssets} from './lib/export-rows.ts';
import {outFlags} from './lib/out-file.ts';
import {runAsScript} from './lib/run-command.ts';

const flags = {
	from: {
		type: 'text',
		placeholder: 'T',
		description: 'Entries from then on: a day, or a moment with its offset.',
	},
	to: {
		type: 'text',
		placeholder: 'T',
		description: 'Entries until then: a day, with all of it, or a moment.',
	},
	card: {
		type: 'text',
		placeholder: 'ID',
		description: 'Only what was posted to this card, by its id of 32 digits.',
	},
	account: {
		type: 'text',
		placeholder: 'NAME',
		description: 'Only what was posted to this account, such as available, fundingSold or redeemed.',
	},
	'reason-code': {
		...reasonCodeFlag['reason-code'],
		description: 'Only entries that were given this reason, in one word.',
	},
	...outFlags,
} as const satisfies Flags;

export const entriesExport = defineCommand({
	name: 'entries:export',
	summary: 'Write the journal to a file, a line for each posting, for finance and auditors.',
	details: [
		'The postings of an entry add up to zero in each currency and kind of points; those of an account, to its balance. A card has the ' +
			"accounts available, held and debt, and after each posting its balance; the other accounts are the merchant's own.",
		'Lines are in the order in which entries were recorded, and are as of one moment. What was exported never changes, but for notes that an ' +
			'erasure removes. An entry that was being written at that moment comes with the next export: end a period with --to, a minute or more ' +
			'ago, and the next begins behind it with nothing lost between.',
		'Without --json it is a file of comma-separated values in UTF-8, in which a text that a spreadsheet would take for a formula begins ' +
			'with an apostrophe. Moments are UTC. No customer is in it, but for what somebody typed as a reason.',
	],
	flags,
	changes: false,
	examples: [
		'--from 2026-03-01 --to 2026-03-31 --out march.csv',
		'--account redeemed --from 2026-03-01 --json',
		'--reason-code courtesy --from 2026-03-01',
		'--card 4f1d2c3b4a5968778695a4b3c2d1e0f0',
	],
	async run(context, args) {
		const wish = await wishOf(context, args);
		await exportRows(context, args, {
			columns,
			value: valueOf,
			noun: ['posting', 'postings'],
			read: async onRows =>
				readEntries(context.parts.pool, wish, async postings => onRows(await withAssets(context, postings))),
		});
	},
});

async function wishOf(
	context: Context,
	{from, to, card, account, 'reason-code': reasonCode}: Args<typeof flags>,
) {
	const {id: merchantId, timeZone} = context.merchant;
	const period = {
		from: from === undefined ? undefined : beginningOf('from', from, timeZone),
		to: to === undefined ? undefined : momentOf('to', to, timeZone),
	};
	checkPeriod(period.from, period.to);
	const cardId = card === undefined ? undefined : (await findCard(context, {card})).card.cardId;
	return {
		...{merchantId, ...period, cardId, reasonCode},
		account: account === undefined ? undefined : accountNamed(account),
	};
}

function accountNamed(text: string): Account {
	const names = Object.keys(accountNumbers) as Account[];
	const name = names.find(one => one.toLowerCase() === text.toLowerCase());
	if (name === undefined) {
		throw new UsageError(`--account takes ${names.join(', ')}; not "${text.slice(0, 40)}".`);
	}

	return name;
}

type Row = ListedPosting & {readonly asset: MerchantAsset};

/** A posting as `--json` prints it. */
function valueOf(row: Row) {
	return {
		entryId: wireIdOf(row.entryId),
		kind: row.kind,
		occurredAt: jsonMoment(row.occurredAt),
		recordedAt: jsonMoment(row.recordedAt),
		operationId: idOf(row.operationId),
		answers: idOf(row.answers),
		account: row.account,
		card: idOf(row.card),
		amount: toJsonNumber(row.amount, row.asset),
		balanceAfter: row.balanceAfter === null ? null : toJsonNumber(row.balanceAfter, row.asset),
		currency: row.asset.code,
		actor: row.actor,
		orderId: row.orderId,
		requestId: row.requestId,
		reasonCode: row.reasonCode,
		reason: row.reason,
	};
}

/** The same, as columns. */
const columns: readonly CsvColumn<Row>[] = [
	{name: 'entryId', text: ({entryId}) => wireIdOf(entryId)},
	{name: 'kind', text: ({kind}) => kind},
	{name: 'occurredAt', text: ({occurredAt}) => jsonMoment(occurredAt)},
	{name: 'recordedAt', text: ({recordedAt}) => jsonMoment(recordedAt)},
	{name: 'operationId', text: ({operationId}) => idOf(operationId)},
	{name: 'answers', text: ({answers}) => idOf(answers)},
	{name: 'account', text: ({account}) => account},
	{name: 'card', text: ({card}) => idOf(card)},
	{name: 'amount', number: ({amount, asset}) => formatAmount(amount, asset)},
	{
		name: 'balanceAfter',
		number: ({balanceAfter, asset}) => (balanceAfter === null ? null : formatAmount(balanceAfter, asset)),
	},
	{name: 'currency', text: ({asset}) => asset.code},
	{name: 'actor', text: ({actor}) => actor},
	{name: 'orderId', text: ({orderId}) => orderId},
	{name: 'requestId', text: ({requestId}) => requestId},
	{name: 'reasonCode', text: ({reasonCode}) => reasonCode},
	{name: 'reason', text: ({reason}) => reason},
];

function idOf(id: string | null): string | null {
	return id === null ? null : wireIdOf(id);
}

await runAsScript(import.meta.url, entriesExport);
