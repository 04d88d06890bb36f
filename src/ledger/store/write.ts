import {type Transaction} from './lock.ts';
import {type Counts, type Parameter} from './statements.ts';
import {
	insertCards,
	insertCardChanges,
	insertHolds,
	insertLegs,
	insertLots,
	updateCards,
	updateLegs,
	updateLots,
} from './write-cards.ts';
import {
	insertCommands,
	insertEntries,
	insertMovements,
	insertNotes,
	insertPostings,
} from './write-journal.ts';
import {insertBookings, updateBookings, updateOrders} from './write-orders.ts';
import {insertCallbacks, insertPayments, updatePayments} from './write-payments.ts';
import {type WriteSet} from './write-set.ts';

/** A row was not as it was read under its lock. The batch must be undone; this is never the caller's fault. */
export class StaleWriteError extends Error {
	constructor(table: string, expected: number, found: number) {
		super(
			`A batch changed ${found} rows of ${table} where it held the locks of ${expected}; nothing was written.`,
		);
		this.name = 'StaleWriteError';
	}
}

/**
 * Write a batch in one statement (A4): one final image for each row, rows born in the batch inserted in it. All
 * updates are counted, because in one statement an UPDATE silently misses a row that another part inserts.
 * @throws {StaleWriteError} when a count is not the expected one
 */
export async function write(tx: Transaction, set: WriteSet): Promise<void> {
	const args: unknown[] = [set.merchantId, new Date(set.now).toISOString()];
	const parameter: Parameter = value => `$${args.push(value)}`;
	const expected: Counts = {};
	const inserts = [
		insertCards(parameter, set),
		insertLots(parameter, set),
		insertEntries(parameter, set),
		insertPostings(parameter, set),
		insertMovements(parameter, set),
		insertNotes(parameter, set),
		insertHolds(parameter, set),
		insertLegs(parameter, set),
		insertCommands(parameter, set),
		insertCardChanges(parameter, set),
		insertPayments(parameter, set),
		insertCallbacks(parameter, set),
		insertBookings(parameter, set),
	].filter(sql => sql !== undefined);
	const updates = [
		updateCards(parameter, set, expected),
		updateLots(parameter, set, expected),
		updateLegs(parameter, set, expected),
		updatePayments(parameter, set, expected),
		updateOrders(parameter, set, expected),
		updateBookings(parameter, set, expected),
	].filter(sql => sql !== undefined);
	if (inserts.length + updates.length === 0) {
		return;
	}

	const ctes = [...updates, ...inserts.map((sql, index) => `i${index} AS (${sql})`)];
	const counts = Object.keys(expected).map(
		table => `(SELECT count(*)::int FROM ${table}_changed) AS ${table}`,
	);
	// Each parameter must be named, and a batch that only notes which version of an order was applied writes no time.
	const [found] = await tx.$queryRawUnsafe<[Counts]>(
		`WITH ${ctes.join(',\n')}\nSELECT ${['($2::timestamptz IS NOT NULL)::int AS done', ...counts].join(', ')}`,
		...args,
	);
	for (const [table, count] of Object.entries(expected)) {
		if (found[table] !== count) {
			throw new StaleWriteError(table, count, found[table] ?? 0);
		}
	}
}
