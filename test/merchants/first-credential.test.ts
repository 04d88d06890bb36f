import test from 'ava';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {createCredential, CredentialError, revokeCredential} from '../../src/merchants/credentials.ts';
import {ensureFirstCredential} from '../../src/merchants/first-credential.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

const none = {providerAppKey: undefined, providerAppToken: undefined};

test('without configured credentials the first start makes a pair, and no later one does', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);

	const first = await ensureFirstCredential(prisma, merchant, none);
	const second = await ensureFirstCredential(prisma, merchant, none);
	await revokeCredential(prisma, merchant.id, first?.appKey ?? '', new Date());
	const afterRevoking = await ensureFirstCredential(prisma, merchant, none);

	t.truthy(first);
	t.is(second, undefined);
	t.is(afterRevoking, undefined);
});

test('of many processes that start at once, one makes the first pair', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);

	const made = await Promise.all(
		Array.from({length: 5}, () => ensureFirstCredential(prisma, merchant, none)),
	);

	t.is(made.filter(pair => pair !== undefined).length, 1);
	t.is(await prisma.credential.count({where: {merchantId: merchant.id}}), 1);
});

test('the configured pair is made at the first start, is not shown, and is the same at every later one', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const pair = {providerAppKey: 'configured', providerAppToken: 'configured-token'};

	const all = await Promise.all([1, 2, 3].map(() => ensureFirstCredential(prisma, merchant, pair)));

	t.deepEqual(all, [undefined, undefined, undefined]);
	t.truthy(await openCredentialCheck(prisma, Date.now).check('configured', 'configured-token'));
});

test('a configured key that is revoked, has another token or another merchant stops the start', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const other = await newMerchant(prisma);
	await createCredential(prisma, other, {appKey: 'theirs', appToken: 'configured-token'});
	await createCredential(prisma, merchant, {appKey: 'ours', appToken: 'configured-token'});
	await createCredential(prisma, merchant, {appKey: 'revoked', appToken: 'configured-token'});
	await revokeCredential(prisma, merchant.id, 'revoked', new Date());
	const start = (providerAppKey: string, providerAppToken: string) =>
		ensureFirstCredential(prisma, merchant, {providerAppKey, providerAppToken});

	await t.notThrowsAsync(start('ours', 'configured-token'));
	for (const [key, token] of [
		['ours', 'another-token-than-before'],
		['theirs', 'configured-token'],
		['revoked', 'configured-token'],
	] as const) {
		const error = await t.throwsAsync(start(key, token), {instanceOf: CredentialError});
		t.regex(error.message, /^PROVIDER_APP_KEY is in use already.*Set a new pair/);
	}
});
