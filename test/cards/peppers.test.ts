import test from 'ava';
import {openPeppers, PepperMismatchError} from '../../src/cards/peppers.ts';
import {type PrismaClient} from '../../src/db/client.ts';
import {oneByOne} from '../../src/merchants/starting.ts';
import {withDatabase} from '../helpers/database.ts';
import {connect} from '../helpers/interference.ts';
import {until} from '../helpers/until.ts';

const [first, second, third] = ['1'.repeat(48), '2'.repeat(48), '3'.repeat(48)] as const;

test('the first start records the pepper, and later ones recognise it', async t => {
	const {prisma} = (await withDatabase(t)).general;

	const recorded = await openPeppers(prisma, [first]);
	const again = await openPeppers(prisma, [first]);

	t.deepEqual(again, recorded);
	t.is(recorded.current.key.toString(), first);
	t.is(await prisma.pepper.count(), 1);
});

test('two first starts at once record it once', async t => {
	const {prisma} = (await withDatabase(t)).general;

	const [one, two] = await Promise.all([openPeppers(prisma, [first]), openPeppers(prisma, [first])]);

	t.deepEqual(one, two);
	t.is(await prisma.pepper.count(), 1);
});

test('a first start waits for another one that is recording its pepper', async t => {
	const {url, general} = await withDatabase(t);
	const {prisma} = general;
	const watcher = await connect(t, url);

	const starting = await oneByOne(prisma, 'peppers', async () => {
		const other = openPeppers(prisma, [first]);
		other.catch(() => undefined);
		await until('the other one waits', async () => {
			const {rowCount} = await watcher.query(
				`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
			);
			return rowCount === 1;
		});
		return {other};
	});

	t.is((await starting.other).all.length, 1);
});

test('another pepper is refused, and leaves nothing behind', async t => {
	const {prisma} = (await withDatabase(t)).general;
	await openPeppers(prisma, [first]);

	const error = await t.throwsAsync(openPeppers(prisma, [second]), {instanceOf: PepperMismatchError});

	t.regex(error.message, /CODE_PEPPER=new,old/);
	t.false(error.message.includes(second));
	t.is(await prisma.pepper.count(), 1);
});

test('a new pepper in front of the old one is current, and the old one stays usable', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const {current: old} = await openPeppers(prisma, [first]);

	const {current, all} = await openPeppers(prisma, [second, first]);

	t.not(current.id, old.id);
	t.deepEqual(
		all.map(({id, key}) => [id, key.toString()]),
		[
			[current.id, second],
			[old.id, first],
		],
	);
});

test('an old pepper can be left out when no card has a code under it any more, and not before', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const {current: old} = await openPeppers(prisma, [first]);
	const merchantId = await makeMerchant(prisma);
	await openPeppers(prisma, [second, first]);
	await openPeppers(prisma, [second]);

	await makeCard(prisma, merchantId, old.id);

	await t.throwsAsync(openPeppers(prisma, [second]), {instanceOf: PepperMismatchError});
	await openPeppers(prisma, [third, second, first]);
});

test('an old pepper under which a card has its PIN cannot be left out either', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const {current: old} = await openPeppers(prisma, [first]);
	const {current} = await openPeppers(prisma, [second, first]);
	const merchantId = await makeMerchant(prisma);
	const {id: cardId} = await makeCard(prisma, merchantId, current.id);

	await prisma.cardPin.create({
		data: {merchantId, cardId, pepperId: old.id, pinHash: new Uint8Array(32)},
	});

	await t.throwsAsync(openPeppers(prisma, [second]), {instanceOf: PepperMismatchError, message: /PINs/});
});

async function makeMerchant(prisma: PrismaClient): Promise<number> {
	const data = {name: 'shop', timeZone: 'America/Sao_Paulo', currency: 'BRL'};
	return (await prisma.merchant.create({data})).id;
}

async function makeCard(prisma: PrismaClient, merchantId: number, pepperId: number): Promise<{id: bigint}> {
	const asset = await prisma.asset.create({data: {merchantId, code: 'BRL', scale: 2, kind: 1}});
	return prisma.card.create({
		data: {
			merchantId,
			assetId: asset.id,
			publicId: '00000000-0000-4000-8000-000000000001',
			pepperId,
			codeHash: new Uint8Array(32),
			codeLast4: 'ABCD',
			emittedAt: new Date(0),
		},
	});
}
