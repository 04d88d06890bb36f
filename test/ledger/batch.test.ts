import test, {type ExecutionContext} from 'ava';
import {v7} from 'uuid';
import {type Outcome, runBatch} from '../../src/ledger/batch.ts';
import {type Command} from '../../src/ledger/commands.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	authorize,
	balances,
	capture,
	close,
	credit,
	day,
	idOf,
	issueCommand,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

type Batches = TestLedger & {readonly run: (...commands: readonly Command[]) => Promise<Outcome[]>};

/** A merchant of the test's own, and batches of exactly the commands that the test says. */
async function openBatches(t: ExecutionContext, newId: () => string = v7): Promise<Batches> {
	const ledger = await openTestLedger(database, t.title);
	const tools = {merchant: ledger.merchant, clock: () => ledger.clock.now, newId};
	return {
		...ledger,
		run: (...commands) => database.writer.prisma.$transaction(tx => runBatch(tx, tools, commands)),
	};
}

test.serial('debits of one batch see what the ones before them left', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 100n});

	const outcomes = await ledger.run(
		authorize(ledger, card, 60n, 'a'),
		authorize(ledger, card, 41n, 'b'),
		authorize(ledger, card, 40n, 'c'),
		authorize(ledger, card, 1n, 'd'),
	);

	t.deepEqual(words(outcomes), ['60', 'insufficientBalance', '40', 'insufficientBalance']);
});

test.serial('a key that comes twice in one batch moves value once', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 100n});

	const outcomes = await ledger.run(
		authorize(ledger, card, 60n, 'a'),
		authorize(ledger, card, 60n, 'a'),
		authorize(ledger, card, 61n, 'a'),
		authorize(ledger, card, 41n, 'b'),
		authorize(ledger, card, 41n, 'b'),
	);

	t.deepEqual(words(outcomes), [
		...['60', 'again 60', 'keyConflict'],
		...['insufficientBalance', 'again insufficientBalance'],
	]);
	t.is(idOf(outcomes[0]), idOf(outcomes[1]));
	t.deepEqual(await balances(database, card), [40n, 60n, 2n]);
});

test.serial('a refusal that is not remembered is decided again, in the same batch already', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 100n});
	const hold = idOf(await ledger.submit(authorize(ledger, card, 60n, 'a')));

	const outcomes = await ledger.run(
		capture(ledger, card, hold, 61n, 's'),
		capture(ledger, card, hold, 60n, 's'),
		undo(ledger, card, hold, 61n, 'c'),
		undo(ledger, card, hold, 60n, 'c'),
	);

	t.deepEqual(words(outcomes), ['exceedsHold', '60', 'exceedsHold', '60']);
});

// A4: a row born in the batch is written once, as the batch leaves it.
test.serial('all that happens to a hold in the batch of its debit is in its last image', async t => {
	const hold = v7();
	const ids = [hold];
	const ledger = await openBatches(t, () => ids.pop() ?? v7());
	const card = await ledger.issue({amount: 100n});

	const outcomes = await ledger.run(
		authorize(ledger, card, 60n, 'a'),
		capture(ledger, card, hold, 50n, 's'),
		undo(ledger, card, hold, 30n, 'c'),
		undo(ledger, card, hold, 60n, 'd'),
	);

	t.deepEqual(words(outcomes), ['60', '50', '30', '30']);
	t.deepEqual(await balances(database, card), [100n, 0n, 6n]);
	const leg = await database.general.prisma.holdLeg.findFirstOrThrow({where: {holdId: hold}});
	t.like(leg, {value: 60n, captured: 50n, released: 10n, refunded: 50n});
});

// Two processes make ids by two clocks: nothing may follow from which of two ids is the smaller one (B14).
test.serial('a hold is settled and given back when the ids of its entries fall', async t => {
	const ids = ['1', '2', '3', '4'].map(digit => `0190000${digit}-0000-7000-8000-000000000000`);
	const ledger = await openBatches(t, () => ids.pop() ?? v7());
	const card = await ledger.issue({amount: 100n});
	const [debit] = await ledger.run(authorize(ledger, card, 60n, 'a'));

	const later = [
		...(await ledger.run(capture(ledger, card, idOf(debit), 40n, 's'))),
		...(await ledger.run(undo(ledger, card, idOf(debit), 60n, 'c'))),
		...(await ledger.run(capture(ledger, card, idOf(debit), 60n, 't'))),
	];

	t.deepEqual(words(later), ['40', '60', 'exceedsHold']);
	t.deepEqual(await balances(database, card), [100n, 0n, 5n]);
});

test.serial('a card is issued and spent in one batch', async t => {
	const ledger = await openBatches(t);
	const card = {cardId: '900000000000001', publicId: 'a3f1c2d4-0000-4000-8000-000000000001'};

	const outcomes = await ledger.run(
		authorize(ledger, card, 10n, 'too early'),
		issueCommand(ledger, card, {amount: 100n}),
		authorize(ledger, card, 10n, 'a'),
		close(ledger, card),
		issueCommand(ledger, card, {amount: 100n}),
	);

	t.deepEqual(words(outcomes), ['cardNotFound', '100', '10', 'cardHasHolds', 'again 100']);
	t.deepEqual(await balances(database, card), [90n, 10n, 2n]);
});

test.serial('a card is not issued a second time under another key', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 100n});
	const again = {...card, publicId: 'a3f1c2d4-0000-4000-8000-000000000002'};

	await t.throwsAsync(ledger.run(issueCommand(ledger, again, {})), {message: /exists already/});

	t.deepEqual(await balances(database, card), [100n, 0n, 1n]);
});

test.serial('a card with more than it may carry is not issued, and that is remembered', async t => {
	const ledger = await openBatches(t);
	const card = {cardId: '900000000000002', publicId: 'a3f1c2d4-0000-4000-8000-000000000003'};
	const tooMuch = issueCommand(ledger, card, {amount: 10n ** 15n + 1n});

	t.deepEqual(words(await ledger.run(tooMuch, tooMuch)), ['balanceLimit', 'again balanceLimit']);

	t.is(await database.general.prisma.card.count({where: {publicId: card.publicId}}), 0);
	t.deepEqual(words(await ledger.run(tooMuch)), ['again balanceLimit']);
});

test.serial(
	'a card may carry the greatest amount, and every cent of it is spent and given back exactly',
	async t => {
		const ledger = await openBatches(t);
		const most = 10n ** 15n;
		const card = await ledger.issue({amount: most});

		const [almost, rest] = await ledger.run(
			authorize(ledger, card, most - 1n, 'a'),
			authorize(ledger, card, 1n, 'b'),
			authorize(ledger, card, 1n, 'c'),
			credit(ledger, card, 1n, 'k'),
		);
		t.deepEqual(await balances(database, card), [0n, most, 3n]);
		const later = await ledger.run(
			capture(ledger, card, idOf(almost), most - 2n, 's'),
			undo(ledger, card, idOf(almost), most - 1n, 'u'),
			undo(ledger, card, idOf(rest), 1n, 'u'),
			authorize(ledger, card, most + 1n, 'd'),
			authorize(ledger, card, most, 'e'),
		);

		t.deepEqual(words(later), [`${most - 2n}`, `${most - 1n}`, '1', 'insufficientBalance', String(most)]);
		t.deepEqual(await balances(database, card), [0n, most, 8n]);
		t.deepEqual(words(await ledger.run(credit(ledger, card, 1n, 'k'))), ['again balanceLimit']);
	},
);

test.serial(
	'of lots that end together the promotional one is loaded and spent first, though it came last',
	async t => {
		const ledger = await openBatches(t);
		const card = await ledger.issue({amount: 50n, expiresAt: noon + day});
		const grant = {...credit(ledger, card, 50n, 'k'), origin: 'fundingPromotional'} as Command;
		const given = idOf(await ledger.submit(grant));

		t.deepEqual(words(await ledger.run(authorize(ledger, card, 50n, 'a'))), ['50']);

		const spent = await database.general.prisma.lot.findMany({
			where: {cardId: BigInt(card.cardId), spent: true},
		});
		t.deepEqual(
			spent.map(({id}) => id),
			[given],
		);
	},
);

test.serial('value that cannot be spent yet hides none of what can', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 50n});
	const [spendableFrom, expiresAt] = [ledger.clock.now + day, ledger.clock.now + 2 * day];
	const waiting = {...credit(ledger, card, 60n, 'k'), grant: {spendableFrom, expiresAt, balanceMax: null}};
	await ledger.submit(waiting);

	t.deepEqual(words(await ledger.run(authorize(ledger, card, 50n, 'a'))), ['50']);
});

// A batch loads only as many lots as its debits can spend. What other commands of the batch take from those first must
// not make a debit believe that the card has no more.
test.serial('a debit after the reversal of a credit finds the lots behind the one that is gone', async t => {
	const ledger = await openBatches(t);
	const card = await ledger.issue({amount: 40n, expiresAt: noon + 40 * day});
	await change(card, {expiresAt: new Date(noon + 20 * day)});
	const credited = idOf(await ledger.submit(credit(ledger, card, 50n, 'k')));

	const outcomes = await ledger.run(
		undo(ledger, card, credited, 50n, 'c'),
		authorize(ledger, card, 40n, 'a'),
	);

	t.deepEqual(words(outcomes), ['50', '40']);
});

test.serial(
	'a credit after a debit finds the restored lot that keeps its card from being expired',
	async t => {
		const ledger = await openBatches(t);
		const card = await ledger.issue({amount: 50n, expiresAt: noon + day});
		const [first, second] = await ledger.run(
			authorize(ledger, card, 10n, 'a'),
			authorize(ledger, card, 30n, 'b'),
		);
		ledger.clock.now = noon + 2 * day;
		await ledger.run(undo(ledger, card, idOf(first), 10n, 'c'));
		ledger.clock.now = noon + 3 * day;
		await ledger.run(undo(ledger, card, idOf(second), 30n, 'c'));

		const outcomes = await ledger.run(authorize(ledger, card, 10n, 'd'), credit(ledger, card, 5n, 'k'));

		t.deepEqual(words(outcomes), ['10', '5']);
	},
);

// Goal: the key is looked at before anything else (A7, A18). Method: one debit that was done and one that was refused
// are repeated after everything that would decide them differently now.
const known = test.macro({
	async exec(t, interfere: (ledger: Batches, card: TestCard, hold: string) => Promise<unknown>) {
		const ledger = await openBatches(t);
		const card = await ledger.issue({amount: 100n});
		const [debit, tooMuch] = [authorize(ledger, card, 60n, 'a'), authorize(ledger, card, 41n, 'b')];
		const [done, refused] = await ledger.run(debit, tooMuch);

		await interfere(ledger, card, idOf(done));

		const before = await balances(database, card);
		t.deepEqual(await ledger.run(debit, tooMuch), [
			{...done, isReplay: true},
			{...refused, isReplay: true},
		] as Outcome[]);
		const changed = await ledger.run(
			authorize(ledger, card, 61n, 'a'),
			authorize({...ledger, assetId: ledger.assetId + 1}, card, 60n, 'a'),
			credit(ledger, card, 60n, 'a'),
		);
		t.deepEqual(words(changed), ['keyConflict', 'keyConflict', 'keyConflict']);
		t.deepEqual(await balances(database, card), before);
	},
	title: (given = '') => `a known key has its first answer, and with other content a conflict, ${given}`,
});

test.serial('while nothing has changed', known, () => Promise.resolve());
test.serial('when the balance would say otherwise', known, (ledger, card, hold) =>
	ledger.run(
		credit(ledger, card, 1n, 'k'),
		undo(ledger, card, hold, 60n, 'c'),
		authorize(ledger, card, 99n, 'z'),
	),
);
test.serial('when the card is blocked', known, (_ledger, card) => change(card, {status: 2}));
test.serial('when the card has expired', known, (_ledger, card) => change(card, {expiresAt: new Date(noon)}));
test.serial('when the hold is settled and refunded', known, (ledger, card, hold) =>
	ledger.run(capture(ledger, card, hold, 60n, 's'), undo(ledger, card, hold, 60n, 'c')),
);
test.serial('when the card is closed', known, (ledger, card, hold) =>
	ledger.run(undo(ledger, card, hold, 60n, 'c'), close(ledger, card)),
);
test.serial('a year later', known, ({clock}) => Promise.resolve((clock.now += 366 * day)));

async function change(
	{cardId}: TestCard,
	data: {readonly status?: number; readonly expiresAt?: Date},
): Promise<void> {
	await database.general.prisma.card.updateMany({where: {id: BigInt(cardId)}, data});
}
