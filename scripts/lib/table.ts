import {type Print, type Style} from './print.ts';
import {widthMax} from './help.ts';

export type Column<Row> = {
	readonly title: string;
	readonly text: (row: Row) => string;
	/** Numbers and money stand right-aligned under their title. */
	readonly isRight?: boolean;
	/** Never narrower, so that several tables of one command align. */
	readonly widthMin?: number;
	/** The column that gives way when the table is too wide. */
	readonly isShrinking?: boolean;
};

const gap = '  ';

/** A table for people: a dim line of titles, then a line for each row; nothing for no rows. */
export function printTable<Row>(print: Print, rows: readonly Row[], columns: readonly Column<Row>[]): void {
	const [titles, ...lines] = tableLines(rows, columns);
	if (titles !== undefined && lines.length > 0) {
		print.line(print.styled('dim', titles));
		lines.forEach(line => {
			print.line(line);
		});
	}
}

/** The titles and the rows, aligned, at most `widthMax` wide where a column can shrink. */
export function tableLines<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
	const cells = [
		columns.map(({title}) => title),
		...rows.map(row => columns.map(({text}) => oneLine(text(row)))),
	];
	const widths = columns.map(({widthMin = 0}, index) =>
		cells.reduce((width, line) => Math.max(width, line[index]?.length ?? 0), widthMin),
	);
	const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
	const shrinking = columns.findIndex(({isShrinking}) => isShrinking);
	if (shrinking >= 0 && total > widthMax) {
		widths[shrinking] = Math.max(8, (widths[shrinking] ?? 0) - (total - widthMax));
	}

	return cells.map(line =>
		line
			.map((cell, index) => {
				const width = widths[index] ?? 0;
				const text = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell;
				return columns[index]?.isRight ? text.padStart(width) : text.padEnd(width);
			})
			.join(gap)
			.trimEnd(),
	);
}

/** A name and its value; undefined leaves the line out. */
export type Field = readonly [name: string, value: string | undefined, style?: Style];

/** Names and values under each other, for one thing. */
export function printFields(print: Print, fields: readonly Field[]): void {
	const width = Math.max(...fields.map(([name]) => name.length));
	for (const [name, value, style] of fields) {
		if (value !== undefined) {
			const text = oneLine(value);
			const shown = style === undefined ? text : print.styled(style, text);
			print.line(`${print.styled('dim', name.padEnd(width))}${gap}${shown}`);
		}
	}
}

/** What people typed into captions and reasons must not move the cursor or break the line. */
function oneLine(text: string): string {
	return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
