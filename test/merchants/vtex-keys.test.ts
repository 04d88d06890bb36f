import test from 'ava';
import {
	allowAgain,
	findVtexAccess,
	listVtexKeys,
	type NewVtexKeys,
	recordPaused,
	recordRefused,
	saveVtexKeys,
	VtexKeysError,
} from '../../src/merchants/vtex-keys.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {newStore} from '../orders/rows.ts';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});

test.after.always(() => database.close());

const secretsKey = 's'.repeat(48);
const tools = () => ({prisma: database.general.prisma, secretsKey});
const keys = (over: Partial<NewVtexKeys> = {}): NewVtexKeys => ({
	purpose: 'orders',
	account: 'acme',
	url: null,
	appKey: 'vtexappkey-acme-ABCDEF',
	appToken: 'token-of-the-store-9481',
	...over,
});

test('keys come back as they were entered, and their token is nowhere in clear', async t => {
	const merchant = await newMerchant(database.general.prisma);

	await saveVtexKeys(tools(), merchant, keys({account: 'ACME-one'}), 5);

	t.deepEqual(await findVtexAccess(tools(), merchant, 'orders'), {
		...{
			account: 'acme-one',
			url: null,
			appKey: 'vtexappkey-acme-ABCDEF',
			appToken: 'token-of-the-store-9481',
		},
		...{isSandbox: false, changedAt: new Date(5)},
	});
	t.is(await findVtexAccess(tools(), merchant, 'returns'), undefined);
	const {rows} = await database.general.pool.query<{holds: boolean}>(
		"SELECT position('token-of-the-store'::bytea IN app_token) > 0 AS holds FROM vtex_keys",
	);
	t.deepEqual([...new Set(rows.map(({holds}) => holds))], [false]);
});

test('another SECRETS_KEY, or a token copied from another merchant, opens nothing', async t => {
	const {prisma} = database.general;
	const [one, two] = [await newMerchant(prisma), await newMerchant(prisma)];
	await saveVtexKeys(tools(), one, keys({account: 'copied-one'}), 1);
	await saveVtexKeys(tools(), two, keys({account: 'copied-two'}), 1);
	await prisma.$executeRaw`UPDATE vtex_keys SET app_token = (SELECT app_token FROM vtex_keys WHERE account = 'copied-one') WHERE account = 'copied-two'`;

	const other = {...tools(), secretsKey: 'x'.repeat(48)};
	const wrongKey = await t.throwsAsync(findVtexAccess(other, one, 'orders'), {instanceOf: VtexKeysError});
	t.regex(wrongKey.message, /SECRETS_KEY/);
	await t.throwsAsync(findVtexAccess(tools(), two, 'orders'), {instanceOf: VtexKeysError});
});

test('new keys clear what was held against the old ones, which can do nothing to the new ones', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const {id: merchantId} = merchant;
	const state = async () =>
		(await listVtexKeys(prisma, merchantId)).map(({refusedAt, pausedUntil}) => [refusedAt, pausedUntil]);
	await saveVtexKeys(tools(), merchant, keys({account: 'renewed'}), 1);
	const old = {merchantId, purpose: 'orders', changedAt: new Date(1)} as const;
	await recordRefused(prisma, old, 2);
	await recordPaused(prisma, old, 3);
	t.deepEqual(await state(), [[new Date(2), new Date(3)]]);

	await saveVtexKeys(tools(), merchant, keys({account: 'renewed', appToken: 'another-token-of-it'}), 4);
	await recordRefused(prisma, old, 5);
	t.deepEqual(await state(), [[null, null]]);
	await recordRefused(prisma, {...old, changedAt: new Date(4)}, 6);
	await allowAgain(prisma, merchantId);
	t.deepEqual(await state(), [[null, null]]);
});

test('a pair serves one purpose of one merchant', async t => {
	const {prisma} = database.general;
	const [one, two] = [await newMerchant(prisma), await newMerchant(prisma)];
	await saveVtexKeys(tools(), one, keys({account: 'shared'}), 1);

	await t.throwsAsync(saveVtexKeys(tools(), one, keys({account: 'shared', purpose: 'returns'}), 2), {
		instanceOf: VtexKeysError,
	});
	await t.throwsAsync(saveVtexKeys(tools(), two, keys({account: 'Shared'}), 2), {instanceOf: VtexKeysError});
	await t.notThrowsAsync(
		saveVtexKeys(tools(), one, keys({account: 'shared', purpose: 'returns', appKey: 'other'}), 2),
	);
	t.deepEqual(
		(await listVtexKeys(prisma, one.id)).map(({purpose}) => purpose),
		['orders', 'returns'],
	);
});

test('what can be no key, no account or no simulated account is refused with what would be right', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const sandbox = await newStore(prisma, 'sandbox-of-keys');
	for (const [wrong, pattern] of [
		[keys({account: 'acme.evil.example/'}), /letters, digits and dashes/],
		[keys({account: ''}), /letters, digits and dashes/],
		[keys({account: '-acme'}), /letters, digits and dashes/],
		[keys({appKey: 'with space'}), /visible ASCII/],
		[keys({appToken: ''}), /visible ASCII/],
		[keys({appToken: 'two\r\nlines'}), /visible ASCII/],
		[keys({url: 'http://127.0.0.1:8080'}), /Only a sandbox/],
	] as const) {
		const error = await t.throwsAsync(saveVtexKeys(tools(), merchant, wrong, 1), {instanceOf: VtexKeysError});
		t.regex(error.message, pattern);
	}

	for (const url of [
		'http://10.0.0.1:80',
		'https://127.0.0.1:80',
		'http://127.0.0.1:80/x',
		'http://127.0.0.1:80@evil.example',
	]) {
		await t.throwsAsync(saveVtexKeys(tools(), sandbox, keys({url}), 1), {message: /on this machine/});
	}

	t.deepEqual(await listVtexKeys(prisma, merchant.id), []);
});
