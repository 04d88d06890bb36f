import type pg from 'pg';
import {settleEachTransaction} from './each-transaction.ts';
import {type Pending, saveRoundTrips} from './round-trips.ts';

/* How a connection behaves: what it is for decides its limits and the plans it may use. */

/**
 * `writer` is for the ledger's writer alone, `reader` for the look-ups of cards that checkout waits for: the plans of both are index
 * look-ups by construction. Everything else is `general`.
 */
export type Purpose = 'writer' | 'reader' | 'general';

const generalSettings = {
	statement_timeout: '10s',
	// One card that somebody else holds must not stop the lane (rules B3).
	lock_timeout: '250ms',
	// Locks of a process that vanished are given back soon, whichever way it vanished (rules B3).
	idle_in_transaction_session_timeout: '10s',
	tcp_keepalives_idle: '30',
	tcp_keepalives_interval: '10',
	tcp_keepalives_count: '3',
	timezone: 'UTC',
	// Compiling takes longer than any query of ours runs.
	jit: 'off',
};

// The few statements of writer and reader take arrays, look rows up by key and never read a table as a whole. The planner cannot know how long an
// array will be, guesses from whatever the statistics said that minute, and on a young table prefers to scan or hash all of it; that plan
// then stays with the prepared statement while the table grows. With these switched off, and planned once for all values, the only
// plans left are nested loops over indexes: the right ones, but for tables of a handful of rows, which they read whole for each key. So
// plans are forgotten now and then while a connection is young.
const lookUpSettings = {
	...generalSettings,
	statement_timeout: '5s',
	idle_in_transaction_session_timeout: '5s',
	plan_cache_mode: 'force_generic_plan',
	enable_seqscan: 'off',
	enable_hashjoin: 'off',
	enable_mergejoin: 'off',
};

// Not every platform that PostgreSQL runs on can watch a client, and one that cannot refuses the setting.
const watchClient =
	"DO $$ BEGIN SET client_connection_check_interval = '1s'; EXCEPTION WHEN OTHERS THEN NULL; END $$";

/**
 * Prepare a new connection before its first use.
 * @param statementNames - false where sessions are shared: the settings then travel with every transaction
 * @returns where COMMIT travels behind another statement, what it waits for
 */
export async function settle(
	client: pg.ClientBase,
	purpose: Purpose,
	statementNames: boolean,
): Promise<Pending | undefined> {
	const settings = purpose === 'general' ? generalSettings : lookUpSettings;
	if (!statementNames) {
		settleEachTransaction(client, settings);
		return undefined;
	}

	const sets = Object.entries(settings).map(([name, value]) => `SET ${name} = '${value}'`);
	await client.query([...sets, watchClient].join('; '));
	if (purpose !== 'general') {
		planAgain(client);
	}

	return purpose === 'writer' ? saveRoundTrips(client) : undefined;
}

// An import into an empty database makes the tables a thousand times as long in seconds, before any statistics are kept of them.
const plansForgottenAfter = 16;
const plansForgottenTimes = 4;

/**
 * Plans are kept with their statement. The server forgets them after 16 statements of a connection, 64, 256 and so on, and plans anew by
 * the size that the tables have by then.
 */
function planAgain(client: pg.ClientBase): void {
	const query = client.query.bind(client) as (...args: unknown[]) => unknown;
	let statements = 0;
	let until = plansForgottenAfter;
	const counted = (...args: unknown[]) => {
		statements++;
		if (statements === until) {
			until *= plansForgottenTimes;
			// Nothing depends on it; in a transaction that has failed already it fails too.
			(query('DISCARD PLANS') as Promise<unknown>).catch(() => undefined);
		}

		return query(...args);
	};
	Object.assign(client, {query: counted});
}
