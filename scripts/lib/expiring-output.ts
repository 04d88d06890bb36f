import {wireIdOf} from '../../src/cards/public-id.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {type MerchantAsset} from '../../src/merchants/assets.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../../src/money/amount.ts';
import {type Expiring, type ExpiringBy} from '../../src/reports/expiring.ts';
import {type Context} from './command.ts';
import {lastDay} from './dates.ts';
import {type Column, printTable} from './table.ts';

/** What `loyalty:expiring` prints while it reads. */
export type ExpiringOutput = {
	readonly rows: (rows: readonly Expiring[]) => Promise<void>;
	/** For people: the table, and what it comes to. */
	readonly end: () => void;
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
	let count = 0;
	// Codes, numbers and dates only: nothing that would need quotes.
	const names = namesOf(by);
	if (isCsv) {
		print.line(names.join(','));
	}

	const take = (row: Shown) => {
		const value = valueOf(row, by, timeZone);
		print.value(value);
		if (isCsv) {
			const amount = formatAmount(row.amount, row.asset);
			print.line(names.map(name => ({...value, amount})[name] ?? '').join(','));
		} else if (shown.length < shownMax) {
			shown.push(row);
		}

		count++;
		totals.set(row.asset, (totals.get(row.asset) ?? 0n) + row.amount);
	};

	return {
		async rows(rows) {
			for (const row of rows) {
				take({...row, asset: await parts.assets.byId(merchant.id, row.assetId)});
			}
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
function namesOf(by: ExpiringBy): readonly (keyof ReturnType<typeof valueOf>)[] {
	return [
		...(by === 'customer' ? (['customer', 'card'] as const) : []),
		...(by === 'month' ? (['month'] as const) : []),
		...(['currency', 'amount', 'lots', 'cards', 'expiringDate', 'lastExpiringDate'] as const),
	];
}

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
			text: ({card, cards}) => (card === null ? `${cards} cards` : wireIdOf(card)),
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
