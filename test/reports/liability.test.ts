import test, {type ExecutionContext} from 'ava';
import {endOfLocalDay} from '../../src/ledger/calendar.ts';
import {
	isTied,
	type Liability,
	type LiabilityBy,
	type LiabilityWish,
	readLiability,
} from '../../src/reports/liability.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, day, expire, idOf, noon, openTestLedger, undo} from '../helpers/ledger.ts';
import {addTestRate, grantPoints, openTestPoints, openTestWallet} from '../helpers/points.ts';

const zone = 'America/Sao_Paulo';
const ends = (date: string) => endOfLocalDay(date, zone);

/** A ledger at noon of 15 June 2026 in São Paulo. */
async function withBooks(t: ExecutionContext) {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const read = async (by: LiabilityBy = 'currency', wish: Partial<LiabilityWish> = {}) =>
		readLiability(prisma, {
			...{merchantId: ledger.merchant.id, by, now: ledger.clock.now, asOf: null},
			...{timeZone: zone, currencyId: ledger.assetId, ...wish},
		});
	return {database, prisma, ledger, read};
}

/** Group, available, held and expired of each row. */
const shown = ({rows}: Liability) =>
	rows.map(({group, available, held, expired}) => [
		...Object.values(group).slice(1),
		...[available, held, expired],
	]);

test('what remains and what is held is owed; what expired is not, held value excepted, until the sweep takes it off the books', async t => {
	const {ledger, read} = await withBooks(t);
	t.deepEqual(await read(), {rows: [], totals: []});
	const card = await ledger.issue({amount: 100n, expiresAt: noon + day});
	await ledger.issue({amount: 7n});
	const hold = idOf(await ledger.submit(authorize(ledger, card, 40n, 'r1')));
	await ledger.submit(capture(ledger, card, hold, 15n, 's1'));

	t.deepEqual(shown(await read()), [[67n, 25n, 0n]]);
	ledger.clock.now = noon + day - 1;
	t.deepEqual(shown(await read()), [[67n, 25n, 0n]]);
	ledger.clock.now = noon + day;
	t.deepEqual(shown(await read()), [[7n, 25n, 60n]]);
	await ledger.submit(expire(ledger, card));
	t.deepEqual(shown(await read()), [[7n, 25n, 0n]]);
	// It comes back under a new date.
	await ledger.submit(undo(ledger, card, hold, 25n, 'c1'));
	const {rows, totals} = await read();
	t.deepEqual(
		rows.map(({available, held}) => [available, held]),
		[[32n, 0n]],
	);
	t.deepEqual(
		totals.map(({debt, house}) => [debt, house]),
		[[0n, -32n]],
	);
	t.true(totals.every(isTied));
});

test('by age, value is as old as the entry that first issued it, in whole days', async t => {
	const {ledger, read} = await withBooks(t);
	const begin = ledger.clock.now;
	for (const [index, age] of [0, 30, 90, 180, 365, 730, 900].entries()) {
		ledger.clock.now = begin + (900 - age) * day;
		await ledger.issue({amount: 10n ** BigInt(index)});
	}

	const now = begin + 900 * day;
	const at = async (moment: number) =>
		(await read('age', {now: moment})).rows.map(({group, available}) => [
			'age' in group && group.age,
			available,
		]);
	t.deepEqual(await at(now), [
		['0-29', 1n],
		['30-89', 10n],
		['90-179', 100n],
		['180-364', 1000n],
		['365-729', 10_000n],
		['730+', 1_100_000n],
	]);
	t.deepEqual(await at(now - 1), [
		['0-29', 11n],
		['30-89', 100n],
		['90-179', 1000n],
		['180-364', 10_000n],
		['365-729', 100_000n],
		['730+', 1_000_000n],
	]);
});

test('by age, what came back under a new date is as old as what it was taken from', async t => {
	const {ledger, read} = await withBooks(t);
	const card = await ledger.issue({amount: 9n, expiresAt: noon + day});
	const hold = idOf(await ledger.submit(authorize(ledger, card, 9n, 'r1')));
	ledger.clock.now = noon + 40 * day;
	await ledger.submit(undo(ledger, card, hold, 9n, 'c1'));

	t.deepEqual(shown(await read('age')), [['30-89', 9n, 0n, 0n]]);
});

test('by expiry, months are those of the local calendar, and what never ends comes last; by origin, what it was given for', async t => {
	const {ledger, read} = await withBooks(t);
	await ledger.issue({amount: 1n, expiresAt: ends('2026-06-30')});
	await ledger.issue({amount: 2n, expiresAt: ends('2026-06-20'), origin: 'fundingPromotional'});
	await ledger.issue({amount: 4n, expiresAt: ends('2026-06-30') + 1});
	await ledger.issue({amount: 8n, expiresAt: null, origin: 'fundingPromotional'});

	t.deepEqual(shown(await read('expiry')), [
		['2026-06', 3n, 0n, 0n],
		['2026-07', 4n, 0n, 0n],
		[null, 8n, 0n, 0n],
	]);
	t.deepEqual(shown(await read('expiry', {timeZone: 'Pacific/Kiritimati'})), [
		['2026-06', 2n, 0n, 0n],
		['2026-07', 5n, 0n, 0n],
		[null, 8n, 0n, 0n],
	]);
	t.deepEqual(shown(await read('expiry', {now: ends('2026-06-20')})), [
		['2026-06', 1n, 0n, 2n],
		['2026-07', 4n, 0n, 0n],
		[null, 8n, 0n, 0n],
	]);
	t.deepEqual(shown(await read('origin')), [
		['fundingSold', 5n, 0n, 0n],
		['fundingPromotional', 10n, 0n, 0n],
	]);
});

test('points stand by themselves, with the rate that their program had at the moment', async t => {
	const {database, prisma, ledger, read} = await withBooks(t);
	const {merchant, actorId, assetId, writer} = ledger;
	const points = await openTestPoints(prisma, merchant.id, {currencyId: assetId, rate: [1, 2]});
	await addTestRate(prisma, {
		...{merchantId: merchant.id, programId: points.programId, currencyId: assetId, rate: [1, 4]},
		from: noon + 5 * day,
	});
	const wallet = await openTestWallet(prisma, merchant.id, points);
	await grantPoints(writer, merchant, wallet, {amount: 500n, actorId});
	await ledger.issue({amount: 3n});
	await (await openTestLedger(database, 'other shop')).issue({amount: 1000n});

	const {rows, totals} = await read();
	t.deepEqual(
		rows.map(row => [row.assetId, row.available]),
		[
			[assetId, 3n],
			[points.assetId, 500n],
		],
	);
	t.deepEqual(
		totals.map(({rate}) => rate),
		[null, {numerator: 1n, denominator: 2n}],
	);
	const later = await read('currency', {now: noon + 5 * day});
	t.deepEqual(later.totals[1]?.rate, {numerator: 1n, denominator: 4n});
	const then = await read('currency', {now: noon + 5 * day, asOf: noon + 4 * day});
	t.deepEqual(then.totals[1]?.rate, {numerator: 1n, denominator: 2n});
});

test('as of a moment of the past, the report is what it was at that moment, and it tied to the accounts at every one', async t => {
	const {ledger, read} = await withBooks(t);
	const groupings = ['age', 'expiry', 'origin', 'currency'] as const;
	const told: {readonly at: number; readonly by: LiabilityBy; readonly report: Liability}[] = [];
	let step = 0;
	// Each command has a minute of its own.
	const after = async <Result>(command: Promise<Result>): Promise<Result> => {
		const outcome = await command;
		const by = groupings[step++ % groupings.length] ?? 'age';
		const report = await read(by);
		t.true(report.totals.every(isTied));
		told.push({at: ledger.clock.now, by, report});
		ledger.clock.now += 60_000;
		return outcome;
	};

	await bookHealthyTraffic({
		...ledger,
		clock: {
			get now() {
				return ledger.clock.now;
			},
			// The story says noon of a day; by then some minutes may have passed.
			set now(to) {
				ledger.clock.now = Math.max(to, ledger.clock.now);
			},
		},
		issue: async wish => after(ledger.issue(wish)),
		submit: async (command, by) => after(ledger.submit(command, by)),
	});

	t.true(told.length > 60);
	for (const {at, by, report} of told) {
		t.deepEqual(await read(by, {asOf: at}), report);
	}
});
