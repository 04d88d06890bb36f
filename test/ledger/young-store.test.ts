import test from 'ava';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, capture, idOf, openTestLedger} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';

// Nobody has gathered statistics of these tables, as in the first minutes of every store.

const debits = 200;
const captures = 50;

test('a young store reads for each debit and capture what they need, and not all that happened before', async t => {
	const database = await openTestDatabase();
	t.teardown(() => database.close());
	const ledger = await openTestLedger(database);
	const card = await ledger.issue({amount: 1000_00n});
	const ids: string[] = [];
	for (let count = 0; count < debits; count++) {
		ids.push(idOf(await ledger.submit(authorize(ledger, card, 1n, `r${count}`))));
	}

	for (const id of ids.slice(0, captures)) {
		await ledger.submit(capture(ledger, card, id, 1n, `s${id}`));
	}

	// Each command is looked up by its key, where none is yet, and each capture brings a movement of a lot.
	const read = await readByIndexes(database, {commands: debits + captures, lot_movements: captures});
	t.true(read.commands < debits, `${read.commands} commands were read`);
	t.true(read.lot_movements < 10 * captures, `${read.lot_movements} movements were read`);
});

type Counts = Readonly<Record<'commands' | 'lot_movements', number>>;

/** How many rows the indexes of some tables have given, once the connections have told of so many look-ups. */
async function readByIndexes({writer, general}: TestDatabase, lookUps: Counts): Promise<Counts> {
	const ask = async () =>
		general.prisma.$queryRaw<{table: keyof Counts; scans: number; read: number}[]>`
			SELECT relname AS table, sum(idx_scan)::int AS scans, sum(idx_tup_read)::int AS read
			FROM pg_stat_user_indexes WHERE relname IN ('commands', 'lot_movements') GROUP BY relname`;
	await until('the connections have told what they read', async () => {
		await writer.prisma.$queryRaw`SELECT pg_stat_force_next_flush()::text`;
		return (await ask()).every(({table, scans}) => scans >= lookUps[table]);
	});
	return Object.fromEntries((await ask()).map(({table, read}) => [table, read])) as Counts;
}
