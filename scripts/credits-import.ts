import {CreditCheck} from '../src/bulk/credit-check.ts';
import {creditChunkSize, importCredits} from '../src/bulk/credit-import.ts';
import {
	type CreditColumn,
	creditColumns,
	creditRow,
	type CreditTerms,
	type CreditWish,
} from '../src/bulk/credit-row.ts';
import {columnsOf, type Columns} from '../src/bulk/line.ts';
import {programNamed, UnknownProgramError} from '../src/loyalty/programs.ts';
import {bulkFlags, importBulk} from './lib/bulk-import.ts';
import {reasonCodeFlag, whyOf} from './lib/card-flags.ts';
import {type Args, type Context, defineCommand, type Flags} from './lib/command.ts';
import {runAsScript} from './lib/run-command.ts';

const flags = {
	...bulkFlags,
	program: {
		type: 'text',
		placeholder: 'NAME',
		description: 'Whose points, of lines that do not say it; needed only where there are several programs.',
	},
	funding: {
		type: 'text',
		choices: ['sold', 'promotional', 'courtesy', 'migrated'],
		description: 'What it is given for, of lines that do not say it; without it courtesy.',
	},
	reason: {
		type: 'text',
		placeholder: 'WHY',
		description: 'Kept with the entries of all lines that have no reason of their own.',
		isPersonal: true,
	},
	...reasonCodeFlag,
} as const satisfies Flags;

export const creditsImport = defineCommand({
	name: 'credits:import',
	summary: 'Give value to many cards and customers, as a CSV file says.',
	details: [
		`The first line names the columns, in any order: ${creditColumns.join(', ')}. UTF-8, separated by commas or semicolons; decimals after a dot ` +
			'or a comma. Each line names one card, or one customer by at least one of the customer columns, and an amount of money or points. What a ' +
			'line says of its own goes before the flags.',
		'A line with a key happens once, in whatever file it stands. Without one it happens once for the file: an import that was interrupted is ' +
			'repeated and goes on where it stopped, and a file that was imported is not imported again. Customers whom nobody knows are made, and ' +
			'wallets opened.',
		'All of the file is looked at first. A file with any problem changes nothing at all unless --skip-invalid is given; what only the ledger ' +
			'can refuse is told with its line. The exit code is 1 where any line was not imported. credits:undo takes a whole run back.',
	],
	operand: 'FILE.csv',
	flags,
	isBulk: true,
	changes: ({'dry-run': isDry}) => !isDry,
	examples: [
		'credits.csv --reason "summer campaign" --dry-run',
		'credits.csv --reason "summer campaign" --reason-code campaign',
		'apology.csv --reason apology --run apology-2026-03 --skip-invalid --json',
	],
	async run(context, args) {
		const {parts, merchant} = context;
		const terms = await termsOf(context, args);
		const now = parts.clock();
		const assets = await parts.prisma.asset.findMany({
			where: {merchantId: merchant.id},
			select: {id: true, code: true},
		});
		const assetIds = new Map(assets.map(({id, code}) => [code, id]));
		await importBulk<Columns<CreditColumn>, CreditWish>(context, args, {
			...{command: 'credits:import', kind: 'credits', chunkSize: creditChunkSize},
			columns: record => columnsOf(record, creditColumns),
			row: (columns, record) => creditRow(columns, record, terms),
			openCheck: run => new CreditCheck({prisma: parts.readerPrisma, assetIds, now}, merchant.id, run?.id),
			write: (at, chunks) => importCredits(parts, {merchant, ...at}, chunks),
		});
	},
});

async function termsOf({parts, merchant}: Context, args: Args<typeof flags>): Promise<CreditTerms> {
	const programs = await parts.programs.list(merchant.id);
	return {
		...{timeZone: merchant.timeZone, currency: merchant.currency, now: parts.clock()},
		...whyOf({...args, reason: args.reason?.trim() ?? ''}),
		funding: args.funding ?? 'courtesy',
		programOf(name = args.program) {
			try {
				return programNamed(programs, name);
			} catch (error) {
				if (error instanceof UnknownProgramError) {
					return {problem: error.message.replace(/\.$/, '')};
				}

				throw error;
			}
		},
	};
}

await runAsScript(import.meta.url, creditsImport);
