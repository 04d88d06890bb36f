import {type TestDatabase} from './database.ts';

/** The names of all columns that could hold a text, and in which of them it stands, as it is or within something longer. */
export async function columnsHolding(
	{general: {pool}}: Pick<TestDatabase, 'general'>,
	text: string,
): Promise<{readonly asked: number; readonly found: readonly string[]}> {
	const {rows: columns} = await pool.query<{table: string; column: string; type: string}>(
		`SELECT table_name AS table, column_name AS column, data_type AS type FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'character', 'bytea', 'jsonb', 'json', 'ARRAY')`,
	);
	const found: string[] = [];
	for (const {table, column, type} of columns) {
		const holds =
			type === 'bytea'
				? `position(convert_to($1, 'UTF8') IN "${column}") > 0`
				: `position(lower($1) IN lower("${column}"::text)) > 0`;
		const {rowCount} = await pool.query(`SELECT FROM "${table}" WHERE ${holds} LIMIT 1`, [text]);
		if (rowCount === 1) {
			found.push(`${table}.${column}`);
		}
	}

	return {asked: columns.length, found};
}
