import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {withDatabase} from '../helpers/database.ts';
import {openShop, said, type Shop} from './shop.ts';

const [approve, deny, laterApprove, laterDeny] = [
	'4444333322221111',
	'4444333322221112',
	'4222222222222224',
	'4222222222222225',
];

const cardsOf = async ({merchant}: Shop, {general}: Awaited<ReturnType<typeof withDatabase>>) =>
	general.prisma.card.findMany({where: {merchantId: merchant.id}, select: {available: true, held: true}});

test('selectors approve and deny at once; an approval has value of its own, made once', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database, {sandbox: true});

	const twins = await Promise.all([
		shop.create({paymentId: 'p1', code: approve}),
		shop.create({paymentId: 'p1', code: approve}),
	]);
	t.is(new Set(twins.map(({holdId}) => holdId)).size, 1);
	t.like(twins[0], {status: 'approved', way: 'sandbox', value: 30_00n});
	t.deepEqual(await cardsOf(shop, database), [{available: 0n, held: 30_00n}]);
	t.is(said(await shop.operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '30.00'})), '3000');
	t.is(said(await shop.operate('refund', {paymentId: 'p1', requestId: 'r1', amountText: '30.00'})), '3000');

	t.like(await shop.create({paymentId: 'p2', code: '4444 3333 2222 1112'}), {
		status: 'denied',
		refusal: 'sandboxDenied',
	});
	t.is(deny.length, 16);
	await assertAuditClean(t, database);
});

test('selectors that answer later are pending, and conclude by themselves after five seconds with a callback', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database, {sandbox: true});
	const wishes = [
		{paymentId: 'approve', code: laterApprove},
		{paymentId: 'deny', code: laterDeny},
		{paymentId: 'invoice', way: 'sandboxBankInvoice'},
		{paymentId: 'redirect', way: 'sandboxRedirect'},
	] as const;
	for (const wish of wishes) {
		const payment = await shop.create(wish);
		t.is(payment.status, 'pending');
		t.is(shop.payments.paymentUrl(payment) !== null, 'way' in wish);
	}

	shop.clock.advance(4999);
	t.deepEqual(await shop.payments.concludeDue(), {concluded: 0});
	t.deepEqual(await cardsOf(shop, database), []);
	shop.clock.advance(1);
	t.deepEqual(await shop.payments.concludeDue(), {concluded: 4});
	t.deepEqual(await shop.payments.concludeDue(), {concluded: 0});

	const statuses = await Promise.all(
		wishes.map(async ({paymentId}) => (await shop.payments.find(shop.merchant.id, paymentId))?.status),
	);
	t.deepEqual(statuses, ['approved', 'denied', 'approved', 'approved']);
	t.like(await shop.create(wishes[0]), {status: 'approved'});
	t.is(await database.general.prisma.callback.count(), 4);
	await assertAuditClean(t, database);
});

test('two processes that conclude at once conclude each payment once', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database, {sandbox: true});
	await shop.create({paymentId: 'p1', code: laterApprove});
	shop.clock.advance(5000);

	await Promise.all([shop.payments.concludeDue(), shop.payments.concludeDue()]);

	t.deepEqual(await cardsOf(shop, database), [{available: 0n, held: 30_00n}]);
	t.is(await database.general.prisma.callback.count(), 1);
	await assertAuditClean(t, database);
});

test('the page of a sandbox payment confirms and declines without a PIN', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database, {sandbox: true});
	const foundFor = async (paymentId: string) => {
		const payment = await shop.create({paymentId, way: 'sandboxRedirect'});
		return {payment, merchant: shop.merchant};
	};

	const first = await foundFor('p1');
	t.like(await shop.payments.preview(first.payment), {balance: 30_00n});
	t.like(await shop.payments.confirm(first, ''), {kind: 'concluded', payment: {status: 'approved'}});
	t.like(await shop.payments.decline(await foundFor('p2')), {
		kind: 'concluded',
		payment: {status: 'denied', refusal: 'declined'},
	});
	await assertAuditClean(t, database);
});

test('a cancelled sandbox payment is not concluded', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database, {sandbox: true});
	await shop.create({paymentId: 'p1', code: laterApprove});
	await shop.operate('cancel', {paymentId: 'p1', requestId: 'c1'});
	shop.clock.advance(5000);

	t.deepEqual(await shop.payments.concludeDue(), {concluded: 0});
	t.deepEqual(await cardsOf(shop, database), []);
	t.is(await database.general.prisma.callback.count(), 0);
});

test('for any other merchant the selectors are unknown codes', async t => {
	const database = await withDatabase(t);
	const shop = await openShop(database);

	for (const code of [approve, deny, laterApprove, laterDeny]) {
		t.like(await shop.create({paymentId: code, code}), {status: 'denied', refusal: 'codeUnknown'});
	}

	t.like(await shop.create({paymentId: 'r', way: 'sandboxRedirect'}), {refusal: 'methodNotOffered'});
});
