import {type Print, type Style} from './print.ts';
import {widthMax} from './help.ts';

export type Column<Row> = {
	readonly title: string;
	readonly text: (row: Row) => string;
	/** Numbers and money stand right-aligned under their title. */
	readonly isRight?: boolean;
	/** Never narrower, so that several tables of one command align. */
	readonly widthMin?: number;
	/** A column that gives way when the table is too wide: it is cut. */
	readonly isShrinking?: boolean;
	/** One that gives way before others: what does not fit goes on below. */
	readonly isWrapping?: boolean;
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
	shrink(widths, columns);
	return cells.flatMap(line => {
		const parts = line.map((cell, index) => {
			const width = widths[index] ?? 0;
			return columns[index]?.isWrapping ? wrapped(cell, width) : [cut(cell, width)];
		});
		const height = Math.max(...parts.map(lines => lines.length));
		return Array.from({length: height}, (_, row) =>
			parts
				.map((lines, index) => {
					const [text, width] = [lines[row] ?? '', widths[index] ?? 0];
					return columns[index]?.isRight ? text.padStart(width) : text.padEnd(width);
				})
				.join(gap)
				.trimEnd(),
		);
	});
}

const wrappedMin = 20;
const cutMin = 8;

/** Take from columns that give way what the table is too wide, from those that lose nothing by it first, then from the last on. */
function shrink<Row>(widths: number[], columns: readonly Column<Row>[]): void {
	const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
	let excess = total - widthMax;
	const give = (index: number, least: number) => {
		const width = widths[index] ?? 0;
		const given = Math.max(0, Math.min(excess, width - least));
		widths[index] = width - given;
		excess -= given;
	};
	columns.forEach(({isWrapping}, index) => {
		if (isWrapping) {
			give(index, wrappedMin);
		}
	});
	for (const index of [...columns.keys()].reverse()) {
		if (columns[index]?.isShrinking) {
			give(index, cutMin);
		}
	}
}

function cut(text: string, width: number): string {
	return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Lines of at most a width, broken at blanks; a word that is longer than a line is broken where the line ends. */
function wrapped(text: string, width: number): string[] {
	const lines = [''];
	for (const word of text.split(' ')) {
		const line = lines.at(-1) ?? '';
		const joined = line === '' ? word : `${line} ${word}`;
		if (joined.length <= width) {
			lines[lines.length - 1] = joined;
		} else {
			const pieces = word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [];
			lines.splice(line === '' ? -1 : lines.length, line === '' ? 1 : 0, ...pieces);
		}
	}

	return lines;
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
