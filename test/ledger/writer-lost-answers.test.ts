import test from 'ava';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {aroundTransactions, beforeStatements, isWrite, tell, type Told} from '../helpers/interference.ts';
import {
	authorize,
	balances,
	capture,
	close,
	credit,
	expire,
	idOf,
	issueCommand,
	openTestLedger,
	type TestLedger,
	words,
} from '../helpers/ledger.ts';

// B4: the connection is gone, and nobody knows what became of the transaction. One after the other: the tests share the
// two connections of a writer.

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(async () => {
	await database.close();
});

const lost = () => Object.assign(new Error('Connection terminated unexpectedly'), {code: 'P1017'});

/** A writer that hears nothing of every other transaction that it has committed. */
function openForgetful(ledger: TestLedger) {
	let count = 0;
	const told: Told = [];
	const prisma = aroundTransactions(database.writer.prisma, async run => {
		const result = await run();
		if (count++ % 2 === 0) {
			throw lost();
		}

		return result;
	});
	return {told, writer: ledger.openWriter({}, {prisma, onFailure: tell(told)})};
}

test.serial(
	'when the answer of a COMMIT is lost the batch runs again, moves nothing twice and answers with the first ids',
	async t => {
		const ledger = await openTestLedger(database, t.title.slice(0, 60));
		const card = await ledger.issue({amount: 100n});
		const hold = idOf(await ledger.submit(authorize(ledger, card, 10n, 'before')));
		const {writer, told} = openForgetful(ledger);
		const commands = [
			authorize(ledger, card, 60n, 'a'),
			authorize(ledger, card, 41n, 'b'),
			credit(ledger, card, 5n, 'k'),
			capture(ledger, card, hold, 4n, 's'),
		];

		const outcomes = await Promise.all(commands.map(command => ledger.submit(command, writer)));

		t.deepEqual(words(outcomes), ['again 60', 'again insufficientBalance', 'again 5', 'again 4']);
		t.deepEqual(outcomes, await Promise.all(commands.map(command => ledger.submit(command))));
		t.deepEqual(await balances(database, card), [35n, 66n, 5n]);
		t.is(told.length, 1);
		const stored = await database.general.prisma.command.findMany({where: {scope: card.publicId, key: 'a'}});
		t.deepEqual(
			stored.map(row => row.outcomeId),
			[idOf(outcomes[0])],
		);
	},
);

test.serial(
	'when the answer of a COMMIT is lost a card is issued once, and its money is there once',
	async t => {
		const ledger = await openTestLedger(database, t.title.slice(0, 60));
		const card = {cardId: '900000000000001', publicId: 'a3f1c2d4-0000-4000-8000-000000000001'};
		const {writer} = openForgetful(ledger);

		t.deepEqual(words([await ledger.submit(issueCommand(ledger, card, {amount: 70n}), writer)]), [
			'again 70',
		]);

		t.deepEqual(await balances(database, card), [70n, 0n, 1n]);
	},
);

test.serial('when the answer of a COMMIT is lost a sweep and a closing book nothing twice', async t => {
	const ledger = await openTestLedger(database, t.title.slice(0, 60));
	const [swept, closed] = [await ledger.issue({expiresAt: ledger.clock.now + 1}), await ledger.issue()];
	ledger.clock.now++;
	const {writer} = openForgetful(ledger);

	const outcomes = await Promise.all([
		ledger.submit(expire(ledger, swept), writer),
		ledger.submit(close(ledger, closed), writer),
	]);

	// Neither has a key: the state tells that they are done, the second one by a refusal.
	t.deepEqual(words(outcomes), ['0', 'cardClosed']);
	t.deepEqual(await balances(database, swept), [0n, 0n, 2n]);
	t.deepEqual(await balances(database, closed), [0n, 0n, 2n]);
});

test.serial(
	'when the connection is killed in the middle of a batch the batch runs again on another one',
	async t => {
		const ledger = await openTestLedger(database, t.title.slice(0, 60));
		const card = await ledger.issue({amount: 100n});
		const told: Told = [];
		let kills = 2;
		const prisma = beforeStatements(database.writer.prisma, async (sql, tx) => {
			if (isWrite(sql) && kills-- > 0) {
				const [{pid}] = await tx.$queryRawUnsafe<[{pid: number}]>('SELECT pg_backend_pid() AS pid');
				await database.general.pool.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
			}
		});
		const writer = ledger.openWriter({}, {prisma, onFailure: tell(told)});

		const outcomes = await Promise.all(
			[60n, 40n].map(amount => ledger.submit(authorize(ledger, card, amount, `a${amount}`), writer)),
		);

		t.deepEqual(words(outcomes), ['60', '40']);
		t.deepEqual(await balances(database, card), [0n, 100n, 3n]);
		t.is(told.length, 2);
	},
);
