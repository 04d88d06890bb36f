import type pg from 'pg';

type Connected = pg.ClientBase & {
	/** What the client was told when it connected. A pooler makes it up, and gives it to whoever asks to cancel. */
	readonly processID?: number;
};

/** Whether a connection is one to the server itself: then it told its own number, and there is no pooler between. */
export async function isDirect(client: Connected): Promise<boolean> {
	return (await pidOf(client)) === client.processID;
}

/**
 * Whether connections keep each their session of the server, as it does without a pooler, or behind one in session mode. Behind a
 * pooler in transaction mode each transaction may get another one, and named statements, settings and locks of a session are lost, or
 * found by somebody else.
 * @param connect - opens a connection; they are closed by who opened them
 */
export async function keepSessions(connect: () => Promise<pg.ClientBase>): Promise<boolean> {
	const first: Connected = await connect();
	if (await isDirect(first)) {
		return true;
	}

	// Two transactions at a time need two sessions. Whichever way the pooler takes the next one, the first free or the last, one of two
	// orders in which they are given back makes the connections swap them.
	const second = await connect();
	for (const order of [
		[first, second],
		[second, first],
	] as const) {
		await first.query('BEGIN');
		await second.query('BEGIN');
		const had = [await pidOf(first), await pidOf(second)];
		for (const client of order) {
			await client.query('COMMIT');
		}

		await first.query('BEGIN');
		await second.query('BEGIN');
		const has = [await pidOf(first), await pidOf(second)];
		await first.query('COMMIT');
		await second.query('COMMIT');
		if (had[0] !== has[0] || had[1] !== has[1]) {
			return false;
		}
	}

	return true;
}

async function pidOf(client: pg.ClientBase): Promise<number | undefined> {
	const {rows} = await client.query<{pid: number}>('SELECT pg_backend_pid() AS pid');
	return rows[0]?.pid;
}
