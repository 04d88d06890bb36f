import {type Difference, rebuild} from '../src/ledger/rebuild.ts';
import {formatMoney, toJsonNumber} from '../src/money/amount.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';
import {printTable} from './lib/table.ts';

// Counts and marks, which are no money.
const plainColumns: ReadonlySet<string> = new Set(['version', 'spent']);

export const ledgerRebuild = defineCommand({
	name: 'ledger:rebuild',
	summary:
		'Derive balances, lots and holds from the journal, and print every difference to what is stored; exit code 1 where there is one.',
	details: [
		'Cards, lots, legs of holds and payments are computed anew from entries, postings and lot movements alone, into temporary tables, in one ' +
			'moment beside live traffic. Nothing is changed. ledger:audit proves the same books in another way.',
		'A difference is not written back: nothing but the writer changes a balance. Find out how it came about (audit:trail, ledger:verify, the ' +
			"database's own log), restore a backup where rows were damaged, or correct the balance with cards:adjust, which the books remember.",
	],
	flags: {
		'dry-run': {type: 'switch', description: 'Only look. There is no other way, so it has to be said.'},
	},
	changes: false,
	examples: ['--dry-run', '--dry-run --json', '--dry-run --merchant acme'],
	async run(context, args) {
		if (!args['dry-run']) {
			throw new UsageError(
				'Nothing was done: stored balances are changed by the writer alone. Look with --dry-run, and correct a card with cards:adjust.',
			);
		}

		const {parts, merchant, isMerchantNamed, print} = context;
		const {found, differences} = await rebuild(
			parts.prisma,
			isMerchantNamed ? {merchantId: merchant.id} : {},
		);
		const merchants = await parts.prisma.merchant.findMany({select: {id: true, name: true}});
		const names = new Map(merchants.map(({id, name}) => [id, name]));
		const rows = [];
		for (const difference of differences) {
			rows.push(await shown(context, names.get(difference.merchantId) ?? '', difference));
		}

		print.value({differences: rows.map(({value}) => value), ...(found > rows.length && {found})});
		printTable(print, rows, [
			{title: 'Merchant', text: ({value}) => value.merchant, isShrinking: true},
			{title: 'Table', text: ({value}) => value.table},
			{title: 'Row', text: ({value}) => value.id},
			{title: 'Column', text: ({value}) => value.column},
			{title: 'Stored', text: ({texts}) => texts[0], isRight: true},
			{title: 'Derived', text: ({texts}) => texts[1], isRight: true},
		]);
		if (found > 0) {
			const more = found > rows.length ? ` The first ${rows.length.toLocaleString('en')} are shown.` : '';
			throw new Error(
				`${found.toLocaleString('en')} stored ${found === 1 ? 'number differs' : 'numbers differ'} from the journal. Nothing was changed.${more}`,
			);
		}

		print.line(print.styled('green', 'Everything that is stored is what the journal makes of it.'));
	},
});

/** A difference under the names that people use, with amounts in their currency. */
async function shown({parts}: Context, merchant: string, difference: Difference) {
	const {merchantId, table, id, column, assetId, stored, derived} = difference;
	const asset =
		assetId === null || plainColumns.has(column) ? undefined : await parts.assets.byId(merchantId, assetId);
	const numberOf = (amount: bigint | null) =>
		amount === null ? null : asset === undefined ? Number(amount) : toJsonNumber(amount, asset);
	const textOf = (amount: bigint | null) =>
		amount === null ? 'missing' : asset === undefined ? String(amount) : formatMoney(amount, asset);
	return {
		value: {
			...{merchant, table, id, column, ...(asset !== undefined && {currency: asset.code})},
			...{stored: numberOf(stored), derived: numberOf(derived)},
		},
		texts: [textOf(stored), textOf(derived)] as const,
	};
}

await runAsScript(import.meta.url, ledgerRebuild);
