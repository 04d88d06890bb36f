import {randomUUID} from 'node:crypto';
import anyTest, {type TestFn} from 'ava';
import {openMergeWallets} from '../../src/cards/merge-wallets.ts';
import {type Outcome} from '../../src/ledger/batch.ts';
import {type Command, noNote} from '../../src/ledger/commands.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {openTestLedger, type TestLedger} from '../helpers/ledger.ts';
import {
	grantPoints,
	openTestPoints,
	openTestWallet,
	type TestPoints,
	type TestWallet,
} from '../helpers/points.ts';

/* Merging wallets through the real writer: what the pure decision says of it is in decide/points.test.ts. */

const test = anyTest as TestFn<{database: TestDatabase}>;
let shops = 0;

test.before(async t => {
	t.context.database = await openTestDatabase();
});
test.after.always(async t => {
	await t.context.database.close();
});

type Shop = {readonly ledger: TestLedger; readonly points: TestPoints};

/** A merchant of the test's own, whose points are worth a cent. */
async function openShop(database: TestDatabase): Promise<Shop> {
	const ledger = await openTestLedger(database, `merging ${++shops}`);
	const {prisma} = database.general;
	const points = await openTestPoints(prisma, ledger.merchant.id, {currencyId: ledger.assetId});
	return {ledger, points};
}

async function walletOf(database: TestDatabase, {ledger, points}: Shop, units: bigint): Promise<TestWallet> {
	const wallet = await openTestWallet(database.general.prisma, ledger.merchant.id, points);
	if (units > 0n) {
		await grantPoints(ledger.writer, ledger.merchant, wallet, {amount: units, actorId: ledger.actorId});
	}

	return wallet;
}

function debit({ledger: {assetId, actorId}}: Shop, {cardId, publicId}: TestWallet, amount: bigint): Command {
	return {
		...{verb: 'authorize', cardId, assetId, amount, actorId, note: noNote, source: 'giftCard', presented: []},
		key: {scope: publicId, space: 'transaction', key: randomUUID()},
	};
}

function undo(
	{ledger: {assetId, actorId}}: Shop,
	{cardId}: TestWallet,
	operationId: string,
	amount: bigint,
): Command {
	return {
		...{verb: 'undo', cardId, assetId, amount, actorId, note: noNote, operationId},
		key: {scope: operationId, space: 'undo', key: randomUUID()},
	};
}

function idOf(outcome: Outcome): string {
	if (outcome.kind === 'refused') {
		throw new Error(`Refused: ${outcome.refusal}`);
	}

	return outcome.id;
}

async function balances(
	{general: {prisma}}: TestDatabase,
	{ledger: {merchant}}: Shop,
	...wallets: readonly TestWallet[]
): Promise<string[]> {
	return Promise.all(
		wallets.map(async ({cardId}) => {
			const where = {merchantId_id: {merchantId: merchant.id, id: BigInt(cardId)}};
			const {available, held} = await prisma.card.findUniqueOrThrow({where});
			return `${available} + ${held}`;
		}),
	);
}

const reasons = (shop: Shop) => ({actorId: shop.ledger.actorId, reason: 'one and the same', key: 'merge'});

test('what comes back to a merged wallet follows, also along a line of them', async t => {
	const {database} = t.context;
	const shop = await openShop(database);
	const {ledger} = shop;
	const [a, b, c] = [
		await walletOf(database, shop, 100n),
		await walletOf(database, shop, 10n),
		await walletOf(database, shop, 1n),
	];
	const merge = openMergeWallets({...database.general, writer: ledger.writer});
	const hold = idOf(await ledger.submit(debit(shop, a, 60n)));

	await merge(ledger.merchant, {fromCardId: a.cardId, toCardId: b.cardId, ...reasons(shop)});
	t.deepEqual(await balances(database, shop, a, b, c), ['0 + 60', '50 + 0', '1 + 0']);
	await merge(ledger.merchant, {fromCardId: b.cardId, toCardId: c.cardId, ...reasons(shop)});
	t.deepEqual(await balances(database, shop, a, b, c), ['0 + 60', '0 + 0', '51 + 0']);

	idOf(await ledger.submit(undo(shop, a, hold, 25n)));
	t.deepEqual(await balances(database, shop, a, b, c), ['0 + 35', '0 + 0', '76 + 0']);
	t.like(await ledger.submit(debit(shop, a, 1n)), {kind: 'refused', refusal: 'cardClosed'});
	await assertAuditClean(t, database);
});

test('a merge that is repeated moves nothing more, and one into another wallet is refused', async t => {
	const {database} = t.context;
	const shop = await openShop(database);
	const {ledger} = shop;
	const [a, b, c] = [
		await walletOf(database, shop, 5n),
		await walletOf(database, shop, 0n),
		await walletOf(database, shop, 0n),
	];
	const merge = openMergeWallets({...database.general, writer: ledger.writer});
	const into = (to: TestWallet, key: string) =>
		merge(ledger.merchant, {fromCardId: a.cardId, toCardId: to.cardId, ...reasons(shop), key});

	await into(b, 'first');
	await into(b, 'first');
	await into(b, 'second');
	await t.throwsAsync(into(c, 'third'), {name: 'ValueRefusedError'});
	t.deepEqual(await balances(database, shop, a, b, c), ['0 + 0', '5 + 0', '0 + 0']);
	await assertAuditClean(t, database);
});

test('merges, debits and releases that meet in two processes lose no point', async t => {
	const {database} = t.context;
	const shop = await openShop(database);
	const {ledger} = shop;
	const other = ledger.openWriter();
	const merges = [ledger.writer, other].map(writer => openMergeWallets({...database.general, writer}));
	for (let round = 0; round < 10; round++) {
		const [a, b] = [await walletOf(database, shop, 40n), await walletOf(database, shop, 2n)];
		const hold = idOf(await ledger.submit(debit(shop, a, 30n)));

		await Promise.all([
			merges[round % 2]?.(ledger.merchant, {fromCardId: a.cardId, toCardId: b.cardId, ...reasons(shop)}),
			ledger.submit(undo(shop, a, hold, 10n)),
			ledger.submit(undo(shop, a, hold, 9n), other),
			ledger.submit(debit(shop, b, 1n), other),
			ledger.submit(undo(shop, a, hold, 11n), other),
		]);

		t.deepEqual(await balances(database, shop, a, b), ['0 + 0', '41 + 1']);
	}

	await assertAuditClean(t, database);
});

test('two wallets that are merged into each other at once end as one', async t => {
	const {database} = t.context;
	const shop = await openShop(database);
	const {ledger} = shop;
	const writers = [ledger.writer, ledger.openWriter()];
	const [a, b] = [await walletOf(database, shop, 3n), await walletOf(database, shop, 4n)];

	const ends = await Promise.allSettled(
		[
			[a, b],
			[b, a],
		].map(async ([from = a, to = b], index) =>
			openMergeWallets({...database.general, writer: writers[index] ?? ledger.writer})(ledger.merchant, {
				...{fromCardId: from.cardId, toCardId: to.cardId},
				...reasons(shop),
			}),
		),
	);

	t.is(ends.filter(({status}) => status === 'fulfilled').length, 1);
	t.deepEqual((await balances(database, shop, a, b)).toSorted(), ['0 + 0', '7 + 0']);
	await assertAuditClean(t, database);
});
