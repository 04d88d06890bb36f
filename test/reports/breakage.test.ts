import test, {type ExecutionContext} from 'ava';
import {endOfLocalDay} from '../../src/ledger/calendar.ts';
import {type BreakageBy, type BreakageWish, readBreakage} from '../../src/reports/breakage.ts';
import {trialBalance} from '../../src/reports/trial-balance.ts';
import {bookHealthyTraffic} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {day, expire, noon, openTestLedger} from '../helpers/ledger.ts';
import {earn} from '../helpers/loyalty.ts';

const zone = 'America/Sao_Paulo';

/** A ledger at noon of 15 June 2026 in São Paulo. */
async function withBooks(t: ExecutionContext) {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const read = async (by: BreakageBy, wish: Partial<BreakageWish> = {}) =>
		readBreakage(prisma, {
			...{merchantId: ledger.merchant.id, by, from: null, to: ledger.clock.now, timeZone: zone, ...wish},
		});
	return {database, prisma, ledger, read};
}

test('what was swept is told by the month of the sweep, on the local calendar, and by what it had been given for', async t => {
	const {database, ledger, read} = await withBooks(t);
	t.deepEqual(await read('month'), []);
	const sold = await ledger.issue({amount: 5n, expiresAt: noon + day});
	const given = await ledger.issue({amount: 30n, expiresAt: noon + 2 * day, origin: 'fundingPromotional'});
	const other = await openTestLedger(database, 'other shop');
	const theirs = await other.issue({amount: 100n, expiresAt: noon + day});
	const june = endOfLocalDay('2026-06-30', zone);
	ledger.clock.now = june - 1;
	other.clock.now = june;
	await ledger.submit(expire(ledger, sold));
	await other.submit(expire(other, theirs));
	ledger.clock.now = june;
	await ledger.submit(expire(ledger, given));

	const none = {assetId: ledger.assetId, returned: 0n, month: null, origin: null};
	t.deepEqual(await read('month'), [
		{...none, month: '2026-06', booked: 5n},
		{...none, month: '2026-07', booked: 30n},
	]);
	t.deepEqual(await read('month', {timeZone: 'Pacific/Kiritimati'}), [
		{...none, month: '2026-07', booked: 35n},
	]);
	t.deepEqual(await read('origin'), [
		{...none, origin: 'fundingSold', booked: 5n},
		{...none, origin: 'fundingPromotional', booked: 30n},
	]);
	t.deepEqual(await read('currency', {to: june - 1}), [{...none, booked: 5n}]);
	t.deepEqual(await read('month', {from: june}), [{...none, month: '2026-07', booked: 30n}]);
	t.deepEqual(await read('currency', {from: june + 1}), []);
});

test('points that an order had earned, that expired, and that it took back with its return, came back out of breakage', async t => {
	const {ledger, read} = await withBooks(t);
	const program = await ledger.openProgram();
	const place = {...ledger, assetId: program.assetId};
	const wallet = await program.openWallet();
	await ledger.submit(earn(place, wallet, {version: 1, target: 90n}, {expiresAt: noon + day}));
	ledger.clock.now = noon + 2 * day;
	await ledger.submit(expire(ledger, wallet));
	ledger.clock.now = noon + 40 * day;
	await ledger.submit(earn(place, wallet, {version: 2, target: 20n}));

	const none = {assetId: program.assetId, month: null, origin: null};
	t.deepEqual(await read('month'), [
		{...none, month: '2026-06', booked: 90n, returned: 0n},
		{...none, month: '2026-07', booked: 0n, returned: 70n},
	]);
	t.deepEqual(await read('origin'), [{...none, origin: 'fundingEarned', booked: 90n, returned: 70n}]);
});

test('with every verb behind it, the net is what the account breakage has, however it is divided', async t => {
	const {prisma, ledger, read} = await withBooks(t);
	await bookHealthyTraffic(ledger);
	const account = (await trialBalance(prisma, {merchantId: ledger.merchant.id, asOf: null}))
		.filter(line => line.account === 'breakage')
		.map(({assetId, balance}) => [assetId, balance]);

	for (const by of ['month', 'origin', 'currency'] as const) {
		const nets = new Map<number, bigint>();
		for (const {assetId, booked, returned} of await read(by)) {
			nets.set(assetId, (nets.get(assetId) ?? 0n) + booked - returned);
		}

		t.deepEqual(
			[...nets].sort(([a], [b]) => a - b),
			account,
			by,
		);
	}
});
