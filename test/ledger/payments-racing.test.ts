import test, {type ExecutionContext} from 'ava';
import {type Database, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {type Command} from '../../src/ledger/commands.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, patienceMs, type TestDatabase} from '../helpers/database.ts';
import {connect, lockElsewhere} from '../helpers/interference.ts';
import {authorize, balances, idOf, openTestLedger, type TestCard, words} from '../helpers/ledger.ts';
import {cancel, pay, refund, rootOf, settle} from '../helpers/payment-commands.ts';

// Two service processes over one database: each with a writer and connections of its own. One test after the other, as
// they share those.

let database: TestDatabase;
let second: Database<SqlClient>;

test.before(async () => {
	database = await openTestDatabase();
	second = await openDatabase(database.url, {purpose: 'writer', patienceMs});
});
test.after.always(async () => {
	await second.close();
	await database.close();
});

/** A ledger with cards of these amounts and two writers, which take turns. */
async function openShop(t: ExecutionContext, ...amounts: readonly bigint[]) {
	const ledger = await openTestLedger(database, t.title);
	const writers = [ledger.writer, ledger.openWriter({}, {prisma: second.prisma})];
	const cards: TestCard[] = [];
	for (const amount of amounts) {
		cards.push(await ledger.issue({amount}));
	}

	const cardIds = cards.map(({cardId}) => cardId);
	let turn = 0;
	return {
		ledger,
		cards,
		cardIds,
		target: (paymentId: string, holdId: string | null) => ({paymentId, cardIds, holdId}),
		submit: async (command: Command): Promise<Outcome> =>
			ledger.submit(command, writers[turn++ % writers.length]),
		paymentsOf: async () =>
			database.general.prisma.payment.findMany({where: {merchantId: ledger.merchant.id}}),
		sums: async () => {
			const all = await Promise.all(cards.map(async card => balances(database, card)));
			return all.reduce<readonly [bigint, bigint]>(
				([available, held], [a, h]) => [available + a, held + h],
				[0n, 0n],
			);
		},
	};
}

test.serial('creates of one payment at once are one payment and one hold', async t => {
	const {ledger, cardIds, submit, paymentsOf, sums} = await openShop(t, 60n, 60n);

	const outcomes = await Promise.all(
		Array.from({length: 40}, async () => submit(pay(ledger, 'p', cardIds, 100n))),
	);

	t.is(new Set(outcomes.map(idOf)).size, 1);
	t.is(outcomes.filter(({isReplay}) => !isReplay).length, 1);
	t.deepEqual(
		(await paymentsOf()).map(({holdId}) => holdId),
		[idOf(outcomes[0])],
	);
	t.deepEqual(await sums(), [20n, 100n]);
	await assertAuditClean(t, database);
});

test.serial('a repeated create with another content gets the first answer', async t => {
	const {ledger, cardIds, submit, sums} = await openShop(t, 60n);
	const first = await submit(pay(ledger, 'p', cardIds, 10n));

	const again = await submit(pay(ledger, 'p', cardIds, 20n));

	t.deepEqual(again, {...first, isReplay: true});
	t.deepEqual(await sums(), [50n, 10n]);
});

test.serial('a create and a cancellation that cross leave nothing held on a cancelled payment', async t => {
	const {ledger, cardIds, target, submit, paymentsOf, sums} = await openShop(t, 1000n);
	const names = Array.from({length: 30}, (_, index) => `p${index}`);

	const crossing = await Promise.all(
		names.flatMap((name, index) => {
			const both = [
				async () => submit(pay(ledger, name, cardIds, 10n)),
				async () => submit(cancel(ledger, target(name, null), 'c1')),
			];
			return (index % 2 === 0 ? both : both.reverse()).map(async run => run());
		}),
	);
	// A cancellation that met the hold which it did not know is sent again with it.
	const payments = await paymentsOf();
	const again = await Promise.all(
		payments.map(async ({paymentId, holdId}) => submit(cancel(ledger, target(paymentId, holdId), 'c2'))),
	);

	t.is(crossing.length, 60);
	t.true(again.every(({kind}) => kind === 'done'));
	const after = await paymentsOf();
	t.deepEqual([...new Set(after.map(({status}) => status))], [4]);
	t.is(after.length, names.length);
	t.deepEqual(await sums(), [1000n, 0n]);
	await assertAuditClean(t, database);
});

test.serial('payments over three cards racing are held as a whole or not at all', async t => {
	const {ledger, cardIds, submit, sums} = await openShop(t, 35n, 25n, 40n);

	const outcomes = await Promise.all(
		Array.from({length: 12}, async (_, index) =>
			submit(pay(ledger, `p${index}`, index % 2 === 0 ? cardIds : cardIds.toReversed(), 30n)),
		),
	);

	t.deepEqual(words(outcomes).sort(), [
		...Array<string>(3).fill('30'),
		...Array<string>(9).fill('insufficientBalance'),
	]);
	t.deepEqual(await sums(), [10n, 90n]);
	const legs = await database.general.prisma.holdLeg.groupBy({
		by: ['holdId'],
		where: {cardId: {in: cardIds.map(BigInt)}},
		_sum: {value: true},
	});
	t.deepEqual(
		legs.map(({_sum}) => _sum.value),
		[30n, 30n, 30n],
	);
	await assertAuditClean(t, database);
});

test.serial('debits of a gift card and payments from it never overdraw it together', async t => {
	const {ledger, cards, cardIds, submit, sums} = await openShop(t, 50n, 5n);
	const [card] = cards;

	const outcomes = await Promise.all(
		Array.from({length: 40}, async (_, index) =>
			submit(
				index % 2 === 0
					? pay(ledger, `p${index}`, cardIds, 3n)
					: authorize(ledger, card ?? t.fail(), 2n, `r${index}`),
			),
		),
	);

	const moved = outcomes.reduce((sum, outcome) => sum + (outcome.kind === 'done' ? outcome.moved : 0n), 0n);
	t.deepEqual(await sums(), [55n - moved, moved]);
	t.true(moved > 50n);
	await assertAuditClean(t, database);
});

test.serial('settlements, refunds and a cancellation at once never move more than the value', async t => {
	const {ledger, cardIds, target, submit, sums} = await openShop(t, 40n, 60n);
	const id = idOf(await submit(pay(ledger, 'p', cardIds, 80n)));
	const at = target('p', id);

	const outcomes = await Promise.all(
		Array.from({length: 20}, async (_, index) =>
			submit(
				index % 3 === 2
					? refund(ledger, at, 5n, `r${index}`)
					: index === 10
						? cancel(ledger, at, 'c')
						: settle(ledger, at, 9n, `s${index}`),
			),
		),
	);

	t.is(outcomes.length, 20);
	const legs = await database.general.prisma.holdLeg.findMany({where: {holdId: id}});
	t.true(
		legs.every(
			({value, captured, released, refunded}) => captured + released <= value && refunded <= captured,
		),
	);
	const spent = legs.reduce((sum, {captured, refunded}) => sum + captured - refunded, 0n);
	const held = legs.reduce((sum, {value, captured, released}) => sum + value - captured - released, 0n);
	t.deepEqual(await sums(), [100n - spent - held, held]);
	await assertAuditClean(t, database);
});

test.serial('a payment with a card that somebody else holds waits aside, and the others go on', async t => {
	const {ledger, cards, cardIds, sums} = await openShop(t, 50n, 50n, 50n);
	const [taken, , free] = cards as [TestCard, TestCard, TestCard];
	const unlock = await lockElsewhere(t, database, taken);

	const waiting = ledger.submit(pay(ledger, 'p', cardIds.slice(0, 2), 70n));
	const free1 = await ledger.submit(authorize(ledger, free, 5n, 'r1'));
	const free2 = await ledger.submit(pay(ledger, 'q', [free.cardId], 5n));
	await unlock();

	t.deepEqual(words([free1, free2, await waiting]), ['5', '5', '70']);
	t.deepEqual(await sums(), [70n, 80n]);
});

test.serial('operations of a payment that somebody else has locked wait aside, and cards go on', async t => {
	const {ledger, cards, cardIds, target, submit} = await openShop(t, 50n);
	const [card] = cards as [TestCard];
	const id = idOf(await submit(pay(ledger, 'p', cardIds, 10n)));
	const connection = await connect(t, database.url);
	await connection.query('BEGIN');
	await connection.query(
		`SELECT FROM payments WHERE merchant_id = ${ledger.merchant.id} AND payment_id = 'p' FOR UPDATE`,
	);

	const waiting = ledger.submit(settle(ledger, target('p', id), 10n, 's1'));
	const free = await Promise.all([
		ledger.submit(authorize(ledger, card, 5n, 'r1')),
		ledger.submit(authorize(ledger, card, 6n, 'r2')),
	]);
	await connection.query('COMMIT');

	t.deepEqual(words([...free, await waiting]), ['5', '6', '10']);
});

for (const [ending, expected] of [
	['ROLLBACK', '10'],
	['COMMIT', 'paymentCancelled'],
] as const) {
	test.serial(
		`a create waits aside while somebody makes its payment, until ${ending}, and cards go on`,
		async t => {
			const {ledger, cards, cardIds} = await openShop(t, 50n);
			const [card] = cards as [TestCard];
			const connection = await connect(t, database.url);
			const {tid} = rootOf('p');
			await connection.query('BEGIN');
			await connection.query(
				`INSERT INTO payments (merchant_id, payment_id, tid, status, cancellation_id)
				VALUES (${ledger.merchant.id}, 'p', '${tid}', 4, gen_random_uuid())`,
			);

			const waiting = ledger.submit(pay(ledger, 'p', cardIds, 10n));
			const free = await Promise.all([
				ledger.submit(authorize(ledger, card, 5n, 'r1')),
				ledger.submit(authorize(ledger, card, 6n, 'r2')),
			]);
			await connection.query(ending);

			t.deepEqual(words([...free, await waiting]), ['5', '6', expected]);
		},
	);
}

test.serial(
	'a create whose payment was cancelled before is denied, and others of its batch are not',
	async t => {
		const {ledger, cardIds, target, submit, sums} = await openShop(t, 50n);
		await submit(cancel(ledger, target('p', null), 'c1'));

		const outcomes = await Promise.all([
			ledger.submit(pay(ledger, 'p', cardIds, 10n)),
			ledger.submit(pay(ledger, 'q', cardIds, 20n)),
			ledger.submit(pay(ledger, 'p', cardIds, 10n)),
		]);

		t.deepEqual(words(outcomes), ['paymentCancelled', '20', 'paymentCancelled']);
		t.deepEqual(await sums(), [30n, 20n]);
		await assertAuditClean(t, database);
	},
);

test.serial(
	'a command that the database refuses fails alone among those of its payment and its cards',
	async t => {
		const {ledger, cardIds, submit, sums} = await openShop(t, 50n, 50n);
		const broken = pay(ledger, 'broken', cardIds, 10n);
		const particulars = {...broken.opening.particulars, particulars: 'no JSON'};

		const outcomes = await Promise.allSettled([
			submit(pay(ledger, 'p', cardIds, 10n)),
			submit({...broken, opening: {...broken.opening, particulars}}),
			submit(pay(ledger, 'q', cardIds, 10n)),
		]);

		t.deepEqual(
			outcomes.map(({status}) => status),
			['fulfilled', 'rejected', 'fulfilled'],
		);
		t.deepEqual(await sums(), [80n, 20n]);
		await assertAuditClean(t, database);
	},
);
