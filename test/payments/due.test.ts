import test from 'ava';
import {actorId} from '../../src/merchants/actors.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {addTestRate, grantPoints, openTestPoints, openTestWallet} from '../helpers/points.ts';
import {dayMs, openShop, said} from './shop.ts';

const holdMs = 5 * dayMs + 25 * 3_600_000;

test('a hold that VTEX forgot is released after its time, says so, and answers a later cancellation', async t => {
	const database = await withDatabase(t);
	const {merchant, clock, payments, issue, create, balance, operate} = await openShop(database);
	const card = await issue();
	const payment = await create({paymentId: 'p1', code: card.code});

	clock.advance(holdMs - 1);
	t.deepEqual(await payments.releaseForgotten(), {released: 0});
	clock.advance(1);
	t.deepEqual(await payments.releaseForgotten(), {released: 1});
	t.deepEqual(await payments.releaseForgotten(), {released: 0});

	t.deepEqual(await balance(card), [100_00n, 0n]);
	const released = await payments.find(merchant.id, 'p1');
	t.like(released, {status: 'cancelled', tid: payment.tid});
	const cancelled = await operate('cancel', {paymentId: 'p1', requestId: 'c1'});
	t.like(cancelled, {kind: 'done', id: released?.cancellationId ?? 'none'});
	const {entryNote} = database.general.prisma;
	t.is(await entryNote.count({where: {merchantId: merchant.id, reason: 'hold timed out'}}), 1);
	await assertAuditClean(t, database);
});

test('points are taken again at the rate that was agreed, whatever they are worth by then', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const {merchant, clock, writer, payments, wish, operate} = await openShop(database);
	const {id: currencyId} = await openAssets(prisma).ofCurrency(merchant.id, 'BRL');
	const points = await openTestPoints(prisma, merchant.id, {currencyId, rate: [1, 2]});
	const buyer = [{kind: 'document', value: '52998224725'}] as const;
	const wallet = await openTestWallet(prisma, merchant.id, points, buyer);
	const actor = await actorId(prisma, merchant.id, 'person', 'loyalty');
	for (const amount of [1000n, 2000n, 4000n]) {
		await grantPoints(writer, merchant, wallet, {amount, actorId: actor});
	}

	await payments.create(merchant, wish({paymentId: 'p1', method: 'Promissories', way: 'wallet', buyer}));
	clock.advance(holdMs);
	await payments.releaseForgotten();
	const {programId} = points;
	await addTestRate(prisma, {
		merchantId: merchant.id,
		programId,
		currencyId,
		rate: [1, 1],
		from: clock.now(),
	});

	t.like(await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '30.00'}), {kind: 'done'});
	const where = {merchantId_id: {merchantId: merchant.id, id: BigInt(wallet.cardId)}};
	t.like(await prisma.card.findUniqueOrThrow({where}), {available: 1000n, held: 0n});
	t.like(await operate('refund', {paymentId: 'p1', requestId: 'r1', amountText: '30.00'}), {kind: 'done'});
	t.like(await prisma.card.findUniqueOrThrow({where}), {available: 7000n, held: 0n});
	await assertAuditClean(t, database);
});

test('a settlement after that takes the value again where it is there, once, and it can be refunded', async t => {
	const database = await withDatabase(t);
	const {merchant, clock, payments, issue, create, balance, operate} = await openShop(database);
	const card = await issue();
	await create({paymentId: 'p1', code: card.code});
	clock.advance(holdMs);
	await payments.releaseForgotten();

	const settled = await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '20.00'});
	const again = await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '20.00'});
	const rest = await operate('settle', {paymentId: 'p1', requestId: 's2', amountText: '10.00'});
	const cancelled = await operate('cancel', {paymentId: 'p1', requestId: 'c1'});

	t.is(said(settled), '2000');
	t.like(again, {kind: 'done', id: settled.kind === 'done' ? settled.id : 'none'});
	// What was not settled is not held any more.
	t.deepEqual([said(rest), said(cancelled)], ['exceedsHold', 'paymentSettled']);
	t.deepEqual(await balance(card), [80_00n, 0n]);
	t.like(await payments.find(merchant.id, 'p1'), {
		status: 'approved',
		captured: 20_00n,
		cancellationId: null,
	});
	t.is(said(await operate('refund', {paymentId: 'p1', requestId: 'r1', amountText: '20.00'})), '2000');
	t.deepEqual(await balance(card), [100_00n, 0n]);
	t.deepEqual(await payments.releaseForgotten(), {released: 0});
	await assertAuditClean(t, database);
});

test('where the value is gone the settlement is refused, and succeeds once it is there again', async t => {
	const database = await withDatabase(t);
	const {clock, payments, issue, create, balance, operate} = await openShop(database);
	const card = await issue();
	await create({paymentId: 'late', code: card.code, amountText: '60.00'});
	clock.advance(holdMs);
	await payments.releaseForgotten();
	await create({paymentId: 'other', code: card.code, amountText: '50.00'});

	const refused = await operate('settle', {paymentId: 'late', requestId: 's1', amountText: '60.00'});
	await operate('cancel', {paymentId: 'other', requestId: 'c1'});
	const settled = await operate('settle', {paymentId: 'late', requestId: 's1', amountText: '60.00'});

	t.deepEqual([said(refused), said(settled)], ['paymentNotApproved', '6000']);
	t.deepEqual(await balance(card), [40_00n, 0n]);
	await assertAuditClean(t, database);
});

test('what VTEX cancelled itself is never taken again', async t => {
	const {issue, create, balance, operate} = await openShop(await withDatabase(t));
	const card = await issue();
	await create({paymentId: 'p1', code: card.code});
	await operate('cancel', {paymentId: 'p1', requestId: 'c1'});

	const late = await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '30.00'});

	t.is(said(late), 'paymentNotApproved');
	t.deepEqual(await balance(card), [100_00n, 0n]);
});

test('a wallet’s late settlement takes from the cards that had paid, in their order', async t => {
	const database = await withDatabase(t);
	const {clock, payments, issue, create, balance, operate} = await openShop(database);
	const owner = {document: '52998224725'};
	const cards = [await issue({owner, amount: 20_00n}), await issue({owner, amount: 30_00n})];
	await create({
		paymentId: 'p1',
		method: 'Promissories',
		way: 'wallet',
		buyer: [{kind: 'document', value: owner.document}],
		amountText: '40.00',
	});
	clock.advance(holdMs);
	await payments.releaseForgotten();

	const settled = await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '99.00'});

	t.is(said(settled), '4000');
	t.deepEqual(await Promise.all(cards.map(async card => balance(card))), [
		[0n, 0n],
		[10_00n, 0n],
	]);
	await assertAuditClean(t, database);
});

test('of what was settled only the rest is released, and what was settled can still be refunded', async t => {
	const database = await withDatabase(t);
	const {clock, payments, issue, create, balance, operate} = await openShop(database);
	const card = await issue();
	await create({paymentId: 'all', code: card.code});
	await create({paymentId: 'part', code: card.code});
	await operate('settle', {paymentId: 'all', requestId: 's1', amountText: '30.00'});
	await operate('settle', {paymentId: 'part', requestId: 's1', amountText: '10.00'});

	clock.advance(30 * dayMs);

	t.deepEqual(await payments.releaseForgotten(), {released: 1});
	t.deepEqual(await balance(card), [60_00n, 0n]);
	t.is(said(await operate('refund', {paymentId: 'part', requestId: 'r1', amountText: '10.00'})), '1000');
	await assertAuditClean(t, database);
});

test('more holds than are looked up at once, of several merchants, are all released; a stopped job releases none', async t => {
	const database = await withDatabase(t);
	const shops = [await openShop(database), await openShop(database)];
	for (const {issue, create} of shops) {
		const card = await issue();
		await Promise.all(
			Array.from({length: 60}, async (_, index) =>
				create({paymentId: `p${index}`, code: card.code, amountText: '1.00'}),
			),
		);
	}

	const [{clock, payments}] = shops as [(typeof shops)[0], ...typeof shops];
	clock.advance(holdMs);

	t.deepEqual(await payments.releaseForgotten(AbortSignal.abort()), {released: 0});
	t.deepEqual(await payments.releaseForgotten(), {released: 120});
	await assertAuditClean(t, database);
});
