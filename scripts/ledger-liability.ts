import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {convertDown, type Rate} from '../src/money/convert.ts';
import {
	isTied,
	type Liability,
	type LiabilityBy,
	type LiabilityRow,
	type LiabilityTotal,
	readLiability,
} from '../src/reports/liability.ts';
import {originOf} from './lib/card-flags.ts';
import {type Chart} from './lib/chart.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {type CsvColumn, printCsv} from './lib/csv-write.ts';
import {asOfFlag, assetsOf, pastMomentOf, shownAsOf} from './lib/report-flags.ts';
import {runAsScript} from './lib/run-command.ts';
import {svgFlag, writeSvg} from './lib/svg-file.ts';
import {type Column, printTable} from './lib/table.ts';

/** A row or a total with what is needed to print it. `worth` is minor units of the merchant's currency, null where there is no rate. */
type Line = Pick<LiabilityRow, 'available' | 'held' | 'expired'> & {
	readonly asset: MerchantAsset;
	readonly group: string;
	readonly owed: bigint;
	readonly worth: bigint | null;
};

export const ledgerLiability = defineCommand({
	name: 'ledger:liability',
	summary:
		'Print what is owed to holders of cards and points, now or as it was, by age, month of expiry or origin.',
	details: [
		'Owed is what remains on cards and what is held for orders. What is past its date and was not swept to breakage yet is owed by the terms no more; it stands apart ' +
			'as expired, because it is on the books still. Owed and expired tie to the accounts of the trial balance, or the exit code is 1.',
		'Age is that of the first issue, in days; value that was transferred or restored keeps it. Months are those in which value ends, in the time zone of the merchant. ' +
			"Points are told in points; their worth in the merchant's currency, at the program's rate of the moment, is never added to money.",
		'--json prints for each line currency, liability, available, held and expired (liability is available and held); by age also age, by expiry month (none without a ' +
			'date), by origin origin; for points with a rate also value and valueCurrency.',
	],
	flags: {
		'as-of': asOfFlag,
		by: {
			type: 'text',
			choices: ['age', 'expiry', 'origin', 'currency'],
			description: 'What a line stands for; without it currency.',
		},
		csv: csvFlag,
		svg: svgFlag,
	},
	changes: false,
	examples: [
		'',
		'--by expiry --svg liability.svg',
		'--as-of 2025-12-31 --by age --csv > liability.csv',
		'--by origin --json',
	],
	async run(context, {'as-of': text, by = 'currency', csv: isCsv, svg}) {
		const {parts, merchant, print} = context;
		checkForm(print, isCsv);
		const asOf = pastMomentOf(context, text);
		const currency = await parts.assets.ofCurrency(merchant.id, merchant.currency);
		const liability = await readLiability(parts.prisma, {
			...{merchantId: merchant.id, by, asOf, now: parts.clock()},
			...{timeZone: merchant.timeZone, currencyId: currency.id},
		});
		const lines = await linesOf(context, liability);
		if (isCsv) {
			await printCsv(print, lines, csvColumnsOf(by, currency));
		} else {
			lines.forEach(line => {
				print.value(valueOf(line, by, currency));
			});
			await printForPeople(context, {lines, liability, by, currency, moment: shownAsOf(context, asOf)});
		}

		if (svg !== undefined) {
			await writeSvg(svg, chartOf(lines, by, shownAsOf(context, asOf)));
		}

		await refuseUntied(context, liability.totals);
	},
});

async function linesOf(context: Context, {rows, totals}: Liability): Promise<Line[]> {
	const assetOf = await assetsOf(context, rows);
	const rates = new Map(totals.map(({assetId, rate}) => [assetId, rate]));
	return rows.map(row => ({
		...row,
		group: groupText(row),
		...worthOf(row, rates.get(row.assetId) ?? null),
		asset: assetOf(row.assetId),
	}));
}

function worthOf({available, held}: Pick<Line, 'available' | 'held'>, rate: Rate | null) {
	const owed = available + held;
	return {owed, worth: rate === null || owed < 0n ? null : convertDown(owed, rate)};
}

function groupText({group}: LiabilityRow): string {
	switch (group.by) {
		case 'age': {
			return group.age;
		}

		case 'expiry': {
			return group.month ?? 'none';
		}

		case 'origin': {
			return originOf(group.origin);
		}

		case 'currency': {
			return '';
		}
	}
}

/** By which name a group stands in `--json` and in files. */
const names: Readonly<Record<LiabilityBy, string>> = {
	age: 'age',
	expiry: 'month',
	origin: 'origin',
	currency: '',
};

const titles: Readonly<Record<LiabilityBy, string>> = {
	age: 'Age in days',
	expiry: 'Ends in',
	origin: 'Origin',
	currency: 'Currency',
};

function valueOf({asset, group, owed, worth, ...line}: Line, by: LiabilityBy, currency: MerchantAsset) {
	return {
		...(by !== 'currency' && {[names[by]]: group}),
		currency: asset.code,
		liability: toJsonNumber(owed, asset),
		available: toJsonNumber(line.available, asset),
		held: toJsonNumber(line.held, asset),
		expired: toJsonNumber(line.expired, asset),
		...(worth !== null && {value: toJsonNumber(worth, currency), valueCurrency: currency.code}),
	};
}

function csvColumnsOf(by: LiabilityBy, currency: MerchantAsset): readonly CsvColumn<Line>[] {
	const amount = (name: string, of: (line: Line) => bigint): CsvColumn<Line> => ({
		name,
		number: line => formatAmount(of(line), line.asset),
	});
	return [
		...(by === 'currency' ? [] : [{name: names[by], text: ({group}: Line) => group}]),
		{name: 'currency', text: ({asset}) => asset.code},
		amount('liability', ({owed}) => owed),
		amount('available', ({available}) => available),
		amount('held', ({held}) => held),
		amount('expired', ({expired}) => expired),
		{name: 'value', number: ({worth}) => (worth === null ? null : formatAmount(worth, currency))},
		{name: 'valueCurrency', text: ({worth}) => (worth === null ? null : currency.code)},
	];
}

type Shown = {
	readonly lines: readonly Line[];
	readonly liability: Liability;
	readonly by: LiabilityBy;
	readonly currency: MerchantAsset;
	readonly moment: string;
};

async function printForPeople(context: Context, shown: Shown): Promise<void> {
	const {print} = context;
	const {lines, liability, by, currency, moment} = shown;
	print.line(`Owed on ${moment}${by === 'currency' ? '' : `, by ${by}`}`);
	if (lines.length === 0) {
		print.line('Nothing.');
	}

	const assetOf = await assetsOf(context, liability.totals);
	for (const total of liability.totals) {
		const asset = assetOf(total.assetId);
		const own = lines.filter(line => line.asset.id === asset.id);
		if (own.length > 0) {
			const sum: Line = {...total, asset, group: 'Total', ...worthOf(total, total.rate)};
			print.line();
			printTable(print, by === 'currency' ? own : [...own, sum], columnsOf(by, own, currency));
		}
	}

	print.line();
	for (const total of liability.totals) {
		print.line(print.styled(isTied(total) ? 'green' : 'red', tieText(total, assetOf(total.assetId))));
	}
}

function columnsOf(
	by: LiabilityBy,
	lines: readonly Line[],
	currency: MerchantAsset,
): readonly Column<Line>[] {
	const money = (title: string, of: (line: Line) => bigint): Column<Line> => ({
		...{title, isRight: true, widthMin: 18},
		text: line => formatMoney(of(line), line.asset),
	});
	const hasExpired = lines.some(({expired}) => expired !== 0n);
	const hasWorth = lines.some(({worth}) => worth !== null);
	return [
		{title: titles[by], text: line => (by === 'currency' ? line.asset.code : line.group), widthMin: 12},
		money('Owed', ({owed}) => owed),
		money('of it held', ({held}) => held),
		...(hasExpired ? [money('Expired, unbooked', ({expired}) => expired)] : []),
		...(hasWorth
			? [
					{
						...{title: 'Worth', isRight: true, widthMin: 18},
						text: ({worth}: Line) => (worth === null ? '' : formatMoney(worth, currency)),
					},
				]
			: []),
	];
}

/** How the lots and the accounts compare, in one sentence. */
function tieText(total: LiabilityTotal, asset: MerchantAsset): string {
	const {available, held, expired, debt, house} = total;
	const parts = [
		`owed ${formatMoney(available + held, asset)}`,
		...(expired === 0n ? [] : [`expired ${formatMoney(expired, asset)}`]),
		...(debt === 0n ? [] : [`owed by shoppers ${formatMoney(debt, asset)}`]),
	];
	return isTied(total)
		? `Ties to the trial balance: ${parts.join(', ')}; house accounts ${formatMoney(house, asset)}.`
		: `Does NOT tie to the trial balance: ${parts.join(', ')}; house accounts ${formatMoney(house, asset)}.`;
}

async function refuseUntied(context: Context, totals: readonly LiabilityTotal[]): Promise<void> {
	const untied = totals.filter(total => !isTied(total));
	if (untied.length > 0) {
		const assetOf = await assetsOf(context, untied);
		const codes = untied.map(({assetId}) => assetOf(assetId).code);
		throw new Error(`What lots have of ${codes.join(', ')} is not what the accounts say. Run ledger:audit.`);
	}
}

const chartTitles: Readonly<Record<LiabilityBy, string>> = {
	age: 'What is owed, by age in days',
	expiry: 'What is owed, by the month in which it ends',
	origin: 'What is owed, by what it was given for',
	currency: 'What is owed',
};

function chartOf(lines: readonly Line[], by: LiabilityBy, moment: string): Chart {
	const assets = [...new Set(lines.map(({asset}) => asset))];
	return {
		title: chartTitles[by],
		subtitle: `${moment}. What is held for orders is counted; what has expired is not.`,
		description: 'A bar for each line of the report of the command ledger:liability, by currency.',
		panels: assets.map(asset => ({
			title: asset.code,
			axis: `Owed, in ${asset.code}`,
			scale: asset.scale,
			bars: lines
				.filter(line => line.asset === asset && line.owed > 0n)
				.map(({group, owed}) => ({
					label: by === 'currency' ? asset.code : group,
					amount: owed,
					shown: formatMoney(owed, asset),
				})),
		})),
	};
}

await runAsScript(import.meta.url, ledgerLiability);
