import type pg from 'pg';

/*
 * A lone checkout waits for each round trip to the database, and of three statements nothing has to be learned before what follows them is
 * sent: of BEGIN, of one that takes locks before another reads what they protect, and of the last one before COMMIT. The server works
 * statements off in their order, and once one has failed, COMMIT undoes the transaction: nothing can be committed that was not written whole.
 */

/** What the text of a statement begins with whose one row is wanted together with the one row of the next statement. */
export const withNext = '/* with next */ ';

/** What the text of a statement begins with that is the last of its transaction: it refuses by itself whatever must not be committed. */
export const lastStatement = '/* last */ ';

/** How long a connection's last statement is under way. */
export type Pending = {
	/** Resolves, whatever became of it, when the statement that COMMIT was sent behind has been answered; at once where there is none. */
	readonly answered: () => Promise<unknown>;
};

type Query = (...args: unknown[]) => Promise<unknown>;
type Rows = {readonly fields: readonly unknown[]; readonly rows: readonly (readonly unknown[])[]};

/**
 * BEGIN, a statement that goes with the next one and the last statement are answered at once, with nothing. The columns of the one that went
 * with it stand before those of the next, which rejects with its error when it has failed. What became of the last statement is told by
 * COMMIT: when the statement has failed, COMMIT rejects with its error. Needs a connection that sends one statement behind another.
 */
export function saveRoundTrips(client: pg.ClientBase): Pending {
	const query = client.query.bind(client) as Query;
	// Of this transaction, until it ends.
	let first: Promise<unknown> | undefined;
	let last: Promise<unknown> | undefined;
	let answered: Promise<unknown> = Promise.resolve();

	const afterLast = async (before: Promise<unknown>, sent: unknown): Promise<unknown> => {
		Promise.resolve(sent).catch(() => undefined);
		await before;
		return sent;
	};

	const together = async (before: Promise<unknown>, sent: Promise<unknown>): Promise<unknown> => {
		sent.catch(() => undefined);
		return sideBySide((await before) as Rows, (await sent) as Rows);
	};

	const hasty = (...args: unknown[]): unknown => {
		const text = textOf(args[0]);
		if (text === 'BEGIN') {
			// When it fails the connection is gone, or in a transaction that has failed: so does what follows.
			query(...args).catch(() => undefined);
			return Promise.resolve(nothing(text));
		}

		if (text?.startsWith(withNext) === true) {
			first = query(...args);
			first.catch(() => undefined);
			return Promise.resolve(nothing('SELECT'));
		}

		const gone = first;
		first = undefined;
		if (gone !== undefined && text !== 'ROLLBACK') {
			return together(gone, query(...args));
		}

		if (text?.startsWith(lastStatement) === true) {
			last = query(...args);
			answered = last.catch(() => undefined);
			return Promise.resolve(nothing('SELECT'));
		}

		const before = last;
		if (text === 'COMMIT' || text === 'ROLLBACK') {
			last = undefined;
		}

		return before === undefined || text === 'ROLLBACK' ? query(...args) : afterLast(before, query(...args));
	};
	Object.assign(client, {query: hasty});
	return {answered: async () => answered};
}

function sideBySide(one: Rows, other: Rows): Rows {
	const rows = other.rows.map((row, index) => [...(one.rows[index] ?? []), ...row]);
	return {...other, fields: [...one.fields, ...other.fields], rows};
}

// What the adapter would get for a statement without rows.
function nothing(command: string): unknown {
	return {command, rowCount: null, oid: 0, fields: [], rows: []};
}

function textOf(query: unknown): string | undefined {
	return typeof query === 'object' && query !== null && 'text' in query ? String(query.text) : undefined;
}
