import type pg from 'pg';
import {openConnection} from '../../src/db/client.ts';
import {oldestRunning} from '../../src/ledger/incarnation.ts';
import {sealEntries} from '../../src/ledger/seal.ts';
import {type SealedTable} from '../../src/ledger/seal/canonical.ts';
import {noon} from './state.ts';
import {type TestDatabase} from './database.ts';
import {until} from './until.ts';

/** Seal all that there is, once it is final: the horizon is held back while transactions of other tests last. */
export async function sealAll(
	{general: {prisma}}: TestDatabase,
	merchantId: number,
	blockMax = 7,
): Promise<string> {
	await until('every entry is final', async () => {
		const [{isFinal}] = await prisma.$queryRawUnsafe<[{isFinal: boolean}]>(
			`SELECT coalesce(max(xid::text::bigint), 0) < ${oldestRunning} AS "isFinal" FROM entries
				WHERE merchant_id = $1::int AND incarnation = (SELECT max(id) FROM incarnations)`,
			merchantId,
		);
		return isFinal;
	});
	for (;;) {
		const {head} = await sealEntries(prisma, merchantId, {clock: () => noon, blockMax});
		const [{left}] = await prisma.$queryRaw<[{left: number}]>`
			SELECT (SELECT count(*) FROM entries WHERE merchant_id = ${merchantId}::int)::int
				- (SELECT coalesce(sum(entries), 0) FROM seals WHERE merchant_id = ${merchantId}::int)::int AS left`;
		if (left === 0 && head !== undefined) {
			return head;
		}
	}
}

/** As somebody who may do anything to the database, and goes past its triggers and checks. */
export async function asIntruder<Result>(
	{superuserUrl}: TestDatabase,
	work: (connection: pg.Client) => Promise<Result>,
): Promise<Result> {
	const connection = await openConnection(superuserUrl, 'monedero tests');
	try {
		await connection.query('SET session_replication_role = replica');
		return await work(connection);
	} finally {
		await connection.end();
	}
}

/** A check would refuse some of what an intruder does, and is as easily dropped as a trigger is passed. */
export async function dropChecks(database: TestDatabase): Promise<void> {
	await asIntruder(database, async connection => {
		const {rows} = await connection.query<{statement: string}>(
			`SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS statement
			FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace`,
		);
		await connection.query(rows.map(({statement}) => statement).join('; '));
	});
}

/** The rows that are sealed, each with its entry; SQL of a table expression. */
export function sealedRows(table: SealedTable): string {
	switch (table) {
		case 'entries':
			return 'SELECT t.ctid AS row, t.id AS entry, t.* FROM entries t';
		case 'commands':
			return `SELECT t.ctid AS row, e.id AS entry, t.* FROM commands t
				JOIN entries e ON e.merchant_id = t.merchant_id AND e.id = t.outcome_id AND e.recorded_at = t.decided_at
				AND t.moved <> 0`;
		case 'postings':
		case 'lot_movements':
			return `SELECT t.ctid AS row, t.entry_id AS entry, t.* FROM ${table} t`;
	}
}

/** Change one row, look, and put it back as it was. */
export async function whileChanged<Result>(
	database: TestDatabase,
	change: {readonly table: string; readonly row: string; readonly set: string},
	look: () => Promise<Result>,
): Promise<Result> {
	const {table, row, set} = change;
	return asIntruder(database, async connection => {
		const {rows: before} = await connection.query<{image: string}>(
			`SELECT row_to_json(t)::text AS image FROM ${table} t WHERE ctid = $1::tid`,
			[row],
		);
		const {rows: after} = await connection.query<{ctid: string}>(
			`UPDATE ${table} SET ${set} WHERE ctid = $1::tid RETURNING ctid::text`,
			[row],
		);
		try {
			return await look();
		} finally {
			await connection.query(`DELETE FROM ${table} WHERE ctid = $1::tid`, [after[0]?.ctid]);
			await connection.query(
				`INSERT INTO ${table} SELECT * FROM json_populate_record(NULL::${table}, $1::json)`,
				[before[0]?.image],
			);
		}
	});
}
