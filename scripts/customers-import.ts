import {
	checkImport,
	importChunkSize,
	type ImportOutcome,
	importRows,
	type ImportRow,
} from '../src/customers/import.ts';
import {type Context, defineCommand} from './lib/command.ts';
import {counted} from './lib/counted.ts';
import {customerColumns, type CustomerColumns, customerRow} from './lib/customer-rows.ts';
import {
	type FileTally,
	type ImportFile,
	importFlags,
	openImportFile,
	refuseProblems,
	rowsOf,
	tellProblem,
} from './lib/import-file.ts';
import {runAsScript} from './lib/run-command.ts';

export const customersImport = defineCommand({
	name: 'customers:import',
	summary: 'Make customers known from a CSV file, and add what is new of those who are known.',
	details: [
		'The first line names the columns, in any order: customer-id (or profile), email, document, corporate-document. UTF-8, separated by ' +
			'commas or semicolons. Each line names one customer by at least one of them; repeated lines and files change nothing.',
		'A line whose identifiers belong to different customers, known or named on lines before, is a conflict and changes nothing; customers:merge ' +
			'joins two customers who turn out to be one. A file with any problem changes nothing at all unless --skip-invalid is given.',
	],
	operand: 'FILE.csv',
	flags: importFlags,
	changes: ({'dry-run': isDry}) => !isDry,
	examples: ['customers.csv --dry-run', 'customers.csv', 'customers.csv --skip-invalid --json'],
	async run(context, {operand, 'dry-run': isDry, 'skip-invalid': isSkipping}) {
		const file = await openImportFile('customers:import', operand);
		try {
			const checked = newTally();
			if (isDry || !isSkipping) {
				await checkFile(context, file, checked);
			}

			const isToBeWritten = !isDry && checked.invalid === 0;
			const tally = isToBeWritten ? newTally() : checked;
			if (isToBeWritten) {
				await writeFile(context, file, tally);
			}

			summarise(context, tally, isToBeWritten);
			refuseProblems(tally, {isWritten: isToBeWritten, isSkipping});
		} finally {
			await file.handle.close();
		}
	},
});

type Tally = FileTally & {made: number; extended: number; unchanged: number};

const newTally = (): Tally => ({rows: 0, invalid: 0, made: 0, extended: 0, unchanged: 0, complete: true});

/** The first pass: every problem is told, nothing is changed. */
async function checkFile(context: Context, file: ImportFile, tally: Tally): Promise<void> {
	const {parts, merchant} = context;
	const chunks = linesOf(context, file, tally, 'Checking');
	await checkImport(parts.prisma, merchant.id, chunks, outcomes => {
		count(context, tally, outcomes);
	});
}

async function writeFile(context: Context, file: ImportFile, tally: Tally): Promise<void> {
	const {parts, merchant, signal} = context;
	for await (const rows of linesOf(context, file, tally, 'Importing')) {
		count(context, tally, await importRows(parts.prisma, merchant.id, rows));
		if (signal.aborted) {
			const line = rows.at(-1)?.line ?? 0;
			throw new Error(
				`Stopped after line ${line}. Repeat the command: what is imported is not imported again.`,
			);
		}
	}
}

const linesOf = (context: Context, file: ImportFile, tally: Tally, task: string) =>
	rowsOf<CustomerColumns, ImportRow>(context, file, {
		...{task, tally, chunkSize: importChunkSize, columns: customerColumns, row: customerRow},
		onProblem: problem => {
			tellProblem(context, problem);
		},
	});

function count(context: Context, tally: Tally, outcomes: readonly ImportOutcome[]): void {
	for (const {line, kind} of outcomes) {
		if (kind === 'conflict') {
			const problem =
				'Its identifiers belong to different customers, known or named on lines before; or the customer has another profile id.';
			tally.invalid++;
			tellProblem(context, {line, problem});
		} else {
			tally[kind]++;
		}
	}
}

function summarise({print}: Context, tally: Tally, isWritten: boolean): void {
	const {rows, invalid, made, extended, unchanged} = tally;
	print.value({...tally, changed: isWritten});
	print.line(
		`${invalid > 0 ? '\n' : ''}${counted(rows, 'line')}: ${counted(made, 'new customer')}, ${extended} with something new, ${unchanged} known, ` +
			`${invalid} with a problem.${isWritten ? '' : ' Nothing was changed.'}`,
	);
}

await runAsScript(import.meta.url, customersImport);
