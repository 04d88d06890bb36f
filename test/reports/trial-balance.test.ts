import test from 'ava';
import {readBalances, readBalancesBack, trialBalance} from '../../src/reports/trial-balance.ts';
import {bookHealthyTraffic, takeWholeSnapshot} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, idOf, noon, openTestLedger} from '../helpers/ledger.ts';

test('every account is told with the sum of its postings, and each asset sums to zero', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id} = ledger.merchant;
	t.deepEqual(await trialBalance(prisma, {merchantId: id, asOf: null}), []);
	const card = await ledger.issue({amount: 100n});
	ledger.clock.now = noon + 1000;
	const hold = idOf(await ledger.submit(authorize(ledger, card, 40n, 'r1')));
	ledger.clock.now = noon + 2000;
	await ledger.submit(capture(ledger, card, hold, 15n, 's1'));
	const at = async (asOf: number | null) =>
		(await trialBalance(prisma, {merchantId: id, asOf}))
			.filter(({balance}) => balance !== 0n)
			.map(({account, balance}) => [account, balance]);

	t.deepEqual(await at(null), [
		['available', 60n],
		['held', 25n],
		['fundingSold', -100n],
		['redeemed', 15n],
	]);
	t.deepEqual(await at(noon + 1999), [
		['available', 60n],
		['held', 40n],
		['fundingSold', -100n],
	]);
	t.deepEqual(await at(noon), [
		['available', 100n],
		['fundingSold', -100n],
	]);
	t.deepEqual(await at(noon - 1), []);
});

test('with every verb behind it, now, then and back from now are one, with a snapshot and without', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {id: merchantId} = ledger.merchant;
	await bookHealthyTraffic(ledger);
	const assertSame = async () => {
		for (const asOf of [null, ledger.clock.now, noon, noon - 1]) {
			const [balances, back] = await prisma.$transaction(
				async tx => [
					await readBalances(tx, {merchantId, asOf}),
					await readBalancesBack(tx, {merchantId, asOf}),
				],
				{isolationLevel: 'RepeatableRead'},
			);
			t.deepEqual(
				back.filter(({balance}) => balance !== 0n),
				balances.filter(({balance}) => balance !== 0n),
			);
			const sums = new Map<number, bigint>();
			for (const {assetId, balance} of balances) {
				sums.set(assetId, (sums.get(assetId) ?? 0n) + balance);
			}

			t.true([...sums.values()].every(sum => sum === 0n));
		}

		t.deepEqual(
			(await trialBalance(prisma, {merchantId, asOf: null})).filter(({balance}) => balance !== 0n),
			(await trialBalance(prisma, {merchantId, asOf: ledger.clock.now})).filter(
				({balance}) => balance !== 0n,
			),
		);
	};

	await assertSame();
	await takeWholeSnapshot(prisma, merchantId);
	await assertSame();
});
