import {type Instant} from '../calendar.ts';
import {instantArray, plainArray, textArray} from './arrays.ts';

/** Adds a parameter to the statement and gives its place, `$7`. */
export type Parameter = (value: unknown) => string;

/** Rows that the updates of a statement must change, by table. */
export type Counts = Record<string, number>;

/** A column of the rows to write: its name, its SQL type, and the array literal of its values; of `jsonb` a JSON array. */
export type Column<Row> = readonly [name: string, type: string, literal: (rows: readonly Row[]) => string];

export const plain =
	<Row>(value: (row: Row) => string | number | bigint | boolean | null) =>
	(rows: readonly Row[]) =>
		plainArray(rows.map(value));
export const text =
	<Row>(value: (row: Row) => string | null) =>
	(rows: readonly Row[]) =>
		textArray(rows.map(value));
/** Of JSON texts: inside of an array literal every quotation mark of theirs would travel as four characters. */
export const json =
	<Row>(value: (row: Row) => string) =>
	(rows: readonly Row[]) =>
		`[${rows.map(value).join(',')}]`;
export const instant =
	<Row>(value: (row: Row) => Instant | null) =>
	(rows: readonly Row[]) =>
		instantArray(rows.map(value));

/** The columns of some rows side by side; every column has a name of its own. */
export function unnested<Row>(
	parameter: Parameter,
	rows: readonly Row[],
	columns: readonly Column<Row>[],
): string {
	const lists = columns.map(([, type, literal]) =>
		type === 'jsonb'
			? `jsonb_array_elements(${parameter(literal(rows))}::jsonb)`
			: `unnest(${parameter(literal(rows))}::${type}[])`,
	);
	return `ROWS FROM (${lists.join(', ')}) AS v(${columns.map(([name]) => name).join(', ')})`;
}

/** INSERT of some rows, with columns that are the same for all of them given as SQL. */
export function insert<Row>(
	parameter: Parameter,
	table: string,
	rows: readonly Row[],
	columns: readonly Column<Row>[],
	constants: Readonly<Record<string, string>> = {},
): string | undefined {
	if (rows.length === 0) {
		return undefined;
	}

	const fixed = {merchant_id: '$1::int', ...constants};
	const names = columns.map(([name]) => name);
	return `INSERT INTO ${table} (${[...Object.keys(fixed), ...names].join(', ')})
		SELECT ${[...Object.values(fixed), ...names.map(name => `v.${name}`)].join(', ')} FROM ${unnested(parameter, rows, columns)}`;
}

/** UPDATE of some rows to absolute values, as `TABLE_changed`, whose rows are counted. */
export function update<Row>(
	parameter: Parameter,
	expected: Counts,
	table: string,
	{
		rows,
		columns,
		set,
		where,
	}: {rows: readonly Row[]; columns: readonly Column<Row>[]; set: string; where: string},
): string | undefined {
	if (rows.length === 0) {
		return undefined;
	}

	expected[table] = rows.length;
	return `${table}_changed AS (UPDATE ${table} t SET ${set} FROM ${unnested(parameter, rows, columns)}
		WHERE t.merchant_id = $1::int AND ${where} RETURNING 1)`;
}
