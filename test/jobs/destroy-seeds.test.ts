import test from 'ava';
import {destroySeeds} from '../../src/jobs/destroy-seeds.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {withDatabase} from '../helpers/database.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {day, noon, openTestLedger} from '../helpers/ledger.ts';

test('the seed of a run is destroyed a day after it was completed, and never before', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const {merchant, writer} = await openTestLedger(database);
	const run = (key: string, completedAt: number | null) => ({
		merchantId: merchant.id,
		key,
		parameters: '{}',
		count: 1,
		seed: new Uint8Array(32),
		createdAt: new Date(noon - 10 * day),
		completedAt: completedAt === null ? null : new Date(completedAt),
	});
	await prisma.issueRun.createMany({
		data: [run('unfinished', null), run('a day ago', noon - day), run('longer ago', noon - day - 1)],
	});
	const parts = {
		prisma,
		writer,
		assets: openAssets(prisma),
		payments: idlePayments,
		orders: idleOrders,
		clock: () => noon,
	};

	const done = await destroySeeds.runOnce(parts);
	const again = await destroySeeds.runOnce(parts);

	t.deepEqual([done, again], [{runs: 1}, {runs: 0}]);
	const left = await prisma.issueRun.findMany({where: {seed: {not: null}}, orderBy: {key: 'asc'}});
	t.deepEqual(
		left.map(({key}) => key),
		['a day ago', 'unfinished'],
	);
});
