import test from 'ava';
import {leaseMs} from '../../src/callbacks/outbox.ts';
import {type PrismaClient} from '../../src/db/client.ts';
import {findMerchant} from '../../src/merchants/merchant.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {newSandbox, plantCallback, start} from './rows.ts';

type Parts = Parameters<typeof runHere>[0];

const hour = 3_600_000;
const url = 'https://acme.vtexpayments.com.br/callback?X-VTEX-signature=signed';
const moment = (at: number) => new Date(at).toISOString();

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});

test.after.always(() => database.close());

let merchants = 0;

/** Commands for a merchant of their own, at an instant: no more parts than these two commands need. */
async function room() {
	const {prisma} = database.general;
	const merchant = `sandbox${++merchants}`;
	const {id: merchantId} = await newSandbox(prisma, merchant);
	const parts = {prisma, clock: () => start, firstMerchant: await findMerchant(prisma)} as unknown as Parts;
	const run = (name: string, ...args: string[]) =>
		runHere(parts, name, args.includes('--merchant') ? args : [...args, '--merchant', merchant]);
	return {
		...{prisma, merchantId, run},
		json: async (name: string, ...args: string[]) => jsonLines((await run(name, ...args, '--json')).stdout),
		plant: (paymentId: string, change: Parameters<PrismaClient['callback']['updateMany']>[0]['data'] = {}) =>
			plant(prisma, merchantId, paymentId, change),
	};
}

async function plant(
	prisma: PrismaClient,
	merchantId: number,
	paymentId: string,
	data: Parameters<PrismaClient['callback']['updateMany']>[0]['data'],
): Promise<void> {
	await plantCallback(prisma, {merchantId, paymentId, url});
	await prisma.callback.updateMany({where: {merchantId, paymentId}, data});
}

const waits = {attempts: 6, nextAt: new Date(start + hour), problem: 'The answer was 500.'};
const delivered = {status: 2, attempts: 1, deliveredAt: new Date(start)};
const givenUp = {status: 3, attempts: 9, until: new Date(start), problem: 'VTEX waits no longer.'};

test('callbacks:list shows how each callback stands, newest first, and nothing of its address', async t => {
	const {plant, json, run} = await room();
	await plant('W', waits);
	await plant('D', delivered);
	await plant('G', givenUp);

	const rows = await json('callbacks:list');
	const text = await run('callbacks:list');

	t.deepEqual(rows[2], {
		paymentId: 'W',
		status: 'waiting',
		attempts: 6,
		nextAt: moment(start + hour),
		until: moment(start + 24 * hour),
		deliveredAt: null,
		problem: 'The answer was 500.',
	});
	t.like(rows[1], {paymentId: 'D', status: 'delivered', nextAt: null, deliveredAt: moment(start)});
	t.like(rows[0], {paymentId: 'G', status: 'given-up', nextAt: null, problem: 'VTEX waits no longer.'});
	t.is(rows.length, 3);
	t.regex(text.stdout, /W +waiting +6 +2026-03-11 13:00/);
	t.regex(text.stdout, /G: VTEX waits no longer\./);
	t.false((text.stdout + JSON.stringify(rows)).includes('signed'));
});

test('callbacks:list shows one status when asked, and of one merchant only', async t => {
	const {plant, json, run, prisma} = await room();
	const other = await newSandbox(prisma, `other${++merchants}`);
	await plant('D', delivered);
	await plantCallback(prisma, {merchantId: other.id, paymentId: 'O', url});

	t.deepEqual(await json('callbacks:list', '--status', 'waiting'), []);
	t.regex((await run('callbacks:list', '--status', 'waiting')).stdout, /has no waiting callbacks/);
	t.deepEqual(
		(await json('callbacks:list', '--merchant', other.name)).map(row => row['paymentId']),
		['O'],
	);
	t.is((await run('callbacks:list', '--status', 'lost')).code, 2);
});

test('callbacks:retry makes a waiting callback due now and keeps its attempts', async t => {
	const {plant, json} = await room();
	await plant('W', waits);

	t.deepEqual(await json('callbacks:retry', '--payment', 'W'), [
		{
			paymentId: 'W',
			status: 'waiting',
			attempts: 6,
			nextAt: moment(start),
			until: moment(start + 24 * hour),
			deliveredAt: null,
			problem: 'The answer was 500.',
		},
	]);
});

test('callbacks:retry does not touch a callback that a process may be trying at this moment', async t => {
	const {plant, json} = await room();
	await plant('leased', {...waits, nextAt: new Date(start + leaseMs)});
	await plant('rests', {...waits, nextAt: new Date(start + leaseMs + 1)});

	const rows = await json('callbacks:retry', '--all');

	t.deepEqual(Object.fromEntries(rows.map(row => [row['paymentId'], row['nextAt']])), {
		leased: moment(start + leaseMs),
		rests: moment(start),
	});
});

test('callbacks:retry begins a given-up callback anew, with another hour', async t => {
	const {plant, json} = await room();
	await plant('G', givenUp);

	const [row] = await json('callbacks:retry', '--payment', 'G');

	t.like(row, {status: 'waiting', attempts: 0, nextAt: moment(start), until: moment(start + hour)});
});

test('callbacks:retry sends a delivered callback again only when told so', async t => {
	const {plant, json, run} = await room();
	await plant('D', delivered);

	const refused = await run('callbacks:retry', '--payment', 'D');
	t.is(refused.code, 1);
	t.regex(refused.stderr, /VTEX took this callback at 2026-03-11 12:00 .*--again/);
	t.deepEqual(await json('callbacks:retry', '--all'), []);
	t.like((await json('callbacks:list'))[0], {status: 'delivered'});

	const [row] = await json('callbacks:retry', '--payment', 'D', '--again');
	t.like(row, {status: 'waiting', attempts: 0, nextAt: moment(start), deliveredAt: null});
});

test('callbacks:retry needs to know which, and says when there is none', async t => {
	const {plant, run} = await room();
	await plant('W', waits);

	t.is((await run('callbacks:retry')).code, 2);
	t.is((await run('callbacks:retry', '--payment', 'W', '--all')).code, 2);
	t.is((await run('callbacks:retry', '--all', '--again')).code, 2);
	const unknown = await run('callbacks:retry', '--payment', 'X');
	t.is(unknown.code, 1);
	t.regex(unknown.stderr, /has no callback for this payment/);
});

test('callbacks:retry --all takes what waits and what was given up, of one merchant', async t => {
	const {plant, json, prisma} = await room();
	const other = await newSandbox(prisma, `other${++merchants}`);
	await plant('W', waits);
	await plant('G', givenUp);
	await plant('D', delivered);
	await plantCallback(prisma, {merchantId: other.id, paymentId: 'O', url, nextAt: start + hour});

	const rows = await json('callbacks:retry', '--all');

	t.deepEqual(rows.map(row => row['paymentId']).sort(), ['G', 'W']);
	t.like((await json('callbacks:list', '--merchant', other.name))[0], {nextAt: moment(start + hour)});
});
