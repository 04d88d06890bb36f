import test, {type ExecutionContext} from 'ava';
import {lastStatement, saveRoundTrips, withNext} from '../../src/db/round-trips.ts';
import {openDatabase} from '../../src/db/client.ts';
import {constraintOf, isConnectionLost, sqlStateOf} from '../../src/db/sql-state.ts';
import {deferred} from '../helpers/deferred.ts';
import {patienceMs, withDatabase} from '../helpers/database.ts';
import {until} from '../helpers/until.ts';

type Client = Parameters<typeof saveRoundTrips>[0];

/** A connection that notes what is sent, and answers when it is told to. */
function connection() {
	const sent: string[] = [];
	const answers = new Map<string, (answer: unknown) => void>();
	const client = {
		async query({text}: {readonly text: string}) {
			sent.push(text);
			const {promise, resolve} = deferred<unknown>();
			answers.set(text, resolve);
			return promise;
		},
	};
	const pending = saveRoundTrips(client as unknown as Client);
	return {
		sent,
		pending,
		ask: async (text: string) => client.query({text}),
		answer: (text: string, value: unknown) => answers.get(text)?.(value),
		refuse: (text: string, message: string) => answers.get(text)?.(Promise.reject(new Error(message))),
	};
}

const write = `${lastStatement}SELECT 1`;

test('BEGIN and the last statement are answered at once; COMMIT is sent behind it and answered after it', async t => {
	const {ask, answer, sent, pending} = connection();

	await ask('BEGIN');
	await ask(write);
	let isCommitted = false;
	const commit = ask('COMMIT').then(result => {
		isCommitted = true;
		return result;
	});
	t.deepEqual(sent, ['BEGIN', write, 'COMMIT']);
	answer('COMMIT', 'committed');
	await Promise.resolve();
	t.false(isCommitted);

	answer(write, 'written');
	t.is(await commit, 'committed');
	await pending.answered();
});

for (const next of ['COMMIT', 'SELECT 2']) {
	test(`when the last statement failed, ${next} rejects with its error and not with its own`, async t => {
		const {ask, refuse, answer, pending} = connection();
		await ask('BEGIN');
		await ask(write);

		const asked = ask(next);
		refuse(write, 'the first');
		refuse(next, 'what follows from it');

		await t.throwsAsync(asked, {message: 'the first'});
		await pending.answered();
		const undone = ask('ROLLBACK');
		answer('ROLLBACK', 'undone');
		t.is(await undone, 'undone');
	});
}

test('the next transaction knows nothing of the last statement of the one before', async t => {
	const {ask, answer, refuse} = connection();
	await ask('BEGIN');
	await ask(write);
	const undone = ask('ROLLBACK');
	refuse(write, 'the first');
	answer('ROLLBACK', 'undone');
	await undone;
	await ask('BEGIN');

	const commit = ask('COMMIT');
	answer('COMMIT', 'committed');

	t.is(await commit, 'committed');
});

const lock = `${withNext}SELECT 1`;
const row = (name: string, value: number) => ({fields: [{name}], rows: [[value]], rowCount: 1});

test('a statement that goes with the next one is answered at once, and its columns stand before those of the next', async t => {
	const {ask, answer, sent} = connection();
	await ask('BEGIN');
	t.like(await ask(lock), {rows: []});
	const both = ask('SELECT 2');
	t.deepEqual(sent, ['BEGIN', lock, 'SELECT 2']);
	answer('SELECT 2', row('b', 2));
	answer(lock, row('a', 1));

	t.like(await both, {fields: [{name: 'a'}, {name: 'b'}], rows: [[1, 2]], rowCount: 1});
	const alone = ask('SELECT 3');
	answer('SELECT 3', row('c', 3));
	t.like(await alone, {fields: [{name: 'c'}], rows: [[3]]});
});

test('when a statement that went with the next one has failed, the next rejects with its error and not with its own', async t => {
	const {ask, answer, refuse} = connection();
	await ask('BEGIN');
	await ask(lock);
	const both = ask('SELECT 2');
	refuse('SELECT 2', 'what follows from it');
	refuse(lock, 'the first');

	await t.throwsAsync(both, {message: 'the first'});
	const undone = ask('ROLLBACK');
	answer('ROLLBACK', 'undone');
	t.is(await undone, 'undone');
});

test('a transaction that is given up knows nothing of a statement that waited for a next one', async t => {
	const {ask, answer, refuse} = connection();
	await ask('BEGIN');
	await ask(lock);
	const undone = ask('ROLLBACK');
	refuse(lock, 'the first');
	answer('ROLLBACK', 'undone');
	t.is(await undone, 'undone');
	await ask('BEGIN');
	const next = ask('SELECT 2');
	answer('SELECT 2', row('b', 2));

	t.like(await next, {fields: [{name: 'b'}], rows: [[2]]});
});

async function withTable(t: ExecutionContext) {
	const {url, asOwner} = await withDatabase(t);
	await asOwner('CREATE TABLE marks (id int PRIMARY KEY)');
	const database = await openDatabase(url, {purpose: 'writer', poolMax: 1, patienceMs});
	t.teardown(() => database.close());
	const marks = async () => {
		const {rows} = await database.pool.query<{id: number}>('SELECT id FROM marks ORDER BY id');
		return rows.map(({id}) => id);
	};
	const transaction = async (...statements: readonly string[]) =>
		database.prisma.$transaction(async tx => {
			for (const sql of statements) {
				await tx.$queryRawUnsafe(sql);
			}
		});
	return {database, marks, transaction};
}

test('what a failed last statement tells is told by the transaction, of which nothing is left', async t => {
	const {marks, transaction} = await withTable(t);
	await transaction(`${lastStatement}INSERT INTO marks VALUES (1)`);

	const taken = await t.throwsAsync(
		transaction('INSERT INTO marks VALUES (2)', `${lastStatement}INSERT INTO marks VALUES (1)`),
	);
	await transaction(`${lastStatement}INSERT INTO marks VALUES (3)`);

	t.is(sqlStateOf(taken), '23505');
	t.is(constraintOf(taken), 'marks_pkey');
	t.deepEqual(await marks(), [1, 3]);
});

test('a statement behind a failed last one tells why that failed', async t => {
	const {marks, transaction} = await withTable(t);

	const error = await t.throwsAsync(
		transaction(`${lastStatement}INSERT INTO marks VALUES (1), (1)`, 'SELECT 1'),
	);

	t.is(sqlStateOf(error), '23505');
	t.deepEqual(await marks(), []);
});

test('a connection that is lost between the last statement and COMMIT ends the transaction with an error', async t => {
	const {database, marks, transaction} = await withTable(t);
	const dying = transaction(
		'INSERT INTO marks VALUES (1)',
		`${lastStatement}SELECT pg_terminate_backend(pg_backend_pid())`,
	);

	const error = await t.throwsAsync(dying);

	// So that the same commands run again under their keys.
	t.true(isConnectionLost(error));

	await until('another connection answers', async () =>
		marks().then(
			ids => ids.length === 0,
			() => false,
		),
	);
	await t.notThrowsAsync(database.pool.query('SELECT 1'));
});
