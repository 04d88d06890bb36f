import test from 'ava';
import {type HandVerb} from '../../src/ledger/commands.ts';
import {changeByHand} from '../../src/holds/by-hand.ts';
import {findHold} from '../../src/holds/list.ts';
import {statusNumbers} from '../../src/ledger/store/lock.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, balances, idOf, openTestLedger, type TestLedger} from '../helpers/ledger.ts';
import {earn, mergeOf} from '../helpers/loyalty.ts';
import {pay} from '../helpers/payment-commands.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

/** Change a hold by hand; what moved. */
async function mend(
	ledger: TestLedger,
	holdId: string,
	verb: HandVerb,
	amount = 0n,
	key = `${verb} ${amount}`,
): Promise<bigint> {
	const {prisma} = database.general;
	const {merchant, writer, actorId} = ledger;
	const hold = await findHold({prisma, merchantId: merchant.id}, holdId);
	if (hold === undefined) {
		throw new Error('The test needs a hold.');
	}

	const asset = {id: ledger.assetId, code: 'BRL', scale: 2, kind: 'money'} as const;
	const {moved} = await changeByHand(
		{prisma, writer},
		merchant,
		{hold, asset},
		{
			...{verb, amount, actorId, reason: 'mended', key},
		},
	);
	return moved;
}

for (const kind of ['debit', 'payment'] as const) {
	test.serial(
		`what is released and refunded of a merged wallet’s ${kind} goes to the survivor, point by point`,
		async t => {
			const ledger = await openTestLedger(database, `merged ${kind}`);
			// Three points are worth two cents.
			const program = await ledger.openProgram({rate: {numerator: 2n, denominator: 3n}});
			const place = {...ledger, assetId: program.assetId};
			const [wallet, heir] = [await program.openWallet(), await program.openWallet()];
			await ledger.submit(earn(place, wallet, {version: 1, target: 1000n}));
			const holdId = idOf(
				await ledger.submit(
					kind === 'debit'
						? authorize(ledger, wallet, 5_00n, 'r')
						: pay(ledger, `p ${ledger.merchant.id}`, [wallet.cardId], 5_00n),
				),
			);
			await ledger.submit(mergeOf(place, wallet, heir));
			const pointsOf = async (card: typeof heir) => (await balances(database, card)).slice(0, 2);

			t.is(await mend(ledger, holdId, 'capture', 3_34n), 3_34n);
			t.deepEqual(
				[await pointsOf(wallet), await pointsOf(heir)],
				[
					[0n, 249n],
					[250n, 0n],
				],
			);
			t.is(await mend(ledger, holdId, 'release'), 1_66n);
			t.deepEqual(
				[await pointsOf(wallet), await pointsOf(heir)],
				[
					[0n, 0n],
					[499n, 0n],
				],
			);
			t.is(await mend(ledger, holdId, 'refund', 3_33n), 3_33n);
			t.is(await mend(ledger, holdId, 'refund'), 1n);
			t.deepEqual(
				[await pointsOf(wallet), await pointsOf(heir)],
				[
					[0n, 0n],
					[1000n, 0n],
				],
			);
			await t.throwsAsync(mend(ledger, holdId, 'refund', 1n), {message: /nothing to refund/});
		},
	);
}

test.serial('a hold of a blocked card is captured, released and refunded by hand all the same', async t => {
	const ledger = await openTestLedger(database, 'blocked');
	const card = await ledger.issue();
	const holdId = idOf(await ledger.submit(authorize(ledger, card, 60_00n, 'r')));
	await database.general.prisma
		.$executeRaw`UPDATE cards SET status = ${statusNumbers.blocked}::smallint WHERE id = ${BigInt(card.cardId)}::bigint`;

	t.is(await mend(ledger, holdId, 'capture', 50_00n), 50_00n);
	t.is(await mend(ledger, holdId, 'release'), 10_00n);
	t.is(await mend(ledger, holdId, 'refund', 20_00n), 20_00n);
	t.deepEqual((await balances(database, card)).slice(0, 2), [70_00n, 0n]);
});

for (const kind of ['debit', 'payment'] as const) {
	test.serial(`a key by which a ${kind} was mended is no key for another amount`, async t => {
		const ledger = await openTestLedger(database, `key of a ${kind}`);
		const card = await ledger.issue();
		const holdId = idOf(
			await ledger.submit(
				kind === 'debit'
					? authorize(ledger, card, 60_00n, 'r')
					: pay(ledger, `p ${ledger.merchant.id}`, [card.cardId], 60_00n),
			),
		);
		t.is(await mend(ledger, holdId, 'capture', 10_00n, 'key'), 10_00n);

		await t.throwsAsync(mend(ledger, holdId, 'capture', 20_00n, 'key'), {message: /another amount/});
		t.is(await mend(ledger, holdId, 'capture', 10_00n, 'key'), 10_00n);
		t.deepEqual((await balances(database, card)).slice(0, 2), [40_00n, 50_00n]);
	});
}
