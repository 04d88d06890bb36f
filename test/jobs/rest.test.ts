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

/** A rest by a clock that only sleeping moves on, and how long each sleep was. */
function byItsOwnClock(isBusy: () => boolean, putOffMaxMs = longMs) {
	const slept: number[] = [];
	const clock = {now: 0};
	const sleep = (ms: number) => {
		slept.push(ms);
		clock.now += ms;
		return Promise.resolve();
	};
	return {rest: openRest(isBusy, {putOffMaxMs, now: () => clock.now, sleep}), slept, clock};
}

test('nobody rests before the first piece of work while the service is not busy', async t => {
	const {rest, slept} = byItsOwnClock(() => false);
	await rest();

	t.deepEqual(slept, []);
});

test('after a piece of work it rests three times as long as that took, and two seconds at most', async t => {
	const {rest, slept, clock} = byItsOwnClock(() => false);
	await rest();
	clock.now += 200;
	await rest();
	clock.now += 50;
	await rest();
	clock.now += 10_000;
	await rest();

	t.deepEqual(slept, [600, 150, 2000]);
});

test('work that nobody waits for goes on when the service is not busy any more', async t => {
	let asked = 0;
	const {rest, slept} = byItsOwnClock(() => ++asked < 3);
	await rest();

	t.deepEqual(slept, [100, 100]);
});

test('it goes on after its time however busy the service is, and the rests of a run have that time together', async t => {
	const {rest, clock} = byItsOwnClock(() => true, 250);
	await rest();
	t.is(clock.now, 300);

	await rest();
	t.is(clock.now, 300);
});

test('a rest ends when the work is to stop', async t => {
	const stopping = new AbortController();
	let asked = 0;
	const resting = openRest(
		() => {
			// In the midst of the second one.
			if (++asked === 2) {
				stopping.abort();
			}

			return true;
		},
		{putOffMaxMs: longMs},
	)(stopping.signal);

	await resting;
	t.is(asked, 2);
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
