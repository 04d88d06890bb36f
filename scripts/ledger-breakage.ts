import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {type Breakage, type BreakageBy, readBreakage} from '../src/reports/breakage.ts';
import {originOf} from './lib/card-flags.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {type CsvColumn, printCsv} from './lib/csv-write.ts';
import {beginningOf, checkPeriod, momentOf, shownMoment} from './lib/dates.ts';
import {assetsOf} from './lib/report-flags.ts';
import {runAsScript} from './lib/run-command.ts';
import {type Column, printTable} from './lib/table.ts';

type Line = Breakage & {readonly asset: MerchantAsset};

export const ledgerBreakage = defineCommand({
	name: 'ledger:breakage',
	summary: 'Print what expired and was booked to breakage, and what was taken back out of it.',
	details: [
		'Booked is what remained of value past its date when the sweep came, at the time of the sweep. Taken back is what orders that were given back took of it: ' +
			'points that they had earned, and that had expired meanwhile. Net is the difference, which is what the account breakage has gained.',
		'What an order gives back to value past its date goes on under a new date and never touches breakage, unless it ends again.',
		'--json prints for each line currency, booked, returned and net; by month also month, by origin also origin.',
	],
	flags: {
		from: {
			type: 'text',
			placeholder: 'T',
			description: 'From a day on, or a moment with its offset; without it from the beginning.',
		},
		to: {
			type: 'text',
			placeholder: 'T',
			description: 'Until then: a day, which counts whole, or a moment with its offset; without it now.',
		},
		by: {
			type: 'text',
			choices: ['month', 'origin', 'currency'],
			description: 'What a line stands for; without it month.',
		},
		csv: csvFlag,
	},
	changes: false,
	examples: ['', '--from 2025-01-01 --to 2025-12-31', '--by origin --json', '--csv > breakage.csv'],
	async run(context, {from: fromText, to: toText, by = 'month', csv: isCsv}) {
		const {parts, merchant, print} = context;
		const {timeZone} = merchant;
		checkForm(print, isCsv);
		const from = fromText === undefined ? null : beginningOf('from', fromText, timeZone);
		const to = toText === undefined ? parts.clock() : momentOf('to', toText, timeZone);
		checkPeriod(from, to, toText === undefined ? 'now' : '--to');
		const rows = await readBreakage(parts.prisma, {merchantId: merchant.id, by, from, to, timeZone});
		const assetOf = await assetsOf(context, rows);
		const lines = rows.map((row): Line => ({...row, asset: assetOf(row.assetId)}));
		if (isCsv) {
			await printCsv(print, lines, csvColumnsOf(by));
			return;
		}

		lines.forEach(line => {
			print.value(valueOf(line, by));
		});
		const since = from === null ? '' : `from ${shownMoment(from, timeZone)} `;
		print.line(`Breakage ${since}until ${shownMoment(to, timeZone)} (${timeZone})`);
		printForPeople(context, lines, by);
	},
});

function netOf({booked, returned}: Breakage): bigint {
	return booked - returned;
}

/** What a line stands for, besides its currency. */
function groupOf({month, origin}: Breakage, by: BreakageBy): Readonly<Record<string, string>> {
	switch (by) {
		case 'month': {
			return {month: month ?? ''};
		}

		case 'origin': {
			return {origin: origin === null ? '' : originOf(origin)};
		}

		case 'currency': {
			return {};
		}
	}
}

function valueOf(line: Line, by: BreakageBy) {
	const {asset} = line;
	return {
		...groupOf(line, by),
		currency: asset.code,
		booked: toJsonNumber(line.booked, asset),
		returned: toJsonNumber(line.returned, asset),
		net: toJsonNumber(netOf(line), asset),
	};
}

function csvColumnsOf(by: BreakageBy): readonly CsvColumn<Line>[] {
	return [
		...(by === 'currency' ? [] : [{name: by, text: (line: Line) => groupOf(line, by)[by] ?? ''}]),
		{name: 'currency', text: ({asset}) => asset.code},
		{name: 'booked', number: ({booked, asset}) => formatAmount(booked, asset)},
		{name: 'returned', number: ({returned, asset}) => formatAmount(returned, asset)},
		{name: 'net', number: line => formatAmount(netOf(line), line.asset)},
	];
}

function printForPeople({print}: Context, lines: readonly Line[], by: BreakageBy): void {
	if (lines.length === 0) {
		print.line('Nothing was booked to breakage.');
		return;
	}

	const money = (of: (line: Line) => bigint) => (line: Line) => formatMoney(of(line), line.asset);
	const columns: readonly Column<Line>[] = [
		...(by === 'currency'
			? []
			: [{title: by === 'month' ? 'Month' : 'Origin', text: (line: Line) => groupOf(line, by)[by] ?? ''}]),
		{title: 'Booked', text: money(({booked}) => booked), isRight: true},
		{title: 'Taken back', text: money(({returned}) => returned), isRight: true},
		{title: 'Net', text: money(netOf), isRight: true},
	];
	print.line();
	printTable(print, lines, columns);
	const nets = new Map<MerchantAsset, bigint>();
	for (const line of lines) {
		nets.set(line.asset, (nets.get(line.asset) ?? 0n) + netOf(line));
	}

	print.line(`\nNet: ${[...nets].map(([asset, net]) => formatMoney(net, asset)).join(', ')}.`);
}

await runAsScript(import.meta.url, ledgerBreakage);
