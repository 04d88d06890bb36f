import test from 'ava';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {type FoundPage} from '../../src/payments/payments.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {becomeOther} from '../helpers/customers.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {minuteMs, openShop, type Shop} from './shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

const ana = {email: 'ana@example.com'};

const ask = async ({create}: Shop, paymentId = 'p1', amountText = '30.00') =>
	create({paymentId, way: 'confirmed', buyer: identifiersOf(ana), amountText});

async function pageOf(shop: Shop, paymentId = 'p1'): Promise<FoundPage> {
	const url = shop.payments.paymentUrl(await ask(shop, paymentId)) ?? '';
	const found = await shop.payments.findByPage(url.slice('https://pay.example/pay/'.length));
	if (found === undefined) {
		throw new Error('The test needs the page of its payment.');
	}

	return found;
}

const callbacksOf = async ({merchant}: Shop) =>
	database.general.prisma.callback.findMany({where: {merchantId: merchant.id}});

test.serial('a confirmed wallet waits, shows what it would take, and pays with the PIN', async t => {
	const shop = await openShop(database);
	const soon = await shop.issue({
		owner: ana,
		amount: 20_00n,
		expiresInDays: 2,
		pin: '4711',
		restricted: true,
	});
	const later = await shop.issue({owner: ana, amount: 50_00n});

	const payment = await ask(shop);
	t.like(payment, {status: 'pending', way: 'confirmed', holdId: null, value: 30_00n});
	t.deepEqual(await ask(shop), payment);
	t.deepEqual(await shop.balance(soon), [20_00n, 0n]);
	t.deepEqual(await callbacksOf(shop), []);

	const found = await pageOf(shop);
	t.deepEqual(found, {payment, merchant: shop.merchant});
	const {parts, balance, currency} = await shop.payments.preview(found.payment);
	t.deepEqual([balance, currency.code], [70_00n, 'BRL']);
	t.deepEqual(
		parts.map(({taken, left}) => [taken, left]),
		[
			[20_00n, 0n],
			[10_00n, 40_00n],
		],
	);
	t.deepEqual(
		parts.map(({last4}) => last4),
		[soon.code.slice(-4), later.code.slice(-4)],
	);

	t.deepEqual(await shop.payments.confirm(found, '0000'), {kind: 'pinWrong'});
	t.deepEqual(await shop.payments.confirm(found, ''), {kind: 'pinWrong'});
	shop.clock.advance(10 * minuteMs);
	t.like(await shop.payments.confirm(found, '4711'), {
		kind: 'concluded',
		payment: {status: 'approved', tid: payment.tid, cardIds: [soon.cardId, later.cardId]},
	});

	t.deepEqual(await shop.balance(soon), [0n, 20_00n]);
	t.deepEqual(await shop.balance(later), [40_00n, 10_00n]);
	const [callback, ...others] = await callbacksOf(shop);
	t.deepEqual(others, []);
	t.is(callback?.nextAt.getTime(), shop.clock.now() + 1000);
	t.is(callback?.until.getTime(), payment.createdAt + 86_400_000);
	t.like(await ask(shop), {status: 'approved', tid: payment.tid});
});

test.serial('a page answers once, whatever is pressed again', async t => {
	const shop = await openShop(database);
	const card = await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);

	const answers = await Promise.all([
		shop.payments.confirm(found, '4711'),
		shop.payments.confirm(found, '4711'),
		shop.payments.confirm(found, '4711'),
	]);

	t.true(answers.some(({kind}) => kind === 'concluded'));
	t.deepEqual(await shop.payments.confirm(found, '4711'), {kind: 'pageOver'});
	t.deepEqual(await shop.payments.decline(found), {kind: 'pageOver'});
	t.deepEqual(await shop.balance(card), [70_00n, 30_00n]);
	t.is((await callbacksOf(shop)).length, 1);
});

test.serial('a shopper who says no denies the payment', async t => {
	const shop = await openShop(database);
	const card = await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);

	t.like(await shop.payments.decline(found), {
		kind: 'concluded',
		payment: {status: 'denied', refusal: 'declined'},
	});

	t.deepEqual(await shop.payments.confirm(found, '4711'), {kind: 'pageOver'});
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
	t.is((await callbacksOf(shop)).length, 1);
});

test.serial('yes and no at the same moment have one end', async t => {
	const shop = await openShop(database);
	const card = await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);

	await Promise.all([shop.payments.confirm(found, '4711'), shop.payments.decline(found)]);

	const payment = await shop.payments.find(shop.merchant.id, 'p1');
	const held = payment?.status === 'approved' ? 30_00n : 0n;
	t.deepEqual(await shop.balance(card), [100_00n - held, held]);
	t.is((await callbacksOf(shop)).length, 1);
});

test.serial('a page whose time is over is gone, and its payment is denied', async t => {
	const shop = await openShop(database, {delayToCancel: 600});
	await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);
	const secret = shop.payments.paymentUrl(found.payment)?.split('/').at(-1) ?? '';

	shop.clock.advance(10 * minuteMs - 1);
	t.not(await shop.payments.findByPage(secret), undefined);
	await shop.payments.concludeDue();
	t.like(await shop.payments.find(shop.merchant.id, 'p1'), {status: 'pending'});
	shop.clock.advance(1);
	t.is(await shop.payments.findByPage(secret), undefined);
	t.deepEqual(await shop.payments.confirm(found, '4711'), {kind: 'pageOver'});

	await shop.payments.concludeDue();
	t.like(await shop.payments.find(shop.merchant.id, 'p1'), {status: 'denied', refusal: 'declined'});
	t.is((await callbacksOf(shop)).length, 1);
	t.is(await shop.payments.findByPage(`${secret}x`), undefined);
});

test.serial('a cancelled page cannot be confirmed, and tells nobody', async t => {
	const shop = await openShop(database);
	const card = await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);

	t.is((await shop.operate('cancel', {paymentId: 'p1', requestId: 'c1'})).kind, 'done');

	t.deepEqual(await shop.payments.confirm(found, '4711'), {kind: 'pageOver'});
	t.deepEqual(await shop.payments.decline(found), {kind: 'pageOver'});
	t.like(await ask(shop), {status: 'cancelled'});
	t.deepEqual(await shop.balance(card), [100_00n, 0n]);
	t.deepEqual(await callbacksOf(shop), []);
});

test.serial('a wallet without a PIN, without enough, or of nobody gets no page', async t => {
	const shop = await openShop(database);
	t.like(await ask(shop, 'nobody'), {status: 'denied', refusal: 'walletUnknown'});
	const card = await shop.issue({owner: ana});
	t.like(await ask(shop, 'no PIN'), {status: 'denied', refusal: 'walletUnknown'});
	await shop.pins.set(shop.merchant.id, card, '4711');

	t.like(await ask(shop, 'too much', '100.01'), {status: 'denied', refusal: 'insufficientBalance'});
	const payment = await ask(shop, 'enough', '100.00');
	t.is(payment.status, 'pending');
	t.true(/^https:\/\/pay\.example\/pay\/[\w-]{43}$/.test(shop.payments.paymentUrl(payment) ?? ''));
});

test.serial('value that was spent elsewhere while the page was open denies the payment', async t => {
	const shop = await openShop(database);
	const card = await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);
	await shop.create({paymentId: 'other', code: card.code, pin: '4711', amountText: '80.00'});

	const preview = await shop.payments.preview(found.payment);
	t.deepEqual([preview.parts, preview.balance], [[], 20_00n]);
	t.like(await shop.payments.confirm(found, '4711'), {
		kind: 'concluded',
		payment: {status: 'denied', refusal: 'insufficientBalance'},
	});
});

test.serial('five wrong PINs lock the wallet’s page for a time', async t => {
	const shop = await openShop(database);
	await shop.issue({owner: ana, pin: '4711'});
	const found = await pageOf(shop);
	for (let guess = 0; guess < 5; guess++) {
		t.deepEqual(await shop.payments.confirm(found, '0000'), {kind: 'pinWrong'});
	}

	t.deepEqual(await shop.payments.confirm(found, '4711'), {kind: 'pinLocked'});
	shop.clock.advance(15 * minuteMs);
	t.like(await shop.payments.confirm(found, '4711'), {kind: 'concluded', payment: {status: 'approved'}});
});

test.serial(
	'a shopper who becomes another customer while the page is open pays from the wallet of both',
	async t => {
		const shop = await openShop(database);
		const {prisma} = database.general;
		const card = await shop.issue({owner: ana, pin: '4711'});
		const found = await pageOf(shop);
		const [from, into] = [
			await findOrCreateCustomer(prisma, shop.merchant.id, identifiersOf(ana)),
			await findOrCreateCustomer(prisma, shop.merchant.id, identifiersOf({email: 'ana@work.example'})),
		];
		await becomeOther(prisma, from, into);

		t.is((await shop.payments.preview(found.payment)).balance, 100_00n);
		t.like(await shop.payments.confirm(found, '4711'), {kind: 'concluded', payment: {status: 'approved'}});
		t.deepEqual(await shop.balance(card), [70_00n, 30_00n]);
	},
);
