import test from 'ava';
import {openDatabase} from '../../src/db/client.ts';
import {isConnectionLost} from '../../src/db/sql-state.ts';
import {patienceMs} from '../helpers/database.ts';
import {awaitStandby} from '../../src/ledger/store/standby.ts';
import {until} from '../helpers/until.ts';
import {makeSynchronous, startPrimary, startStandby, urlOf} from './servers.ts';

/* What becomes of a COMMIT whose synchronous standby is gone (rules B6). */

const commitTimeoutMs = 1000;

test('a COMMIT whose synchronous standby is gone is given up in time, keeps others from beginning, and a warning on one is no success', async t => {
	const one = await startPrimary(t);
	const two = await startStandby(t, one);
	await makeSynchronous(one);
	const database = await openDatabase(urlOf(one, two), {purpose: 'writer', commitTimeoutMs, patienceMs});
	t.teardown(() => database.close());
	await database.pool.query('CREATE TABLE marks (id int PRIMARY KEY)');
	await database.pool.query('CREATE TABLE merchants (id int PRIMARY KEY)');
	await database.pool.query('INSERT INTO merchants VALUES (1)');
	const mark = (id: number) =>
		database.prisma.$transaction(async tx =>
			tx.$queryRawUnsafe('INSERT INTO marks VALUES ($1) RETURNING id', id),
		);
	const isMarked = async (id: number) => (await one.run(`SELECT FROM marks WHERE id = ${id}`)).length === 1;
	const waiting = async () =>
		(await one.run<{pid: number}>("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")).map(
			({pid}) => pid,
		);

	await mark(1);
	t.true(await isMarked(1));

	// It is gone: COMMIT waits for it, is given up in time, and is visible to nobody.
	two.freeze(true);
	const begun = performance.now();
	const late = await t.throwsAsync(mark(2));
	t.true(isConnectionLost(late), late.message);
	t.regex(late.message, /COMMIT was not answered/);
	const took = performance.now() - begun;
	t.true(took >= commitTimeoutMs && took < commitTimeoutMs + 3000, `${took} ms`);
	t.is((await waiting()).length, 1);
	t.false(await isMarked(2));

	// As long as that one waits nothing else is begun: the server's connections are not used up.
	for (const id of [3, 4, 5]) {
		const refused = await t.throwsAsync(mark(id));
		t.regex(refused.message, /confirms nothing/);
		t.true(isConnectionLost(refused));
	}

	t.is((await waiting()).length, 1);

	// It is back: what waited is there, and work goes on.
	two.freeze(false);
	await until('the transaction that waited is there', () => isMarked(2));
	await mark(6);
	t.true(await isMarked(6));

	// Somebody cancels the waiting: committed here, perhaps not there. A warning says so, and it counts as no success.
	two.freeze(true);
	const warned = mark(7);
	warned.catch(() => undefined);
	await until('COMMIT waits', async () => (await waiting()).length === 1);
	const [pid = 0] = await waiting();
	await one.run(`SELECT pg_cancel_backend(${pid})`);
	const unknown = await t.throwsAsync(warned);
	t.true(isConnectionLost(unknown));
	t.regex(unknown.message, /warning/);
	t.true(await isMarked(7));
	// Visible, but on one server alone: who tells of it waits for the standby, although there is nothing to write.
	const told = await t.throwsAsync(database.prisma.$transaction(async tx => awaitStandby(tx, 1)));
	t.regex(told.message, /COMMIT was not answered/);
	two.freeze(false);
	await until('both servers have it', async () => {
		const rows = await two.run('SELECT FROM marks WHERE id = 7');
		return rows.length === 1;
	});
});
