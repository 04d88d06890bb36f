import test from 'ava';
import {v7} from 'uuid';
import {type Outcome, runBatch} from '../../src/ledger/batch.ts';
import {type Command} from '../../src/ledger/commands.ts';
import {type Transaction} from '../../src/ledger/store/ask.ts';
import {type Setback} from '../../src/ledger/watch.ts';
import {OverloadedError} from '../../src/ledger/writer.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect, lockElsewhere} from '../helpers/interference.ts';
import {
	authorize,
	balances,
	credit,
	issueCommand,
	openTestLedger,
	type TestLedger,
	words,
} from '../helpers/ledger.ts';
import {until} from '../helpers/until.ts';
import {untilWaitedFor} from '../helpers/waits.ts';

// B3 and B16: somebody else holds the row of a card, as another process, a script or an administrator may.

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

/** A batch of exactly these commands, which waits for its locks as long as the test needs. @param before - of its COMMIT */
async function runPatiently(
	{merchant, clock}: TestLedger,
	commands: readonly Command[],
	before?: (tx: Transaction) => Promise<unknown>,
): Promise<Outcome[]> {
	return database.writer.prisma.$transaction(async tx => {
		await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '30s'`);
		const outcomes = await runBatch(tx, {merchant, clock: () => clock.now, newId: v7}, commands);
		await before?.(tx);
		return outcomes;
	});
}

/** Whether `settled` has an answer already. */
async function isPending(answer: Promise<unknown>): Promise<boolean> {
	const nothing = Symbol('nothing');
	return (await Promise.race([answer, Promise.resolve(nothing)])) === nothing;
}

test('a card that is taken holds up no other card, and has its turn when it is free', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [taken, free] = [await ledger.issue({amount: 100n}), await ledger.issue({amount: 100n})];
	const release = await lockElsewhere(t, database, taken);

	const waiting = ledger.submit(authorize(ledger, taken, 60n, 'a'));
	const done = await ledger.submit(authorize(ledger, free, 60n, 'a'));
	const later = await Promise.all(
		Array.from({length: 40}, (_, index) => ledger.submit(authorize(ledger, free, 1n, `r${index}`))),
	);

	t.true(await isPending(waiting));
	t.deepEqual(words([done, ...later]), ['60', ...Array<string>(40).fill('1')]);
	await release();
	t.deepEqual(words([await waiting]), ['60']);
	t.deepEqual(await balances(database, taken), [40n, 60n, 2n]);
});

test('commands of a taken card keep their order, whenever they came', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [taken, free] = [await ledger.issue({amount: 100n}), await ledger.issue()];
	const release = await lockElsewhere(t, database, taken);

	const before = [60n, 50n].map(amount => ledger.submit(authorize(ledger, taken, amount, `a${amount}`)));
	await ledger.submit(authorize(ledger, free, 1n, 'a'));
	const after = [40n, 1n].map(amount => ledger.submit(authorize(ledger, taken, amount, `a${amount}`)));
	await release();

	t.deepEqual(words(await Promise.all([...before, ...after])), [
		...['60', 'insufficientBalance'],
		...['40', 'insufficientBalance'],
	]);
});

test('what is remembered about a taken card is answered while it is taken', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const debit = authorize(ledger, card, 60n, 'a');
	const first = await ledger.submit(debit);
	await ledger.submit(authorize(ledger, card, 41n, 'b'));
	const release = await lockElsewhere(t, database, card);

	const answers = await Promise.all([
		ledger.submit(debit),
		ledger.submit(authorize(ledger, card, 61n, 'a')),
		ledger.submit(authorize(ledger, card, 41n, 'b')),
	]);

	t.deepEqual(answers[0], {...first, isReplay: true} as typeof first);
	t.deepEqual(words(answers), ['again 60', 'keyConflict', 'again insufficientBalance']);
	await release();
});

test('a command whose card stays taken past its deadline is given up and has no effect', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const setbacks: Setback[] = [];
	const watch = {committed: () => t.fail(), setBack: (setback: Setback) => setbacks.push(setback)};
	const writer = ledger.openWriter({deadlineMs: 300}, {watch});
	const release = await lockElsewhere(t, database, card);

	await t.throwsAsync(ledger.submit(authorize(ledger, card, 60n, 'a'), writer), {
		instanceOf: OverloadedError,
		message: /same id/,
	});

	await release();
	await writer.drain();
	t.deepEqual(setbacks, ['lock']);
	t.deepEqual(await balances(database, card), [100n, 0n, 1n]);
	t.deepEqual(words([await ledger.submit(authorize(ledger, card, 60n, 'a'))]), ['60']);
});

test('a command whose client goes while its card is taken is given up and has no effect', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const client = new AbortController();
	const release = await lockElsewhere(t, database, card);

	const gone = ledger.writer.submit(ledger.merchant, authorize(ledger, card, 60n, 'a'), client.signal);
	client.abort();

	await t.throwsAsync(gone, {instanceOf: OverloadedError});
	await release();
	await ledger.writer.drain();
	t.deepEqual(await balances(database, card), [100n, 0n, 1n]);
});

test('a writer that drains waits for the card of a command that it has taken', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const release = await lockElsewhere(t, database, card);

	const waiting = ledger.submit(authorize(ledger, card, 60n, 'a'));
	const drained = ledger.writer.drain();
	await release();
	await drained;

	t.deepEqual(words([await waiting]), ['60']);
});

test('an unknown card and a new one are answered at once beside a taken one', async t => {
	const ledger = await openTestLedger(database, t.title);
	const [taken, first] = [await ledger.issue({amount: 100n}), await ledger.issue()];
	const unknown = {cardId: '900000000000001', publicId: 'a3f1c2d4-0000-4000-8000-000000000001'};
	const born = {cardId: '900000000000002', publicId: 'a3f1c2d4-0000-4000-8000-000000000002'};
	const release = await lockElsewhere(t, database, taken);

	// The first command makes the three after it share a batch.
	const [, waiting, missing, issued] = [
		ledger.submit(authorize(ledger, first, 1n, 'a')),
		ledger.submit(authorize(ledger, taken, 60n, 'a')),
		ledger.submit(authorize(ledger, unknown, 1n, 'a')),
		ledger.submit(issueCommand(ledger, born, {amount: 5n})),
	];

	t.deepEqual(words(await Promise.all([missing, issued])), ['cardNotFound', '5']);
	t.true(await isPending(waiting));
	await release();
	t.deepEqual(words([await waiting]), ['60']);
});

test('whoever writes something that refers to a card does not hold up its debits', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const clerk = await connect(t, database.url);
	await clerk.query('BEGIN');
	await clerk.query(
		`INSERT INTO card_changes (merchant_id, card_id, kind, at, actor_id, reason) VALUES ($1, $2, 1, now(), $3, 'a reason')`,
		[ledger.merchant.id, card.cardId, ledger.actorId],
	);

	const outcome = await ledger.submit(authorize(ledger, card, 60n, 'a'));

	t.deepEqual(words([outcome]), ['60']);
	await clerk.query('COMMIT');
});

// Goal: two batches that want the same cards queue up and never deadlock (A1). Method: while a batch waits for the first
// of two cards, somebody else can still take the second one, in whichever order the commands came.
for (const order of ['rising', 'falling']) {
	test(`a batch locks its cards by rising id when its commands come by ${order} id`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const cards = [await ledger.issue(), await ledger.issue()] as const;
		const other = await connect(t, database.url);
		await other.query('BEGIN');
		await other.query('SELECT FROM cards WHERE id = $1 FOR UPDATE', [cards[0].cardId]);

		const commands = cards.map(card => authorize(ledger, card, 1n, 'a'));
		const batch = runPatiently(ledger, order === 'rising' ? commands : commands.toReversed());
		// Looked at from outside: a transaction keeps seeing the activity that it saw first.
		const waits = 'SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))';
		await until('the batch waits for the first card', async () => {
			const {rowCount} = await database.general.pool.query(waits, [processIdOf(other)]);
			return rowCount === 1;
		});

		await t.notThrowsAsync(
			other.query('SELECT FROM cards WHERE id = $1 FOR UPDATE NOWAIT', [cards[1].cardId]),
		);
		await other.query('COMMIT');
		t.deepEqual(words(await batch), ['1', '1']);
	});
}

test('a batch that waited for a card decides by the time at which it has it (B14)', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({expiresAt: ledger.clock.now + 1000});
	const other = await connect(t, database.url);
	await other.query('BEGIN');
	await other.query('SELECT FROM cards WHERE id = $1 FOR UPDATE', [card.cardId]);

	const batch = runPatiently(ledger, [authorize(ledger, card, 1n, 'a')]);
	await untilWaitedFor(database, other);
	ledger.clock.now += 1000;
	await other.query('COMMIT');

	t.deepEqual(words(await batch), ['cardExpired']);
});

// One after the other, because each waits with a connection of the writer's, of which there are few.
//
// Lots are read in the same breath as the lock is asked for, before anybody knows when it will be there.
type Passing = {
	/** When each of two lots of 100 begins and ends, milliseconds from when the batch begins to wait. */
	readonly lots: readonly [Span, Span];
	/** How far the clock is when the batch has its card. */
	readonly passed: number;
	/** What is then asked for, and the answer. */
	readonly amount: bigint;
	readonly word: string;
};
type Span = {readonly from: number; readonly until: number | null};

const lives: Span = {from: -1000, until: null};
const passings: Readonly<Record<string, Passing>> = {
	'a lot that has begun can be spent': {
		...{lots: [lives, {from: 200, until: null}], passed: 200, amount: 200n, word: '200'},
	},
	'a lot that begins later cannot be spent': {
		...{lots: [lives, {from: 200, until: null}], passed: 199, amount: 101n, word: 'insufficientBalance'},
	},
	'the value behind a lot that begins later can be spent': {
		...{lots: [{from: 200, until: 5000}, lives], passed: 199, amount: 100n, word: '100'},
	},
	'a lot that has ended cannot be spent': {
		...{lots: [lives, {from: -1000, until: 200}], passed: 200, amount: 101n, word: 'insufficientBalance'},
	},
	'the value behind a lot that has ended can be spent': {
		...{lots: [{from: -1000, until: 200}, lives], passed: 200, amount: 100n, word: '100'},
	},
	'a lot that has begun after more than was foreseen can be spent': {
		...{lots: [lives, {from: 4000, until: null}], passed: 5000, amount: 200n, word: '200'},
	},
	'the value behind a lot that has ended after more than was foreseen can be spent': {
		...{lots: [{from: -1000, until: 4000}, lives], passed: 5000, amount: 100n, word: '100'},
	},
	'a lot that has not ended by a clock that was set back can be spent': {
		...{lots: [lives, {from: -1000, until: -100}], passed: -200, amount: 200n, word: '200'},
	},
};

for (const [what, {lots, passed, amount, word}] of Object.entries(passings)) {
	test.serial(`when a batch has waited for its card, ${what}`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const card = await ledger.issue({amount: 100n});
		await ledger.submit(credit(ledger, card, 100n, 'second'));
		const start = ledger.clock.now;
		const at = (ms: number | null) => (ms === null ? null : new Date(start + ms));
		const planter = await connect(t, database.superuserUrl);
		// A lot keeps its dates, by a trigger.
		await planter.query('SET session_replication_role = replica');
		await planter.query(
			`UPDATE lots SET spendable_from = dates[1], expires_at = dates[2]
			FROM (SELECT id, CASE row_number() OVER (ORDER BY id) WHEN 1 THEN $2::timestamptz[] ELSE $3::timestamptz[] END AS dates
				FROM lots WHERE card_id = $1) lot WHERE lots.id = lot.id`,
			[card.cardId, ...lots.map(({from, until: end}) => [at(from), at(end)])],
		);

		const other = await connect(t, database.url);
		await other.query('BEGIN');
		await other.query('SELECT FROM cards WHERE id = $1 FOR UPDATE', [card.cardId]);

		const batch = runPatiently(ledger, [authorize(ledger, card, amount, 'a')]);
		await untilWaitedFor(database, other);
		ledger.clock.now += passed;
		await other.query('COMMIT');

		t.deepEqual(words(await batch), [word]);
	});
}

test.serial('a batch that waited for a card reads the lots as they were left for it', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const run = async (key: string, around: (pid: number) => Promise<unknown> | undefined) =>
		runPatiently(ledger, [authorize(ledger, card, 60n, key)], async tx => {
			const [{pid}] = await tx.$queryRawUnsafe<[{pid: number}]>('SELECT pg_backend_pid() AS pid');
			await around(pid);
		});
	let second: Promise<Outcome[]> | undefined;
	const first = run('a', async pid => {
		second = run('b', () => undefined);
		await until('the second waits for the first', async () => {
			const waits = 'SELECT FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))';
			return (await database.general.pool.query(waits, [pid])).rowCount === 1;
		});
	});

	t.deepEqual(words(await first), ['60']);
	t.deepEqual(words((await second) ?? []), ['insufficientBalance']);
});

/** The number of its server process, which the types of \`pg\` do not mention. */
function processIdOf(connection: object): number {
	return (connection as {readonly processID: number}).processID;
}
