import test, {type ExecutionContext} from 'ava';
import {expireLots} from '../../src/jobs/expire-lots.ts';
import {type JobParts} from '../../src/jobs/job.ts';
import {accountNumbers, type Origin} from '../../src/ledger/chart.ts';
import {type Instant} from '../../src/ledger/calendar.ts';
import {expiryOf, type ExpiryPolicy} from '../../src/loyalty/program.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {authorize, issueCommand, openTestLedger, words} from '../helpers/ledger.ts';
import {grantPoints, openTestPoints, openTestWallet} from '../helpers/points.ts';

/*
 * What a program's policy says of the end of points, carried out by the writer and by the job: where clocks stand still, jump at midnight,
 * or are half a day away, value is spent at the last local second and swept right after.
 */

const millisecond = 1;
const second = 1000;

const dateOf = (policy: ExpiryPolicy, origin: Origin, at: Instant, timeZone: string) =>
	expiryOf({expiry: policy, purchasedExpiry: policy}, origin, at, timeZone);

/** A merchant in a time zone with a card of 50.00 and a wallet of 5,000 points, a cent each, that end as a policy says. */
async function withValue(t: ExecutionContext, timeZone: string, policy: ExpiryPolicy, at: Instant) {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {clock, assetId, actorId} = ledger;
	const merchant = {id: ledger.merchant.id, timeZone};
	await prisma.merchant.update({where: {id: merchant.id}, data: {timeZone}});
	clock.now = at;

	const card = {cardId: '1000', publicId: '00000000-0000-4000-8000-000000001000'};
	await ledger.writer.submit(
		merchant,
		issueCommand(ledger, card, {
			amount: 50_00n,
			emittedAt: at,
			expiresAt: dateOf(policy, 'fundingSold', at, timeZone),
		}),
	);
	const points = await openTestPoints(prisma, merchant.id, {currencyId: assetId});
	const wallet = await openTestWallet(prisma, merchant.id, points);
	await grantPoints(ledger.writer, merchant, wallet, {
		amount: 5000n,
		actorId,
		expiresAt: dateOf(policy, 'fundingEarned', at, timeZone),
	});

	const parts: JobParts = {
		...{
			prisma,
			writer: ledger.writer,
			assets: openAssets(prisma),
			payments: idlePayments,
			orders: idleOrders,
		},
		clock: () => clock.now,
	};
	return {
		database,
		ledger,
		parts,
		/** Debit 1.00 of the card and as much of the wallet. */
		debit: async (key: string) =>
			words(
				await Promise.all(
					[card, wallet].map(one =>
						ledger.writer.submit(merchant, authorize({assetId, actorId}, one, 1_00n, key)),
					),
				),
			),
		/** What the journal has in breakage, in money and in points. */
		async breakage() {
			const rows = await prisma.posting.findMany({
				where: {account: accountNumbers.breakage},
				orderBy: {assetId: 'asc'},
			});
			return rows.map(({assetId: of, amount}) => [of === assetId ? 'money' : 'points', amount]);
		},
		async left() {
			const rows = await prisma.card.findMany({orderBy: {assetId: 'asc'}});
			return rows.map(({available, held}) => [available, held]);
		},
	};
}

const ends = test.macro({
	async exec(t, timeZone: string, policy: ExpiryPolicy, at: string, lastSecond: string) {
		const {database, ledger, parts, ...value} = await withValue(t, timeZone, policy, Date.parse(at));
		const nothing = {cards: 0, moved: 'nothing', failed: 0, stopped: false};
		const begin = Date.parse(lastSecond);

		ledger.clock.now = begin;
		t.deepEqual(await expireLots.runOnce(parts), nothing);
		t.deepEqual(await value.debit('first'), ['100', '100']);
		ledger.clock.now = begin + second - millisecond;
		t.deepEqual(await expireLots.runOnce(parts), nothing);
		t.deepEqual(await value.debit('last'), ['100', '100']);

		ledger.clock.now = begin + second;
		t.deepEqual(await value.debit('late'), ['cardExpired', 'insufficientBalance']);
		const done = await Promise.all([
			expireLots.runOnce(parts),
			expireLots.runOnce({...parts, writer: ledger.openWriter()}),
		]);
		t.is(
			done.reduce((sum, {cards}) => sum + Number(cards), 0),
			2,
		);
		t.deepEqual(await expireLots.runOnce(parts), nothing);

		t.deepEqual(await value.breakage(), [
			['money', 48_00n],
			['points', 4800n],
		]);
		// What is held does not expire.
		t.deepEqual(await value.left(), [
			[0n, 2_00n],
			[0n, 200n],
		]);
		await assertAuditClean(t, database);
	},
	title: (_, timeZone: string, {kind}: ExpiryPolicy, at: string, lastSecond: string) =>
		`value of ${at} in ${timeZone} that ends by ${kind} is spent at ${lastSecond} and swept once right after`,
});

const days = (count: number): ExpiryPolicy => ({kind: 'days', count});
const month: ExpiryPolicy = {kind: 'month', count: 0};
const year: ExpiryPolicy = {kind: 'year', count: 0};

test(ends, 'America/Sao_Paulo', days(90), '2026-03-12T02:30:00Z', '2026-06-10T02:59:59Z');
test(ends, 'America/Sao_Paulo', month, '2027-02-01T02:59:00Z', '2027-02-01T02:59:59Z');
test(ends, 'America/Sao_Paulo', year, '2026-06-15T15:00:00Z', '2027-01-01T02:59:59Z');
// The night has 25 hours: its last hour before midnight comes twice. The other one has no midnight.
test(ends, 'America/Santiago', days(1), '2026-04-04T02:00:00Z', '2026-04-05T03:59:59Z');
test(ends, 'America/Santiago', days(5), '2026-08-31T12:00:00Z', '2026-09-06T03:59:59Z');
test(ends, 'America/Santiago', month, '2026-09-30T12:00:00Z', '2026-10-01T02:59:59Z');
test(ends, 'America/Santiago', year, '2027-01-01T02:59:00Z', '2027-01-01T02:59:59Z');
// The day, the month and the year end while Greenwich has half of them before it.
test(ends, 'Pacific/Kiritimati', days(30), '2026-03-11T10:00:00Z', '2026-04-11T09:59:59Z');
test(ends, 'Pacific/Kiritimati', month, '2028-02-28T10:00:00Z', '2028-02-29T09:59:59Z');
test(ends, 'Pacific/Kiritimati', year, '2026-12-31T09:59:00Z', '2026-12-31T09:59:59Z');
test(ends, 'UTC', days(365), '2027-03-01T00:00:00Z', '2028-02-29T23:59:59Z');
test(ends, 'UTC', month, '2027-02-28T23:59:00Z', '2027-02-28T23:59:59Z');
test(ends, 'UTC', year, '2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z');

test('value that ends for one merchant lives on for another whose day is not over', async t => {
	const {database, ledger, parts} = await withValue(t, 'UTC', days(0), Date.parse('2026-03-11T15:00:00Z'));
	const {prisma} = database.general;
	const other = await openTestLedger(database, 'other shop');
	const expiresAt = dateOf(days(0), 'fundingSold', ledger.clock.now, 'America/Sao_Paulo');
	other.clock.now = ledger.clock.now;
	await other.issue({amount: 9_00n, expiresAt, emittedAt: other.clock.now});
	const sweepAt = async (at: string) => {
		ledger.clock.now = Date.parse(at);
		return (await expireLots.runOnce(parts))['cards'];
	};

	t.is(await sweepAt('2026-03-12T00:00:00Z'), 2);
	t.is(await sweepAt('2026-03-12T02:59:59Z'), 0);
	t.is(await sweepAt('2026-03-12T03:00:00Z'), 1);
	t.is(await prisma.lot.count({where: {spent: false}}), 0);
});
