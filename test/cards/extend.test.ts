import test, {type ExecutionContext} from 'ava';
import {cardAsOf} from '../../src/cards/as-of.ts';
import {CardChangeRefusedError} from '../../src/cards/block.ts';
import {lastChanges} from '../../src/cards/changes.ts';
import {extendCard} from '../../src/cards/extend.ts';
import {openCardReader} from '../../src/cards/read.ts';
import {endOfLocalDay} from '../../src/ledger/calendar.ts';
import {spendableBalance} from '../../src/ledger/lots.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {
	adjust,
	authorize,
	balances,
	capture,
	close,
	credit,
	day,
	expire,
	idOf,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	undo,
	words,
} from '../helpers/ledger.ts';

type Stage = {readonly database: TestDatabase; readonly ledger: TestLedger};

async function open(t: ExecutionContext): Promise<Stage> {
	const database = await withDatabase(t);
	return {database, ledger: await openTestLedger(database)};
}

let key = 0;
const extendTo = ({ledger}: Stage, card: TestCard, expiresAt: number) =>
	extendCard(ledger.writer, ledger.merchant, {
		...{card: {...card, assetId: ledger.assetId}, expiresAt, reason: 'shop was closed'},
		...{actorId: ledger.actorId, key: `e${++key}`},
	});

async function stored({database, ledger}: Stage, {publicId}: TestCard) {
	const card = await openCardReader(database.general.prisma).find(ledger.merchant.id, publicId);
	if (card === undefined) {
		throw new Error('The card is gone.');
	}

	return card;
}

const spendable = async (stage: Stage, card: TestCard, at: number) =>
	spendableBalance(await stored(stage, card), at);

test('a card and its value can be spent to the end of the new day, and not after it, in two time zones', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	for (const timeZone of ['America/Sao_Paulo', 'Pacific/Auckland']) {
		const card = await ledger.issue({expiresAt: noon + day});
		const end = endOfLocalDay('2026-08-31', timeZone);

		t.like(await extendTo(stage, card, end), {moved: 100_00n});

		t.is((await stored(stage, card)).expiresAt, end);
		t.is(await spendable(stage, card, end - 1), 100_00n);
		t.is(await spendable(stage, card, end), 0n);
		ledger.clock.now = end - 1;
		t.deepEqual(words([await ledger.submit(authorize(ledger, card, 1_00n, 'last'))]), ['100']);
		ledger.clock.now = end;
		t.deepEqual(words([await ledger.submit(authorize(ledger, card, 1_00n, 'late'))]), ['cardExpired']);
		ledger.clock.now = noon;
	}

	await assertAuditClean(t, stage.database);
});

test('the day before it ends counts, the moment it has ended does not: expired value stays expired', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	const [inTime, late] = [await ledger.issue({expiresAt: noon + 1}), await ledger.issue({expiresAt: noon})];

	t.like(await extendTo(stage, inTime, noon + 9 * day), {moved: 100_00n});
	t.like(await extendTo(stage, late, noon + 9 * day), {moved: 0n});

	t.is(await spendable(stage, late, noon), 0n);
	t.deepEqual(words([await ledger.submit(expire(ledger, late))]), ['10000']);
	t.deepEqual(words([await ledger.submit(credit(ledger, late, 7_00n, 'new'))]), ['700']);
	t.is(await spendable(stage, late, noon + 9 * day - 1), 7_00n);
	await assertAuditClean(t, stage.database);
});

test('doing it again changes nothing and writes nothing; an earlier date and a closed card are refused', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const card = await ledger.issue({expiresAt: noon + day});
	await extendTo(stage, card, noon + 9 * day);
	const [, , version] = await balances(database, card);

	t.is(await extendTo(stage, card, noon + 9 * day), null);
	await t.throwsAsync(extendTo(stage, card, noon + 8 * day), {
		instanceOf: CardChangeRefusedError,
		message: /lasts longer already/,
	});
	t.is((await balances(database, card))[2], version);
	await ledger.submit(close(ledger, card));
	await t.throwsAsync(extendTo(stage, card, noon + 20 * day), {message: /The card is closed/});
	await assertAuditClean(t, database);
});

test('what is held keeps its day: captured as ever, and back in its own lot while that lives', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	const card = await ledger.issue({expiresAt: noon + day});
	const held = idOf(await ledger.submit(authorize(ledger, card, 60_00n, 'order')));

	t.like(await extendTo(stage, card, noon + 9 * day), {moved: 40_00n});
	t.deepEqual(
		words([
			await ledger.submit(capture(ledger, card, held, 20_00n, 's')),
			await ledger.submit(undo(ledger, card, held, 40_00n, 'c')),
		]),
		['2000', '4000'],
	);

	t.is(await spendable(stage, card, noon), 80_00n);
	t.is(await spendable(stage, card, noon + day), 40_00n);
	// Once more, and what came back is extended too.
	t.like(await extendTo(stage, card, noon + 9 * day), {moved: 40_00n});
	t.is(await spendable(stage, card, noon + day), 80_00n);
	await assertAuditClean(t, stage.database);
});

test('a refund after the new end is restored by the usual rules, out of the extended line', async t => {
	const stage = await open(t);
	const {ledger} = stage;
	const card = await ledger.issue({expiresAt: noon + day});
	await extendTo(stage, card, noon + 9 * day);
	const held = idOf(await ledger.submit(authorize(ledger, card, 60_00n, 'order')));
	await ledger.submit(capture(ledger, card, held, 60_00n, 's'));
	ledger.clock.now = noon + 10 * day;

	await ledger.submit(undo(ledger, card, held, 60_00n, 'c'));

	t.is(await spendable(stage, card, noon + 39 * day), 60_00n);
	t.is(await spendable(stage, card, noon + 42 * day), 0n);
	await assertAuditClean(t, stage.database);
});

test('a card is still shown as it stood before it was extended, twice', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const {prisma} = database.general;
	const card = await ledger.issue({expiresAt: noon + day});
	ledger.clock.now = noon + 1000;
	await extendTo(stage, card, noon + 9 * day);
	ledger.clock.now = noon + 2000;
	await extendTo(stage, card, noon + 20 * day);
	const now = await stored(stage, card);
	const at = async (moment: number) => {
		const {expiresAt, lots} = await cardAsOf(prisma, ledger.merchant.id, now, moment);
		return [expiresAt, ...[...lots.values()].map(lot => lot.expiresAt)];
	};

	t.deepEqual(await at(noon + 999), [noon + day, noon + day]);
	t.deepEqual(await at(noon + 1000), [noon + 9 * day, noon + 9 * day]);
	t.deepEqual(await at(noon + 2000), [noon + 20 * day, noon + 20 * day]);
	const changes = await lastChanges(prisma, {merchantId: ledger.merchant.id, ...card}, noon + 2000);
	t.deepEqual(
		changes.map(({kind, reason}) => `${kind}: ${reason}`),
		['extend: shop was closed', 'extend: shop was closed'],
	);
});

test('debits beside extensions spend every cent once, and soonest expiry first', async t => {
	const stage = await open(t);
	const {ledger, database} = stage;
	const card = await ledger.issue({amount: 30_00n, expiresAt: noon + 2 * day});
	await ledger.submit(adjust(ledger, card, 30_00n, 'a', noon + day));
	const other = ledger.openWriter();

	const outcomes = await Promise.all([
		...Array.from({length: 20}, async (_, index) =>
			ledger.submit(authorize(ledger, card, 2_00n, `r${index}`)),
		),
		...Array.from({length: 20}, async (_, index) =>
			ledger.submit(authorize(ledger, card, 2_00n, `o${index}`), other),
		),
		...Array.from({length: 5}, (_, index) => extendTo(stage, card, noon + (10 + index) * day)),
	]);

	const done = outcomes.filter(outcome => outcome !== null && 'kind' in outcome && outcome.kind === 'done');
	t.is(done.length, 30);
	t.deepEqual((await balances(database, card)).slice(0, 2), [0n, 60_00n]);
	t.is((await stored(stage, card)).expiresAt, noon + 14 * day);
	await assertAuditClean(t, database);
});
