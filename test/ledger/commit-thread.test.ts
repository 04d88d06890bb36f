import process from 'node:process';
import {type Worker} from 'node:worker_threads';
import test, {type ExecutionContext} from 'ava';
import {type CommitThread, openCommitThread} from '../../src/ledger/commit-thread.ts';
import {stageNames} from '../../src/ledger/stages.ts';
import {type CommittedBatch} from '../../src/ledger/watch.ts';
import {openWriter} from '../../src/ledger/writer.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {lockElsewhere, tell, type Told} from '../helpers/interference.ts';
import {authorize, balances, idOf, openTestLedger, words} from '../helpers/ledger.ts';
import {pay, settle} from '../helpers/payment-commands.ts';

// One after the other: a thread that a test ends is the only one there is.

let database: TestDatabase;
let thread: CommitThread;
const workers: Worker[] = [];

test.before(async () => {
	process.on('worker', worker => workers.push(worker));
	database = await openTestDatabase();
	thread = await openCommitThread({url: database.url, statementNames: true});
});
test.after.always(async () => {
	await thread.close();
	await database.close();
});

let shops = 0;

async function openShop(t: ExecutionContext) {
	const ledger = await openTestLedger(database, `${++shops} ${t.title.slice(0, 50)}`);
	const told: Told = [];
	const writer = openWriter({commit: thread.commit, prisma: database.writer.prisma, onFailure: tell(told)});
	const card = await ledger.issue({amount: 100n});
	return {ledger, writer, told, card, cardIds: [card.cardId]};
}

test.serial('commands are decided and written in the other thread as they are in this one', async t => {
	const {ledger, writer, card, cardIds} = await openShop(t);

	const outcomes = await Promise.all([
		ledger.submit(authorize(ledger, card, 30n, 'a'), writer),
		ledger.submit(authorize(ledger, card, 80n, 'b'), writer),
		ledger.submit(authorize(ledger, card, 30n, 'a'), writer),
		ledger.submit(pay(ledger, 'p', cardIds, 20n), writer),
	]);
	const target = {paymentId: 'p', cardIds, holdId: idOf(outcomes[3])};
	const settled = await ledger.submit(settle(ledger, target, 5n, 's'), writer);

	t.deepEqual(words([...outcomes, settled]), ['30', 'insufficientBalance', 'again 30', '20', '5']);
	t.deepEqual(await balances(database, card), [50n, 45n, 4n]);
	await assertAuditClean(t, database);
});

test.serial(
	'who looks on is told of each batch, and how long its stages took in the other thread',
	async t => {
		const {ledger, card} = await openShop(t);
		const told: CommittedBatch[] = [];
		const watch = {
			committed: (batch: CommittedBatch) => told.push(batch),
			setBack: (setback: string) => {
				t.fail(setback);
			},
		};
		const writer = openWriter({commit: thread.commit, prisma: database.writer.prisma, watch});

		await Promise.all(['a', 'b', 'a'].map(key => ledger.submit(authorize(ledger, card, 30n, key), writer)));

		t.is(
			told.reduce((sum, {commands}) => sum + commands.length, 0),
			3,
		);
		for (const {commands, outcomes, waitedMs, stages} of told) {
			t.is(outcomes.length, commands.length);
			t.true(waitedMs >= 0);
			t.deepEqual(Object.keys(stages ?? {}), [...stageNames]);
			t.true(Object.values(stages ?? {}).every(ms => ms > 0));
		}
	},
);

test.serial(
	'what the database refuses there fails one command here, with its SQLSTATE for the log',
	async t => {
		const {ledger, writer, told, card, cardIds} = await openShop(t);
		const broken = pay(ledger, 'broken', cardIds, 10n);
		const particulars = {...broken.opening.particulars, particulars: 'no JSON'};

		const outcomes = await Promise.allSettled([
			ledger.submit(authorize(ledger, card, 5n, 'a'), writer),
			ledger.submit({...broken, opening: {...broken.opening, particulars}}, writer),
			ledger.submit(pay(ledger, 'q', cardIds, 10n), writer),
		]);

		t.deepEqual(
			outcomes.map(({status}) => status),
			['fulfilled', 'rejected', 'fulfilled'],
		);
		t.is(told.at(-1)?.state, '22P02');
		t.deepEqual(await balances(database, card), [85n, 15n, 3n]);
	},
);

test.serial('when the thread ends under a batch, another one runs it, once', async t => {
	const {ledger, writer, told, card} = await openShop(t);
	const unlock = await lockElsewhere(t, database, card);
	const before = workers.length;

	const waiting = ledger.submit(authorize(ledger, card, 30n, 'a'), writer);
	await workers.at(-1)?.terminate();
	await unlock();

	t.deepEqual(words([await waiting]), ['30']);
	t.is(workers.length, before + 1);
	t.regex(told[0]?.what ?? '', /runs again/);
	t.deepEqual(words([await ledger.submit(authorize(ledger, card, 30n, 'a'), writer)]), ['again 30']);
	t.deepEqual(await balances(database, card), [70n, 30n, 2n]);
	await assertAuditClean(t, database);
});

test.serial(
	'batches of two merchants that find the thread gone need one new thread between them',
	async t => {
		const both = [await openShop(t), await openShop(t)];
		const before = workers.length;
		await workers.at(-1)?.terminate();

		const outcomes = await Promise.all(
			both.map(async ({ledger, writer, card}) => ledger.submit(authorize(ledger, card, 7n, 'a'), writer)),
		);

		t.deepEqual(words(outcomes), ['7', '7']);
		t.is(workers.length, before + 1);
	},
);

test.serial('a thread without its database says so, and does not start', async t => {
	const url = 'postgresql://nobody@127.0.0.1:1/nothing';

	const error = await t.throwsAsync(openCommitThread({url, statementNames: true}), {any: true});

	t.regex(
		(error as Error).message,
		/^The database at 127\.0\.0\.1:1\/nothing does not answer \(ECONNREFUSED\)/,
	);
});
