import test from 'ava';
import {openMergeWallets} from '../../src/cards/merge-wallets.ts';
import {mergeCustomers} from '../../src/customers/merge.ts';
import {
	type CustomerLine,
	type CustomerStatementWish,
	readCustomerStatement,
} from '../../src/reports/customer-statement.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, capture, day, idOf, noon, openTestLedger, transfer, undo} from '../helpers/ledger.ts';
import {grantPoints, openTestPoints, openTestWallet, type TestWallet} from '../helpers/points.ts';

let database: TestDatabase;
let shops = 0;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

/** A merchant of the test's own, with points. */
async function openShop() {
	const {prisma} = database.general;
	const ledger = await openTestLedger(database, `statements ${++shops}`);
	const {merchant, actorId} = ledger;
	const points = await openTestPoints(prisma, merchant.id, {currencyId: ledger.assetId});
	const grant = async (wallet: TestWallet, amount: bigint) =>
		grantPoints(ledger.writer, merchant, wallet, {amount, actorId, expiresAt: null});
	const read = async (customerId: string, wish: Partial<CustomerStatementWish> = {}) => {
		const lines: CustomerLine[] = [];
		await readCustomerStatement(
			database.general,
			{merchantId: merchant.id, customerId, ...wish},
			async page => {
				lines.push(...page);
				return Promise.resolve();
			},
		);
		return lines;
	};
	return {prisma, ledger, points, grant, read, wallet: () => openTestWallet(prisma, merchant.id, points)};
}

const shown = ({kind, amount, balance, heldAmount, held}: CustomerLine) =>
	`${kind} ${amount} ${balance} ${heldAmount} ${held}`;

test('all cards of a customer run together, money and points each by itself, with the order behind each step', async t => {
	const {ledger, points, grant, read, wallet} = await openShop();
	const own = await wallet();
	const ownerId = own.customerId;
	const first = await ledger.issue({amount: 100n, ownerId});
	ledger.clock.now += 1;
	await grant(own, 500n);
	ledger.clock.now += 1;
	const second = await ledger.issue({amount: 20n, ownerId});
	ledger.clock.now += 1;
	const hold = idOf(await ledger.submit(authorize(ledger, first, 30n, 'buy')));
	ledger.clock.now += 1;
	await ledger.submit(capture(ledger, first, hold, 10n, 'settle'));
	ledger.clock.now += 1;
	await ledger.submit(undo(ledger, first, hold, 20n, 'cancel'));
	await ledger.issue({amount: 9999n});

	const lines = await read(ownerId);

	const {assetId} = ledger;
	t.deepEqual(lines.filter(line => line.assetId === assetId).map(shown), [
		'issue 100 100 0 0',
		'issue 20 120 0 0',
		'authorize -30 90 30 30',
		'capture 0 90 -10 20',
		'release 20 110 -20 0',
	]);
	t.deepEqual(
		lines
			.filter(line => line.assetId === points.assetId)
			.map(({balance, card, isWallet}) => [balance, card, isWallet]),
		[[500n, own.publicId, true]],
	);
	t.deepEqual(
		lines
			.filter(line => line.assetId === assetId)
			.map(({orderId, card}) => [orderId, card === second.publicId]),
		[
			[null, false],
			[null, true],
			['v500', false],
			['v500', false],
			['v500', false],
		],
	);
	t.like(lines[2], {requestId: 'buy', actor: 'tester', occurredAt: noon + 3});
	t.deepEqual(
		(await read(ownerId, {assetIds: [points.assetId]})).map(({balance}) => balance),
		[500n],
	);
	t.deepEqual(await read(ownerId, {assetIds: []}), []);
});

test('a statement of a period begins with what there was, and ends with its last instant', async t => {
	const {ledger, points, grant, read, wallet} = await openShop();
	const own = await wallet();
	const ownerId = own.customerId;
	const card = await ledger.issue({amount: 100n, ownerId});
	ledger.clock.now = noon + day;
	await ledger.submit(authorize(ledger, card, 30n, 'a'));
	ledger.clock.now = noon + 2 * day;
	await grant(own, 7n);
	await ledger.submit(authorize(ledger, card, 1n, 'b'));

	const of = async (from: number, until?: number) => (await read(ownerId, {from, until})).map(shown);

	t.deepEqual(await of(noon + day, noon + 2 * day - 1), ['opening 0 100 0 0', 'authorize -30 70 30 30']);
	t.deepEqual(await of(noon + day + 1), [
		...['opening 0 70 0 30', 'authorize -1 69 1 31'],
		...['opening 0 0 0 0', 'adjust 7 7 0 0'],
	]);
	t.deepEqual(await of(noon + 3 * day), ['opening 0 69 0 31', 'opening 0 7 0 0']);
	t.deepEqual(
		(await read(ownerId, {from: noon + 3 * day})).map(({assetId}) => assetId),
		[ledger.assetId, points.assetId],
	);
	t.deepEqual((await read(ownerId, {until: noon})).map(shown), ['issue 100 100 0 0']);
});

test('what a merge moves from wallet to wallet cancels out, and says that it stayed with the customer', async t => {
	const {prisma, ledger, grant, read, wallet} = await openShop();
	const [was, is] = [await wallet(), await wallet()];
	await grant(was, 5n);
	await grant(is, 50n);
	ledger.clock.now += 1;
	const mergeWallets = openMergeWallets({prisma, writer: ledger.writer});
	const merge = {
		fromId: was.customerId,
		intoId: is.customerId,
		actorId: ledger.actorId,
		reason: 'registered twice',
	};
	await mergeCustomers({prisma, mergeWallets, clock: () => ledger.clock.now}, ledger.merchant, merge);

	const lines = await read(is.customerId);

	t.deepEqual(
		lines.map(({balance}) => balance),
		[5n, 55n, 50n, 55n],
	);
	t.deepEqual(
		lines
			.slice(2)
			.map(({kind, amount, card, otherCard, isWithin, reason}) => [
				kind,
				amount,
				card,
				otherCard,
				isWithin,
				reason,
			]),
		[
			['transfer', -5n, was.publicId, is.publicId, true, 'registered twice'],
			['transfer', 5n, is.publicId, was.publicId, true, 'registered twice'],
		],
	);
	t.deepEqual(
		lines.slice(0, 2).map(({isWithin}) => isWithin),
		[false, false],
	);
});

test("value that goes to somebody else's card is not within the customer", async t => {
	const {ledger, read, wallet} = await openShop();
	const ownerId = (await wallet()).customerId;
	const [own, foreign] = [await ledger.issue({amount: 10n, ownerId}), await ledger.issue({amount: 1n})];
	ledger.clock.now += 1;
	await ledger.submit(transfer(ledger, own, foreign, 4n, 't'));

	const [, moved] = await read(ownerId);

	t.like(moved, {
		amount: -4n,
		balance: 6n,
		otherCard: foreign.publicId,
		isWithin: false,
		reason: 'gift split',
	});
});
