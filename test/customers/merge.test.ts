import test from 'ava';
import {changeStatus} from '../../src/cards/block.ts';
import {closeCard} from '../../src/cards/close.ts';
import {issueCards, type IssueRequest} from '../../src/cards/issue.ts';
import {type MergeWallets, openMergeWallets} from '../../src/cards/merge-wallets.ts';
import {openWallet} from '../../src/cards/open-wallet.ts';
import {openWallets} from '../../src/cards/open-wallets.ts';
import {ValueRefusedError} from '../../src/cards/value-moves.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {eraseCustomer} from '../../src/customers/erase.ts';
import {type ClientFields, identifiersOf} from '../../src/customers/identity.ts';
import {type CustomerMerge, mergeCustomers, MergeRefusedError} from '../../src/customers/merge.ts';
import {showCustomer} from '../../src/customers/show.ts';
import {standingOf} from '../../src/customers/survivor.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {
	authorize,
	day,
	noon,
	openTestLedger,
	type TestCard,
	type TestLedger,
	undo,
} from '../helpers/ledger.ts';
import {connect} from '../helpers/interference.ts';
import {grantPoints, openTestPoints, type TestPoints} from '../helpers/points.ts';
import {untilWaitedFor} from '../helpers/waits.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());
test.after(t => assertAuditClean(t, database));

const prisma = () => database.general.prisma;
const refused = {instanceOf: MergeRefusedError};

/** A merchant of the test's own, with points. */
class Shop {
	static #shops = 0;
	readonly ledger: TestLedger;
	readonly points: TestPoints;
	readonly mergeWallets: MergeWallets;

	constructor(ledger: TestLedger, points: TestPoints) {
		this.ledger = ledger;
		this.points = points;
		this.mergeWallets = openMergeWallets({prisma: prisma(), writer: ledger.writer});
	}

	static async open(): Promise<Shop> {
		const ledger = await openTestLedger(database, `merging customers ${++Shop.#shops}`);
		const points = await openTestPoints(prisma(), ledger.merchant.id, {currencyId: ledger.assetId});
		return new Shop(ledger, points);
	}

	async customer(client: ClientFields): Promise<string> {
		return findOrCreateCustomer(prisma(), this.ledger.merchant.id, identifiersOf(client));
	}

	/** The customer's wallet, with so many points more. */
	async wallet(customerId: string, units: bigint, expiresAt: number | null = null): Promise<TestCard> {
		const {merchant, writer, actorId} = this.ledger;
		const {assetId} = this.points;
		const wallet = await openWallet(prisma(), merchant.id, {
			customerId,
			assetId,
			caption: 'Points',
			now: noon,
		});
		if (units > 0n) {
			await grantPoints(writer, merchant, wallet, {amount: units, expiresAt, actorId});
		}

		return wallet;
	}

	async merge(fromId: string, intoId: string, mergeWallets = this.mergeWallets) {
		const wish: CustomerMerge = {fromId, intoId, actorId: this.ledger.actorId, reason: 'registered twice'};
		return mergeCustomers({prisma: prisma(), mergeWallets, clock: () => noon}, this.ledger.merchant, wish);
	}

	async show(customerId: string) {
		const view = await showCustomer(prisma(), this.ledger.merchant.id, customerId, noon);
		if (view === undefined) {
			throw new Error('The test needs its customer.');
		}

		return view;
	}

	/** What can be spent of the points of whoever the customer is now. */
	async spendable(customerId: string): Promise<bigint> {
		return (await this.show(customerId)).totals.get(this.points.assetId)?.balance ?? 0n;
	}

	/** Whoever the numbers mean now. */
	async survivors(...customerIds: readonly string[]): Promise<Set<string | undefined>> {
		const {merchant} = this.ledger;
		const standings = await Promise.all(customerIds.map(id => standingOf(prisma(), merchant.id, id)));
		return new Set(standings.map(standing => standing?.customerId));
	}
}

const rowOf = ({publicId}: {readonly publicId: string}) =>
	prisma().card.findFirstOrThrow({where: {publicId}, include: {lots: {orderBy: {expiresAt: 'asc'}}}});

test('names, cards and a wallet that the other has not change owner', async t => {
	const shop = await Shop.open();
	const ana = await shop.customer({id: 'p-1', email: 'ana@x'});
	const anna = await shop.customer({id: 'p-2', document: '123'});
	const card = await shop.ledger.issue({ownerId: ana, amount: 5_00n, restricted: true});
	const wallet = await shop.wallet(ana, 70n);

	const merged = await shop.merge(ana, anna);

	t.deepEqual(merged, {customerId: anna, movedCards: 2, mergedWallets: 0, isReplay: false});
	for (const {publicId} of [card, wallet]) {
		t.is((await rowOf({publicId})).ownerId, BigInt(anna));
	}

	t.is(await shop.customer({email: 'ana@x'}), anna);
	t.is(await shop.customer({id: 'p-1', document: '123'}), anna);
	t.is(await shop.customer({id: 'p-2', email: 'ana@x'}), anna);
	const view = await shop.show(ana);
	t.like(view, {customerId: anna, formerIds: [ana]});
	t.is(view.cards.length, 2);
	t.like(view.changes[0], {kind: 'merge', otherId: ana, actor: 'tester', reason: 'registered twice'});
});

test('where both have a wallet the value moves to the one that stays, under its own dates', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'a1@x'}), await shop.customer({email: 'a2@x'})];
	const from = await shop.wallet(ana, 10n, noon + 3 * day);
	await shop.wallet(ana, 20n, noon + 9 * day);
	const into = await shop.wallet(anna, 5n, noon + day);

	const merged = await shop.merge(ana, anna);

	t.like(merged, {movedCards: 0, mergedWallets: 1});
	const [before, after] = [await rowOf(from), await rowOf(into)];
	t.like(before, {available: 0n, ownerId: BigInt(ana), forwardsTo: BigInt(into.cardId), isWallet: true});
	t.deepEqual(
		after.lots.map(({remaining, expiresAt}) => [remaining, (expiresAt?.getTime() ?? 0) - noon]),
		[
			[5n, day],
			[10n, 3 * day],
			[20n, 9 * day],
		],
	);
	t.is(await shop.spendable(ana), 35n);
	t.is((await shop.wallet(ana, 0n)).cardId, into.cardId);
});

test('what is held for an order stays, and follows when it comes back', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'h1@x'}), await shop.customer({email: 'h2@x'})];
	const from = await shop.wallet(ana, 30n);
	const into = await shop.wallet(anna, 1n);
	const place = {...shop.ledger, assetId: shop.ledger.assetId};
	const held = await shop.ledger.submit(authorize(place, from, 12n, 'order'));
	t.is(held.kind, 'done');

	await shop.merge(ana, anna);
	t.is(await shop.spendable(anna), 19n);
	t.is((await shop.show(anna)).totals.get(shop.points.assetId)?.held, 12n);
	await shop.ledger.submit(undo(place, from, held.kind === 'done' ? held.id : '', 12n, 'order'));

	t.is(await shop.spendable(anna), 31n);
	t.like(await rowOf(into), {available: 31n});
});

test('a merge that stops between the names and the value is finished by repeating it', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'c1@x'}), await shop.customer({email: 'c2@x'})];
	await shop.wallet(ana, 30n);
	await shop.wallet(anna, 4n);
	const crashing: MergeWallets = () => Promise.reject(new Error('The plug was pulled.'));

	await t.throwsAsync(shop.merge(ana, anna, crashing), {message: /plug/});
	t.is(await shop.customer({email: 'c1@x'}), anna);
	const again = await shop.merge(ana, anna);
	const once = await shop.merge(ana, anna);

	t.deepEqual(again, {customerId: anna, movedCards: 0, mergedWallets: 1, isReplay: true});
	t.deepEqual(once, {customerId: anna, movedCards: 0, mergedWallets: 0, isReplay: true});
	t.is(await shop.spendable(ana), 34n);
	t.is(await prisma().customerChange.count({where: {customerId: BigInt(anna)}}), 1);
});

test('a wallet that is refused is told, and keeps no other from moving', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'd1@x'}), await shop.customer({email: 'd2@x'})];
	const from = await shop.wallet(ana, 30n);
	await shop.wallet(anna, 4n);
	const refusing: MergeWallets = () => Promise.reject(new ValueRefusedError('It is too heavy.'));

	await t.throwsAsync(shop.merge(ana, anna, refusing), {
		...refused,
		message: new RegExp(`one customer now.*Wallet ${from.publicId.replaceAll('-', '')}: It is too heavy`),
	});

	t.like(await shop.merge(ana, anna), {mergedWallets: 1});
	t.is(await shop.spendable(anna), 34n);
});

test('a blocked wallet whose value would become free stops the merge before anything is changed', async t => {
	const shop = await Shop.open();
	const {merchant, actorId} = shop.ledger;
	const [ana, anna] = [await shop.customer({email: 'e1@x'}), await shop.customer({email: 'e2@x'})];
	const {cardId} = await shop.wallet(ana, 30n);
	await shop.wallet(anna, 4n);
	const change = {merchantId: merchant.id, cardId, actorId, reason: 'fraud?', now: noon};
	await changeStatus(prisma(), {...change, to: 'blocked'});

	await t.throwsAsync(shop.merge(ana, anna), {...refused, message: /is blocked/});

	t.is(await shop.customer({email: 'e1@x'}), ana);
	await changeStatus(prisma(), {...change, to: 'active'});
	t.like(await shop.merge(ana, anna), {mergedWallets: 1});
});

test('a wallet that is just being blocked stops the merge before anything is changed', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'e1@x'}), await shop.customer({email: 'e2@x'})];
	const {cardId} = await shop.wallet(ana, 30n);
	await shop.wallet(anna, 4n);
	const blocking = await connect(t, database.url);
	await blocking.query('BEGIN');
	await blocking.query('UPDATE cards SET status = 2 WHERE id = $1', [cardId]);

	const merging = shop.merge(ana, anna);
	merging.catch(() => undefined);
	// The merge gives up on a lock and tries again, so it need not be waiting at every moment.
	await untilWaitedFor(database, blocking);
	await blocking.query('COMMIT');

	await t.throwsAsync(merging, {...refused, message: /is blocked/});
	t.is(await shop.customer({email: 'e1@x'}), ana);
});

test('a wallet that is being opened waits for a merge before it can be in its way', async t => {
	const shop = await Shop.open();
	const {assetId, merchant} = shop.ledger;
	const wallet = {assetId, caption: 'Store credit'};
	const databases = {prisma: prisma(), readerPrisma: prisma()};
	const openings = [
		(customerId: string) => openWallet(prisma(), merchant.id, {...wallet, customerId, now: noon}),
		(customerId: string) => openWallets(databases, merchant.id, [{...wallet, customerId}], noon),
	];
	for (const [index, open] of openings.entries()) {
		const ana = await shop.customer({email: `w${index}@x`});
		const anna = await shop.customer({email: `v${index}@x`});
		await openWallet(prisma(), merchant.id, {...wallet, customerId: ana, now: noon});
		const merging = await connect(t, database.url);
		await merging.query('BEGIN');
		await merging.query('SELECT FROM customers WHERE id = ANY ($1) FOR UPDATE', [[ana, anna]]);
		const opened = open(anna);
		await untilWaitedFor(database, merging);

		await merging.query("SET LOCAL lock_timeout = '1s'");
		await t.notThrowsAsync(merging.query('UPDATE cards SET owner_id = $1 WHERE owner_id = $2', [anna, ana]));
		await merging.query('ROLLBACK');
		await t.notThrowsAsync(opened);
	}
});

test('whoever another one becomes cannot be erased before that is decided', async t => {
	const shop = await Shop.open();
	const [ana, anna] = [await shop.customer({email: 'l1@x'}), await shop.customer({email: 'l2@x'})];
	const [merging, erasing] = [await connect(t, database.url), await connect(t, database.url)];
	await merging.query('BEGIN');
	await merging.query('UPDATE customers SET merged_into = $1 WHERE id = $2', [ana, anna]);

	const lock = 'SELECT FROM customers WHERE id = $1 FOR NO KEY UPDATE NOWAIT';
	await t.throwsAsync(erasing.query(lock, [ana]), {code: '55P03'});
	await merging.query('ROLLBACK');
	await t.notThrowsAsync(erasing.query(lock, [ana]));
});

test('a closed wallet is in nobody’s way', async t => {
	const shop = await Shop.open();
	const {merchant, actorId, writer} = shop.ledger;
	const [ana, anna] = [await shop.customer({email: 'f1@x'}), await shop.customer({email: 'f2@x'})];
	const from = await shop.wallet(ana, 30n);
	const closed = await shop.wallet(anna, 0n);
	await closeCard(writer, merchant, {...closed, actorId, reason: 'lost'});

	t.like(await shop.merge(ana, anna), {movedCards: 1, mergedWallets: 0});

	t.like(await rowOf(from), {ownerId: BigInt(anna), isWallet: true, available: 30n});
	t.like(await rowOf(closed), {ownerId: BigInt(anna), isWallet: false});
	t.is((await shop.wallet(ana, 0n)).cardId, from.cardId);
});

test('nobody becomes somebody who was erased, nor the other way round', async t => {
	const shop = await Shop.open();
	const {merchant, actorId, writer} = shop.ledger;
	const [ana, anna] = [await shop.customer({email: 'g1@x'}), await shop.customer({email: 'g2@x'})];
	const tools = {prisma: prisma(), writer, clock: () => noon};
	await eraseCustomer(tools, merchant, {customerId: anna, actorId, reason: 'ticket 9', isForfeited: false});

	await t.throwsAsync(shop.merge(ana, anna), {...refused, message: /was erased/});
	await t.throwsAsync(shop.merge(anna, ana), {...refused, message: /was erased/});
	await t.throwsAsync(shop.merge(ana, '999999'), {...refused, message: /There is no customer/});

	t.is(await shop.customer({email: 'g1@x'}), ana);
});

test('who was merged is erased as one, the wallet that gave its value away included', async t => {
	const shop = await Shop.open();
	const {merchant, actorId, writer} = shop.ledger;
	const [ana, anna] = [await shop.customer({email: 'j1@x'}), await shop.customer({email: 'j2@x'})];
	await shop.wallet(ana, 30n);
	const into = await shop.wallet(anna, 4n);
	await shop.merge(ana, anna);

	const tools = {prisma: prisma(), writer, clock: () => noon};
	const wish = {customerId: ana, actorId, reason: 'ticket 9', isForfeited: true};
	const erased = await eraseCustomer(tools, merchant, wish);

	t.deepEqual([...erased.forfeited.values()], [34n]);
	t.like(await rowOf(into), {status: 3, available: 0n});
	t.deepEqual((await shop.show(ana)).identifiers, []);
	t.is(await prisma().customer.count({where: {merchantId: merchant.id, erasedAt: null}}), 0);
});

test.serial('merges that cross end with one customer and not with a ring', async t => {
	const shop = await Shop.open();
	for (const round of [1, 2, 3]) {
		const ids = [await shop.customer({email: `r${round}a@x`}), await shop.customer({email: `r${round}b@x`})];
		const [ana, anna] = ids as [string, string];
		await shop.wallet(ana, 30n);
		await shop.wallet(anna, 4n);

		const results = await Promise.all([shop.merge(ana, anna), shop.merge(anna, ana)]);

		t.is((await shop.survivors(ana, anna)).size, 1);
		t.is(new Set(results.map(({customerId}) => customerId)).size, 1);
		t.is(await shop.spendable(ana), 34n);
		t.is(await prisma().customerChange.count({where: {customerId: {in: ids.map(BigInt)}}}), 1);
	}
});

test.serial(
	'many who turn out to be one at once end as one, with every point, and with all their names',
	async t => {
		const shop = await Shop.open();
		const ids = await Promise.all([0, 1, 2, 3, 4].map(index => shop.customer({email: `m${index}@x`})));
		for (const id of ids) {
			await shop.wallet(id, 10n);
		}

		const pairs = [
			...[
				[0, 1],
				[1, 2],
				[2, 0],
				[3, 2],
			],
			...[
				[4, 3],
				[1, 4],
			],
		] as const;
		const until = async (pair: readonly [number, number]) => {
			const [from, into] = pair.map(index => ids[index] ?? '') as [string, string];
			return shop.merge(from, into);
		};
		await Promise.allSettled(pairs.map(until));
		for (const pair of pairs) {
			await until(pair);
		}

		t.is((await shop.survivors(...ids)).size, 1);
		t.is(await shop.spendable(ids[0] ?? ''), 50n);
		const found = await Promise.all(ids.map((_, index) => shop.customer({email: `m${index}@x`})));
		t.is(new Set(found).size, 1);
	},
);

test.serial('a wallet that is opened while its customer becomes another is not lost', async t => {
	const shop = await Shop.open();
	for (const round of [1, 2, 3]) {
		const [ana, anna] = [
			await shop.customer({email: `o${round}a@x`}),
			await shop.customer({email: `o${round}b@x`}),
		];
		await Promise.all([shop.merge(ana, anna), shop.wallet(ana, 7n), shop.wallet(anna, 5n)]);
		await shop.merge(ana, anna);

		t.is(await shop.spendable(anna), 12n);
		const open = await prisma().card.count({
			where: {ownerId: {in: [BigInt(ana), BigInt(anna)]}, isWallet: true, forwardsTo: null},
		});
		t.is(open, 1);
	}
});

test('a run of cards is repeated for whoever its owner has become', async t => {
	const shop = await Shop.open();
	const {merchant, assetId, actorId, pepperId, writer} = shop.ledger;
	const [ana, anna] = [await shop.customer({email: 'i1@x'}), await shop.customer({email: 'i2@x'})];
	const pepper = {id: pepperId, key: Buffer.alloc(32, 7)};
	const tools = {
		...{prisma: prisma(), writer, peppers: {current: pepper, all: [pepper]}},
		...{secretsKey: 's'.repeat(48), clock: () => noon},
	};
	const card = {expiresAt: null, restricted: false, singleUse: false, rechargeable: true};
	const request = (ownerId: string): IssueRequest => ({
		...{key: 'merging', count: 2, amount: 1_00n, origin: 'fundingSold', withPin: false, actorId},
		asset: {id: assetId, code: 'BRL', scale: 2, kind: 'money'},
		card: {...card, ownerId, caption: null, relationName: null},
	});
	const issue = (ownerId: string) =>
		issueCards(tools, merchant, request(ownerId), {onChunk: () => undefined});
	await issue(ana);

	await shop.merge(ana, anna);

	t.like(await issue(await shop.customer({email: 'i1@x'})), {issued: 0, repeated: 2});
});
