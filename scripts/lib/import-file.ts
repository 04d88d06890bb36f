import {createHash} from 'node:crypto';
import {type FileHandle, open} from 'node:fs/promises';
import {type Context, type Flags, UsageError} from './command.ts';
import {CsvError, type CsvRecord, readCsvParts} from './csv.ts';
import {fileProblem} from './file-error.ts';
import {openFileProgress} from './file-progress.ts';

/* What all commands that import a file have in common: limits, passes over it, and how its problems are told. */

/** Flags of every import. */
export const importFlags = {
	'dry-run': {type: 'switch', description: 'Tell every problem with its line, and change nothing.'},
	'skip-invalid': {
		type: 'switch',
		description: 'Leave out the lines that have a problem, and import the others.',
	},
} as const satisfies Flags;

/** A file that is to be imported, open for as many passes as needed. */
export type ImportFile = {
	readonly handle: FileHandle;
	readonly size: number;
	/** When it was last written, in nanoseconds. */
	readonly writtenAt: bigint;
};

/** What is wrong with a line. It names columns and never values that are secret or personal. */
export type LineProblem = {readonly line: number; readonly problem: string};

/** What was found in a file. */
export type FileTally = {
	rows: number;
	invalid: number;
	/** Whether the file could be read to its end. */
	complete: boolean;
};

// A file beyond this is better imported in parts.
const fileSizeMax = 1024 ** 3;

/** @throws UsageError without a path; Error where it cannot be read, is no file, or is too large */
export async function openImportFile(command: string, path: string | undefined): Promise<ImportFile> {
	if (path === undefined) {
		throw new UsageError(`${command} needs a file: ${command} FILE.csv.`);
	}

	const handle = await open(path).catch((error: unknown) => {
		throw new Error(`${path} cannot be read: ${fileProblem(error)}.`);
	});
	const stat = await handle.stat({bigint: true});
	if (!stat.isFile() || stat.size > fileSizeMax) {
		await handle.close();
		throw new Error(`${path} is ${stat.isFile() ? 'larger than 1 GiB; import it in parts' : 'not a file'}.`);
	}

	return {handle, size: Number(stat.size), writtenAt: stat.mtimeNs};
}

/** Whether nobody has written to a file since it was opened: what was looked at is what is imported. */
export async function isUnchanged({handle, size, writtenAt}: ImportFile): Promise<boolean> {
	const stat = await handle.stat({bigint: true});
	return stat.size === BigInt(size) && stat.mtimeNs === writtenAt;
}

/** SHA-256 of all bytes of a file. */
export async function digestOf({handle}: ImportFile): Promise<Buffer> {
	const digest = createHash('sha256');
	for await (const bytes of handle.createReadStream({start: 0, autoClose: false})) {
		digest.update(bytes as Buffer);
	}

	return digest.digest();
}

/** How a file is read. */
export type Reading<Columns, Row> = {
	/** What is being done, for the progress: "Checking". */
	readonly task: string;
	readonly chunkSize: number;
	readonly tally: FileTally;
	/** Of the header. */
	readonly columns: (record: CsvRecord) => Columns | LineProblem;
	readonly row: (columns: Columns & object, record: CsvRecord) => Row | LineProblem;
	/** Told of each line that cannot be read. */
	readonly onProblem: (problem: LineProblem) => void;
	/** Given in place of the context's own, to end a pass early. */
	readonly signal?: AbortSignal;
};

/**
 * The lines of a file that can be used, a chunk at a time; the others are told. Ends early by a signal.
 * @throws Error for a file without lines, or with a header that names other columns
 */
export async function* rowsOf<Columns extends object, Row extends object>(
	{print}: Pick<Context, 'print'>,
	{handle, size}: ImportFile,
	{task, chunkSize, tally, columns: readColumns, row: readRow, onProblem, signal}: Reading<Columns, Row>,
): AsyncGenerator<Row[]> {
	const progress = openFileProgress(task, size, print.note);
	const tell = (problem: LineProblem) => {
		tally.invalid++;
		onProblem(problem);
	};
	try {
		const bytes = handle.createReadStream({start: 0, autoClose: false});
		let columns: Columns | undefined;
		let chunk: Row[] = [];
		for await (const records of readCsvParts(progress.count(bytes))) {
			for (const record of readable(records, tally, tell)) {
				if (columns === undefined) {
					columns = usable(readColumns(record));
					continue;
				}

				tally.rows++;
				progress.row();
				const row = readRow(columns, record);
				if ('problem' in row) {
					tell(row);
				} else if (chunk.push(row) === chunkSize) {
					yield chunk;
					chunk = [];
					if (signal?.aborted === true) {
						return;
					}
				}
			}

			if (!tally.complete) {
				break;
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
function usable<Columns extends object>(columns: Columns | LineProblem): Columns {
	if ('problem' in columns) {
		throw new Error(`line ${columns.line}: ${columns.problem}`);
	}

	return columns;
}

/** A file that is no CSV from some line on: told as the last of its problems. */
function* readable(
	records: Iterable<CsvRecord>,
	tally: FileTally,
	tell: (problem: LineProblem) => void,
): Generator<CsvRecord> {
	try {
		yield* records;
	} catch (error) {
		if (!(error instanceof CsvError)) {
			throw error;
		}

		tally.complete = false;
		tell({line: error.line, problem: `${error.message} The file is not read any further.`});
	}
}

/** Tell what is wrong with a line. */
export function tellProblem({print}: Pick<Context, 'print'>, {line, problem}: LineProblem): void {
	print.value({line, problem});
	print.line(`line ${line}: ${problem}`);
}

/** @throws Error where somebody has to do something about the file */
export function refuseProblems(
	{invalid, complete}: FileTally,
	{isWritten, isSkipping}: {readonly isWritten: boolean; readonly isSkipping: boolean},
): void {
	if (!complete) {
		throw new Error(
			`The file could not be read to its end.${isWritten ? ' What stands before that line is imported.' : ''}`,
		);
	}

	if (invalid > 0 && !(isWritten && isSkipping)) {
		throw new Error('Some lines have a problem. Mend them, or leave them out with --skip-invalid.');
	}
}
