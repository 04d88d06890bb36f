import test from 'ava';
import {openSignUps} from '../../src/admins/sign-ups.ts';
import {makeClock} from '../helpers/clock.ts';
import {withDatabase} from '../helpers/database.ts';
import {connect} from '../helpers/interference.ts';
import {newMerchant} from '../helpers/merchant.ts';

const dayMs = 24 * 60 * 60_000;
const applicationId = 'vtex';
const request = {applicationId, returnUrl: 'https://store.myvtex.com/?code=', address: '192.0.2.1'};

test('a new sign-up clears away those that nobody finished for a day, and keeps the finished and the young', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const signUps = openSignUps(prisma);
	const clock = makeClock();
	const now = () => new Date(clock.now());
	const begin = async () => {
		const begun = await signUps.begin(request, now());
		return begun.kind === 'begun' ? begun.token : '';
	};
	const admin = {name: 'ana', role: 'admin', merchant: await newMerchant(prisma)} as const;
	const consented = await signUps.consent({applicationId, token: await begin()}, admin, now());
	await signUps.complete({applicationId, code: consented?.code ?? ''}, now());
	await signUps.consent({applicationId, token: await begin()}, admin, now());
	await begin();
	clock.advance(10 * 60_000 + dayMs);

	await begin();
	t.is(await prisma.signUp.count(), 4, 'a day old to the millisecond');
	clock.advance(1);
	await begin();

	const kept = await prisma.signUp.findMany({orderBy: {tokenUntil: 'asc'}});
	t.deepEqual(
		kept.map(({completedAt}) => completedAt !== null),
		[true, false, false],
	);
	t.like(kept[0], {merchantId: admin.merchant.id, adminName: 'ana'});
});

test('a code whose credentials could not be made stays unused', async t => {
	const {asOwner, general} = await withDatabase(t);
	const {prisma} = general;
	const signUps = openSignUps(prisma);
	const now = new Date();
	const begun = await signUps.begin(request, now);
	const admin = {name: 'ana', role: 'admin', merchant: await newMerchant(prisma)} as const;
	const token = begun.kind === 'begun' ? begun.token : '';
	const {code = ''} = (await signUps.consent({applicationId, token}, admin, now)) ?? {};

	await asOwner('ALTER TABLE credentials ADD CONSTRAINT broken CHECK (false) NOT VALID');
	await t.throwsAsync(signUps.complete({applicationId, code}, now));
	await asOwner('ALTER TABLE credentials DROP CONSTRAINT broken');

	t.truthy(await signUps.complete({applicationId, code}, now));
	t.is(await signUps.complete({applicationId, code}, now), undefined);
});

test('a new sign-up waits for nobody who clears old ones away', async t => {
	const {url, general} = await withDatabase(t);
	const signUps = openSignUps(general.prisma);
	const clock = makeClock();
	await signUps.begin(request, new Date(clock.now()));
	clock.advance(10 * 60_000 + 2 * dayMs);
	const clearing = await connect(t, url);
	await clearing.query('BEGIN');
	await clearing.query('SELECT FROM sign_ups FOR UPDATE');

	t.like(await signUps.begin(request, new Date(clock.now())), {kind: 'begun'});

	t.is(await general.prisma.signUp.count(), 2);
});

test('nobody agrees with a token whose time is over, or that another application asked for', async t => {
	const {prisma} = (await withDatabase(t)).general;
	const signUps = openSignUps(prisma);
	const now = makeClock().now();
	const admin = {name: 'ana', role: 'admin', merchant: await newMerchant(prisma)} as const;
	const begun = await signUps.begin(request, new Date(now));
	const token = begun.kind === 'begun' ? begun.token : '';
	const end = now + 10 * 60_000;

	t.is(await signUps.consent({applicationId: 'other', token}, admin, new Date(now)), undefined);
	t.is(await signUps.consent({applicationId, token}, admin, new Date(end)), undefined);
	t.like(await signUps.consent({applicationId, token}, admin, new Date(end - 1)), {
		returnUrl: request.returnUrl,
	});
	t.is(await signUps.consent({applicationId, token}, admin, new Date(end - 1)), undefined);
});
