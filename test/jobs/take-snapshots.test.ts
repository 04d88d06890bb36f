import test from 'ava';
import {jobs, runJob} from '../../src/jobs/jobs.ts';
import {takeSnapshots} from '../../src/jobs/take-snapshots.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {withDatabase} from '../helpers/database.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {noon, openTestLedger} from '../helpers/ledger.ts';

test('snapshots of every merchant are taken, one process at a time, and stop between merchants when asked to', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledgers = [await openTestLedger(database), await openTestLedger(database, 'other shop')];
	await Promise.all(ledgers.map(ledger => ledger.issue()));
	const [{writer}] = ledgers as [(typeof ledgers)[number]];
	const parts = {
		...{prisma, writer, assets: openAssets(prisma), clock: () => noon},
		...{payments: idlePayments, orders: idleOrders},
	};

	const stopped = new AbortController();
	stopped.abort();
	t.deepEqual(await takeSnapshots.runOnce(parts, stopped.signal), {accounts: 0, anew: 0});
	t.like(await takeSnapshots.runOnce(parts), {anew: 2});
	t.like(await takeSnapshots.runOnce(parts), {anew: 0});
	const both = await Promise.all([runJob(parts, takeSnapshots), runJob(parts, takeSnapshots)]);
	t.true(both.some(({skipped}) => !skipped));
	t.is(await prisma.houseHorizon.count(), 2);
	t.true(jobs.includes(takeSnapshots));
});
