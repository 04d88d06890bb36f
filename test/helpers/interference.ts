import {lastStatement} from '../../src/db/round-trips.ts';
import {type ExecutionContext} from 'ava';
import type pg from 'pg';
import {openConnection, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {type Transaction} from '../../src/ledger/store/ask.ts';
import {patienceMs, type TestDatabase} from './database.ts';
import {sqlStateOf} from '../../src/db/sql-state.ts';
import {type TestCard} from './ledger.ts';

/* What goes wrong around a writer: a client whose transactions the test can hold, break or look into, and locks. */

/** The same client, with something of the test's around each of its transactions. */
export function aroundTransactions(
	prisma: SqlClient,
	around: (run: () => Promise<unknown>) => Promise<unknown>,
): SqlClient {
	return new Proxy(prisma, {
		get(target, name) {
			return name === '$transaction'
				? (work: never) => around(() => target.$transaction(work))
				: (Reflect.get(target, name, target) as unknown);
		},
	});
}

/** The same client, with something of the test's before each statement of its transactions. */
export function beforeStatements(
	prisma: SqlClient,
	before: (sql: string, tx: Transaction, args: readonly unknown[]) => Promise<unknown> | undefined,
): SqlClient {
	type Work = (tx: Transaction) => Promise<unknown>;
	const watched =
		(work: Work): Work =>
		tx =>
			work({
				async $queryRawUnsafe<Result>(sql: string, ...args: unknown[]): Promise<Result> {
					await before(sql, tx, args);
					return tx.$queryRawUnsafe<Result>(sql, ...args);
				},
			} as Transaction);
	return new Proxy(prisma, {
		get(target, name) {
			return name === '$transaction'
				? (work: Work) => target.$transaction(watched(work))
				: (Reflect.get(target, name, target) as unknown);
		},
	});
}

export const isWrite = (sql: string) => sql.startsWith(lastStatement);
export const isLock = (sql: string) => sql.includes('FOR NO KEY UPDATE') && !sql.includes('SKIP LOCKED');

/** Somebody else's connection, ended with the test. */
export async function connect(t: ExecutionContext, url: string): Promise<pg.Client> {
	const connection = await openConnection(url, 'somebody else');
	t.teardown(() => connection.end());
	return connection;
}

/** Lock some cards from another connection, as another process would. @returns what lets them go */
export async function lockElsewhere(
	t: ExecutionContext,
	database: TestDatabase,
	...cards: readonly TestCard[]
): Promise<() => Promise<unknown>> {
	const connection = await connect(t, database.url);
	await connection.query('BEGIN');
	await connection.query('SELECT FROM cards WHERE id = ANY ($1::bigint[]) FOR UPDATE', [
		cards.map(({cardId}) => cardId),
	]);
	return () => connection.query('COMMIT');
}

/** A database of one connection that waits for locks for as long as it takes. */
export async function openPatient(t: ExecutionContext, url: string) {
	const database = await openDatabase(url, {purpose: 'general', poolMax: 1, patienceMs});
	t.teardown(() => database.close());
	const {prisma, pool} = database;
	const {rows} = await pool.query<{pid: number}>(
		"SELECT pg_backend_pid() AS pid, set_config('lock_timeout', '0', false)",
	);
	return {
		prisma,
		/** Whether it waits for somebody's lock, as somebody else can see. */
		async isWaiting(other: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
			const {rowCount} = await other.query('SELECT WHERE cardinality(pg_blocking_pids($1)) > 0', [
				rows[0]?.pid,
			]);
			return rowCount === 1;
		},
	};
}

/** Failures as the log would be told them. */
export type Told = {readonly what: string; readonly state: string | undefined}[];

/** For `onFailure` of a writer. */
export function tell(told: Told): (error: unknown, what: string) => void {
	return (error, what) => told.push({what, state: sqlStateOf(error)});
}
