import test from 'ava';
import {readPrograms} from '../../../src/ledger/store/load-programs.ts';
import {withDatabase} from '../../helpers/database.ts';
import {noon, openTestLedger} from '../../helpers/ledger.ts';

test('a rate counts from its instant on, until the next one does', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const {merchant, assetId: currencyId, openProgram} = await openTestLedger(database);
	const {assetId} = await openProgram({rate: {numerator: 1n, denominator: 1n}});
	const {id: programId} = await prisma.program.findFirstOrThrow({where: {merchantId: merchant.id}});
	await prisma.programRate.create({
		data: {
			...{merchantId: merchant.id, programId, currencyId, effectiveFrom: new Date(noon)},
			...{numerator: 2n, denominator: 3n},
		},
	});

	const rateAt = async (now: number) =>
		(await readPrograms(prisma, merchant.id, [assetId], now)).get(assetId)?.terms.get(currencyId)?.rate;

	t.deepEqual(await rateAt(noon - 1), {numerator: 1n, denominator: 1n});
	t.deepEqual(await rateAt(noon), {numerator: 2n, denominator: 3n});
});
