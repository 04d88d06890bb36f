import test from 'ava';
import {CardChangeRefusedError, changeStatus} from '../../src/cards/block.ts';
import {lastChanges} from '../../src/cards/changes.ts';
import {closeCard} from '../../src/cards/close.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect} from '../helpers/interference.ts';
import {authorize, noon, openTestLedger, type TestCard, type TestLedger, undo} from '../helpers/ledger.ts';
import {untilWaitedFor} from '../helpers/waits.ts';

let database: TestDatabase;
let ledger: TestLedger;

test.before(async () => {
	database = await openTestDatabase();
	ledger = await openTestLedger(database);
});

test.after.always(() => database.close());

const change = ({cardId}: TestCard, to: 'active' | 'blocked', reason: string) =>
	changeStatus(database.general.prisma, {
		merchantId: ledger.merchant.id,
		cardId,
		to,
		actorId: ledger.actorId,
		reason,
		now: noon,
	});
const close = ({cardId}: TestCard) =>
	closeCard(ledger.writer, ledger.merchant, {cardId, actorId: ledger.actorId, reason: 'lost'});
const changesOf = async ({cardId}: TestCard) => {
	const changes = await lastChanges(database.general.prisma, {merchantId: ledger.merchant.id, cardId}, noon);
	return changes.map(({kind, actor, reason}) => `${kind} by ${actor}: ${reason}`);
};
const kindOf = async (outcome: ReturnType<TestLedger['submit']>) => {
	const result = await outcome;
	return result.kind === 'refused' ? result.refusal : result.kind;
};

test('a blocked card refuses debits, an unblocked one takes them again, and both say who and why', async t => {
	const card = await ledger.issue();

	t.true(await change(card, 'blocked', 'stolen'));
	t.is(await kindOf(ledger.submit(authorize(ledger, card, 1n, 'one'))), 'cardBlocked');
	t.true(await change(card, 'active', 'found'));
	t.is(await kindOf(ledger.submit(authorize(ledger, card, 1n, 'two'))), 'done');

	t.deepEqual(await changesOf(card), ['unblock by tester: found', 'block by tester: stolen']);
});

test('blocking a blocked card changes nothing and notes nothing', async t => {
	const card = await ledger.issue();
	await change(card, 'blocked', 'stolen');

	t.false(await change(card, 'blocked', 'stolen again'));
	t.deepEqual(await changesOf(card), ['block by tester: stolen']);
});

test('an order in flight is still given back to a blocked card', async t => {
	const card = await ledger.issue();
	const held = await ledger.submit(authorize(ledger, card, 30_00n, 'order'));
	await change(card, 'blocked', 'stolen');

	const back = ledger.submit(undo(ledger, card, held.kind === 'done' ? held.id : '', 30_00n, 'cancel'));

	t.is(await kindOf(back), 'done');
});

test('a closed card gives up what remains, with who and why, and stays closed', async t => {
	const card = await ledger.issue({amount: 12_34n});

	t.like(await close(card), {remainder: 12_34n});
	t.deepEqual(await changesOf(card), ['close by tester: lost']);
	await t.throwsAsync(close(card), {instanceOf: CardChangeRefusedError, message: /closed already/});
	await t.throwsAsync(change(card, 'blocked', 'late'), {instanceOf: CardChangeRefusedError});
	await t.throwsAsync(change(card, 'active', 'late'), {instanceOf: CardChangeRefusedError});
	t.deepEqual(await changesOf(card), ['close by tester: lost']);
});

test('an empty card is closed with who and why too', async t => {
	const card = await ledger.issue({amount: 5n, expiresAt: noon - 1});
	await ledger.submit({
		verb: 'expire',
		cardId: card.cardId,
		actorId: ledger.actorId,
		key: null,
		note: {orderId: null, requestId: null, description: null, reason: null, reasonCode: null},
	});

	t.like(await close(card), {remainder: 0n});
	t.deepEqual(await changesOf(card), ['close by tester: lost']);
});

test('a card is not closed while something is held, and is when nothing is any more (A13)', async t => {
	const card = await ledger.issue();
	const held = await ledger.submit(authorize(ledger, card, 1n, 'order'));

	await t.throwsAsync(close(card), {instanceOf: CardChangeRefusedError, message: /held for orders/});
	t.deepEqual(await changesOf(card), []);
	await ledger.submit(undo(ledger, card, held.kind === 'done' ? held.id : '', 1n, 'cancel'));
	t.like(await close(card), {remainder: 100_00n});
});

test('a card that is locked for longer than the database waits for a lock is blocked all the same', async t => {
	const card = await ledger.issue();
	const holder = await database.general.pool.connect();
	await holder.query('BEGIN');
	await holder.query('SELECT FROM cards WHERE id = $1 FOR NO KEY UPDATE', [card.cardId]);
	const waitingSince = async () => {
		const {rows} = await database.general.pool.query<{since: string}>(
			"SELECT query_start::text AS since FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
		);
		return rows[0]?.since;
	};

	const blocking = change(card, 'blocked', 'stolen');
	const attempts = new Set<string>();
	while (attempts.size < 2) {
		const since = await waitingSince();
		if (since !== undefined) {
			attempts.add(since);
		}
	}

	await holder.query('COMMIT');
	holder.release();

	t.true(await blocking);
});

test('a card that is being closed is not blocked, and stays closed', async t => {
	const card = await ledger.issue();
	const closing = await connect(t, database.url);
	await closing.query('BEGIN');
	await closing.query('UPDATE cards SET status = 3 WHERE id = $1', [card.cardId]);

	const blocking = change(card, 'blocked', 'stolen');
	blocking.catch(() => undefined);
	await untilWaitedFor(database, closing);
	await closing.query('COMMIT');

	await t.throwsAsync(blocking, {instanceOf: CardChangeRefusedError});
	t.deepEqual(await changesOf(card), []);
});
