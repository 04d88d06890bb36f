import test from 'ava';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {payableBy, type WalletCard} from '../../src/payments/wallet.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openShop, said, type Shop} from './shop.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.afterEach(t => assertAuditClean(t, database));

const ana = {id: 'profile-ana', document: '11144477735', email: 'ana@example.com'};

const pay = async ({create}: Shop, paymentId: string, buyer: ClientFields, amountText = '30.00') =>
	create({paymentId, way: 'wallet', method: 'Promissories', buyer: identifiersOf(buyer), amountText});

test.serial(
	'a wallet pays with several cards as one hold, soonest expiry first and then the smallest',
	async t => {
		const shop = await openShop(database);
		const big = await shop.issue({owner: ana, amount: 50_00n});
		const small = await shop.issue({owner: ana, amount: 5_00n, restricted: true});
		const soon = await shop.issue({owner: ana, amount: 20_00n, expiresInDays: 3});
		const dollars = await shop.issue({owner: ana, amount: 99_00n, currency: 'USD', expiresInDays: 1});

		const payment = await pay(shop, 'p1', ana);

		t.like(payment, {status: 'approved', way: 'wallet', cardIds: [soon.cardId, small.cardId, big.cardId]});
		t.deepEqual(await shop.balance(soon), [0n, 20_00n]);
		t.deepEqual(await shop.balance(small), [0n, 5_00n]);
		t.deepEqual(await shop.balance(big), [45_00n, 5_00n]);
		t.deepEqual(await shop.balance(dollars), [99_00n, 0n]);
		t.deepEqual(await pay(shop, 'p1', ana), payment);

		const operation = {paymentId: 'p1', requestId: 'o1'};
		t.is(said(await shop.operate('settle', {...operation, amountText: '22.00'})), '2200');
		t.is(said(await shop.operate('cancel', operation)), '800');
		t.is(said(await shop.operate('refund', {...operation, amountText: '22.00'})), '2200');
		t.deepEqual(await shop.balance(soon), [20_00n, 0n]);
		t.deepEqual(await shop.balance(small), [5_00n, 0n]);
		t.deepEqual(await shop.balance(big), [50_00n, 0n]);
	},
);

test.serial('a wallet pays all or nothing', async t => {
	const shop = await openShop(database);
	const small = await shop.issue({owner: ana, amount: 10_00n});
	await shop.issue({owner: ana, amount: 19_99n});

	t.like(await pay(shop, 'p1', ana), {status: 'denied', refusal: 'insufficientBalance', holdId: null});
	t.deepEqual(await shop.balance(small), [10_00n, 0n]);
	t.like(await pay(shop, 'p2', ana, '29.99'), {status: 'approved'});
	t.like(await pay(shop, 'p3', ana, '0.01'), {status: 'denied', refusal: 'insufficientBalance'});
});

test.serial('payments that want the same wallet at once never take more than it has', async t => {
	const shop = await openShop(database);
	const cards = await Promise.all([10_00n, 10_00n, 10_00n].map(amount => shop.issue({owner: ana, amount})));

	const payments = await Promise.all(
		Array.from({length: 8}, (_, index) => pay(shop, `p${index}`, ana, '6.00')),
	);

	t.is(payments.filter(({status}) => status === 'approved').length, 5);
	const balances = await Promise.all(cards.map(shop.balance));
	t.is(
		balances.reduce((sum, [available]) => sum + available, 0n),
		0n,
	);
});

test.serial(
	'a wallet pays at once only for who is named strongly enough, and for nobody when names contradict',
	async t => {
		const shop = await openShop(database);
		await shop.issue({owner: ana, amount: 100_00n});
		await shop.issue({owner: {email: 'bia@example.com'}, amount: 100_00n});
		const refusalOf = async (paymentId: string, buyer: ClientFields) =>
			(await pay(shop, paymentId, buyer, '1.00')).refusal;

		t.is(await refusalOf('profile', {id: ana.id}), null);
		t.is(await refusalOf('document', {document: ana.document}), null);
		t.is(await refusalOf('new profile', {id: 'another', document: ana.document}), 'walletUnknown');
		t.is(await refusalOf('email', {email: ana.email}), 'walletUnknown');
		t.is(await refusalOf('email and a new document', {email: ana.email, document: '1'}), 'walletUnknown');
		t.is(await refusalOf('two', {document: ana.document, email: 'bia@example.com'}), 'walletUnknown');
		t.is(await refusalOf('nobody', {}), 'walletUnknown');
		t.is(await refusalOf('stranger', {document: '52998224725'}), 'walletUnknown');
	},
);

test.serial('which identifier is enough is the configuration’s to say', async t => {
	const shops = {
		profile: await openShop(database, {walletIdentity: 'profile'}),
		email: await openShop(database, {walletIdentity: 'email'}),
	};
	const statusOf = async (shop: Shop, paymentId: string, buyer: ClientFields) =>
		(await pay(shop, paymentId, buyer, '1.00')).status;
	for (const shop of Object.values(shops)) {
		await shop.issue({owner: ana});
	}

	t.is(await statusOf(shops.profile, 'p1', {id: ana.id}), 'approved');
	t.is(await statusOf(shops.profile, 'p2', {document: ana.document, email: ana.email}), 'denied');
	t.is(await statusOf(shops.email, 'p1', {email: ana.email}), 'approved');
});

test.serial('a restricted card whose owner has another document stays out, and the others pay', async t => {
	const shop = await openShop(database, {walletIdentity: 'email'});
	const restricted = await shop.issue({owner: ana, restricted: true, expiresInDays: 1});
	const open = await shop.issue({owner: ana});

	t.like(await pay(shop, 'p1', {email: ana.email, document: '52998224725'}), {
		status: 'approved',
		cardIds: [open.cardId],
	});
	t.deepEqual(await shop.balance(restricted), [100_00n, 0n]);
});

test('of a wallet those cards pay that are not restricted to somebody else', t => {
	const cardOf = (cardId: string, restricted: boolean) =>
		({
			card: {cardId, restricted, owner: identifiersOf({document: '12345'})},
			balance: 1n,
		}) as unknown as WalletCard;
	const cards = [cardOf('free', false), cardOf('restricted', true)];
	const payable = (client: ClientFields) =>
		payableBy(cards, identifiersOf(client)).map(({card}) => card.cardId);

	t.deepEqual(payable({document: '12345'}), ['free', 'restricted']);
	t.deepEqual(payable({document: '99999'}), ['free']);
	t.deepEqual(payable({email: 'ann@example.com'}), ['free', 'restricted']);
});
