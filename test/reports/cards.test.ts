import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {showCard} from '../../src/cards/show.ts';
import {type CardsWish, type ListedCard, readCards} from '../../src/reports/cards.ts';
import {withDatabase} from '../helpers/database.ts';
import {authorize, capture, day, noon, openTestLedger, type TestCard, undo} from '../helpers/ledger.ts';
import {openTestPoints, openTestWallet, grantPoints} from '../helpers/points.ts';

async function withCards(t: ExecutionContext) {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const {pool, prisma} = database.general;
	const read = async (wish: Partial<CardsWish> = {}) => {
		const cards: ListedCard[] = [];
		const {id: merchantId} = ledger.merchant;
		await readCards(pool, {merchantId, now: ledger.clock.now, withOwner: false, ...wish}, async page => {
			cards.push(...page);
			return Promise.resolve();
		});
		return cards;
	};
	return {database, ledger, pool, prisma, read};
}

const ids = (cards: readonly {publicId: string}[]) => cards.map(({publicId}) => publicId);

test('every card and wallet is listed in the order of opening, and filters pick some out', async t => {
	const {database, ledger, prisma, read} = await withCards(t);
	const {merchant, actorId} = ledger;
	const points = await openTestPoints(prisma, merchant.id, {currencyId: ledger.assetId});
	const [first, blocked, spring] = [await ledger.issue(), await ledger.issue(), await ledger.issue()];
	const wallet = await openTestWallet(prisma, merchant.id, points);
	await grantPoints(ledger.writer, merchant, wallet, {amount: 7n, actorId, expiresAt: null});
	await prisma.card.updateMany({where: {publicId: spring.publicId}, data: {relationName: 'spring'}});
	await prisma.card.updateMany({where: {publicId: blocked.publicId}, data: {status: 2}});
	await (await openTestLedger(database, 'other shop')).issue();

	const all = await read();

	t.deepEqual(ids(all), ids([first, blocked, spring, wallet]));
	t.deepEqual(
		all.map(({balance, available, isWallet, status}) => [balance, available, isWallet, status]),
		[
			[100_00n, 100_00n, false, 'active'],
			[0n, 100_00n, false, 'blocked'],
			[100_00n, 100_00n, false, 'active'],
			[7n, 7n, true, 'active'],
		],
	);
	t.deepEqual(ids(await read({status: 'blocked'})), ids([blocked]));
	t.deepEqual(ids(await read({relationName: 'spring'})), ids([spring]));
	t.deepEqual(ids(await read({assetId: points.assetId})), ids([wallet]));
	t.deepEqual(ids(await read({relationName: 'autumn'})), []);
});

test('an owner is told by the number that customer has today, and by name only when it is wished', async t => {
	const {ledger, prisma, read} = await withCards(t);
	const {id: merchantId} = ledger.merchant;
	const points = await openTestPoints(prisma, merchantId, {currencyId: ledger.assetId});
	const [was, then, is] = [
		await openTestWallet(prisma, merchantId, points),
		await openTestWallet(prisma, merchantId, points),
		await openTestWallet(prisma, merchantId, points),
	];
	await ledger.issue();
	await prisma.customerIdentifier.createMany({
		data: [
			{merchantId, kind: 3, value: 'ana@example.com', customerId: BigInt(is.customerId)},
			{merchantId, kind: 2, value: '11144477735', customerId: BigInt(is.customerId)},
		],
	});
	for (const [from, into] of [
		[was, then],
		[then, is],
	] as const) {
		const where = {merchantId_id: {merchantId, id: BigInt(from.customerId)}};
		await prisma.customer.update({where, data: {mergedInto: BigInt(into.customerId)}});
	}

	const owners = (await read()).map(({customerId, owner}) => [customerId, owner.length]);
	t.deepEqual(owners, [
		[is.customerId, 0],
		[is.customerId, 0],
		[is.customerId, 0],
		[null, 0],
	]);
	const [named] = await read({withOwner: true});
	t.deepEqual(named?.owner, [
		{kind: 'document', value: '11144477735'},
		{kind: 'email', value: 'ana@example.com'},
	]);
});

test('whatever happened to a card, it is listed as it is shown by itself, at any moment', async t => {
	const {ledger, prisma, read} = await withCards(t);
	const {id: merchantId} = ledger.merchant;
	const ends = fc.constantFrom(null, noon + day, noon + 5 * day);
	const wish = fc.record({
		amount: fc.bigInt({min: 1n, max: 50n}),
		expiresAt: ends,
		emittedAt: fc.constantFrom(noon - day, noon, noon + 2 * day),
		singleUse: fc.boolean(),
	});
	const step = fc.tuple(
		fc.constantFrom('authorize', 'capture', 'undo', 'later', 'pending'),
		fc.bigInt({min: 1n, max: 30n}),
	);
	let key = 0;
	await fc.assert(
		fc.asyncProperty(wish, fc.array(step, {maxLength: 6}), async (opening, steps) => {
			ledger.clock.now = noon;
			const card = await ledger.issue(opening);
			let holdId: string | undefined;
			for (const [kind, amount] of steps) {
				key++;
				if (kind === 'later') {
					ledger.clock.now += day;
				} else if (kind === 'pending') {
					await addPending(card, amount);
				} else if (kind === 'authorize') {
					const outcome = await ledger.submit(authorize(ledger, card, amount, `a${key}`));
					holdId = outcome.kind === 'done' ? outcome.id : holdId;
				} else if (holdId !== undefined) {
					const move = kind === 'capture' ? capture : undo;
					await ledger.submit(move(ledger, card, holdId, amount, `m${key}`));
				}
			}

			for (const now of [noon, ledger.clock.now, noon + 4 * day, noon + 6 * day]) {
				const listed = (await read({now})).find(({publicId}) => publicId === card.publicId);
				const view = await showCard(prisma, merchantId, card.publicId, {now});
				t.deepEqual(
					[listed?.balance, listed?.available, listed?.held, listed?.isExpired, listed?.status],
					[view?.balance, view?.card.available, view?.card.held, view?.isExpired, view?.card.status],
				);
			}
		}),
		{numRuns: 25},
	);

	async function addPending({cardId}: TestCard, amount: bigint) {
		await prisma.$transaction([
			prisma.$executeRaw`INSERT INTO lots (merchant_id, id, card_id, origin, issued, remaining, spent, spendable_from, expires_at)
				VALUES (${merchantId}, gen_random_uuid(), ${BigInt(cardId)}, 11, ${amount}, ${amount}, false, ${new Date(noon + 3 * day)}, ${new Date(noon + 9 * day)})`,
			prisma.card.updateMany({where: {id: BigInt(cardId)}, data: {available: {increment: amount}}}),
		]);
	}
});

test('more cards than a page are complete, each once', async t => {
	const {ledger, prisma, read} = await withCards(t);
	await prisma.$executeRaw`INSERT INTO cards (merchant_id, public_id, asset_id, emitted_at)
		SELECT ${ledger.merchant.id}::int, gen_random_uuid(), ${ledger.assetId}::int, now() FROM generate_series(1, 1100)`;

	const cards = await read();

	t.is(cards.length, 1100);
	t.is(new Set(ids(cards)).size, 1100);
});
