import test from 'ava';
import {newPublicId} from '../../src/cards/public-id.ts';
import {openCardDirectory} from '../../src/cards/resolve.ts';
import {type PrismaClient} from '../../src/db/client.ts';
import {withDatabase} from '../helpers/database.ts';
import {openTestLedger} from '../helpers/ledger.ts';

/** A database that counts what it is asked. */
function counted(prisma: PrismaClient): {prisma: PrismaClient; queries: () => number} {
	let count = 0;
	const $queryRawUnsafe = (sql: string, ...args: unknown[]) => {
		count++;
		return prisma.$queryRawUnsafe(sql, ...args);
	};
	return {prisma: {$queryRawUnsafe} as unknown as PrismaClient, queries: () => count};
}

test('a card is found by its public id, for its own merchant only', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const {id: stranger} = await database.general.prisma.merchant.create({
		data: {name: 'other', timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	const {prisma, queries} = counted(database.general.prisma);
	const directory = openCardDirectory(prisma);
	const cards = await Promise.all([ledger.issue(), ledger.issue(), ledger.issue()]);
	const {assetId, merchant} = ledger;

	const found = await Promise.all(cards.map(({publicId}) => directory.find(merchant.id, publicId)));

	t.deepEqual(
		found,
		cards.map(({cardId}) => ({cardId, assetId})),
	);
	t.is(await directory.find(stranger, cards[0].publicId), undefined);
	// All three together, one for the stranger; and once found it stays found.
	t.is(queries(), 2);
	t.deepEqual(await directory.find(merchant.id, cards[1].publicId), {cardId: cards[1].cardId, assetId});
	t.is(queries(), 2);
});

test('a card that was looked for before it was made is found afterwards', async t => {
	const database = await withDatabase(t);
	const ledger = await openTestLedger(database);
	const directory = openCardDirectory(database.general.prisma);
	const publicId = newPublicId();
	t.is(await directory.find(ledger.merchant.id, publicId), undefined);

	const {id} = await database.general.prisma.card.create({
		data: {merchantId: ledger.merchant.id, assetId: ledger.assetId, publicId, emittedAt: new Date(0)},
	});

	t.is((await directory.find(ledger.merchant.id, publicId))?.cardId, String(id));
});
