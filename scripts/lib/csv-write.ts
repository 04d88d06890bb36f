import {type Print} from './print.ts';

/*
 * CSV as every command with --csv writes it: UTF-8 without a byte order mark, commas, a line of names, cells in quotes where RFC 4180 wants
 * them. Lines end with LF and not with CRLF: every spreadsheet reads both, and so a line stays a line for grep, sort and awk.
 */

/**
 * A column: its name, and what a row has there, null for nothing. A text may be anybody's and is guarded; a number is one that we print
 * ourselves, such as -10.00, and stays a number.
 */
export type CsvColumn<Row> = {readonly name: string} & (
	| {readonly text: (row: Row) => string | null}
	| {readonly number: (row: Row) => string | number | bigint | null}
);

/** A file that grows. Its line of names is printed when it is opened. */
export type CsvOutput<Row> = {
	/**
	 * Some rows more; ends when whoever reads has room for others. At most some thousands at a time, for they are one text.
	 * @throws {OutputClosedError} when nobody reads any more
	 */
	readonly rows: (rows: readonly Row[]) => Promise<void>;
};

/** Print a file of any size, some rows at a time. */
export function openCsv<Row>(print: Print, columns: readonly CsvColumn<Row>[]): CsvOutput<Row> {
	print.line(csvNames(columns));
	return {
		async rows(rows) {
			if (rows.length > 0) {
				print.line(rows.map(row => csvLine(row, columns)).join('\n'));
			}

			await print.room();
		},
	};
}

/** Print a file of rows that are all there. */
export async function printCsv<Row>(
	print: Print,
	rows: readonly Row[],
	columns: readonly CsvColumn<Row>[],
): Promise<void> {
	await openCsv(print, columns).rows(rows);
}

/** The line of names, without its end. */
export function csvNames<Row>(columns: readonly CsvColumn<Row>[]): string {
	return columns.map(({name}) => textCell(name)).join(',');
}

/**
 * A row, without its end.
 * @throws RangeError for what is no number in a column of numbers
 */
export function csvLine<Row>(row: Row, columns: readonly CsvColumn<Row>[]): string {
	const line = columns
		.map(column => ('number' in column ? numberCell(column.number(row)) : textCell(column.text(row) ?? '')))
		.join(',');
	// A line with nothing on it is no row.
	return line === '' ? '""' : line;
}

const numberForm = /^-?\d+(?:\.\d+)?$/;

function numberCell(value: string | number | bigint | null): string {
	if (value === null) {
		return '';
	}

	const text = String(value);
	if (!numberForm.test(text)) {
		throw new RangeError('What stands in a column of numbers is none.');
	}

	return text;
}

function textCell(text: string): string {
	const guarded = guard(text);
	// Semicolons and tabs need no quotes here, but where a spreadsheet is set to cut at them it shall see that they are text.
	return /[",;\t\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

// What a spreadsheet takes for the beginning of a formula, half or full width, and what it passes over before it.
const formula = '[=+\\-@\uFF1D\uFF0B\uFF0D\uFF20\uFE66\uFE62\uFE63\uFE6B\u2212]';
const passedOver = String.raw`(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}])*`;
// Where Excel is set to Portuguese or Spanish it cuts at semicolons, whatever stands in quotes: a cell may begin behind each.
const beginnings = String.raw`(?:^(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?='*${passedOver}${formula}))`;
const unguarded = new RegExp(beginnings, 'gu');
const guarded = new RegExp(
	String.raw`(?:^'(?='*[\t\r\n])|(?:^|(?<=[;\t\r\n]))'(?='*${passedOver}${formula}))`,
	'gu',
);

/** Put an apostrophe before whatever a spreadsheet could take for a formula, so that it is shown and not computed. */
export function guard(text: string): string {
	return text.replace(unguarded, "'");
}

/** The text that was guarded: `guard` loses nothing. */
export function withoutGuard(text: string): string {
	return text.replace(guarded, '');
}
