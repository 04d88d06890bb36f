import {setImmediate} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {cardsOf} from '../../src/ledger/commands.ts';
import {openWriter, type WriterLimits, OverloadedError, type Writer} from '../../src/ledger/writer.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	authorize,
	balances,
	capture,
	credit,
	idOf,
	openTestLedger,
	type TestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';
import {deferred} from '../helpers/deferred.ts';
import {aroundTransactions, beforeStatements, isLock} from '../helpers/interference.ts';

// One after the other: they share the two connections of a writer, and count its transactions.

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

test.serial('a debit reduces the balance at once and is repeated with the same answer', async t => {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 50_00n});

	const first = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));
	const again = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));

	t.is(first.kind, 'done');
	t.deepEqual(again, {...first, isReplay: true});
	t.deepEqual(await balances(database, card), [30_00n, 20_00n, 2n]);
});

test.serial(
	'a capture, a cancellation of the rest and a refund walk back to where the value came from',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const card = await ledger.issue({amount: 50_00n});
		const id = idOf(await ledger.submit(authorize(ledger, card, 20_00n, 'r1')));

		const captured = await ledger.submit(capture(ledger, card, id, 12_00n, 's1'));
		const undone = await ledger.submit(undo(ledger, card, id, 20_00n, 'c1'));
		const credited = await ledger.submit(credit(ledger, card, 5_00n, 'k1'));
		const over = await ledger.submit(undo(ledger, card, id, 1n, 'c2'));

		t.deepEqual(words([captured, undone, credited, over]), ['1200', '2000', '500', 'exceedsHold']);
		t.deepEqual(await balances(database, card), [55_00n, 0n, 6n]);
	},
);

type Gated = TestLedger & {
	readonly gated: Writer;
	/** Lets the transactions of `gated` begin. */
	readonly open: () => void;
	/** The number of transactions that `gated` has begun. */
	readonly begun: () => number;
};

/** A writer whose first transaction waits for the test, so that others come to wait behind it. */
async function openGated(t: ExecutionContext, limits: Partial<WriterLimits> = {}): Promise<Gated> {
	const ledger = await openTestLedger(database, t.title);
	const gate = deferred();
	let begun = 0;
	const prisma = aroundTransactions(database.writer.prisma, async run => {
		begun++;
		await gate.promise;
		return run();
	});
	return {...ledger, gated: ledger.openWriter(limits, {prisma}), open: gate.resolve, begun: () => begun};
}

test.serial(
	'a lone command starts at once, and those that arrive meanwhile share the next batch',
	async t => {
		const ledger = await openGated(t);
		const card = await ledger.issue({amount: 100n});
		const submit = (key: string) => ledger.submit(authorize(ledger, card, 1n, key), ledger.gated);

		const lone = submit('r0');
		await setImmediate();
		t.is(ledger.begun(), 1);
		const others = Array.from({length: 49}, (_, index) => submit(`r${index + 1}`));
		t.is(ledger.gated.pending(), 50);
		ledger.open();
		await Promise.all([lone, ...others]);

		t.is(ledger.begun(), 2);
		t.is(ledger.gated.pending(), 0);
		t.deepEqual(await balances(database, card), [50n, 50n, 51n]);
	},
);

test.serial('commands that come in the same breath share the first batch', async t => {
	const ledger = await openGated(t);
	const card = await ledger.issue({amount: 100n});
	ledger.open();

	await Promise.all(
		Array.from({length: 50}, async (_, index) => {
			// As far away as an answer of the database that many were waiting for.
			await Promise.resolve();
			return ledger.submit(authorize(ledger, card, 1n, `r${index}`), ledger.gated);
		}),
	);

	t.is(ledger.begun(), 1);
	t.deepEqual(await balances(database, card), [50n, 50n, 51n]);
});

type Clients = {readonly count: number; readonly rounds: number; readonly wholeMax: number};

/** How many commands each batch took of clients that send their next one as soon as the last is answered. */
async function batchSizes(t: ExecutionContext, {count, rounds, wholeMax}: Clients): Promise<number[]> {
	const ledger = await openTestLedger(database, t.title);
	const card = await ledger.issue({amount: 100n});
	const sizes: number[] = [];
	const writer = openWriter({
		prisma: database.writer.prisma,
		limits: {wholeMax},
		async commit({commands}) {
			sizes.push(commands.length);
			// In turns of the event loop, as the last answers are: none of them is late, however busy the machine is.
			for (let turn = 0; turn < 5; turn++) {
				await setImmediate();
			}

			return commands.map(() => ({kind: 'done', id: '', moved: 1n, at: 0, isReplay: false}) as const);
		},
	});
	await Promise.all(
		Array.from({length: count}, async (_, client) => {
			for (let round = 0; round < rounds; round++) {
				await ledger.submit(authorize(ledger, card, 1n, `${client} ${round}`), writer);
			}
		}),
	);
	return sizes;
}

test.serial(
	'of many commands under way a batch takes half, so that the others are answered meanwhile',
	async t => {
		const sizes = await batchSizes(t, {count: 20, rounds: 4, wholeMax: 4});

		t.deepEqual(sizes, Array<number>(8).fill(10));
	},
);

test.serial('a few commands are one batch, however many are under way', async t => {
	const sizes = await batchSizes(t, {count: 16, rounds: 4, wholeMax: 16});

	t.deepEqual(sizes, Array<number>(4).fill(16));
});

test.serial('a batch takes no more than its limit, in the order of arrival', async t => {
	const ledger = await openGated(t, {batchMax: 4});
	const card = await ledger.issue({amount: 7n});

	const submitted = Array.from({length: 9}, (_, index) =>
		ledger.submit(authorize(ledger, card, 1n, `r${index}`), ledger.gated),
	);
	ledger.open();
	const outcomes = await Promise.all(submitted);

	t.is(ledger.begun(), 3);
	t.deepEqual(words(outcomes), [...Array<string>(7).fill('1'), 'insufficientBalance', 'insufficientBalance']);
});

test.serial(
	'one command more than the queue holds is turned away at once, and the others are done',
	async t => {
		const ledger = await openGated(t, {queueMax: 3});
		const card = await ledger.issue({amount: 100n});
		const submit = (key: string) => ledger.submit(authorize(ledger, card, 1n, key), ledger.gated);

		const submitted = ['a', 'b', 'c'].map(submit);
		const error = await t.throwsAsync(submit('d'), {instanceOf: OverloadedError});
		ledger.open();

		t.true(error.retryAfterSeconds >= 1);
		t.deepEqual(words(await Promise.all(submitted)), ['1', '1', '1']);
		t.deepEqual(words([await submit('d')]), ['1']);
	},
);

test.serial('a writer that drains answers what it has taken and takes nothing more', async t => {
	const ledger = await openGated(t);
	const card = await ledger.issue({amount: 100n});
	const submit = (key: string) => ledger.submit(authorize(ledger, card, 1n, key), ledger.gated);

	const submitted = ['a', 'b', 'c'].map(submit);
	let isDrained = false;
	const drained = ledger.gated.drain().then(() => {
		isDrained = true;
	});
	await t.throwsAsync(submit('d'), {instanceOf: OverloadedError, message: /stopping/});
	t.false(isDrained);
	ledger.open();
	await drained;

	t.is(ledger.gated.pending(), 0);
	t.deepEqual(words(await Promise.all(submitted)), ['1', '1', '1']);
	t.deepEqual(await balances(database, card), [97n, 3n, 4n]);
});

test.serial('a writer without work is drained at once', async t => {
	const ledger = await openTestLedger(database, t.title);

	await t.notThrowsAsync(ledger.writer.drain());
});

test.serial('a command whose client is gone is dropped before any lock', async t => {
	const ledger = await openGated(t);
	const card = await ledger.issue({amount: 100n});
	const client = new AbortController();

	const first = ledger.submit(authorize(ledger, card, 1n, 'a'), ledger.gated);
	const gone = ledger.gated.submit(ledger.merchant, authorize(ledger, card, 1n, 'b'), client.signal);
	client.abort();
	ledger.open();

	await t.throwsAsync(gone, {instanceOf: OverloadedError});
	t.deepEqual(words([await first]), ['1']);
	t.is(ledger.begun(), 1);
	t.deepEqual(await balances(database, card), [99n, 1n, 2n]);
});

test.serial('a command that waited past its deadline is dropped before any lock', async t => {
	const ledger = await openGated(t, {deadlineMs: 0});
	const card = await ledger.issue({amount: 100n});

	const first = ledger.submit(authorize(ledger, card, 1n, 'a'), ledger.gated);
	const late = ledger.submit(authorize(ledger, card, 1n, 'b'), ledger.gated);
	const answers = Promise.allSettled([first, late]);
	ledger.open();

	t.is((await answers)[1].status, 'rejected');
	await t.throwsAsync(late, {instanceOf: OverloadedError, message: /same id/});
});

test.serial('a batch holds the commands of one merchant', async t => {
	const [one, other] = [await openGated(t), await openTestLedger(database, `${t.title}, the other`)];
	const cards = [await one.issue({amount: 100n}), await other.issue({amount: 100n})] as const;
	const batches: {readonly merchant: unknown; readonly cards: unknown}[] = [];
	const prisma = beforeStatements(database.writer.prisma, (sql, _tx, [merchant, ids]) => {
		if (isLock(sql)) {
			batches.push({merchant, cards: ids});
		}

		return undefined;
	});
	const writer = one.openWriter({}, {prisma});

	const outcomes = await Promise.all(
		Array.from({length: 10}, (_, index) => [
			one.submit(authorize(one, cards[0], 1n, `r${index}`), writer),
			other.submit(authorize(other, cards[1], 1n, `r${index}`), writer),
		]).flat(),
	);

	t.is(outcomes.length, 20);
	const ids = [one, other].map(({merchant}, index) => ({
		merchant: merchant.id,
		cards: `{${cards[index]?.cardId ?? ''}}`,
	}));
	t.is(batches.length, 2);
	t.deepEqual(
		new Set(batches.map(batch => JSON.stringify(batch))),
		new Set(ids.map(id => JSON.stringify(id))),
	);
});

test.serial(
	'two batches of a merchant under way at once never want the same card, and each card keeps its order',
	async t => {
		const ledger = await openTestLedger(database, t.title);
		const cards = await Promise.all(Array.from({length: 6}, () => ledger.issue({amount: 100n})));
		const [first] = cards as [(typeof cards)[number]];
		// Four cards for the first batch; of the next four commands, two want what it has.
		const order = [0, 1, 2, 3, 0, 4, 5, 1];
		const underWay: string[][] = [];
		let mostAtOnce = 0;
		const decided = new Map<string, bigint[]>();
		const writer = openWriter({
			prisma: database.writer.prisma,
			limits: {batchMax: 4, batchesAtOnce: 2},
			async commit({commands}) {
				const own = [...new Set(commands.flatMap(cardsOf))];
				t.deepEqual(
					own.filter(card => underWay.flat().includes(card)),
					[],
				);
				underWay.push(own);
				mostAtOnce = Math.max(mostAtOnce, underWay.length);
				await setImmediate();
				for (const command of commands) {
					const [card = ''] = cardsOf(command);
					decided.set(card, [...(decided.get(card) ?? []), 'amount' in command ? command.amount : 0n]);
				}

				underWay.splice(underWay.indexOf(own), 1);
				return commands.map(() => ({kind: 'done', id: '', moved: 1n, at: 0, isReplay: false}) as const);
			},
		});

		const wanted = Array.from({length: 120}, (_, n) =>
			authorize(ledger, cards[order[n % order.length] ?? 0] ?? first, BigInt(n + 1), `r${n}`),
		);
		await Promise.all(wanted.map(command => ledger.submit(command, writer)));

		t.is(mostAtOnce, 2);
		t.is([...decided.values()].flat().length, wanted.length);
		for (const amounts of decided.values()) {
			t.deepEqual(
				amounts,
				amounts.toSorted((a, b) => Number(a - b)),
			);
		}
	},
);

test.serial('a merchant does not wait for another one’s batch', async t => {
	const [held, free] = [
		await openTestLedger(database, t.title),
		await openTestLedger(database, `${t.title}, the other`),
	];
	const [slow, quick] = [await held.issue(), await free.issue()];
	const gate = deferred();
	const prisma = beforeStatements(database.writer.prisma, (sql, _tx, [merchantId]) =>
		isLock(sql) && merchantId === held.merchant.id ? gate.promise : undefined,
	);
	const writer = held.openWriter({}, {prisma});

	const waiting = held.submit(authorize(held, slow, 1n, 'a'), writer);
	const done = await free.submit(authorize(free, quick, 1n, 'a'), writer);
	gate.resolve();

	t.deepEqual(words([done, await waiting]), ['1', '1']);
});
