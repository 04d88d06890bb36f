import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {minuteMs, openShop} from './shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

test.serial('a payment with a code holds its value once, however often it is asked for', async t => {
	const {issue, create, balance, changed, payments, merchant} = await openShop(database);
	const card = await issue();

	const payment = await create({paymentId: 'p1', code: card.code.toLowerCase()});

	t.like(payment, {status: 'approved', way: 'code', value: 30_00n, cardIds: [card.cardId], refusal: null});
	t.deepEqual(await balance(card), [70_00n, 30_00n]);
	t.deepEqual(await create({paymentId: 'p1', code: card.code}), payment);
	t.deepEqual(await payments.find(merchant.id, 'p1'), payment);
	t.deepEqual(await balance(card), [70_00n, 30_00n]);
	t.deepEqual(changed, []);
});

test.serial(
	'a repeated payment with another amount or currency has its first answer, and is told',
	async t => {
		const {issue, create, balance, changed} = await openShop(database);
		const card = await issue();
		const payment = await create({paymentId: 'p1', code: card.code});

		t.deepEqual(await create({paymentId: 'p1', code: card.code, amountText: '31.00'}), payment);
		t.deepEqual(await create({paymentId: 'p1', code: card.code, currency: 'USD'}), payment);
		t.deepEqual(await create({paymentId: 'p1', code: '************'}), payment);

		t.deepEqual(changed, ['p1', 'p1']);
		t.deepEqual(await balance(card), [70_00n, 30_00n]);

		const twins = await Promise.all(
			['10.00', '20.00'].map(async amountText => create({paymentId: 'p2', code: card.code, amountText})),
		);
		t.deepEqual(twins[0], twins[1]);
		t.deepEqual(changed, ['p1', 'p1', 'p2']);
	},
);

test.serial('equal payments that arrive together are one', async t => {
	const {issue, create, balance, changed} = await openShop(database);
	const card = await issue();

	const twins = await Promise.all(Array.from({length: 8}, () => create({paymentId: 'p1', code: card.code})));

	t.deepEqual(new Set(twins.map(({holdId, tid, status}) => `${holdId} ${tid} ${status}`)).size, 1);
	t.deepEqual(await balance(card), [70_00n, 30_00n]);
	t.deepEqual(changed, []);
});

test.serial('a payment says why it is denied, and stays denied', async t => {
	const {issue, create} = await openShop(database);
	const card = await issue({amount: 29_99n});
	const dollars = await issue({currency: 'USD'});
	const ana = {document: '11144477735'};
	const owned = await issue({owner: ana, restricted: true});
	const [known, stranger] = [identifiersOf(ana), identifiersOf({document: '52998224725'})];
	const refusalOf = async (wish: Parameters<typeof create>[0]) => (await create(wish)).refusal;

	t.is(await refusalOf({paymentId: 'poor', code: card.code}), 'insufficientBalance');
	t.is(await refusalOf({paymentId: 'enough', code: card.code, amountText: '29.99'}), null);
	t.is(await refusalOf({paymentId: 'unknown', code: '4444333322221111'}), 'codeUnknown');
	t.is(await refusalOf({paymentId: 'no code'}), 'codeUnknown');
	t.is(await refusalOf({paymentId: 'cash', way: null, code: dollars.code}), 'methodNotOffered');
	t.is(await refusalOf({paymentId: 'invoice', way: 'sandboxBankInvoice'}), 'methodNotOffered');
	t.is(await refusalOf({paymentId: 'reais', code: dollars.code}), 'currencyMismatch');
	t.is(await refusalOf({paymentId: 'dollars', code: dollars.code, currency: 'USD'}), null);
	t.is(await refusalOf({paymentId: 'any', code: dollars.code, currency: null}), null);
	t.is(await refusalOf({paymentId: 'stranger', code: owned.code, buyer: stranger}), 'ownerMismatch');
	t.is(await refusalOf({paymentId: 'owner', code: owned.code, buyer: known}), null);
	for (const amountText of [null, '0', '0.00', '-1', '1.001', 'much', '9999999999999999']) {
		t.is(await refusalOf({paymentId: `of ${amountText}`, code: owned.code, amountText}), 'amountUnusable');
	}

	t.like(await create({paymentId: 'poor', code: owned.code}), {status: 'denied'});
});

test.serial(
	'the PIN of a card is asked for; five wrong ones lock it for a time, and repetitions do not count',
	async t => {
		const {issue, create, clock, balance} = await openShop(database);
		const card = await issue({pin: '4711'});
		const pay = async (paymentId: string, pin: string | null) =>
			(await create({paymentId, code: card.code, pin})).refusal;

		t.is(await pay('none', null), 'codeUnknown');
		t.is(await pay('none', '4711'), 'codeUnknown');
		for (let again = 0; again < 6; again++) {
			t.is(await pay('wrong', '0000'), 'codeUnknown');
		}

		t.is(await pay('right', '4711'), null);
		for (let guess = 0; guess < 5; guess++) {
			t.is(await pay(`guess ${guess}`, '0000'), 'codeUnknown');
		}

		t.is(await pay('locked', '4711'), 'pinLocked');
		clock.advance(15 * minuteMs);
		t.is(await pay('open', '4711'), null);
		t.deepEqual(await balance(card), [40_00n, 60_00n]);
	},
);

test.serial(
	'a payment that only verifies holds nothing, and is denied where the card could not pay',
	async t => {
		const {issue, create, balance, operate, clock} = await openShop(database);
		const card = await issue({amount: 1n, expiresInDays: 1, pin: '4711'});
		const verify = (paymentId: string, pin = '4711') =>
			create({paymentId, code: card.code, pin, amountText: '0', verificationOnly: true});

		t.like(await verify('p1'), {status: 'approved', holdId: null, value: 0n});
		t.like(await verify('p2', '1234'), {status: 'denied', refusal: 'codeUnknown'});
		t.deepEqual(await balance(card), [1n, 0n]);
		t.is((await operate('settle', {paymentId: 'p1', requestId: 's1', amountText: '0.01'})).kind, 'refused');
		clock.advance(2 * 86_400_000);
		t.like(await verify('p3'), {status: 'denied', refusal: 'cardExpired'});
	},
);

test.serial('a code of another merchant’s card is a code that nobody knows', async t => {
	const [shop, other] = [await openShop(database), await openShop(database)];
	const {code} = await other.issue();

	t.like(await shop.create({paymentId: 'p1', code}), {status: 'denied', refusal: 'codeUnknown'});
	t.like(await other.create({paymentId: 'p1', code}), {status: 'approved'});
});

test.serial('a payment in a currency that does not exist is denied, and not taken in another', async t => {
	const {issue, create, balance} = await openShop(database);
	const card = await issue();

	t.like(await create({paymentId: 'p1', code: card.code, currency: 'ZZZ'}), {
		status: 'denied',
		refusal: 'currencyMismatch',
	});
	t.deepEqual(await balance(card), [100_00n, 0n]);
});

test.serial('a payment of nothing is denied before any PIN is looked at', async t => {
	const {issue, create} = await openShop(database);
	const {code} = await issue({pin: '1234'});

	t.like(await create({paymentId: 'p1', code, pin: '9999', amountText: '0.00'}), {
		status: 'denied',
		refusal: 'amountUnusable',
	});
});
