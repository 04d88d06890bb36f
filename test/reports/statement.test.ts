import test from 'ava';
import {type StatementLine, statement} from '../../src/reports/statement.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	adjust,
	authorize,
	capture,
	close,
	day,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	transfer,
	undo,
} from '../helpers/ledger.ts';

let database: TestDatabase;
let ledger: TestLedger;

test.before(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database);
});

test.after.always(() => database.close());

async function linesOf({cardId}: TestCard, until: number | null = null): Promise<StatementLine[]> {
	const lines: StatementLine[] = [];
	for await (const line of statement(
		database.general.prisma,
		{merchantId: ledger.merchant.id, cardId},
		until,
	)) {
		lines.push(line);
	}

	return lines;
}

const shown = ({kind, amount, balance, heldAmount, held}: StatementLine) =>
	`${kind} ${amount} ${balance} ${heldAmount} ${held}`;

test('every entry stands with what it did to the balance and to what is held, in the order of the card', async t => {
	const card = await ledger.issue();
	const hold = await ledger.submit(authorize(ledger, card, 30_00n, 'order'));
	const id = hold.kind === 'done' ? hold.id : '';
	await ledger.submit(capture(ledger, card, id, 10_00n, 'settle'));
	await ledger.submit(undo(ledger, card, id, 25_00n, 'cancel'));
	await ledger.submit(undo(ledger, card, id, 5_00n, 'cancel the rest'));
	await ledger.submit(close(ledger, card));

	const lines = await linesOf(card);

	t.deepEqual(lines.map(shown), [
		'issue 10000 10000 0 0',
		'authorize -3000 7000 3000 3000',
		'capture 0 7000 -1000 2000',
		'release 2000 9000 -2000 0',
		'refund 500 9500 0 0',
		'refund 500 10000 0 0',
		'close -10000 0 0 0',
	]);
	t.is(
		lines.reduce((sum, {amount}) => sum + amount, 0n),
		0n,
	);
	t.deepEqual(
		lines.map(({orderId}) => orderId),
		[null, 'v500', 'v500', 'v500', 'v500', 'v500', null],
	);
	t.deepEqual(
		lines.map(({answers}) => answers === id),
		[false, false, true, true, true, true, false],
	);
	t.like(lines[1], {entryId: id, requestId: 'order', actor: 'tester', reason: null});
	t.like(lines.at(-1), {actor: 'tester', reason: 'lost'});
});

test('a statement as of an instant ends with what happened at that instant', async t => {
	const card = await ledger.issue();
	const {now} = ledger.clock;
	ledger.clock.now = now + day;
	await ledger.submit(authorize(ledger, card, 1n, 'later'));
	ledger.clock.now = now;

	t.deepEqual(
		(await linesOf(card, noon + day)).map(({kind}) => kind),
		['issue', 'authorize'],
	);
	t.deepEqual(
		(await linesOf(card, noon + day - 1)).map(({kind}) => kind),
		['issue'],
	);
	t.deepEqual(await linesOf(card, noon - 1), []);
});

test('a statement longer than a page is complete and in order', async t => {
	const card = await ledger.issue({amount: 2000n});
	await Promise.all(
		Array.from({length: 1100}, (_, index) => ledger.submit(authorize(ledger, card, 1n, `order ${index}`))),
	);

	const lines = await linesOf(card);

	t.is(lines.length, 1101);
	t.deepEqual(
		lines.map(({balance}) => balance),
		Array.from({length: 1101}, (_, index) => 2000n - BigInt(index)),
	);
});

test('both cards of a transfer name the other one, and an adjustment says who and why', async t => {
	const [from, to] = [await ledger.issue({amount: 30n}), await ledger.issue({amount: 5n})];
	await ledger.submit(transfer(ledger, from, to, 20n, 't'));
	await ledger.submit(adjust(ledger, to, -4n, 'a'));
	await ledger.submit(adjust(ledger, from, 3n, 'a'));

	const [gave, got] = [await linesOf(from), await linesOf(to)];

	t.deepEqual(gave.map(shown), ['issue 30 30 0 0', 'transfer -20 10 0 0', 'adjust 3 13 0 0']);
	t.deepEqual(got.map(shown), ['issue 5 5 0 0', 'transfer 20 25 0 0', 'adjust -4 21 0 0']);
	t.deepEqual(
		[gave, got].map(lines => lines.map(({otherCard}) => otherCard)),
		[
			[null, to.publicId, null],
			[null, from.publicId, null],
		],
	);
	t.is(gave[1]?.entryId, got[1]?.entryId);
	for (const line of [gave[1], got[1]]) {
		t.like(line, {actor: 'tester', reason: 'gift split'});
	}

	t.like(gave[2], {actor: 'tester', reason: 'charged twice'});
});
