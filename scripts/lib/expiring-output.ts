import {wireIdOf} from '../../src/cards/public-id.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Expiring, type ExpiringBy} from '../../src/reports/expiring.ts';
import {type Chart} from './chart.ts';
import {type Context} from './command.ts';
import {counted} from './counted.ts';
import {type CsvColumn, openCsv} from './csv-write.ts';
import {lastDay, shownMoment} from './dates.ts';
import {type Column, printTable} from './table.ts';

/** What `loyalty:expiring` prints while it reads. */
export type ExpiringOutput = {
	readonly rows: (rows: readonly Expiring[]) => Promise<void>;
	/** For people: the table, and what it comes to. */
	readonly end: () => void;
	/** After the end: bars of all rows, which are not by customer. */
	readonly chart: () => Chart;
};

type Shown = Expiring & {readonly asset: MerchantAsset};

// Nobody reads further.
const shownMax = 1000;

export function openExpiringOutput(
	{print, parts, merchant}: Context,
	{by, until, isCsv}: {readonly by: ExpiringBy; readonly until: Instant; readonly isCsv: boolean},
): ExpiringOutput {
	const {timeZone} = merchant;
	const shown: Shown[] = [];
	const totals = new Map<MerchantAsset, bigint>();
	// Nobody draws customers, of whom there may be a million.
	const drawn: Shown[] = [];
	let count = 0;
	const csv = isCsv ? openCsv(print, csvColumnsOf(by, timeZone)) : undefined;
	const take = (row: Shown) => {
		print.value(valueOf(row, by, timeZone));
		if (shown.length < shownMax && !isCsv) {
			shown.push(row);
		}

		if (by !== 'customer') {
			drawn.push(row);
		}

		count++;
		totals.set(row.asset, (totals.get(row.asset) ?? 0n) + row.amount);
	};

	return {
		async rows(rows) {
			const page: Shown[] = [];
			for (const row of rows) {
				page.push({...row, asset: await parts.assets.byId(merchant.id, row.assetId)});
			}

			page.forEach(take);
			await (csv === undefined ? print.room() : csv.rows(page));
		},
		end() {
			if (isCsv) {
				return;
			}

			printTable(print, shown, columnsOf(by, timeZone));
			if (count > shown.length) {
				print.line(`and ${count - shown.length} more: --json and --csv print all of them.`);
			}

			const last = `${lastDay(until, timeZone) ?? ''} (${timeZone})`;
			print.line(
				count === 0
					? `Nothing expires until ${last}.`
					: `\n${[...totals].map(([asset, amount]) => formatMoney(amount, asset)).join(', ')} will expire until ${last}.`,
			);
		},
		chart() {
			const last = lastDay(until, timeZone) ?? '';
			const now = shownMoment(parts.clock(), timeZone);
			return {
				title: by === 'total' ? 'What will expire' : `What will expire, by ${by}`,
				subtitle: `Until ${last}, as of ${now} (${timeZone}). What is held for orders does not expire.`,
				description:
					'A bar for each line of the report of the command loyalty:expiring, by currency and kind of points.',
				panels: [...totals.keys()].map(asset => ({
					title: asset.code,
					axis: `Expires, in ${asset.code}`,
					scale: asset.scale,
					bars: drawn
						.filter(row => row.asset === asset)
						.map(row => ({
							label: row.period ?? (by === 'day' ? (lastDay(row.first, timeZone) ?? '') : asset.code),
							amount: row.amount,
							shown: formatMoney(row.amount, asset),
						})),
				})),
			};
		},
	};
}

/** A row as `--json` prints it. */
function valueOf({asset, ...row}: Shown, by: ExpiringBy, timeZone: string) {
	return {
		...(by === 'customer' && {
			customer: row.customerId === null ? null : Number(row.customerId),
			card: row.card === null ? null : wireIdOf(row.card),
		}),
		...(by === 'month' && {month: row.period}),
		currency: asset.code,
		amount: toJsonNumber(row.amount, asset),
		lots: row.lots,
		cards: row.cards,
		expiringDate: lastDay(row.first, timeZone),
		lastExpiringDate: lastDay(row.last, timeZone),
	};
}

/** What a line of a file has, by the names that `--json` gives it. */
function csvColumnsOf(by: ExpiringBy, timeZone: string): readonly CsvColumn<Shown>[] {
	return [
		...(by === 'customer' ? customerColumns : []),
		...(by === 'month' ? [{name: 'month', text: ({period}: Shown) => period}] : []),
		{name: 'currency', text: ({asset}) => asset.code},
		{name: 'amount', number: row => formatAmount(row.amount, row.asset)},
		{name: 'lots', number: ({lots}) => lots},
		{name: 'cards', number: ({cards}) => cards},
		{name: 'expiringDate', text: ({first}) => lastDay(first, timeZone)},
		{name: 'lastExpiringDate', text: ({last}) => lastDay(last, timeZone)},
	];
}

const customerColumns: readonly CsvColumn<Shown>[] = [
	{name: 'customer', number: ({customerId}) => customerId},
	{name: 'card', text: ({card}) => (card === null ? null : wireIdOf(card))},
];

function columnsOf(by: ExpiringBy, timeZone: string): readonly Column<Shown>[] {
	const first: Column<Shown> = {title: 'Valid through', text: row => lastDay(row.first, timeZone) ?? ''};
	const last: Column<Shown> = {title: 'The last of it', text: row => lastDay(row.last, timeZone) ?? ''};
	const amount: Column<Shown> = {
		title: 'Amount',
		text: row => formatMoney(row.amount, row.asset),
		isRight: true,
	};
	const sizes: readonly Column<Shown>[] = [
		{title: 'Cards', text: ({cards}) => cards.toLocaleString('en'), isRight: true},
		{title: 'Lots', text: ({lots}) => lots.toLocaleString('en'), isRight: true},
	];
	const customer: readonly Column<Shown>[] = [
		{title: 'Customer', text: ({customerId}) => customerId ?? 'nobody', isRight: true},
		{
			title: 'Card',
			text: ({card, cards}) => (card === null ? counted(cards, 'card') : wireIdOf(card)),
		},
	];
	switch (by) {
		case 'customer': {
			return [...customer, amount, first, last];
		}

		case 'month': {
			return [{title: 'Month', text: ({period}) => period ?? ''}, amount, ...sizes, first, last];
		}

		case 'day': {
			return [first, amount, ...sizes];
		}

		case 'total': {
			return [amount, ...sizes, first, last];
		}
	}
}
