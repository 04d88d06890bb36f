import type pg from 'pg';
import {type DatabaseMutant} from './mutant.ts';

/*
 * The guards of the database are read from its catalogue and not listed: a new CHECK, key or trigger has its mutant as soon as its migration
 * is there, and survives until test/ledger/walls runs against it.
 */

const walls = ['test/ledger/walls.test.ts'];

// The keys that others refer to come with those. What waits to be checked at COMMIT is both a trigger and its constraint.
const catalogueSql = `
	WITH own AS (
		SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
	)
	SELECT conname AS name, contype = 'p' AS "isPrimary", format('ALTER TABLE %I DROP CONSTRAINT %I CASCADE', relname, conname) AS sql
	FROM pg_constraint JOIN own ON own.oid = conrelid WHERE contype IN ('c', 'f', 'p', 'u', 'x')
	UNION ALL
	SELECT i.relname, false, format('DROP INDEX %I', i.relname)
	FROM pg_index x JOIN own ON own.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
	WHERE x.indisunique AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
	UNION ALL
	SELECT tgname, false, format('DROP TRIGGER %I ON %I', tgname, relname)
	FROM pg_trigger JOIN own ON own.oid = tgrelid WHERE NOT tgisinternal
	ORDER BY name`;

/** Without it, what the tests begin with never ends: an order that has two rows is booked again and again. */
const hanging = new Set(['orders_pkey']);

type Row = {readonly name: string; readonly isPrimary: boolean; readonly sql: string};

/** A mutant for each CHECK, foreign key, primary and unique key and trigger of a migrated database, which is without it. */
export async function constraintGuards(connection: pg.Client): Promise<DatabaseMutant[]> {
	const {rows} = await connection.query<Row>(catalogueSql);
	return rows.map(({name, isPrimary, sql}) => ({
		kind: 'database',
		name,
		sql,
		tests: walls,
		...(hanging.has(name) && {hangs: true}),
		match: isPrimary ? 'no primary key takes a row twice' : `${name} refuses *`,
	}));
}

/** One of several guards within a function of the database: the text that is the guard, and what stands there instead. */
export type FunctionGuard = {
	readonly name: string;
	readonly function: string;
	/** What stands in the function's definition, exactly once. */
	readonly text: string;
	readonly instead: string;
	readonly tests?: readonly string[];
	readonly match: string;
};

/** The mutants of functions, whose definitions are read from a migrated database. @throws Error when a text is not there once */
export async function functionGuards(
	connection: pg.Client,
	guards: readonly FunctionGuard[],
): Promise<DatabaseMutant[]> {
	const {rows} = await connection.query<{name: string; definition: string}>(`
		SELECT p.proname AS name, pg_get_functiondef(p.oid) AS definition FROM pg_proc p
		JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public' AND p.prokind = 'f'`);
	const definitions = new Map(rows.map(({name, definition}) => [name, definition]));
	return guards.map(({name, function: owner, text, instead, tests = walls, match}) => {
		const definition = definitions.get(owner) ?? '';
		if (definition.split(text).length !== 2) {
			throw new Error(`"${name}": its text does not stand exactly once in the function ${owner}.`);
		}

		return {kind: 'database', name, sql: definition.replace(text, () => instead), tests, match};
	});
}

/** The functions of a database that no trigger calls: dropping the trigger is no mutant of them. */
export async function callableFunctions(connection: pg.Client): Promise<string[]> {
	const {rows} = await connection.query<{name: string}>(`
		SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname = 'public' AND p.prokind = 'f' AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = p.oid) ORDER BY 1`);
	return rows.map(({name}) => name);
}
