import test from 'ava';
import {openRest} from '../../src/jobs/rest.ts';
import {sealEntries} from '../../src/jobs/seal-entries.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {deferred} from '../helpers/deferred.ts';
import {withDatabase} from '../helpers/database.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {openTestLedger} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';

const longMs = 600_000;

test('nobody rests while the service is not busy', async t => {
	let asked = 0;
	await openRest(() => ++asked > 1, longMs)();

	t.is(asked, 1);
});

test('work that nobody waits for goes on when the service is not busy any more', async t => {
	let asked = 0;
	await openRest(() => ++asked < 3, longMs)();

	t.is(asked, 3);
});

test('it goes on after its time however busy the service is, and when it is to stop', async t => {
	const stopping = new AbortController();
	const stopped = openRest(() => true, longMs)(stopping.signal);
	stopping.abort();

	await stopped;
	await openRest(() => true, 20)();
	t.pass();
});

test('the rests of a run have their time together', async t => {
	let asked = 0;
	const rest = openRest(() => ++asked > 0, 150);
	await rest();
	asked = 0;

	await rest();

	// Who rests once more asks again after it, however long that takes.
	t.is(asked, 1);
});

test('nothing is sealed before the rest is over, and what was to be sealed is sealed then', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	await ledger.issue();
	const {prisma} = database.general;
	const {promise: over, resolve: end} = deferred<undefined>();
	const {promise: begun, resolve: begin} = deferred<undefined>();
	const rest = async () => {
		begin(undefined);
		await over;
	};
	const parts = {
		...{prisma, writer: ledger.writer, assets: openAssets(prisma), clock: () => ledger.clock.now},
		...{payments: idlePayments, orders: idleOrders, beginRest: () => rest},
	};
	// Transactions of other tests on the same server may be older than the entry: then it is sealed as soon as they have ended.
	const sealing = until('the entry is sealed', async () => (await sealEntries.runOnce(parts))['seals'] === 1);
	await begun;
	t.is(await prisma.seal.count(), 0);

	end(undefined);

	await sealing;
	t.is(await prisma.seal.count(), 1);
});
