import type pg from 'pg';
import {type TestDatabase} from './database.ts';
import {until} from './until.ts';

/** Wait until somebody waits for a lock that this connection has. Looked at from outside: a transaction keeps seeing what it saw first. */
export async function untilWaitedFor({writer}: TestDatabase, holder: pg.Client): Promise<void> {
	const {rows} = await holder.query<{pid: number}>('SELECT pg_backend_pid() AS pid');
	const waits = 'SELECT FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))';
	await until('somebody waits for the lock', async () => {
		return ((await writer.pool.query(waits, [rows[0]?.pid])).rowCount ?? 0) > 0;
	});
}
