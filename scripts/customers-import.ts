import {type FileHandle, open} from 'node:fs/promises';
import {
	checkImport,
	importChunkSize,
	type ImportOutcome,
	importRows,
	type ImportRow,
} from '../src/customers/import.ts';
import {type Context, defineCommand, UsageError} from './lib/command.ts';
import {CsvError, type CsvRecord, readCsv} from './lib/csv.ts';
import {customerColumns, type CustomerColumns, customerRow, type LineProblem} from './lib/customer-rows.ts';
import {openFileProgress} from './lib/file-progress.ts';
import {runAsScript} from './lib/run-command.ts';

// A file beyond this is not a list of customers, or better imported in parts.
const fileSizeMax = 1024 ** 3;

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
	flags: {
		'dry-run': {type: 'switch', description: 'Tell every problem with its line, and change nothing.'},
		'skip-invalid': {
			type: 'switch',
			description: 'Leave out the lines that have a problem, and import the others.',
		},
	},
	changes: ({'dry-run': isDry}) => !isDry,
	examples: ['customers.csv --dry-run', 'customers.csv', 'customers.csv --skip-invalid --json'],
	async run(context, {operand, 'dry-run': isDry, 'skip-invalid': isSkipping}) {
		const file = await openFile(operand);
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
			refuse(tally, {isToBeWritten, isSkipping});
		} finally {
			await file.handle.close();
		}
	},
});

type OpenFile = {readonly handle: FileHandle; readonly size: number};

async function openFile(path: string | undefined): Promise<OpenFile> {
	if (path === undefined) {
		throw new UsageError('customers:import needs a file: customers:import FILE.csv.');
	}

	const handle = await open(path).catch((error: unknown) => {
		throw new Error(
			`The file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): ${path}`,
		);
	});
	const stat = await handle.stat();
	if (!stat.isFile() || stat.size > fileSizeMax) {
		await handle.close();
		throw new Error(`${path} is ${stat.isFile() ? 'larger than 1 GiB; import it in parts' : 'not a file'}.`);
	}

	return {handle, size: stat.size};
}

type Tally = {
	rows: number;
	invalid: number;
	made: number;
	extended: number;
	unchanged: number;
	/** Whether the file could be read to its end. */
	complete: boolean;
};

const newTally = (): Tally => ({rows: 0, invalid: 0, made: 0, extended: 0, unchanged: 0, complete: true});

/** The first pass: every problem is told, nothing is changed. */
async function checkFile(context: Context, file: OpenFile, tally: Tally): Promise<void> {
	const {parts, merchant} = context;
	const chunks = rowsOf(context, file, {tally, task: 'Checking'});
	await checkImport(parts.prisma, merchant.id, chunks, outcomes => {
		count(context, tally, outcomes);
	});
}

async function writeFile(context: Context, file: OpenFile, tally: Tally): Promise<void> {
	const {parts, merchant, signal} = context;
	for await (const rows of rowsOf(context, file, {tally, task: 'Importing'})) {
		count(context, tally, await importRows(parts.prisma, merchant.id, rows));
		if (signal.aborted) {
			const line = rows.at(-1)?.line ?? 0;
			throw new Error(
				`Stopped after line ${line}. Repeat the command: what is imported is not imported again.`,
			);
		}
	}
}

/** The lines that can be imported, a chunk at a time; the others are told. */
async function* rowsOf(
	context: Context,
	{handle, size}: OpenFile,
	{tally, task}: {readonly tally: Tally; readonly task: string},
): AsyncGenerator<ImportRow[]> {
	const progress = openFileProgress(task, size, context.print.note);
	try {
		const bytes = handle.createReadStream({start: 0, autoClose: false});
		let columns: CustomerColumns | undefined;
		let chunk: ImportRow[] = [];
		for await (const record of told(context, tally, readCsv(progress.count(bytes)))) {
			if (columns === undefined) {
				columns = columnsOf(record);
				continue;
			}

			tally.rows++;
			const row = customerRow(columns, record);
			if ('problem' in row) {
				tell(context, tally, row);
			} else if (chunk.push(row) === importChunkSize) {
				yield chunk;
				chunk = [];
			}
		}

		if (columns === undefined && tally.invalid === 0) {
			throw new Error('The file is empty. Its first line names the columns.');
		}

		yield chunk;
	} finally {
		progress.close();
	}
}

/** Without its columns no line of a file can be read, so that this is the end of the command and no problem among others. */
function columnsOf(record: CsvRecord): CustomerColumns {
	const columns = customerColumns(record);
	if ('problem' in columns) {
		throw new Error(`line ${columns.line}: ${columns.problem}`);
	}

	return columns;
}

/** A file that is no CSV from some line on: told as the last of its problems. */
async function* told(
	context: Context,
	tally: Tally,
	records: AsyncIterable<CsvRecord>,
): AsyncGenerator<CsvRecord> {
	try {
		yield* records;
	} catch (error) {
		if (!(error instanceof CsvError)) {
			throw error;
		}

		tally.complete = false;
		tell(context, tally, {line: error.line, problem: `${error.message} The file is not read any further.`});
	}
}

function count(context: Context, tally: Tally, outcomes: readonly ImportOutcome[]): void {
	for (const {line, kind} of outcomes) {
		if (kind === 'conflict') {
			const problem =
				'Its identifiers belong to different customers, known or named on lines before; or the customer has another profile id.';
			tell(context, tally, {line, problem});
		} else {
			tally[kind]++;
		}
	}
}

function tell({print}: Context, tally: Tally, {line, problem}: LineProblem): void {
	tally.invalid++;
	print.value({line, problem});
	print.line(`line ${line}: ${problem}`);
}

function summarise({print}: Context, tally: Tally, isWritten: boolean): void {
	const {rows, invalid, made, extended, unchanged} = tally;
	print.value({...tally, changed: isWritten});
	print.line(
		`${invalid > 0 ? '\n' : ''}${rows} lines: ${made} new customers, ${extended} with something new, ${unchanged} known, ` +
			`${invalid} with a problem.${isWritten ? '' : ' Nothing was changed.'}`,
	);
}

/** @throws Error where somebody has to do something about the file */
function refuse(
	{invalid, complete}: Tally,
	{isToBeWritten, isSkipping}: {readonly isToBeWritten: boolean; readonly isSkipping: boolean},
): void {
	if (!complete) {
		throw new Error(
			`The file could not be read to its end.${isToBeWritten ? ' What stands before that line is imported.' : ''}`,
		);
	}

	if (invalid > 0 && !(isToBeWritten && isSkipping)) {
		throw new Error('Some lines have a problem. Mend them, or leave them out with --skip-invalid.');
	}
}

await runAsScript(import.meta.url, customersImport);
