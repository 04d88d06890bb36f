/** A record of a file as it stands there: its cells, and the line on which it begins, from 1. */
export type Line = {readonly line: number; readonly cells: readonly string[]};

/** What is wrong with a line. It names columns and never codes, PINs or personal data. */
export type LineProblem = {readonly line: number; readonly problem: string};

/** Where the columns of a file stand, by their names. */
export type Columns<Name extends string> = {
	readonly width: number;
	readonly places: ReadonlyMap<Name, number>;
};

/**
 * Read the header of a file.
 * @param names - of all columns that it may have, in any order
 * @returns where they stand, or what is wrong with it
 */
export function columnsOf<Name extends string>(
	{line, cells}: Line,
	names: readonly Name[],
): Columns<Name> | LineProblem {
	const given = cells.map(cell => cell.trim().toLowerCase());
	const unknown = given.filter(name => !names.includes(name as Name));
	if (unknown.length > 0) {
		const listed = unknown.map(name => `"${name.slice(0, 40)}"`).join(', ');
		return {
			line,
			problem: `The header has ${listed}. Columns are ${names.join(', ')}; leave others out.`,
		};
	}

	const twice = given.find((name, index) => given.indexOf(name) < index);
	return twice === undefined
		? {width: cells.length, places: new Map(given.map((name, index) => [name as Name, index]))}
		: {line, problem: `The header names the column "${twice}" twice.`};
}

/** Reads the cells of one line by the names of their columns; empty for a cell or column that is not there. */
export type Cell<Name extends string> = (name: Name) => string;

/** @returns a reader of a line, or what is wrong with the whole line */
export function cellsOf<Name extends string>(
	{width, places}: Columns<Name>,
	{line, cells}: Line,
): Cell<Name> | LineProblem {
	return cells.length === width
		? name => cells[places.get(name) ?? -1]?.trim() ?? ''
		: {line, problem: `It has ${cells.length} cells, and the header has ${width}.`};
}
