import test, {type ExecutionContext} from 'ava';
import {v7} from 'uuid';
import {sqlStateOf} from '../../../src/db/sql-state.ts';
import {runBatch} from '../../../src/ledger/batch.ts';
import {ask, type Transaction} from '../../../src/ledger/store/ask.ts';
import {freeCards, lockingCards} from '../../../src/ledger/store/lock.ts';
import {freeOrders, lockOrders} from '../../../src/ledger/store/lock-orders.ts';
import {freePayments, lockPayments} from '../../../src/ledger/store/lock-payments.ts';
import {lockRuns} from '../../../src/ledger/store/lock-runs.ts';
import {openTestDatabase, type TestDatabase} from '../../helpers/database.ts';
import {connect} from '../../helpers/interference.ts';
import {openTestLedger, words} from '../../helpers/ledger.ts';
import {pay, rootOf} from '../../helpers/payment-commands.ts';
import {untilWaitedFor} from '../../helpers/waits.ts';

// What the writer locks, row by row: whoever has a row is waited for, rows are taken in one order, and whoever only looks does not wait.

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

type Shop = Awaited<ReturnType<typeof openTestLedger>>;

/** A table whose rows the writer locks, by the ids of two rows that are there, the first of which comes first. */
type Lockable = {
	readonly make: (ledger: Shop) => Promise<readonly [first: string, second: string]>;
	/** SQL of the rows whose id is $2. */
	readonly rows: string;
	readonly lock: (tx: Transaction, merchantId: number, ids: readonly string[]) => Promise<unknown>;
	readonly free: (tx: Transaction, merchantId: number, ids: readonly string[]) => Promise<string[]>;
};

const insertPayment = (id: string) =>
	`INSERT INTO payments (merchant_id, payment_id, tid, status, cancellation_id)
	VALUES ($1::int, '${id}', '${rootOf(id).tid}', 4, gen_random_uuid())`;
const insertOrder = (id: string) => `INSERT INTO orders (merchant_id, order_id) VALUES ($1::int, '${id}')`;

const lockables: Readonly<Record<string, Lockable>> = {
	cards: {
		make: async ledger => [(await ledger.issue()).cardId, (await ledger.issue()).cardId],
		rows: 'SELECT FROM cards WHERE merchant_id = $1 AND id = $2::bigint',
		lock: async (tx, merchantId, ids) => ask(tx, lockingCards(merchantId, ids)),
		free: freeCards,
	},
	payments: {
		async make({merchant}) {
			await database.general.pool.query(insertPayment('p'), [merchant.id]);
			await database.general.pool.query(insertPayment('q'), [merchant.id]);
			return ['p', 'q'];
		},
		rows: 'SELECT FROM payments WHERE merchant_id = $1 AND payment_id = $2',
		lock: lockPayments,
		free: freePayments,
	},
	orders: {
		async make({merchant}) {
			await database.general.pool.query(insertOrder('p'), [merchant.id]);
			await database.general.pool.query(insertOrder('q'), [merchant.id]);
			return ['p', 'q'];
		},
		rows: 'SELECT FROM orders WHERE merchant_id = $1 AND order_id = $2',
		lock: lockOrders,
		free: freeOrders,
	},
};

/** Somebody else, in the middle of a transaction. */
async function somebody(t: ExecutionContext) {
	const connection = await connect(t, database.url);
	await connection.query('BEGIN');
	return connection;
}

/** A transaction of the service's that waits for a lock for so long. */
async function waitingFor<Result>(patience: string, work: (tx: Transaction) => Promise<Result>) {
	return database.general.prisma.$transaction(
		async tx => {
			await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '${patience}'`);
			return work(tx);
		},
		{timeout: 60_000, maxWait: 60_000},
	);
}

for (const [what, {make, rows, lock, free}] of Object.entries(lockables)) {
	test(`${what} that somebody has locked are waited for, and not called free`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const ids = await make(ledger);
		const connection = await somebody(t);
		await connection.query(`${rows} FOR NO KEY UPDATE`, [ledger.merchant.id, ids[0]]);

		const error = await t.throwsAsync(waitingFor('50ms', tx => lock(tx, ledger.merchant.id, ids)));
		const found = await waitingFor('50ms', tx => free(tx, ledger.merchant.id, ids));

		t.is(sqlStateOf(error), '55P03');
		t.deepEqual(found, [ids[1]]);
	});

	for (const order of ['rising', 'falling']) {
		test(`${what} are locked in one order when they come in ${order} order`, async t => {
			const ledger = await openTestLedger(database, t.title);
			const ids = await make(ledger);
			const connection = await somebody(t);
			await connection.query(`${rows} FOR NO KEY UPDATE`, [ledger.merchant.id, ids[0]]);

			const locking = waitingFor('30s', tx =>
				lock(tx, ledger.merchant.id, order === 'rising' ? ids : ids.toReversed()),
			);
			await untilWaitedFor(database, connection);

			await t.notThrowsAsync(
				connection.query(`${rows} FOR NO KEY UPDATE NOWAIT`, [ledger.merchant.id, ids[1]]),
			);
			await connection.query('COMMIT');
			await t.notThrowsAsync(locking);
		});
	}
}

for (const order of ['rising', 'falling']) {
	test(`orders that are not there are made in one order when they come in ${order} order`, async t => {
		const {merchant} = await openTestLedger(database, t.title);
		const connection = await somebody(t);
		await connection.query(insertOrder('p'), [merchant.id]);

		const ids = order === 'rising' ? ['p', 'q'] : ['q', 'p'];
		const locking = waitingFor('30s', tx => lockOrders(tx, merchant.id, ids));
		await untilWaitedFor(database, connection);

		await t.notThrowsAsync(connection.query(insertOrder('q'), [merchant.id]));
		await connection.query('COMMIT');
		t.is((await locking).length, 2);
	});

	test(`payments are made in one order when they come in ${order} order`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const cardIds = [(await ledger.issue()).cardId];
		const connection = await somebody(t);
		await connection.query(insertPayment('p'), [ledger.merchant.id]);

		const commands = ['p', 'q'].map(id => pay(ledger, id, cardIds, 1n));
		const tools = {merchant: ledger.merchant, clock: () => ledger.clock.now, newId: v7};
		const paying = waitingFor('30s', tx =>
			runBatch(tx, tools, order === 'rising' ? commands : commands.toReversed()),
		);
		await untilWaitedFor(database, connection);

		await t.notThrowsAsync(connection.query(insertPayment('q'), [ledger.merchant.id]));
		await connection.query('ROLLBACK');
		t.deepEqual(words(await paying), ['1', '1']);
	});
}

test('batches of one import hold it together', async t => {
	const {merchant, actorId} = await openTestLedger(database, t.title);
	const {id} = await database.general.prisma.importRun.create({
		data: {
			...{merchantId: merchant.id, name: 'a file', kind: 1, digest: new Uint8Array(32)},
			...{rows: 1, actorId, begunAt: new Date(0)},
		},
		select: {id: true},
	});
	const connection = await somebody(t);
	await connection.query('SELECT FROM import_runs WHERE merchant_id = $1 AND id = $2 FOR SHARE', [
		merchant.id,
		id,
	]);

	await t.notThrowsAsync(waitingFor('50ms', tx => lockRuns(tx, merchant.id, [id])));
});
