import {randomUUID} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {wireIdOf} from '../../src/cards/public-id.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {eraseCustomer} from '../../src/customers/erase.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {type BookedOrder, openBookOrder} from '../../src/loyalty/book-order.ts';
import {earnedSoFar} from '../../src/loyalty/earn.ts';
import {type EarnRules} from '../../src/loyalty/earn-rules.ts';
import {type SoldOrder} from '../../src/loyalty/order.ts';
import {type ProgramSettings} from '../../src/loyalty/program.ts';
import {createProgram} from '../../src/loyalty/program-changes.ts';
import {readPrograms} from '../../src/loyalty/program-rows.ts';
import {defaultSettings} from '../../src/loyalty/program-settings.ts';
import {findMerchant} from '../../src/merchants/merchant.ts';
import {rate} from '../../src/money/convert.ts';
import {readOrder} from '../../src/vtex/orders/read-order.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {authorize, close, day, noon, openTestLedger} from '../helpers/ledger.ts';
import {
	buildOrder,
	buildPackage,
	buildPayment,
	buildRules,
	orderSample,
	orderSamples,
} from '../helpers/orders.ts';
import {pay} from '../helpers/payment-commands.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

let shops = 0;

/** A merchant with programs of these settings, and all that books orders for it. */
async function openShop(...programs: readonly Partial<ProgramSettings>[]) {
	const {prisma} = database.general;
	const ledger = await openTestLedger(database, `shop ${++shops}`);
	const merchantId = ledger.merchant.id;
	const made = [];
	for (const [index, settings] of programs.entries()) {
		made.push(
			await createProgram(
				prisma,
				merchantId,
				{
					asset: {code: `PTS${index}`, scale: 0},
					settings: {...defaultSettings(`program ${index}`), earnRules: perReal(), ...settings},
					rates: [],
				},
				() => ledger.clock.now,
			),
		);
	}

	const book = openBookOrder({
		prisma,
		writer: ledger.writer,
		programs: {list: async id => readPrograms(prisma, id)},
		clock: () => ledger.clock.now,
		providerId: 'Monedero',
	});
	return {
		ledger,
		programs: made,
		book: async (order: SoldOrder) => book(ledger.merchant, order),
		walletsOf: async () => prisma.card.findMany({where: {merchantId, isWallet: true}, orderBy: {id: 'asc'}}),
	};
}

type Shop = Awaited<ReturnType<typeof openShop>>;

const perReal = (members: Partial<EarnRules> = {}) => buildRules(members);
const ana = identifiersOf({document: '52998224725'});
/** An order of 100.00 by Ana, which earns 100 points; the number is its version. */
const bought = (version: number, members: Partial<SoldOrder> = {}) =>
	buildOrder({shopper: ana, version: `2026-03-12T14:00:00.000000${version}Z`, ...members});
const canceled = (version: number) => bought(version, {stage: 'canceled'});
const returned = (version: number, value: bigint) =>
	bought(version, {packages: [buildPackage(), buildPackage({direction: 'return', value})]});

/** The only outcome, as words: kind, units, what moved, and why. */
const words = (booked: readonly BookedOrder[]) =>
	booked.map(({kind, units, moved, reason}) =>
		[kind, units, moved, reason].filter(one => one !== undefined).join(' '),
	);

/** What is booked, by order. */
async function bookedIn({ledger}: Shop): Promise<Map<string, bigint>> {
	const rows = await database.general.prisma.orderBooking.groupBy({
		by: ['orderId'],
		where: {merchantId: ledger.merchant.id},
		_sum: {units: true},
	});
	return new Map(rows.map(({orderId, _sum}) => [orderId, _sum.units ?? 0n]));
}

test('an order earns for its shopper, who gets a wallet, and its repetition changes nothing', async t => {
	const shop = await openShop({caption: 'Your points'});

	const outcomes = [
		await shop.book(bought(1)),
		await shop.book(bought(1)),
		await shop.book(returned(2, 4000n)),
	];

	t.deepEqual(outcomes.map(words), [['earned 100 100'], ['earned 100 0'], ['earned 60 -40']]);
	t.is(outcomes[0]?.[0]?.program, 'program 0');
	const wallets = await shop.walletsOf();
	t.is(wallets.length, 1);
	t.like(wallets[0], {available: 60n, caption: 'Your points', assetId: shop.programs[0]?.asset.id});
	t.is(
		String(wallets[0]?.ownerId),
		await findOrCreateCustomer(database.general.prisma, shop.ledger.merchant.id, ana),
	);
	await assertAuditClean(t, database);
});

test('entries name the order in their notes, and the job that acted', async t => {
	const shop = await openShop({});
	await shop.book(bought(1));

	const {prisma} = database.general;
	const merchantId = shop.ledger.merchant.id;
	const [note] = await prisma.entryNote.findMany({where: {merchantId}});
	const entry = await prisma.entry.findFirstOrThrow({where: {merchantId}});
	const actor = await prisma.actor.findFirstOrThrow({where: {merchantId, id: entry.actorId}});

	t.is(note?.orderId, '1-01');
	t.like(actor, {kind: 3, name: 'orders'});
});

test('an older document than the last one that was booked is superseded', async t => {
	const shop = await openShop({});
	await shop.book(returned(5, 4000n));

	t.deepEqual(words(await shop.book(bought(4))), ['superseded 100 0']);
	t.deepEqual([...(await bookedIn(shop)).values()], [60n]);
});

test('an order that earns nothing opens no wallet, and keeps its older documents from earning', async t => {
	const shop = await openShop({});

	t.deepEqual(words(await shop.book(canceled(2))), ['nothing 0 0 canceled']);
	t.is((await shop.walletsOf()).length, 0);
	t.is(await database.general.prisma.customer.count({where: {merchantId: shop.ledger.merchant.id}}), 0);
	t.deepEqual(words(await shop.book(bought(1))), ['superseded 100 0']);
});

test('an order that was canceled after it had earned gives everything back', async t => {
	const shop = await openShop({});
	await shop.book(bought(1));

	t.deepEqual(words(await shop.book(canceled(2))), ['nothing 0 -100 canceled']);
	t.like((await shop.walletsOf())[0], {available: 0n, debt: 0n});
});

test('of a document that says nothing for sure nothing is booked, and an older one still counts', async t => {
	const shop = await openShop({});
	await shop.book(bought(1));

	t.deepEqual(words(await shop.book(bought(5, {stage: 'cancelling'}))), ['unknown 0 0 cancelling']);
	t.deepEqual(words(await shop.book(returned(3, 4000n))), ['earned 60 -40']);
});

test('where the shopper contradicts what is known, nobody earns, and what was earned too much is taken back', async t => {
	const shop = await openShop({});
	const both = identifiersOf({document: '52998224725', email: 'other@example.com'});
	await shop.book(bought(1));
	await findOrCreateCustomer(
		database.general.prisma,
		shop.ledger.merchant.id,
		identifiersOf({email: 'other@example.com'}),
	);
	const other = {id: '2-01', shopper: both};

	t.deepEqual(words(await shop.book(bought(1, other))), ['nobody 100 0 conflict']);
	t.deepEqual(words(await shop.book({...returned(2, 4000n), shopper: both})), ['earned 60 -40']);
	t.deepEqual(words(await shop.book(bought(3, {shopper: []}))), ['nobody 100 0 unnamed']);
	// Once somebody knows who it is, the same document earns.
	t.deepEqual(words(await shop.book(bought(3))), ['earned 100 40']);
	t.is((await shop.walletsOf()).length, 1);
});

test('each program books by its own rules, and one without rules books nothing', async t => {
	const shop = await openShop(
		{},
		{earnRules: null},
		{earnRules: perReal({rate: rate(1n, 1000n)})},
		{earnRules: perReal({currency: 'USD'})},
	);

	const first = await shop.book(bought(1));
	const second = await shop.book(canceled(2));

	t.deepEqual(words(first), ['earned 100 100', 'earned 10 10', 'nothing 0 0 otherCurrency']);
	t.deepEqual(words(second), ['nothing 0 -100 canceled', 'nothing 0 -10 canceled', 'nothing 0 0 canceled']);
	t.deepEqual(
		first.map(({program}) => program),
		['program 0', 'program 2', 'program 3'],
	);
	t.is((await shop.walletsOf()).length, 2);
});

test('a merchant without programs books nothing at all', async t => {
	const shop = await openShop();

	t.deepEqual(await shop.book(bought(1)), []);
});

test('points wait, end and are capped as the program says on the day on which they are booked', async t => {
	const shop = await openShop({
		...{pendingDays: 2, expiry: {kind: 'days', count: 10}},
		...{dayMax: 150n, orderMax: 90n, balanceMax: 120n},
	});
	shop.ledger.clock.now = noon;

	t.deepEqual(words(await shop.book(bought(1))), ['earned 100 90']);
	t.deepEqual(words(await shop.book(bought(1, {id: '2-01'}))), ['earned 100 30']);
	shop.ledger.clock.now = noon + day;
	t.deepEqual(words(await shop.book(bought(1, {id: '3-01'}))), ['earned 100 0']);

	const [lot] = await database.general.prisma.lot.findMany({where: {merchantId: shop.ledger.merchant.id}});
	t.is(lot?.spendableFrom.toISOString(), '2026-06-17T03:00:00.000Z');
	t.is(lot?.expiresAt?.toISOString(), '2026-06-26T03:00:00.000Z');
	await assertAuditClean(t, database);
});

test('what was spent of points that are taken back becomes what the program says', async t => {
	for (const [clawback, debt, owed] of [
		['debt', -70n, 0n],
		['owed', 0n, 70n],
	] as const) {
		const shop = await openShop({clawback});
		await shop.book(bought(1));
		const [wallet] = await shop.walletsOf();
		const place = {...shop.ledger, assetId: wallet?.assetId ?? 0};
		const card = {cardId: String(wallet?.id), publicId: wallet?.publicId ?? ''};
		await shop.ledger.submit(authorize(place, card, 70n, 'r'));

		await shop.book(canceled(2));

		const [after] = await shop.walletsOf();
		const {_sum} = await database.general.prisma.lot.aggregate({
			where: {merchantId: shop.ledger.merchant.id},
			_sum: {owed: true},
		});
		t.deepEqual([after?.debt, _sum.owed], [debt, owed]);
	}
});

test('a wallet that was closed makes room for another one', async t => {
	const shop = await openShop({});
	await shop.book(bought(1));
	const [wallet] = await shop.walletsOf();
	await shop.ledger.submit(
		close(shop.ledger, {cardId: String(wallet?.id), publicId: wallet?.publicId ?? ''}),
	);

	t.deepEqual(words(await shop.book(bought(1, {id: '2-01'}))), ['earned 100 100']);
	t.deepEqual(words(await shop.book(canceled(2))), ['nothing 0 -100 canceled']);
	await assertAuditClean(t, database);
});

// What an order of 100.00 earns of which 40.00 was paid in some way.
test('what was paid with value that we store earns nothing, and only that', async t => {
	const shop = await openShop({earnRules: perReal({giftCardsAreStoredValue: false})});
	const card = await shop.ledger.issue({amount: 90_00n});
	await shop.ledger.submit(pay(shop.ledger, 'OURS', [card.cardId], 40_00n));
	const giftCard = (provider: string, cardId: string) => ({
		isGiftCard: true,
		group: 'giftCard',
		provider,
		cardId,
	});
	let count = 0;
	const earned = async (payment: Parameters<typeof buildPayment>[0]) => {
		const payments = [
			buildPayment({id: 'other', value: 6000n}),
			buildPayment({id: 'gift', value: 4000n, ...payment}),
		];
		const [booked] = await shop.book(bought(1, {id: `${++count}-01`, payments}));
		return booked?.units;
	};

	t.is(await earned({}), 100n);
	t.is(await earned({id: 'OURS'}), 60n);
	t.is(await earned(giftCard('Monedero', wireIdOf(card.publicId))), 60n);
	// VTEX answers the names of providers in lower case here and there.
	t.is(await earned(giftCard('monedero', wireIdOf(card.publicId))), 60n);
	t.is(await earned(giftCard('Somebody', wireIdOf(card.publicId))), 100n);
	t.is(await earned(giftCard('Monedero', wireIdOf(randomUUID()))), 100n);
	t.is(await earned(giftCard('Monedero', 'mnd_01JX8Z5T3Q')), 100n);
});

// Goal: whatever VTEX sends when, the ledger ends with what the rules say. Method: all published orders, and some states of them that came
// before or after, in any order of arrival, one to three times each, some of them at once.

const later = (
	name: (typeof orderSamples)[number],
	lastChange: string,
	members: Record<string, unknown> = {},
) => readOrder(orderSample(name, {lastChange, ...members}));
const invoiced = orderSample('order-invoiced-full');
const documents: readonly SoldOrder[] = [
	...orderSamples.map(name => readOrder(orderSample(name))),
	// The order of the two returns, before them.
	later('order-invoiced-full', '2026-03-12T14:02:12.9051143+00:00', {
		orderId: orderSample('order-returned-in-part')['orderId'],
	}),
	// One that was invoiced in part, then as a whole, and whose cancellation was asked for and denied.
	later('order-invoiced-full', '2026-03-13T10:00:00+00:00', {
		orderId: orderSample('order-invoiced-partially')['orderId'],
	}),
	later('order-invoiced-partially', '2026-03-14T10:00:00+00:00', {status: 'cancellation-requested'}),
	// One that was canceled after it was invoiced.
	later('order-canceled', '2026-03-15T10:00:00+00:00', {orderId: invoiced['orderId']}),
];

/** What the newest document of each order says that was sure of it. */
function expectedBookings(rules: EarnRules): Map<string, bigint> {
	const expected = new Map<string, bigint>();
	for (const order of documents.toSorted((a, b) => (a.version < b.version ? -1 : 1))) {
		const earning = earnedSoFar(order, rules, {isOwnPayment: () => false});
		if (earning.kind !== 'unknown') {
			expected.set(order.id, earning.units);
		}
	}

	return new Map([...expected].filter(([, units]) => units > 0n));
}

test('the published orders end as the rules say, in whatever order and however often they come', async t => {
	const rules = perReal({rate: rate(7n, 100n)});
	const expected = expectedBookings(rules);
	t.is(expected.size, 3);
	const arrivals = fc
		.tuple(...documents.map(document => fc.array(fc.constant(document), {minLength: 1, maxLength: 3})))
		.chain(lists => {
			const all = lists.flat();
			return fc.tuple(
				fc.shuffledSubarray(all, {minLength: all.length}),
				fc.array(fc.integer({min: 1, max: 4}), {minLength: all.length, maxLength: all.length}),
			);
		});

	await fc.assert(
		fc.asyncProperty(arrivals, async ([orders, sizes]) => {
			const shop = await openShop({earnRules: rules});
			for (let rest = [...orders]; rest.length > 0;) {
				const together = rest.splice(0, sizes.pop() ?? 1);
				await Promise.all(together.map(shop.book));
			}

			const booked = [...(await bookedIn(shop))].filter(([, units]) => units > 0n);
			t.deepEqual(new Map(booked.sort()), new Map([...expected].sort()));
			const [wallet] = await shop.walletsOf();
			t.is(
				wallet?.available,
				[...expected.values()].reduce((sum, units) => sum + units, 0n),
			);
			t.is(wallet?.debt, 0n);
		}),
		{seed: 20_260_312, numRuns: 30, includeErrorInReport: true},
	);
	await assertAuditClean(t, database);
});

test('an old order of somebody who was erased makes nobody anew, and a return of it finds what is left', async t => {
	const shop = await openShop({});
	const {ledger} = shop;
	const {prisma} = database.general;
	const where = {merchantId: ledger.merchant.id};
	await shop.book(bought(1));
	const {id} = await prisma.customer.findFirstOrThrow({where});
	const erasure = {
		customerId: String(id),
		isForfeited: true,
		actorId: ledger.actorId,
		reason: 'asked for it',
	};
	await eraseCustomer(
		{prisma, writer: ledger.writer, clock: () => ledger.clock.now},
		await findMerchant(
			prisma,
			(await prisma.merchant.findUniqueOrThrow({where: {id: where.merchantId}})).name,
		),
		erasure,
	);

	t.deepEqual(words(await shop.book(bought(1))), ['earned 100 0']);
	t.deepEqual(words(await shop.book(bought(2))), ['earned 100 0']);
	await shop.book(canceled(3));
	t.is(await prisma.customer.count({where}), 1);
	t.is(await prisma.customerIdentifier.count({where}), 0);
	await assertAuditClean(t, database);
});
