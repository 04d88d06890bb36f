import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openShop, said, type Shop} from './shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

async function paid(shop: Shop, amount = 100_00n) {
	const card = await shop.issue({amount});
	const payment = await shop.create({paymentId: 'p1', code: card.code});
	return {card, payment};
}

const doer =
	({operate}: Shop, verb: Parameters<Shop['operate']>[0]) =>
	async (requestId: string | null, amountText: string | null = null) =>
		operate(verb, {paymentId: 'p1', requestId, amountText});

const notesOf = async ({merchant}: Shop) =>
	database.general.prisma.paymentRequest.findMany({
		where: {merchantId: merchant.id},
		orderBy: {id: 'asc'},
		select: {kind: true, requestId: true, asked: true, moved: true, refusal: true},
	});

test.serial('settlements and refunds in parts move what is left at most, and each request once', async t => {
	const shop = await openShop(database);
	const {card} = await paid(shop);
	const [settle, refund] = [doer(shop, 'settle'), doer(shop, 'refund')];

	const first = await settle('s1', '10.00');
	t.is(said(first), '1000');
	t.is(said(await settle('s2', '25.00')), '2000');
	t.like(await settle('s1', '10.00'), {
		...{kind: 'done', moved: 10_00n, payment: {captured: 30_00n}},
		...(first.kind === 'done' ? {id: first.id, at: first.at} : {id: 'none'}),
	});
	t.is(said(await settle('s1', '12.00')), '1000');
	t.is(said(await settle('s3', '0.01')), 'exceedsHold');
	t.deepEqual(await shop.balance(card), [70_00n, 0n]);

	t.is(said(await refund('r1', '29.99')), '2999');
	t.is(said(await refund('r2', '5.00')), '1');
	t.is(said(await refund('r3', '0.01')), 'exceedsHold');
	t.is(said(await refund('r1', '29.99')), '2999');
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
	t.like(await shop.payments.find(shop.merchant.id, 'p1'), {
		captured: 30_00n,
		released: 0n,
		refunded: 30_00n,
	});

	t.deepEqual(
		(await notesOf(shop)).map(({requestId, asked, moved, refusal}) => [requestId, asked, moved, refusal]),
		[
			['s1', 10_00n, 10_00n, null],
			['s2', 25_00n, 20_00n, null],
			['s3', 1n, 0n, 15],
			['r1', 29_99n, 29_99n, null],
			['r2', 5_00n, 1n, null],
			['r3', 1n, 0n, 15],
		],
	);
});

test.serial('a settlement, a refund and a cancellation of one request id are three requests', async t => {
	const shop = await openShop(database);
	const {card} = await paid(shop);

	t.is(said(await doer(shop, 'settle')('same', '20.00')), '2000');
	t.is(said(await doer(shop, 'refund')('same', '5.00')), '500');
	t.is(said(await doer(shop, 'cancel')('same')), '1000');
	t.deepEqual(await shop.balance(card), [85_00n, 0n]);
});

test.serial(
	'a settlement that overtakes its payment is refused, and succeeds when it comes again',
	async t => {
		const shop = await openShop(database);
		const settle = doer(shop, 'settle');

		t.is(said(await settle('s1', '30.00')), 'paymentNotApproved');
		await paid(shop);
		t.is(said(await settle('s1', '30.00')), '3000');
	},
);

test.serial('an amount that cannot be settled is refused and noted', async t => {
	const shop = await openShop(database);
	await paid(shop);

	for (const amountText of ['0', '-1.00', '1.001', 'all', null]) {
		t.is(said(await doer(shop, 'settle')(`s ${amountText}`, amountText)), 'amountUnusable');
	}

	t.is((await notesOf(shop)).length, 5);
});

test.serial('requests without an id are told apart by verb, value and settlement', async t => {
	const shop = await openShop(database);
	await paid(shop);
	const settle = doer(shop, 'settle');

	t.is(said(await settle(null, '10.00')), '1000');
	t.is(said(await settle(null, '10.00')), '1000');
	t.is(said(await settle(null, '11.00')), '1100');
	const refund = async (settleId: string) =>
		said(await shop.operate('refund', {paymentId: 'p1', amountText: '5.00', settleId}));
	t.is(await refund('one'), '500');
	t.is(await refund('one'), '500');
	t.is(await refund('two'), '500');
	t.like(await shop.payments.find(shop.merchant.id, 'p1'), {captured: 21_00n, refunded: 10_00n});
});

test.serial('equal operations that arrive together move once', async t => {
	const shop = await openShop(database);
	const {card} = await paid(shop);

	const twins = await Promise.all(Array.from({length: 6}, () => doer(shop, 'settle')('s1', '10.00')));

	t.is(new Set(twins.map(outcome => (outcome.kind === 'done' ? outcome.id : outcome.refusal))).size, 1);
	t.deepEqual(await shop.balance(card), [70_00n, 20_00n]);
	t.is((await notesOf(shop)).length, 1);
});

test.serial('a cancellation releases what is left, has one id, and ends the payment', async t => {
	const shop = await openShop(database);
	const {card} = await paid(shop);
	const cancel = doer(shop, 'cancel');

	const first = await cancel('c1', '1.00');
	const again = await cancel('c2');

	t.is(said(first), '3000');
	t.like(first, {payment: {status: 'cancelled', released: 30_00n}});
	t.is(again.kind === 'done' && again.id, first.kind === 'done' && first.id);
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
	t.is(said(await doer(shop, 'settle')('s1', '30.00')), 'paymentNotApproved');
	t.like(await shop.create({paymentId: 'p1', code: card.code}), {status: 'cancelled'});
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
});

test.serial(
	'a cancellation after a part was settled releases the rest; after all was settled it is refused',
	async t => {
		const shop = await openShop(database);
		const {card} = await paid(shop);
		await doer(shop, 'settle')('s1', '10.00');

		t.is(said(await doer(shop, 'cancel')('c1')), '2000');
		t.is(said(await doer(shop, 'refund')('r1', '10.00')), '1000');
		t.deepEqual(await shop.balance(card), [100_00n, 0n]);

		await shop.create({paymentId: 'p2', code: card.code});
		await shop.operate('settle', {paymentId: 'p2', requestId: 's1', amountText: '30.00'});
		t.is(said(await shop.operate('cancel', {paymentId: 'p2', requestId: 'c1'})), 'paymentSettled');
	},
);

test.serial('a payment whose cancellation came first is cancelled for ever', async t => {
	const shop = await openShop(database);
	const card = await shop.issue();

	const cancelled = await doer(shop, 'cancel')('c1');
	t.is(cancelled.kind, 'done');
	t.like(await shop.create({paymentId: 'p1', code: card.code}), {status: 'cancelled', particulars: null});
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
});

test.serial('a create and a cancellation that cross leave nothing held', async t => {
	const shop = await openShop(database);
	const card = await shop.issue();

	await Promise.all(
		Array.from({length: 20}, async (_, index) => {
			const paymentId = `p${index}`;
			const both = [
				() => shop.create({paymentId, code: card.code, amountText: '1.00'}),
				() => shop.operate('cancel', {paymentId, requestId: 'c1'}),
			];
			await Promise.all((index % 2 === 0 ? both : both.toReversed()).map(async act => act()));
		}),
	);

	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
});
