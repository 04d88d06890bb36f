import {randomUUID} from 'node:crypto';
import test from 'ava';
import {type Database, openDatabase, type SqlClient} from '../../src/db/client.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {type Command} from '../../src/ledger/commands.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, patienceMs, type TestDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {beforeStatements, isWrite, tell, type Told} from '../helpers/interference.ts';
import {
	authorize,
	balances,
	capture,
	idOf,
	issueCommand,
	openTestLedger,
	type TestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';

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

type Pair = TestLedger & {
	/** Submit to both writers at the same time. */
	readonly toBoth: (command: Command) => Promise<readonly [Outcome, Outcome]>;
	readonly submitTo: (index: number, command: Command) => Promise<Outcome>;
	readonly told: Told;
};

async function openPair(name: string): Promise<Pair> {
	const ledger = await openTestLedger(database, name);
	const told: Told = [];
	const onFailure = tell(told);
	const writers = [
		ledger.openWriter({}, {onFailure}),
		ledger.openWriter({}, {onFailure, prisma: second.prisma}),
	] as const;
	return {
		...ledger,
		told,
		toBoth: command => Promise.all([ledger.submit(command, writers[0]), ledger.submit(command, writers[1])]),
		submitTo: (index, command) => ledger.submit(command, writers[index % 2 === 0 ? 0 : 1]),
	};
}

/** That of two answers one was decided and the other is the same again. */
const isOneEffect = ([a, b]: readonly [Outcome, Outcome]) =>
	a.isReplay !== b.isReplay &&
	JSON.stringify({...a, isReplay: 0, moved: 0}) === JSON.stringify({...b, isReplay: 0, moved: 0});

test.serial('200 debits at once from two writers drain a card to exactly zero', async t => {
	const pair = await openPair(t.title);
	const card = await pair.issue({amount: 150n});

	const outcomes = await Promise.all(
		Array.from({length: 200}, (_, index) => pair.submitTo(index, authorize(pair, card, 1n, `r${index}`))),
	);

	t.is(words(outcomes).filter(word => word === '1').length, 150);
	t.is(words(outcomes).filter(word => word === 'insufficientBalance').length, 50);
	t.is(new Set(outcomes.filter(({kind}) => kind === 'done').map(idOf)).size, 150);
	t.deepEqual(await balances(database, card), [0n, 150n, 151n]);
	await assertAuditClean(t, database);
});

test.serial('a key that comes to two writers at once has one effect and one id', async t => {
	const pair = await openPair(t.title);
	const card = await pair.issue({amount: 100n});

	const debits = await Promise.all(
		Array.from({length: 30}, (_, index) => pair.toBoth(authorize(pair, card, 5n, `r${index}`))),
	);
	const done = debits.flatMap(([outcome]) => (outcome.kind === 'done' ? [outcome.id] : []));
	const captures = await Promise.all(done.map(id => pair.toBoth(capture(pair, card, id, 2n, 's'))));
	const undone = await Promise.all(done.map(id => pair.toBoth(undo(pair, card, id, 4n, 'c'))));

	t.is(done.length, 20);
	t.true([...debits, ...captures, ...undone].every(isOneEffect));
	t.deepEqual(await balances(database, card), [80n, 0n, 81n]);
});

test.serial('a card that two writers issue at once under one key is issued once', async t => {
	const pair = await openPair(t.title);
	const cards = Array.from({length: 20}, (_, index) => ({
		cardId: `${900_000_000_000_000 + index}`,
		publicId: randomUUID(),
	}));

	const issued = await Promise.all(cards.map(card => pair.toBoth(issueCommand(pair, card, {amount: 100n}))));

	t.true(issued.every(isOneEffect));
	for (const card of cards) {
		t.deepEqual(await balances(database, card), [100n, 0n, 1n]);
	}
});

// Goal: no lock stands between two runs that issue a card under one key, for the card has no row yet. Method: each
// batch waits before its write until the other has looked for the key as well.
for (const what of ['the same card', 'different cards']) {
	test.serial(`two runs that issue ${what} under one key at once have one effect and one answer`, async t => {
		const ledger = await openTestLedger(database, t.title);
		const key = randomUUID();
		const [met, meet] = [deferred(), {left: 2}];
		const meeting = (sql: string) => {
			if (!isWrite(sql)) {
				return undefined;
			}

			meet.left--;
			if (meet.left === 0) {
				met.resolve();
			}

			return met.promise;
		};
		const other = what === 'the same card' ? '900000000001001' : '900000000001002';
		const runs = [
			[database.writer, '900000000001001'],
			[second, other],
		] as const;

		const outcomes = await Promise.all(
			runs.map(([{prisma}, cardId]) => {
				const writer = ledger.openWriter({}, {prisma: beforeStatements(prisma, meeting)});
				return ledger.submit(issueCommand(ledger, {cardId, publicId: key}, {}), writer);
			}),
		);

		t.true(isOneEffect(outcomes as [Outcome, Outcome]));
		t.is(await database.general.prisma.card.count({where: {merchantId: ledger.merchant.id}}), 1);
	});
}

test.serial('two writers that want the same cards in opposite order never meet in a deadlock', async t => {
	const pair = await openPair(t.title);
	const cards = await Promise.all(Array.from({length: 20}, () => pair.issue({amount: 1000n})));

	for (let round = 0; round < 15; round++) {
		await Promise.all(
			cards.flatMap((card, index) => [
				pair.submitTo(0, authorize(pair, card, 1n, `a${round}`)),
				pair.submitTo(1, authorize(pair, cards.at(-1 - index) ?? card, 1n, `b${round}`)),
			]),
		);
	}

	t.deepEqual(pair.told, []);
	for (const card of cards) {
		t.deepEqual(await balances(database, card), [970n, 30n, 31n]);
	}

	await assertAuditClean(t, database);
});
