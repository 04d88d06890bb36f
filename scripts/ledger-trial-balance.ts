import {type Account} from '../src/ledger/chart.ts';
import {type MerchantAsset} from '../src/merchants/assets.ts';
import {formatAmount, formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {type AccountBalance, trialBalance} from '../src/reports/trial-balance.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {type CsvColumn, printCsv} from './lib/csv-write.ts';
import {asOfFlag, assetsOf, pastMomentOf, shownAsOf} from './lib/report-flags.ts';
import {runAsScript} from './lib/run-command.ts';
import {type Column, printTable} from './lib/table.ts';

type Line = AccountBalance & {readonly asset: MerchantAsset};

/** What an account is, in an accountant's words. */
const titles: Readonly<Record<Account, string>> = {
	available: 'Cards: available',
	held: 'Cards: held for orders',
	debt: 'Cards: owed by shoppers',
	fundingSold: 'Funding: sold',
	fundingPromotional: 'Funding: promotional',
	fundingCourtesy: 'Funding: courtesy',
	fundingMigrated: 'Funding: migrated',
	fundingCredit: 'Funding: credited by VTEX',
	fundingEarned: 'Funding: earned with orders',
	redeemed: 'Redeemed: owed to the shop',
	breakage: 'Breakage: expired',
	adjustment: 'Adjustment',
	exchange: 'Exchange between assets',
	committed: 'Committed to open orders',
};

export const ledgerTrialBalance = defineCommand({
	name: 'ledger:trial-balance',
	summary:
		'Print what every account has, by currency, and that it sums to zero; exit code 1 when it does not.',
	details: [
		'Credit is what the merchant owes or has earned: what cards have, what was redeemed and what expired. Debit is where it came from, or who owes it: ' +
			'what value was given for, and what shoppers owe. In --json, balance is the credit less the debit: above zero for a credit.',
		"The accounts of cards are the sums of all cards. Each currency, and each kind of points, is balanced by itself. Now, the merchant's accounts are " +
			'read from their last snapshot and what was posted since; with --as-of every posting until then is added up.',
		'--json prints for each account currency, account, debit, credit and balance.',
	],
	flags: {'as-of': asOfFlag, csv: csvFlag},
	changes: false,
	examples: ['', '--as-of 2025-12-31', '--as-of 2025-12-31 --csv > trial-balance.csv', '--json'],
	async run(context, {'as-of': text, csv: isCsv}) {
		const {parts, merchant, print} = context;
		checkForm(print, isCsv);
		const asOf = pastMomentOf(context, text);
		const balances = await trialBalance(parts.prisma, {merchantId: merchant.id, asOf});
		const assetOf = await assetsOf(context, balances);
		const lines = balances
			.filter(({balance}) => balance !== 0n)
			.map((line): Line => ({...line, asset: assetOf(line.assetId)}));
		if (isCsv) {
			await printCsv(print, lines, csvColumns);
		} else {
			lines.forEach(line => {
				print.value(valueOf(line));
			});
			printForPeople(context, lines, shownAsOf(context, asOf));
		}

		const wrong = [...byAsset(lines)].filter(([, own]) => sumOf(own) !== 0n);
		if (wrong.length > 0) {
			const sums = wrong.map(([asset, own]) => formatMoney(sumOf(own), asset));
			throw new Error(`The books do not balance: they come to ${sums.join(', ')}. Run ledger:audit.`);
		}
	},
});

/** Above zero is credit, below is debit; each in minor units and never negative. */
function sidesOf({balance}: AccountBalance): {readonly debit: bigint; readonly credit: bigint} {
	return {debit: balance < 0n ? -balance : 0n, credit: balance > 0n ? balance : 0n};
}

function sumOf(lines: readonly AccountBalance[]): bigint {
	return lines.reduce((sum, {balance}) => sum + balance, 0n);
}

function byAsset(lines: readonly Line[]): Map<MerchantAsset, Line[]> {
	const groups = new Map<MerchantAsset, Line[]>();
	for (const line of lines) {
		const own = groups.get(line.asset) ?? [];
		own.push(line);
		groups.set(line.asset, own);
	}

	return groups;
}

function valueOf(line: Line) {
	const {asset, account} = line;
	const {debit, credit} = sidesOf(line);
	return {
		currency: asset.code,
		account,
		debit: toJsonNumber(debit, asset),
		credit: toJsonNumber(credit, asset),
		balance: toJsonNumber(line.balance, asset),
	};
}

const csvColumns: readonly CsvColumn<Line>[] = [
	{name: 'currency', text: ({asset}) => asset.code},
	{name: 'account', text: ({account}) => account},
	{name: 'debit', number: line => formatAmount(sidesOf(line).debit, line.asset)},
	{name: 'credit', number: line => formatAmount(sidesOf(line).credit, line.asset)},
	{name: 'balance', number: ({balance, asset}) => formatAmount(balance, asset)},
];

type Shown = {readonly title: string; readonly debit: string; readonly credit: string};

function printForPeople({print}: Context, lines: readonly Line[], moment: string): void {
	print.line(`Trial balance on ${moment}`);
	for (const [asset, own] of byAsset(lines)) {
		const sides = own.map(line => ({title: titles[line.account], ...sidesOf(line)}));
		const total = {
			title: 'Total',
			debit: sides.reduce((sum, {debit}) => sum + debit, 0n),
			credit: sides.reduce((sum, {credit}) => sum + credit, 0n),
		};
		const money = (amount: bigint) => (amount === 0n ? '' : formatMoney(amount, asset));
		print.line();
		printTable<Shown>(
			print,
			[...sides, total].map(({title, debit, credit}) => ({
				title,
				debit: money(debit),
				credit: money(credit),
			})),
			columns,
		);
		const difference = total.credit - total.debit;
		const text = `Credit less debit: ${formatMoney(difference, asset)}`;
		print.line(print.styled(difference === 0n ? 'green' : 'red', text));
	}

	if (lines.length === 0) {
		print.line('Nothing was ever booked until then.');
	}
}

const columns: readonly Column<Shown>[] = [
	{title: 'Account', text: ({title}) => title, widthMin: 28},
	{title: 'Debit', text: ({debit}) => debit, isRight: true, widthMin: 24},
	{title: 'Credit', text: ({credit}) => credit, isRight: true, widthMin: 24},
];

await runAsScript(import.meta.url, ledgerTrialBalance);
