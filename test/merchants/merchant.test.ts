import test from 'ava';
import {actorId} from '../../src/merchants/actors.ts';
import {openAssets} from '../../src/merchants/assets.ts';
import {
	createMerchant,
	ensureFirstMerchant,
	findMerchant,
	UnknownMerchantError,
} from '../../src/merchants/merchant.ts';
import {withDatabase} from '../helpers/database.ts';

const configured = {merchant: 'first', timeZone: 'America/Bogota', currency: 'COP', sandbox: true};

test('the first merchant is made as configured, once, and then stays as it is', async t => {
	const {general} = await withDatabase(t);

	const made = await ensureFirstMerchant(general.prisma, configured);
	const again = await ensureFirstMerchant(general.prisma, {
		merchant: 'other',
		timeZone: 'UTC',
		currency: 'USD',
		sandbox: false,
	});

	t.like(made, {
		name: 'first',
		timeZone: 'America/Bogota',
		currency: 'COP',
		sandbox: true,
		foreignCodes: false,
	});
	t.deepEqual(again, made);
	t.is(await general.prisma.merchant.count(), 1);
});

test('of many processes that start at once on an empty database, one makes the first merchant', async t => {
	const {general} = await withDatabase(t);

	const all = await Promise.all(
		['a', 'b', 'c', 'd', 'e'].map(merchant => ensureFirstMerchant(general.prisma, {...configured, merchant})),
	);

	t.is(new Set(all.map(({id}) => id)).size, 1);
	t.is(await general.prisma.merchant.count(), 1);
});

test('a merchant is found by its name, and without one the first is meant', async t => {
	const {general} = await withDatabase(t);
	const none = await t.throwsAsync(findMerchant(general.prisma), {instanceOf: UnknownMerchantError});
	const first = await ensureFirstMerchant(general.prisma, configured);
	const second = await createMerchant(general.prisma, {
		name: 'a',
		timeZone: 'UTC',
		currency: 'clp',
		sandbox: false,
	});

	t.deepEqual(await findMerchant(general.prisma), first);
	t.deepEqual(await findMerchant(general.prisma, 'a'), second);
	t.is(second.currency, 'CLP');
	const unknown = await t.throwsAsync(findMerchant(general.prisma, 'A'), {instanceOf: UnknownMerchantError});
	t.is(
		unknown.message,
		'There is no merchant "A". Give the name of one that exists; without a name the first one is meant.',
	);
	t.is(none.message, 'There is no merchant yet. Start the service once: it makes the first one.');
});

test('a merchant counts in a currency that is in use', async t => {
	const {general} = await withDatabase(t);

	await t.throwsAsync(ensureFirstMerchant(general.prisma, {...configured, currency: 'XYZ'}), {
		instanceOf: RangeError,
	});

	t.is(await general.prisma.merchant.count(), 0);
});

test('an asset is made at its first use and is the same for everybody afterwards', async t => {
	const {general} = await withDatabase(t);
	const {id: merchantId} = await ensureFirstMerchant(general.prisma, configured);
	const {id: otherId} = await createMerchant(general.prisma, {
		name: 'other',
		timeZone: 'UTC',
		currency: 'USD',
		sandbox: false,
	});
	const assets = openAssets(general.prisma);

	const [kwd, same, again] = await Promise.all([
		assets.ofCurrency(merchantId, 'KWD'),
		openAssets(general.prisma).ofCurrency(merchantId, 'kwd'),
		assets.ofCurrency(merchantId, 'Kwd'),
	]);
	const clp = await assets.ofCurrency(merchantId, 'CLP');
	const foreign = await assets.ofCurrency(otherId, 'KWD');

	t.like(kwd, {code: 'KWD', scale: 3, kind: 'money'});
	t.like(clp, {code: 'CLP', scale: 0, kind: 'money'});
	t.deepEqual([same, again], [kwd, kwd]);
	t.not(foreign.id, kwd.id);
	t.deepEqual(await openAssets(general.prisma).byId(merchantId, kwd.id), kwd);
	t.is(await general.prisma.asset.count(), 3);
	await t.throwsAsync(assets.byId(merchantId, foreign.id));
	await t.throwsAsync(assets.ofCurrency(merchantId, 'XYZ'), {instanceOf: RangeError});
});

test('the decimals of an asset are those of its row, whatever the list of currencies says later', async t => {
	const {general} = await withDatabase(t);
	const {id: merchantId} = await ensureFirstMerchant(general.prisma, configured);
	await general.prisma.asset.create({data: {merchantId, code: 'COP', scale: 0, kind: 1}});

	t.is((await openAssets(general.prisma).ofCurrency(merchantId, 'COP')).scale, 0);
});

test('an actor has one id for each kind and name of a merchant', async t => {
	const {general} = await withDatabase(t);
	const {id: merchantId} = await ensureFirstMerchant(general.prisma, configured);

	const [ana, same] = await Promise.all([
		actorId(general.prisma, merchantId, 'person', 'ana'),
		actorId(general.prisma, merchantId, 'person', 'ana'),
	]);
	const job = await actorId(general.prisma, merchantId, 'job', 'ana');

	t.is(same, ana);
	t.not(job, ana);
	t.is(await actorId(general.prisma, merchantId, 'person', 'ana'), ana);
});
