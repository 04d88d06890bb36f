import test, {type ExecutionContext} from 'ava';
import {type Job, type JobParts, type JobResult} from '../../src/jobs/job.ts';
import {startJobs} from '../../src/jobs/loop.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {withDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {openTestLedger} from '../helpers/ledger.ts';

async function partsOf(t: ExecutionContext) {
	const database = await withDatabase(t);
	const {writer, clock} = await openTestLedger(database);
	const {prisma} = database.general;
	return {
		prisma,
		writer,
		assets: openAssets(prisma),
		payments: idlePayments,
		orders: idleOrders,
		clock: () => clock.now,
	};
}

const often = {description: '', everySeconds: 0.005};
const fail = (t: ExecutionContext) => (error: unknown) => {
	t.fail(String(error));
};

/** Runs a loop until its job has run three times. */
async function threeRuns(t: ExecutionContext, parts: JobParts): Promise<{readonly runs: () => number}> {
	const {promise: third, resolve} = deferred<JobResult>();
	let runs = 0;
	const loop = startJobs({
		parts,
		jobs: [{...often, name: 'count', runOnce: async () => Promise.resolve({run: ++runs})}],
		onFailure: fail(t),
		onDone(result) {
			if (result['run'] === 3) {
				resolve(result);
			}
		},
	});

	t.deepEqual(await third, {name: 'count', skipped: false, run: 3});
	await loop.stop();
	return {runs: () => runs};
}

test('a job runs again and again, tells what it did, and runs no more once it is stopped', async t => {
	const parts = await partsOf(t);

	const stopped = await threeRuns(t, parts);
	const before = stopped.runs();
	await threeRuns(t, parts);

	t.is(stopped.runs(), before);
});

test('a job that fails is told of, runs again and stops no other', async t => {
	const parts = await partsOf(t);
	const told: string[] = [];
	const {promise: isMended, resolve: mended} = deferred();
	const {promise: otherRan, resolve: ranOther} = deferred();
	let runs = 0;
	const failing: Job = {
		...often,
		name: 'fragile',
		async runOnce() {
			if (++runs < 3) {
				throw new Error('not yet');
			}

			return Promise.resolve({});
		},
	};
	const other: Job = {...often, name: 'other', runOnce: async () => Promise.resolve({})};

	const loop = startJobs({
		parts,
		jobs: [failing, other],
		onFailure: (_, what) => told.push(what),
		onDone: ({name}) => {
			(name === 'fragile' ? mended : ranOther)();
		},
	});
	await Promise.all([isMended, otherRan]);
	await loop.stop();

	t.deepEqual(
		told,
		Array.from({length: 2}, () => 'The job fragile failed; it runs again in 0.005 s'),
	);
});

test('stop asks a run to end and waits for it', async t => {
	const parts = await partsOf(t);
	const {promise: isRunning, resolve: running} = deferred();
	const seen: string[] = [];
	const job: Job = {
		...often,
		name: 'long',
		async runOnce(_, signal) {
			running();
			await new Promise(resolve => signal?.addEventListener('abort', resolve));
			seen.push('ended');
			return {};
		},
	};

	const loop = startJobs({parts, jobs: [job], onFailure: fail(t)});
	await isRunning;
	await loop.stop();

	t.deepEqual(seen, ['ended']);
});

test('of two processes one at a time runs a job', async t => {
	const parts = await partsOf(t);
	let inside = 0;
	let most = 0;
	let runs = 0;
	const {promise: isEnough, resolve: enough} = deferred();
	const job: Job = {
		...often,
		name: 'alone',
		async runOnce() {
			most = Math.max(most, ++inside);
			await parts.prisma.$queryRaw`SELECT 1`;
			await parts.prisma.$queryRaw`SELECT 2`;
			inside--;
			if (++runs === 20) {
				enough();
			}

			return {};
		},
	};

	const loops = [1, 2].map(() => startJobs({parts, jobs: [job], onFailure: fail(t)}));
	await isEnough;
	await Promise.all(loops.map(async loop => loop.stop()));

	t.is(most, 1);
});
