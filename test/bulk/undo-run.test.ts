import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import {
	undoableRun,
	UndoRefusedError,
	undoRun,
	type Undone,
	type UndoneCredit,
} from '../../src/bulk/undo-run.ts';
import {runBatch} from '../../src/ledger/batch.ts';
import {type FundingAccount} from '../../src/ledger/chart.ts';
import {type Credit, noNote, scriptScope} from '../../src/ledger/commands.ts';
import {type Writer} from '../../src/ledger/writer.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {
	adjust,
	authorize,
	balances,
	capture,
	close,
	day,
	expire,
	extend,
	idOf,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	transfer,
	undo,
	words,
} from '../helpers/ledger.ts';
import {mergeOf} from '../helpers/loyalty.ts';
import {until} from '../helpers/until.ts';

type Stage = {readonly database: TestDatabase; readonly ledger: TestLedger; readonly runId: number};

async function open(t: ExecutionContext, kind = 1): Promise<Stage> {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const {id: runId} = await database.general.prisma.importRun.create({
		data: {
			...{merchantId: ledger.merchant.id, name: 'march', kind, digest: Buffer.alloc(32, 7), rows: 3},
			...{actorId: ledger.actorId, begunAt: new Date(noon)},
		},
	});
	return {database, ledger, runId};
}

const creditOf = (
	{ledger, runId}: Stage,
	{cardId}: TestCard,
	{
		amount = 10_00n,
		origin = 'fundingCourtesy',
		expiresAt = noon + 5 * day,
		assetId = ledger.assetId,
	}: {
		readonly amount?: bigint;
		readonly origin?: FundingAccount;
		readonly expiresAt?: number | null;
		readonly assetId?: number;
	} = {},
): Credit => ({
	verb: 'credit',
	...{cardId, assetId, amount, origin, runId, actorId: ledger.actorId, note: noNote},
	grant: {spendableFrom: noon - day, expiresAt, balanceMax: null},
	key: {scope: scriptScope, space: 'grant', key: randomUUID()},
});
const give = async (stage: Stage, card: TestCard, wish: Parameters<typeof creditOf>[2] = {}) =>
	idOf(await stage.ledger.submit(creditOf(stage, card, wish)));

type Wish = {
	readonly isPartial?: boolean;
	readonly isDryRun?: boolean;
	readonly signal?: AbortSignal;
	readonly writer?: Pick<Writer, 'submit'>;
};

/** What became of the run, with what could not be taken back whole. */
async function undoAll(
	{database, ledger}: Stage,
	{isPartial = false, isDryRun = false, signal, writer = ledger.writer}: Wish = {},
): Promise<Undone & {readonly listed: readonly UndoneCredit[]}> {
	const {prisma} = database.general;
	const run = await undoableRun(prisma, ledger.merchant.id, 'march');
	const listed: UndoneCredit[] = [];
	const undone = await undoRun(
		{prisma, writer, clock: () => ledger.clock.now},
		ledger.merchant,
		{run, isPartial, isDryRun, actorId: ledger.actorId, reason: 'wrong file'},
		{
			onPage: unfinished => listed.push(...unfinished),
			signal: signal ?? new AbortController().signal,
		},
	);
	return {...undone, listed};
}

const entriesOf = async ({database}: Stage) => database.general.prisma.entry.count();

test('every credit of the run goes back to where it came from, and nothing else does', async t => {
	const stage = await open(t);
	const {ledger, database, runId} = stage;
	const [first, second] = [await ledger.issue({amount: 5_00n}), await ledger.issue({amount: 7_00n})];
	await give(stage, first);
	await give(stage, first, {amount: 3_00n, origin: 'fundingPromotional'});
	await give(stage, second, {origin: 'fundingSold', expiresAt: null});
	await ledger.submit({...creditOf(stage, second, {amount: 1_00n}), runId: undefined});

	const done = await undoAll(stage);

	t.like(done, {credits: 3, unfinished: 0, isStopped: false, listed: []});
	t.like(done.totals, [
		{credits: 3, amount: 23_00n, taken: 23_00n, before: 0n, left: 0n, held: 0n, gone: 0n},
	]);
	t.deepEqual((await balances(database, first)).slice(0, 2), [5_00n, 0n]);
	t.deepEqual((await balances(database, second)).slice(0, 2), [8_00n, 0n]);
	const run = await database.general.prisma.importRun.findFirstOrThrow({where: {id: runId}});
	t.not(run.undoneAt, null);
	const notes = await database.general.prisma.entryNote.count({where: {reason: 'wrong file'}});
	t.is(notes, 3);
	await assertAuditClean(t, database);
});

test('repeated, it does nothing twice', async t => {
	const stage = await open(t);
	await give(stage, await stage.ledger.issue());
	await undoAll(stage);
	const before = await entriesOf(stage);

	const again = await undoAll(stage);

	t.is(await entriesOf(stage), before);
	t.like(again, {credits: 1, unfinished: 0});
	t.like(again.totals, [{taken: 0n, before: 10_00n}]);
	await assertAuditClean(t, stage.database);
});

test('what was spent, is held or has expired is listed and left alone; --partial takes what is still there', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const spent = await ledger.issue({amount: 1n});
	const held = await ledger.issue({amount: 1n});
	const expired = await ledger.issue({amount: 1n});
	await give(stage, spent);
	await give(stage, held);
	await give(stage, expired, {expiresAt: noon + 1});
	const order = idOf(await ledger.submit(authorize(ledger, spent, 4_00n, 'r')));
	await ledger.submit(capture(ledger, spent, order, 4_00n, 's'));
	const open_ = idOf(await ledger.submit(authorize(ledger, held, 6_00n, 'r')));
	ledger.clock.now = noon + 2;
	await ledger.submit(expire(ledger, expired));
	const before = await entriesOf(stage);

	const strict = await undoAll(stage);

	t.is(await entriesOf(stage), before);
	t.is(strict.unfinished, 3);
	const byCard = (all: readonly UndoneCredit[], {publicId}: TestCard) =>
		all.find(credit => credit.publicId === publicId);
	t.like(byCard(strict.listed, spent), {amount: 10_00n, taken: 0n, left: 6_00n, held: 0n, gone: 4_00n});
	t.like(byCard(strict.listed, held), {amount: 10_00n, taken: 0n, left: 4_00n, held: 6_00n, gone: 0n});
	t.like(byCard(strict.listed, expired), {amount: 10_00n, taken: 0n, left: 0n, held: 0n, gone: 10_00n});

	const partial = await undoAll(stage, {isPartial: true});
	t.like(partial.totals, [{amount: 30_00n, taken: 10_00n, before: 0n, left: 0n, held: 6_00n, gone: 14_00n}]);
	// The order is given back, and the rest can be taken.
	await ledger.submit(undo(ledger, held, open_, 6_00n, 'c'));
	const later = await undoAll(stage, {isPartial: true});
	t.like(later.totals, [{taken: 6_00n, before: 10_00n, left: 0n, held: 0n, gone: 14_00n}]);
	t.is(later.unfinished, 2);
	t.deepEqual((await balances(database, held)).slice(0, 2), [1n, 0n]);
	await assertAuditClean(t, database);
});

test('value past its date that no sweep has booked is still there', async t => {
	const stage = await open(t);
	await give(stage, await stage.ledger.issue(), {expiresAt: noon + 1});
	stage.ledger.clock.now = noon + 9 * day;

	t.like(await undoAll(stage), {credits: 1, unfinished: 0});
	await assertAuditClean(t, stage.database);
});

test('a credit is found where it was extended, and on the wallet that took over; moved to another card it is listed', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const program = await ledger.openProgram();
	const [from, to] = [await program.openWallet(), await program.openWallet()];
	await give(stage, from, {assetId: program.assetId, amount: 50n});
	await give(stage, to, {assetId: program.assetId, amount: 8n});
	idOf(await ledger.submit(mergeOf({...ledger, assetId: program.assetId}, from, to)));
	const card = await ledger.issue({amount: 1_00n});
	await give(stage, card);
	idOf(await ledger.submit(extend(ledger, card, noon + 40 * day, 'e')));
	const [giver, taker] = [await ledger.issue({amount: 1_00n}), await ledger.issue({amount: 1_00n})];
	await give(stage, giver, {expiresAt: noon + day});
	idOf(await ledger.submit(transfer(ledger, giver, taker, 0n, 't')));

	const done = await undoAll(stage);

	t.is(done.unfinished, 1);
	t.like(done.listed, [{publicId: giver.publicId, taken: 0n, gone: 10_00n}]);
	t.deepEqual((await balances(database, to)).slice(0, 2), [0n, 0n]);
	t.deepEqual((await balances(database, card)).slice(0, 2), [1_00n, 0n]);
	t.deepEqual((await balances(database, taker)).slice(0, 2), [12_00n, 0n]);
	await assertAuditClean(t, database);
});

test('a closed card and a correction have taken what they took', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	const [closed, corrected] = [await ledger.issue({amount: 1n}), await ledger.issue({amount: 1n})];
	await give(stage, closed);
	await give(stage, corrected);
	await ledger.submit(close(ledger, closed));
	await ledger.submit(adjust(ledger, corrected, -2_00n, 'a'));

	const done = await undoAll(stage, {isPartial: true});

	t.like(done.totals, [{amount: 20_00n, taken: 8_00n, gone: 12_00n}]);
	await assertAuditClean(t, stage.database);
});

test('a dry run tells the same and changes nothing, the mark included', async t => {
	const stage = await open(t);
	const {ledger, database, runId} = stage;
	const card = await ledger.issue({amount: 1n});
	await give(stage, card);
	await give(stage, await ledger.issue());
	await ledger.submit(authorize(ledger, card, 4_00n, 'r'));
	const before = await entriesOf(stage);

	for (const isPartial of [false, true]) {
		const told = await undoAll(stage, {isDryRun: true, isPartial});
		t.is(await entriesOf(stage), before);
		t.is((await database.general.prisma.importRun.findFirstOrThrow({where: {id: runId}})).undoneAt, null);
		t.like(told.totals, [{taken: isPartial ? 16_00n : 10_00n, left: isPartial ? 0n : 6_00n, held: 4_00n}]);
		if (isPartial) {
			t.deepEqual((await undoAll(stage, {isPartial})).totals, told.totals);
		}
	}
});

test('an import that is not there, and one of cards, are refused with what to do', async t => {
	const cards = await open(t, 2);
	const {ledger, database} = cards;

	await t.throwsAsync(undoAll(cards), {
		instanceOf: UndoRefusedError,
		message: /imported cards, .* cards:block stops a card now, and cards:close ends it/,
	});
	await t.throwsAsync(undoableRun(database.general.prisma, ledger.merchant.id, 'april'), {
		message: /^There is no import "april"/,
	});
});

test('stopped anywhere and repeated it finishes, each credit once, over many pages', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const cards = await Promise.all(Array.from({length: 20}, async () => ledger.issue({amount: 1n})));
	await Promise.all(
		Array.from({length: 1200}, async (_, index) =>
			give(stage, cards[index % 20] ?? {cardId: '', publicId: ''}),
		),
	);
	let submitted = 0;
	const dying: Pick<Writer, 'submit'> = {
		async submit(...args) {
			submitted += 1;
			if (submitted > 700) {
				throw new Error('killed');
			}

			return ledger.writer.submit(...args);
		},
	};
	const stopping = new AbortController();
	stopping.abort();

	t.like(await undoAll(stage, {signal: stopping.signal}), {credits: 0, isStopped: true});
	await t.throwsAsync(undoAll(stage, {writer: dying}), {message: 'killed'});
	const done = await undoAll(stage);

	t.like(done, {credits: 1200, unfinished: 0, isStopped: false});
	t.like(done.totals, [{amount: 12_000_00n, taken: 5_000_00n, before: 7_000_00n}]);
	for (const card of cards) {
		t.deepEqual((await balances(database, card)).slice(0, 2), [1n, 0n]);
	}

	await assertAuditClean(t, database);
});

test('beside debits of the same cards, and beside itself, nothing is taken twice and no card goes below zero', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const cards = await Promise.all(Array.from({length: 8}, async () => ledger.issue({amount: 5_00n})));
	for (const card of cards) {
		await give(stage, card);
		await give(stage, card, {amount: 4_00n});
	}

	const other = ledger.openWriter();
	const debits = cards.flatMap(card =>
		Array.from({length: 12}, async (_, index) =>
			ledger.submit(authorize(ledger, card, 1_00n, `r${index}`), other),
		),
	);
	const [one, two, ...outcomes] = await Promise.all([
		undoAll(stage, {isPartial: true}),
		undoAll(stage, {isPartial: true}),
		...debits,
	]);

	const spent = outcomes.filter(({kind}) => kind === 'done').length;
	const left = await Promise.all(cards.map(async card => (await balances(database, card))[0]));
	const final = await undoAll(stage, {isPartial: true});
	const [total] = final.totals;
	t.is(one.credits + two.credits, 32);
	t.is(total?.before, 19_00n * 8n - BigInt(spent) * 1_00n - left.reduce((sum, value) => sum + value, 0n));
	t.is(total?.taken, 0n);
	await assertAuditClean(t, database);
});

test('VTEX takes back no grant: only a person does, out of the import', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	const card = await ledger.issue();
	const credit = await give(stage, card);

	t.deepEqual(
		words([
			await ledger.submit(undo(ledger, card, credit, 10_00n, 'c')),
			await ledger.submit(capture(ledger, card, credit, 10_00n, 's')),
		]),
		['operationNotFound', 'operationNotFound'],
	);
	t.like(await undoAll(stage), {unfinished: 0});
});

test('what of the import is still on its way when it is taken back gives nothing, and is not refused for ever', async t => {
	const stage = await open(t);
	const {ledger, database, runId} = stage;
	const card = await ledger.issue({amount: 1n});
	const late = creditOf(stage, card);
	await undoAll(stage);

	const refused = await ledger.submit(late);
	const other = await ledger.submit({...creditOf(stage, card), runId: runId + 1});
	const without = await ledger.submit({...late, runId: undefined});

	t.like(refused, {kind: 'refused', refusal: 'runTakenBack', isReplay: false});
	t.deepEqual([other.kind, without.kind], ['done', 'done']);
	t.is((await balances(database, card))[0], 20_01n);
});

test('a batch of the import that is being committed is waited for, and taken back with the others', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const {prisma} = database.general;
	const card = await ledger.issue({amount: 1n});
	const tools = {merchant: ledger.merchant, clock: () => ledger.clock.now, newId: randomUUID};

	const undoing = await prisma.$transaction(
		async tx => {
			await runBatch(tx, tools, [creditOf(stage, card)]);
			const taken = undoAll(stage);
			// Told where it is awaited.
			taken.catch(() => undefined);
			const [{pid}] = await tx.$queryRawUnsafe<[{pid: number}]>('SELECT pg_backend_pid() AS pid');
			// Looked at from outside: a transaction keeps seeing the activity that it saw first.
			await until('the mark waits for the batch', async () => {
				const waits = 'SELECT FROM pg_stat_activity WHERE $1::int = ANY (pg_blocking_pids(pid))';
				return (await database.general.pool.query(waits, [pid])).rowCount === 1;
			});
			return {taken};
		},
		{timeout: 20_000},
	);

	t.like(await undoing.taken, {credits: 1, unfinished: 0});
	t.is((await balances(database, card))[0], 1n);
	await assertAuditClean(t, database);
});
