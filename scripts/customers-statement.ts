import {type MerchantAsset} from '../src/merchants/assets.ts';
import {readCustomerStatement} from '../src/reports/customer-statement.ts';
import {findAsset, pointsOf} from './lib/asset-flags.ts';
import {type Args, type Context, defineCommand, type Flags, UsageError} from './lib/command.ts';
import {checkForm, csvFlag} from './lib/csv-flag.ts';
import {openCsv} from './lib/csv-write.ts';
import {customerFlags, customerOf, findCustomer} from './lib/customer-flags.ts';
import {beginningOf, checkPeriod, momentOf} from './lib/dates.ts';
import {withAssets} from './lib/export-rows.ts';
import {runAsScript} from './lib/run-command.ts';
import {lineColumns, lineValue, printStatement, type ShownLine} from './lib/statement-output.ts';

const flags = {
	...customerFlags,
	from: {
		type: 'text',
		placeholder: 'T',
		description: 'Entries from then on, after what there was before: a day, or a moment with its offset.',
	},
	'as-of': {
		type: 'text',
		placeholder: 'T',
		description: 'Entries until then: a day, or a moment with its offset.',
	},
	currency: {
		type: 'text',
		placeholder: 'BRL',
		description: 'Only this currency, or the points of this code.',
	},
	points: {type: 'switch', description: 'Only points.'},
	csv: csvFlag,
} as const satisfies Flags;

export const customersStatement = defineCommand({
	name: 'customers:statement',
	summary: 'List what happened to all cards and wallets of one person, with the running balance.',
	details: [
		'Each currency and each kind of points is listed by itself, oldest first, over all cards together, those of customers who became this ' +
			'one included. The amount is what an entry did to what is available on its card, the balance what was available on all of them ' +
			'afterwards, and held what was reserved for orders then. A capture takes from what is held, so its amount is zero.',
		'Value that went from one card of the customer to another, as when two customers are merged, has two lines that cancel out; "own" says so ' +
			'(withinCustomer in --json and --csv). A card is shown by the first digits of its id; --json and --csv have all of them.',
	],
	flags,
	changes: false,
	examples: [
		'--customer-email ana@example.com',
		'--customer 12 --points --from 2026-03-01 --as-of 2026-03-31',
		'--customer-document 111.444.777-35 --csv > ana.csv',
	],
	async run(context, args) {
		const {parts, print} = context;
		checkForm(print, args.csv);
		const wish = await wishOf(context, args);
		const csv = args.csv ? openCsv(print, lineColumns('customer')) : undefined;
		const shown: ShownLine[] = [];
		await readCustomerStatement(parts, wish, async lines => {
			const page = await withAssets(context, lines);
			page.forEach(line => {
				print.value(lineValue(line));
			});
			if (csv === undefined && !print.isJson) {
				page.forEach(line => shown.push(line));
			}

			await (csv === undefined ? print.room() : csv.rows(page));
		});
		if (csv === undefined) {
			printTables(context, wish.customerId, shown);
		}
	},
});

async function wishOf(context: Context, args: Args<typeof flags>) {
	const {id: merchantId, timeZone} = context.merchant;
	const named = customerOf(args);
	const {currency, points} = args;
	if (currency !== undefined && points) {
		throw new UsageError('Give --currency or --points, not both.');
	}

	const from = args.from === undefined ? undefined : beginningOf('from', args.from, timeZone);
	const until = args['as-of'] === undefined ? undefined : momentOf('as-of', args['as-of'], timeZone);
	checkPeriod(from, until, '--as-of');
	const assets = points
		? await pointsOf(context)
		: currency === undefined
			? []
			: [await findAsset(context, currency)];
	const assetIds = points || currency !== undefined ? assets.map(({id}) => id) : undefined;
	return {merchantId, customerId: await findCustomer(context, named), from, until, assetIds};
}

/** A table for each asset. */
function printTables(
	{print, merchant: {timeZone}}: Context,
	customerId: string,
	lines: readonly ShownLine[],
): void {
	const byAsset = new Map<MerchantAsset, ShownLine[]>();
	for (const line of lines) {
		const others = byAsset.get(line.asset);
		if (others === undefined) {
			byAsset.set(line.asset, [line]);
		} else {
			others.push(line);
		}
	}

	let isFirst = true;
	for (const [asset, ofAsset] of byAsset) {
		print.line(
			`${isFirst ? '' : '\n'}Customer ${customerId}, amounts in ${asset.code}, times in ${timeZone}\n`,
		);
		printStatement(print, ofAsset, timeZone);
		isFirst = false;
	}

	if (isFirst) {
		print.line(`Customer ${customerId} has no entries then.`);
	}
}

await runAsScript(import.meta.url, customersStatement);
