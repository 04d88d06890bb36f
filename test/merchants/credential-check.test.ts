import test from 'ava';
import {openCredentialCheck} from '../../src/merchants/credential-check.ts';
import {createCredential, revokeCredential} from '../../src/merchants/credentials.ts';
import {makeClock} from '../helpers/clock.ts';
import {deferred} from '../helpers/deferred.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {until} from '../helpers/until.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

test('a revoked credential stops working within 10 seconds in another process, and works until it is revoked', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {appKey, appToken} = await createCredential(prisma, merchant);
	const {check} = openCredentialCheck(prisma, clock.now);
	t.truthy(await check(appKey, appToken));
	clock.advance(4999);
	t.truthy(await check(appKey, appToken));

	await revokeCredential(prisma, merchant.id, appKey, new Date());
	clock.advance(5001);

	t.is(await check(appKey, appToken), undefined);
});

test('a new credential works within 10 seconds in another process, also when it was tried before', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {check} = openCredentialCheck(prisma, clock.now);
	const pair = {appKey: 'soon', appToken: 'soon-to-be-created'};
	t.is(await check(pair.appKey, pair.appToken), undefined);

	await createCredential(prisma, merchant, pair);
	clock.advance(1001);

	t.like(await check(pair.appKey, pair.appToken), {appKey: 'soon'});
});

test('a clock that was set back does not keep a revoked credential alive', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {appKey, appToken} = await createCredential(prisma, merchant);
	const {check} = openCredentialCheck(prisma, clock.now);
	await check(appKey, appToken);

	await revokeCredential(prisma, merchant.id, appKey, new Date());
	clock.advance(-3_600_000);

	t.is(await check(appKey, appToken), undefined);
});

test('a thousand wrong keys in one second cost one query', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {appKey, appToken} = await createCredential(prisma, merchant);
	let queries = 0;
	const counting = prisma.$extends({
		query: {credential: {$allOperations: ({args, query}) => (queries++, query(args))}},
	});
	const {check} = openCredentialCheck(counting as unknown as typeof prisma, clock.now);

	const answers = await Promise.all(Array.from({length: 1000}, (_, n) => check(`guess-${n}`, appToken)));
	const right = await check(appKey, appToken);

	t.true(answers.every(answer => answer === undefined));
	t.truthy(right);
	t.is(queries, 1);
});

test('who asks in time never waits for the database: the copy is renewed before it is too old', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {appKey, appToken} = await createCredential(prisma, merchant);
	let queries = 0;
	let isHanging = false;
	const hanging = prisma.$extends({
		query: {
			credential: {
				async $allOperations({args, query}) {
					queries++;
					return isHanging ? new Promise(() => undefined) : query(args);
				},
			},
		},
	});
	const {check} = openCredentialCheck(hanging as unknown as typeof prisma, clock.now);
	await check(appKey, appToken);
	isHanging = true;
	clock.advance(2001);

	t.truthy(await check(appKey, appToken));
	clock.advance(2900);
	t.truthy(await check(appKey, appToken));
	t.is(queries, 2);
});

test('who joins a query that had begun long before is not let in by it', async t => {
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const clock = makeClock();
	const {appKey, appToken} = await createCredential(prisma, merchant);
	const {promise: answered, resolve: answer} = deferred<undefined>();
	let queries = 0;
	const slow = prisma.$extends({
		query: {
			credential: {
				async $allOperations({args, query}) {
					const rows: unknown = await query(args);
					// The first query has seen what there was, and its answer takes its time.
					await (++queries === 1 ? answered : undefined);
					return rows;
				},
			},
		},
	});
	const {check} = openCredentialCheck(slow as unknown as typeof prisma, clock.now);
	const first = check(appKey, appToken);
	await until('its answer is on its way', () => queries === 1);
	await revokeCredential(prisma, merchant.id, appKey, new Date());
	clock.advance(5001);

	const joined = check(appKey, appToken);
	answer(undefined);

	t.deepEqual(await Promise.all([first, joined]), [undefined, undefined]);
	t.is(queries, 2);
});

test('without the database nobody is let in on a copy that is too old', async t => {
	const clock = makeClock();
	const {prisma} = database.general;
	const merchant = await newMerchant(prisma);
	const {appKey, appToken} = await createCredential(prisma, merchant);
	let isGone = false;
	const failing = prisma.$extends({
		query: {
			credential: {
				$allOperations: ({args, query}) => (isGone ? Promise.reject(new Error('gone')) : query(args)),
			},
		},
	});
	const {check} = openCredentialCheck(failing as unknown as typeof prisma, clock.now);
	await check(appKey, appToken);
	isGone = true;
	clock.advance(4000);
	t.truthy(await check(appKey, appToken));
	clock.advance(1001);

	await t.throwsAsync(check(appKey, appToken), {message: 'gone'});
});
