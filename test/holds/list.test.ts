import {randomUUID} from 'node:crypto';
import test from 'ava';
import {findHold, listHolds} from '../../src/holds/list.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, capture, idOf, openTestLedger} from '../helpers/ledger.ts';
import {earn, mergeOf} from '../helpers/loyalty.ts';
import {pay, settle} from '../helpers/payment-commands.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

test('holds are read page by page, each once and in order, whether or not something is still held', async t => {
	const ledger = await openTestLedger(database, 'pages');
	const card = await ledger.issue({amount: 10_000_00n});
	const keys = Array.from({length: 1203}, (_, index) => `r${index}`);
	const ids = (
		await Promise.all(keys.map(async key => ledger.submit(authorize(ledger, card, 1_00n, key))))
	).map(idOf);
	const finished = ids.filter((_, index) => index % 3 === 0);
	await Promise.all(finished.map(async id => ledger.submit(capture(ledger, card, id, 1_00n, 's'))));
	const place = {prisma: database.general.prisma, merchantId: ledger.merchant.id};
	const read = async (wish: Parameters<typeof listHolds>[1]) => {
		const found: string[] = [];
		for await (const {id} of listHolds(place, wish)) {
			found.push(id);
		}

		return found;
	};

	const open = ids.filter(id => !finished.includes(id)).sort();
	t.deepEqual(await read({}), open);
	t.deepEqual(await read({all: true}), ids.toSorted());
	t.deepEqual((await read({cardId: card.cardId})).toSorted(), ids.toSorted());
	t.deepEqual((await read({orderId: 'v500'})).toSorted(), ids.toSorted());
	t.deepEqual((await read({groupIds: ['another', 'v500']})).toSorted(), ids.toSorted());
	t.deepEqual(await read({groupIds: ['v5']}), []);
	t.deepEqual(await read({all: true, since: ledger.clock.now, before: ledger.clock.now + 1}), ids.toSorted());
	t.deepEqual(await read({all: true, since: ledger.clock.now + 1}), []);
	t.deepEqual(await read({all: true, before: ledger.clock.now}), []);
	t.deepEqual(await read({before: ledger.clock.now}), []);
	t.deepEqual(await read({before: ledger.clock.now + 1}), open);
	t.is(await findHold({...place, merchantId: place.merchantId + 1}, ids[0] ?? ''), undefined);
	t.is(await findHold(place, randomUUID()), undefined);
	await assertAuditClean(t, database);
});

test('a hold of points says what it took and what moved of it, in the currency and in points', async t => {
	const ledger = await openTestLedger(database, 'points');
	// Three points are worth two cents.
	const program = await ledger.openProgram({rate: {numerator: 2n, denominator: 3n}});
	const [wallet, heir] = [await program.openWallet(), await program.openWallet()];
	await ledger.submit(earn({...ledger, assetId: program.assetId}, wallet, {version: 1, target: 1000n}));
	const cardIds = [wallet.cardId];
	const holdId = idOf(await ledger.submit(pay(ledger, 'p', cardIds, 5_00n)));
	await ledger.submit(settle(ledger, {paymentId: 'p', cardIds, holdId}, 3_34n, 's'));
	await ledger.submit(mergeOf({...ledger, assetId: program.assetId}, wallet, heir));
	const place = {prisma: database.general.prisma, merchantId: ledger.merchant.id};

	const hold = await findHold(place, holdId);

	const value = {authorized: 5_00n, captured: 3_34n, released: 0n, refunded: 0n, held: 1_66n};
	t.like(hold, {value, assetId: ledger.assetId, payment: {paymentId: 'p', status: 'approved'}});
	t.deepEqual(
		hold?.legs.map(({own}) => own),
		[
			{
				assetId: program.assetId,
				units: {authorized: 750n, captured: 501n, released: 0n, refunded: 0n, held: 249n},
			},
		],
	);
});
