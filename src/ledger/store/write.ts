import {lastStatement} from '../../db/round-trips.ts';
import {type Transaction} from './ask.ts';
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
import {creditParts} from './write-credits.ts';
import {insertBookings, updateBookings, updateOrders} from './write-orders.ts';
import {insertCallbacks, insertPayments, updatePayments} from './write-payments.ts';
import {type WriteSet} from './write-set.ts';

/**
 * Write a batch in one statement (A4): one final image for each row, rows born in the batch inserted in it. All
 * updates are counted, because in one statement an UPDATE silently misses a row that another part inserts; when a count is not the
 * expected one, the database refuses (23000), which is never the caller's fault.
 *
 * It is the last statement of its transaction: on a connection of the writer its errors come with COMMIT.
 */
export async function write(tx: Transaction, set: WriteSet): Promise<void> {
	const args: unknown[] = [set.merchantId, new Date(set.now).toISOString()];
	const parameter: Parameter = value => `$${args.push(value)}`;
	const expected: Counts = {};
	const {
		updates,
		inserts,
		lists = '',
	} = creditParts(parameter, set, expected) ?? partsOf(parameter, set, expected);
	if (inserts.length + updates.length === 0) {
		return;
	}

	const ctes = [
		...(lists === '' ? [] : [lists]),
		...updates,
		...inserts.map((sql, index) => `i${index} AS (${sql})`),
	];
	const counted = Object.entries(expected).map(
		([table, count]) =>
			`expect_rows('${table}', ${parameter(count)}::int, (SELECT count(*) FROM ${table}_changed))`,
	);
	// Each parameter must be named, and a batch that only notes which version of an order was applied writes no time.
	const results = ['$2::timestamptz IS NOT NULL', ...counted].map((sql, index) => `${sql} AS r${index}`);
	await tx.$queryRawUnsafe(`${lastStatement}WITH ${ctes.join(',\n')}\nSELECT ${results.join(', ')}`, ...args);
}

type Parts = {
	readonly updates: readonly string[];
	readonly inserts: readonly string[];
	readonly lists?: string;
};

/** What changes in each table, and what is added to it. */
function partsOf(parameter: Parameter, set: WriteSet, expected: Counts): Parts {
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
	return {updates, inserts};
}
