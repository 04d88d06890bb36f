import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import {type Expiring, type ExpiringWish, readExpiring} from '../../src/reports/expiring.ts';
import {endOfLocalDay} from '../../src/ledger/calendar.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, day, idOf, noon, openTestLedger, undo} from '../helpers/ledger.ts';
import {grantPoints, openTestPoints, openTestWallet} from '../helpers/points.ts';

const zone = 'America/Sao_Paulo';
const ends = (date: string) => endOfLocalDay(date, zone);

/** A ledger with points, at noon of 15 June 2026 in São Paulo; what ends within 60 days is read, unless it is said otherwise. */
async function withWallets(t: ExecutionContext) {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const ledger = await openTestLedger(database);
	const {merchant, actorId, assetId} = ledger;
	const points = await openTestPoints(prisma, merchant.id, {currencyId: assetId});
	const open = () => openTestWallet(prisma, merchant.id, points);
	const grant = async (wallet: Awaited<ReturnType<typeof open>>, amount: bigint, expiresAt: number | null) =>
		idOf(await grantPoints(ledger.writer, merchant, wallet, {amount, actorId, expiresAt}));
	const read = async (wish: Partial<ExpiringWish> = {}) => {
		const rows: Expiring[] = [];
		await readExpiring(
			prisma,
			{
				...{merchantId: merchant.id, by: 'total', now: ledger.clock.now, until: noon + 60 * day},
				...{timeZone: zone, ...wish},
			},
			async page => {
				rows.push(...page);
				return Promise.resolve();
			},
		);
		return rows;
	};
	return {database, prisma, ledger, points, open, grant, read};
}

const amounts = (rows: readonly Expiring[]) => rows.map(({amount}) => amount);

test('what has not ended and ends by then is counted, to the very instant', async t => {
	const {ledger, open, grant, read} = await withWallets(t);
	const wallet = await open();
	await grant(wallet, 1n, noon + day);
	await grant(wallet, 10n, noon + 2 * day);
	await grant(wallet, 100n, noon + 2 * day + 1);
	await grant(wallet, 1000n, null);

	t.deepEqual(amounts(await read({until: noon + 2 * day})), [11n]);
	ledger.clock.now = noon + day - 1;
	t.deepEqual(amounts(await read({until: noon + 2 * day})), [11n]);
	// Not swept yet, and spent no more.
	ledger.clock.now = noon + day;
	t.deepEqual(amounts(await read({until: noon + 2 * day})), [10n]);
	t.deepEqual(amounts(await read()), [110n]);
	ledger.clock.now = noon + 3 * day;
	t.deepEqual(await read(), []);
});

test('what was spent or is held does not expire; what is pending, and what is on a blocked card, does', async t => {
	const {prisma, ledger, open, grant, read} = await withWallets(t);
	const [held, spent, blocked] = [
		await ledger.issue({amount: 50n, expiresAt: noon + day}),
		await ledger.issue({amount: 7n, expiresAt: noon + day}),
		await ledger.issue({amount: 4n, expiresAt: noon + day}),
	];
	await prisma.card.updateMany({where: {id: BigInt(blocked.cardId)}, data: {status: 2}});
	const hold = idOf(await ledger.submit(authorize(ledger, held, 20n, 'r1')));
	await ledger.submit(authorize(ledger, spent, 7n, 'r2'));

	t.deepEqual(amounts(await read()), [34n]);
	await ledger.submit(undo(ledger, held, hold, 20n, 'c1'));
	t.deepEqual(amounts(await read()), [54n]);

	const wallet = await open();
	await grant(wallet, 3n, null);
	await prisma.lot.create({
		data: {
			...{merchantId: ledger.merchant.id, id: randomUUID(), cardId: BigInt(wallet.cardId), origin: 15},
			...{issued: 9n, remaining: 9n, spent: false},
			...{spendableFrom: new Date(noon + 5 * day), expiresAt: new Date(noon + 9 * day)},
		},
	});
	t.deepEqual(amounts(await read()), [54n, 9n]);
});

test('each kind of points and each currency stands by itself, and so does each merchant', async t => {
	const {database, ledger, points, open, grant, read} = await withWallets(t);
	await ledger.issue({amount: 50_00n, expiresAt: noon + day});
	await grant(await open(), 500n, noon + 2 * day);
	await grant(await open(), 50n, noon + 3 * day);
	const other = await openTestLedger(database, 'other shop');
	await other.issue({amount: 9n, expiresAt: noon + day});

	const nobody = {customerId: null, card: null, period: null};
	t.deepEqual(await read(), [
		{
			assetId: ledger.assetId,
			amount: 50_00n,
			lots: 1,
			cards: 1,
			first: noon + day,
			last: noon + day,
			...nobody,
		},
		{
			...{assetId: points.assetId, amount: 550n, lots: 2, cards: 2, ...nobody},
			...{first: noon + 2 * day, last: noon + 3 * day},
		},
	]);
	t.deepEqual(amounts(await read({merchantId: other.merchant.id})), [9n]);
});

test('by customer, all that one person has of an asset is one row, a card of nobody another; who loses soonest comes first', async t => {
	const {ledger, points, open, grant, read} = await withWallets(t);
	const [late, soon] = [await open(), await open()];
	await grant(late, 500n, noon + 9 * day);
	await grant(soon, 10n, noon + 2 * day);
	await grant(soon, 20n, noon + 20 * day);
	const [a, b] = [
		await ledger.issue({amount: 1n, expiresAt: noon + 3 * day}),
		await ledger.issue({amount: 2n, expiresAt: noon + 4 * day}),
	];
	const ownerId = soon.customerId;
	await ledger.issue({amount: 7n, expiresAt: noon + 5 * day, ownerId});
	await ledger.issue({amount: 8n, expiresAt: noon + 6 * day, ownerId});

	const rows = await read({by: 'customer'});

	t.deepEqual(
		rows.map(({assetId, customerId, card, amount, cards, lots}) => [
			assetId === points.assetId ? 'points' : 'money',
			...[customerId, card, amount, cards, lots],
		]),
		[
			['points', soon.customerId, soon.publicId, 30n, 1, 2],
			['money', null, a.publicId, 1n, 1, 1],
			['money', null, b.publicId, 2n, 1, 1],
			['money', soon.customerId, null, 15n, 2, 2],
			['points', late.customerId, late.publicId, 500n, 1, 1],
		],
	);
	t.like(rows[0], {first: noon + 2 * day, last: noon + 20 * day});
	t.deepEqual(amounts(await read({by: 'customer', customerId: soon.customerId})), [30n, 15n]);
	t.deepEqual(amounts(await read({by: 'total', customerId: soon.customerId})), [30n, 15n]);
	t.deepEqual(amounts(await read({by: 'total', cardId: soon.cardId})), [30n]);
	t.deepEqual(amounts(await read({by: 'day', cardId: a.cardId})), [1n]);
});

test("what stands on the name of somebody who became another customer is that one's", async t => {
	const {prisma, ledger, open, grant, read} = await withWallets(t);
	const [first, second, third] = [await open(), await open(), await open()];
	await grant(third, 500n, noon + 9 * day);
	for (const [index, {customerId}] of [first, second, third].entries()) {
		await ledger.issue({amount: BigInt(index + 1), expiresAt: noon + day, ownerId: customerId});
	}

	for (const [from, into] of [
		[first, second],
		[second, third],
	] as const) {
		const where = {merchantId_id: {merchantId: ledger.merchant.id, id: BigInt(from.customerId)}};
		await prisma.customer.update({where, data: {mergedInto: BigInt(into.customerId)}});
	}

	const shown = async (wish: Partial<ExpiringWish> = {}) =>
		(await read({by: 'customer', ...wish})).map(({customerId, amount, cards}) => [customerId, amount, cards]);
	const {customerId} = third;
	t.deepEqual(await shown(), [
		[customerId, 6n, 3],
		[customerId, 500n, 1],
	]);
	t.deepEqual(await shown({customerId}), await shown());
});

test('days and months are those of the local calendar: what ends with the last second of one belongs to it', async t => {
	const {open, grant, read} = await withWallets(t);
	const wallet = await open();
	await grant(wallet, 1n, ends('2026-06-30') - 1);
	await grant(wallet, 2n, ends('2026-06-30'));
	await grant(wallet, 4n, ends('2026-06-30') + 1);
	await grant(wallet, 8n, ends('2026-07-31'));
	await grant(wallet, 16n, ends('2026-08-02'));
	const periods = async (by: 'day' | 'month', changes: Partial<ExpiringWish> = {}) =>
		(await read({by, ...changes})).map(({period, amount}) => [period, amount]);

	t.deepEqual(await periods('month'), [
		['2026-06', 3n],
		['2026-07', 12n],
		['2026-08', 16n],
	]);
	t.deepEqual(await periods('day'), [
		['2026-06-30', 3n],
		['2026-07-01', 4n],
		['2026-07-31', 8n],
		['2026-08-02', 16n],
	]);
	t.deepEqual(await periods('month', {until: ends('2026-07-31')}), [
		['2026-06', 3n],
		['2026-07', 12n],
	]);
	// Where it is July already when June ends in São Paulo.
	t.deepEqual(await periods('day', {timeZone: 'Pacific/Kiritimati', until: ends('2026-06-30')}), [
		['2026-07-01', 3n],
	]);
});

test('more rows than a page are complete and in order', async t => {
	const {prisma, ledger, read} = await withWallets(t);
	await prisma.$executeRaw`
		WITH made AS (
			INSERT INTO cards (merchant_id, public_id, asset_id, emitted_at)
			SELECT ${ledger.merchant.id}::int, gen_random_uuid(), ${ledger.assetId}::int, now() FROM generate_series(1, 1100)
			RETURNING merchant_id, id
		), numbered AS (SELECT *, row_number() OVER (ORDER BY id) AS n FROM made)
		INSERT INTO lots (merchant_id, id, card_id, origin, issued, remaining, spent, spendable_from, expires_at)
		SELECT merchant_id, gen_random_uuid(), id, 10, n, n, false, now(), ${new Date(noon + day)}::timestamptz + n * interval '1 second'
		FROM numbered`;

	const rows = await read({by: 'customer'});

	t.deepEqual(
		amounts(rows),
		Array.from({length: 1100}, (_, index) => BigInt(index + 1)),
	);
});
