import test from 'ava';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {
	createCredential,
	CredentialError,
	listCredentials,
	revokeCredential,
} from '../../src/merchants/credentials.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

test('a credential is generated with a token that nobody guesses, and stored without it', async t => {
	const {prisma, pool} = database.general;
	const merchant = await newMerchant(prisma);

	const {appKey, appToken} = await createCredential(prisma, merchant);

	t.is(appKey.slice(0, -12), `${merchant.name}-`);
	t.regex(appKey.slice(-12), /^[0-9a-f]{12}$/);
	t.regex(appToken, /^[\w-]{43}$/);
	const {rows} = await pool.query('SELECT * FROM credentials');
	t.false(JSON.stringify(rows).includes(appToken));
	t.false(JSON.stringify(rows).includes(Buffer.from(appToken).toString('hex')));
	const caller = await openCredentialCheck(prisma, Date.now).check(appKey, appToken);
	t.like(caller, {merchant, role: 'provider', appKey});
});

test('two credentials with one token share neither salt nor hash', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const appToken = 'the-same-token-for-both';

	await createCredential(prisma, merchant, {appKey: 'twin-a', appToken});
	await createCredential(prisma, merchant, {appKey: 'twin-b', appToken});

	const [a, b] = await prisma.credential.findMany({where: {merchantId: merchant.id}});
	t.notDeepEqual(a?.tokenSalt, b?.tokenSalt);
	t.notDeepEqual(a?.tokenHash, b?.tokenHash);
});

test('a key that is taken is refused, by another merchant too, and leaves the first one as it was', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const other = await newMerchant(prisma);
	const {appToken} = await createCredential(prisma, merchant, {appKey: 'taken'});

	await t.throwsAsync(createCredential(prisma, merchant, {appKey: 'taken'}), {
		instanceOf: CredentialError,
	});
	await t.throwsAsync(createCredential(prisma, other, {appKey: 'taken'}), {
		instanceOf: CredentialError,
	});

	const caller = await openCredentialCheck(prisma, Date.now).check('taken', appToken);
	t.is(caller?.merchant.name, merchant.name);
	t.is(await prisma.actor.count({where: {merchantId: other.id}}), 0);
});

test('a key or token that could not travel in a header is refused, and one at the edge is taken', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const refused = [
		{appKey: ''},
		{appKey: 'a b'},
		{appKey: 'é'},
		{appKey: 'x'.repeat(201)},
		{appToken: 'x'.repeat(15)},
		{appToken: `${'x'.repeat(20)}\n`},
		{appToken: 'x'.repeat(201)},
	];
	for (const given of refused) {
		const error = await t.throwsAsync(createCredential(prisma, merchant, given), {
			instanceOf: CredentialError,
		});
		t.false(given.appToken !== undefined && error.message.includes(given.appToken));
	}

	await createCredential(prisma, merchant, {appKey: 'x'.repeat(200), appToken: 'x'.repeat(16)});
	await createCredential(prisma, merchant, {appKey: '~!', appToken: 'x'.repeat(200)});
	t.is(await prisma.credential.count({where: {merchantId: merchant.id}}), 2);
});

test('a list shows every credential of the merchant and no token', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const other = await newMerchant(prisma);
	await createCredential(prisma, merchant, {appKey: 'a'});
	await createCredential(prisma, merchant, {appKey: 'b', role: 'viewer'});
	await createCredential(prisma, other, {appKey: other.name});
	const at = new Date('2026-01-02T03:04:05Z');
	await revokeCredential(prisma, merchant.id, 'a', at);

	const list = await listCredentials(prisma, merchant.id);

	t.deepEqual(
		list.map(({appKey, role, revokedAt}) => [appKey, role, revokedAt]),
		[
			['a', 'provider', at],
			['b', 'viewer', null],
		],
	);
	t.deepEqual(Object.keys(list[0] ?? {}), ['appKey', 'role', 'createdAt', 'revokedAt']);
});

test('a merchant revokes its own credentials only, and the first date stays', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const other = await newMerchant(prisma);
	await createCredential(prisma, merchant, {appKey: 'revocable'});

	await t.throwsAsync(revokeCredential(prisma, other.id, 'revocable', new Date()), {
		instanceOf: CredentialError,
	});
	await t.throwsAsync(revokeCredential(prisma, merchant.id, 'unknown', new Date()), {
		instanceOf: CredentialError,
	});
	t.is((await listCredentials(prisma, merchant.id))[0]?.revokedAt, null);

	const first = await revokeCredential(prisma, merchant.id, 'revocable', new Date('2026-01-01'));
	const second = await revokeCredential(prisma, merchant.id, 'revocable', new Date('2026-02-02'));
	t.deepEqual(second, first);
});
