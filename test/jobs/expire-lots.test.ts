import test, {type ExecutionContext} from 'ava';
import {expireLots} from '../../src/jobs/expire-lots.ts';
import {jobs, runJob} from '../../src/jobs/jobs.ts';
import {type JobParts} from '../../src/jobs/job.ts';
import {endOfLocalDay} from '../../src/ledger/calendar.ts';
import {cardsOf} from '../../src/ledger/commands.ts';
import {OverloadedError, type Writer} from '../../src/ledger/writer.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {authorize, capture, day, noon, openTestLedger, type TestCard, undo} from '../helpers/ledger.ts';

const doneOf = (moved: string, cards: number) => ({cards, moved, failed: 0, stopped: false});
const nothing = doneOf('nothing', 0);

async function withLedger(t: ExecutionContext) {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const parts: JobParts = {
		prisma,
		writer: ledger.writer,
		assets: openAssets(prisma),
		payments: idlePayments,
		orders: idleOrders,
		clock: () => ledger.clock.now,
	};
	const cardOf = async ({cardId}: TestCard) => {
		const {available, held} = await prisma.card.findFirstOrThrow({where: {id: BigInt(cardId)}});
		return [available, held];
	};
	return {database, prisma, ledger, parts, cardOf};
}

const expiresWithItsDay = test.macro({
	async exec(t, date: string, timeZone: string, lastSecond: string) {
		const {database, prisma, ledger, parts, cardOf} = await withLedger(t);
		const card = await ledger.issue({amount: 50_00n, expiresAt: endOfLocalDay(date, timeZone)});
		const end = Date.parse(lastSecond) + 1000;

		ledger.clock.now = end - 1;
		t.deepEqual(await expireLots.runOnce(parts), nothing);
		t.deepEqual(await cardOf(card), [50_00n, 0n]);

		ledger.clock.now = end;
		t.deepEqual(await expireLots.runOnce(parts), doneOf('50.00 BRL', 1));
		t.deepEqual(await cardOf(card), [0n, 0n]);
		t.is(await prisma.posting.count({where: {account: 30, amount: 50_00n}}), 1);
		await assertAuditClean(t, database);
	},
	title: (_, date: string, timeZone: string) =>
		`value that expires on ${date} in ${timeZone} goes after its last local second, not before`,
});

test(expiresWithItsDay, '2026-12-31', 'America/Sao_Paulo', '2027-01-01T02:59:59Z');
test(expiresWithItsDay, '2026-12-31', 'Pacific/Kiritimati', '2026-12-31T09:59:59Z');
// A day of 25 hours, and one of 23.
test(expiresWithItsDay, '2026-11-01', 'America/New_York', '2026-11-02T04:59:59Z');
test(expiresWithItsDay, '2027-03-14', 'America/New_York', '2027-03-15T03:59:59Z');

test('a second run does nothing', async t => {
	const {prisma, ledger, parts} = await withLedger(t);
	await ledger.issue({expiresAt: noon + day});
	ledger.clock.now = noon + 2 * day;

	t.deepEqual(await expireLots.runOnce(parts), doneOf('100.00 BRL', 1));
	t.deepEqual(await expireLots.runOnce(parts), nothing);

	t.is(await prisma.entry.count({where: {kind: 8}}), 1);
});

test('held value does not expire; what is given back later can be spent for a while, and expires then', async t => {
	const {database, ledger, parts, cardOf} = await withLedger(t);
	const card = await ledger.issue({amount: 50_00n, expiresAt: noon + day});
	const hold = await ledger.submit(authorize(ledger, card, 20_00n, 'r1'));
	const id = hold.kind === 'done' ? hold.id : '';
	ledger.clock.now = noon + 2 * day;

	t.deepEqual(await expireLots.runOnce(parts), doneOf('30.00 BRL', 1));
	t.deepEqual(await cardOf(card), [0n, 20_00n]);

	await ledger.submit(capture(ledger, card, id, 5_00n, 's1'));
	await ledger.submit(undo(ledger, card, id, 15_00n, 'c1'));
	t.deepEqual(await cardOf(card), [15_00n, 0n]);
	t.deepEqual(await expireLots.runOnce(parts), nothing);

	ledger.clock.now = noon + 60 * day;
	t.deepEqual(await expireLots.runOnce(parts), doneOf('15.00 BRL', 1));
	t.deepEqual(await cardOf(card), [0n, 0n]);
	await assertAuditClean(t, database);
});

test('the cards of a campaign are swept in chunks, each merchant by itself', async t => {
	const {database, ledger, parts} = await withLedger(t);
	const other = await openTestLedger(database, 'other shop');
	const expiresAt = noon + day;
	await Promise.all(Array.from({length: 200}, () => ledger.issue({amount: 1_00n, expiresAt})));
	await other.issue({amount: 700n, expiresAt});
	await ledger.issue({amount: 9_00n, expiresAt: null});
	ledger.clock.now = expiresAt;

	const done = await expireLots.runOnce(parts);

	t.deepEqual(done, doneOf('200.00 BRL, 7.00 BRL', 201));
	await assertAuditClean(t, database);
});

test('entries name the job as their actor', async t => {
	const {prisma, ledger, parts} = await withLedger(t);
	await ledger.issue({expiresAt: noon + day});
	ledger.clock.now = noon + 2 * day;
	await expireLots.runOnce(parts);

	const {actorId} = await prisma.entry.findFirstOrThrow({where: {kind: 8}});
	t.like(await prisma.actor.findFirst({where: {id: actorId}}), {kind: 3, name: 'expire-lots'});
});

test('two processes at once book once', async t => {
	const {database, prisma, ledger, parts} = await withLedger(t);
	await Promise.all(Array.from({length: 50}, () => ledger.issue({amount: 1_00n, expiresAt: noon + day})));
	ledger.clock.now = noon + 2 * day;

	const done = await Promise.all([
		expireLots.runOnce(parts),
		expireLots.runOnce({...parts, writer: ledger.openWriter()}),
	]);

	t.is(
		done.reduce((sum, {cards}) => sum + Number(cards), 0),
		50,
	);
	t.is(await prisma.entry.count({where: {kind: 8}}), 50);
	await assertAuditClean(t, database);
});

test('a card that fails is passed over, told, and harms no other', async t => {
	const {ledger, parts, cardOf} = await withLedger(t);
	const [bad, good] = [
		await ledger.issue({expiresAt: noon + day}),
		await ledger.issue({expiresAt: noon + day}),
	];
	ledger.clock.now = noon + 2 * day;
	const writer: Writer = {
		...ledger.writer,
		submit: async (merchant, command, signal) =>
			cardsOf(command).includes(bad.cardId)
				? Promise.reject(new Error('constraint violated'))
				: ledger.writer.submit(merchant, command, signal),
	};

	t.deepEqual(await expireLots.runOnce({...parts, writer}), {...doneOf('100.00 BRL', 1), failed: 1});
	t.deepEqual(
		[await cardOf(bad), await cardOf(good)],
		[
			[100_00n, 0n],
			[0n, 0n],
		],
	);
	t.deepEqual(await expireLots.runOnce(parts), doneOf('100.00 BRL', 1));
});

test('a writer without room ends the run; the next one goes on', async t => {
	const {ledger, parts} = await withLedger(t);
	await ledger.issue({expiresAt: noon + day});
	ledger.clock.now = noon + 2 * day;
	const writer: Writer = {
		...ledger.writer,
		submit: async () => Promise.reject(new OverloadedError('Too many wait.')),
	};

	t.deepEqual(await expireLots.runOnce({...parts, writer}), {...nothing, stopped: true});
	t.deepEqual(await expireLots.runOnce(parts), doneOf('100.00 BRL', 1));
});

test('a run that is told to stop stops before its next chunk', async t => {
	const {ledger, parts} = await withLedger(t);
	await ledger.issue({expiresAt: noon + day});
	ledger.clock.now = noon + 2 * day;

	t.deepEqual(await expireLots.runOnce(parts, AbortSignal.abort()), {...nothing, stopped: true});
	t.deepEqual(await expireLots.runOnce(parts), doneOf('100.00 BRL', 1));
});

test('a clock that runs ahead of the writer does not make the sweep spin', async t => {
	const {ledger, parts} = await withLedger(t);
	await ledger.issue({expiresAt: noon + day});

	t.deepEqual(await expireLots.runOnce({...parts, clock: () => noon + 2 * day}), nothing);
});

test('every job runs under its lock, and is skipped while another process runs it', async t => {
	const {prisma, parts} = await withLedger(t);

	for (const job of jobs) {
		const {promise: isRunning, resolve: running} = deferred();
		const {promise: mayEnd, resolve: end} = deferred();
		const slow = {
			...job,
			async runOnce() {
				running();
				await mayEnd;
				return {slept: true};
			},
		};
		const first = runJob(parts, slow);
		await isRunning;

		t.deepEqual(await runJob({...parts, prisma}, job), {name: job.name, skipped: true});
		end();
		t.deepEqual(await first, {name: job.name, skipped: false, slept: true});
		t.like(await runJob(parts, job), {name: job.name, skipped: false});
	}
});
