import {setTimeout as wait} from 'node:timers/promises';
import type pg from 'pg';

// Advisory locks. Whoever uses the server holds the first one shared, so that whoever gets it alone may stop the server; a service
// holds the second one alone. The server gives them back when their process is gone, however it went.
const usersLock = 1;
const serviceLock = 2;

const pollMs = 20;
// How long the connection of a service that was just killed may linger on the server.
const lingerMs = 2000;
// How long our own connections, closed a moment ago, may.
const leaveMs = 500;

/** The name under which a process stays connected for as long as it uses the server. */
export function nameOf(role: 'service' | 'script'): string {
	return `monedero ${role}, process ${process.pid}`;
}

/** From here until the connection ends, nobody of ours stops the server. Waits for one who is about to. */
export async function enterAsUser(client: pg.Client): Promise<void> {
	await client.query('SELECT pg_advisory_lock_shared($1)', [usersLock]);
}

/** Become the one service. Returns who is it already, or `undefined` for success. */
export async function enterAsService(client: pg.Client): Promise<string | undefined> {
	const isOurs = await within(lingerMs, () => tryLock(client, serviceLock));
	return isOurs ? undefined : holderOf(client, serviceLock);
}

/** Leave, and learn whether nobody of ours and nobody else is connected. From a yes until the connection ends, nobody of ours comes in. */
export async function isLastToLeave(client: pg.Client): Promise<boolean> {
	// Given back first: of two that leave at once, each would see the other's lock. So whoever is seen in here is going to ask this later.
	await client.query('SELECT pg_advisory_unlock_shared($1)', [usersLock]);
	const isDecided = await within(
		leaveMs,
		async () => (await isHeldByAnother(client, usersLock)) || isNobodyElseConnected(client),
	);
	return isDecided && tryLock(client, usersLock);
}

async function isHeldByAnother(client: pg.Client, lock: number): Promise<boolean> {
	const {rowCount} = await client.query(
		`SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = $1 AND granted AND pid <> pg_backend_pid() LIMIT 1`,
		[lock],
	);
	return rowCount !== 0;
}

async function tryLock(client: pg.Client, lock: number): Promise<boolean> {
	const {rows} = await client.query<{locked: boolean}>('SELECT pg_try_advisory_lock($1) AS locked', [lock]);
	return rows[0]?.locked === true;
}

/** Of the connections that `nameOf` names, the lock tells. */
async function isNobodyElseConnected(client: pg.Client): Promise<boolean> {
	const {rowCount} = await client.query(
		`SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
		 AND application_name !~ '^monedero (service|script), process ' LIMIT 1`,
	);
	return rowCount === 0;
}

async function holderOf(client: pg.Client, lock: number): Promise<string> {
	const {rows} = await client.query<{application_name: string}>(
		`SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
		 WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND objid = $1`,
		[lock],
	);
	return rows[0]?.application_name ?? 'gone a moment ago';
}

/** Ask until the answer is yes or the time is over. */
async function within(limitMs: number, ask: () => Promise<boolean>): Promise<boolean> {
	for (const begun = Date.now(); !(await ask());) {
		if (Date.now() - begun > limitMs) {
			return false;
		}

		await wait(pollMs);
	}

	return true;
}
