import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {type ServerResponse} from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';
import {leaseMs} from '../../src/callbacks/outbox.ts';
import {makeCertificate} from '../helpers/certificate.ts';
import {type TestDatabase, withDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {until} from '../helpers/until.ts';
import {openReceiver} from '../helpers/receiver.ts';
import {callbackOf, newSandbox, plantCallback, start} from '../callbacks/rows.ts';

const launcher = fileURLToPath(new URL('../../scripts/lib/launch.js', import.meta.url));
const program = fileURLToPath(new URL('deliverer.ts', import.meta.url));

/** A process that delivers, with a clock that stands at an instant. */
async function startDeliverer(
	t: ExecutionContext,
	{url}: TestDatabase,
	now: number,
	env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
	const child = spawn(process.execPath, [launcher, program, url, String(now)], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: {...process.env, ...env},
	});
	t.teardown(() => child.kill('SIGKILL'));
	const isReady = await Promise.race([
		once(child.stdout, 'data').then(() => true),
		once(child, 'exit').then(() => false),
	]);
	if (!isReady) {
		throw new Error('The process ended before it was ready.');
	}

	return child;
}

async function kill(child: ChildProcess): Promise<void> {
	child.kill('SIGKILL');
	await once(child, 'exit');
}

const payerOf = (body: string) => JSON.parse(body) as {readonly paymentId: string; readonly by: number};

test('what a killed process was delivering is delivered by another one when its lease ends, and once', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const merchant = await newSandbox(prisma);
	const isAsked = deferred();
	const receiver = await openReceiver(t, ['hang', 500, 200], () => {
		isAsked.resolve();
	});
	await plantCallback(prisma, {merchantId: merchant.id, paymentId: 'A', url: receiver.at('/callback?sig=1')});
	const state = () => callbackOf(prisma, merchant.id, 'A');

	const first = await startDeliverer(t, database, start);
	await isAsked.promise;
	await kill(first);
	t.like(await state(), {status: 1, attempts: 1, nextAt: start + leaseMs});
	const early = await startDeliverer(t, database, start + leaseMs - 1);
	const due = await startDeliverer(t, database, start + leaseMs);
	await until('the second attempt failed', async () => (await state()).problem !== null);
	await Promise.all([kill(early), kill(due)]);
	const later = await startDeliverer(t, database, start + 2 * leaseMs);
	await until('it is delivered', async () => (await state()).status === 2);

	t.deepEqual(
		receiver.received.map(({body}) => payerOf(body)),
		[first, due, later].map(({pid}) => ({paymentId: 'A', by: pid ?? 0})),
	);
	t.is((await state()).attempts, 3);
});

test('two processes share the queue, one is killed in the middle, and every callback arrives', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const merchant = await newSandbox(prisma);
	const [half, bothAsked] = [deferred(), deferred()];
	const askers = new Set<number>();
	let count = 0;
	// Neither gets an answer, and goes on to the next callback, before the other one has asked too.
	const answer = (response: ServerResponse) =>
		void bothAsked.promise.then(() => response.writeHead(200).end());
	const receiver = await openReceiver(t, [answer], ({body}) => {
		if (askers.add(payerOf(body).by).size === 2) {
			bothAsked.resolve();
		}

		count++;
		if (count === 60) {
			half.resolve();
		}
	});
	const ids = Array.from({length: 120}, (_, index) => `P${index}`);
	for (const paymentId of ids) {
		const nextAt = start + leaseMs;
		await plantCallback(prisma, {merchantId: merchant.id, paymentId, url: receiver.at('/callback'), nextAt});
	}

	// The clock of the other one is ahead, so that a lease tells whose it is.
	const [first] = await Promise.all([
		startDeliverer(t, database, start),
		startDeliverer(t, database, start + 1),
	]);
	// Now that both look, everything is due at once.
	await prisma.callback.updateMany({data: {nextAt: new Date(start)}});
	await half.promise;
	await kill(first);
	await until('all is delivered but what the killed one had', async () => {
		const left = {status: 1, nextAt: {not: new Date(start + leaseMs)}};
		return (await prisma.callback.count({where: left})) === 0;
	});
	await startDeliverer(t, database, start + leaseMs);
	await until(
		'everything is delivered',
		async () => (await prisma.callback.count({where: {status: 1}})) === 0,
	);

	const arrivals = receiver.received.map(({body}) => payerOf(body));
	t.deepEqual([...new Set(arrivals.map(({paymentId}) => paymentId))].sort(), ids.sort());
	// At most what the killed one had under way arrived twice: it was sent, and could not be recorded any more.
	const sentTwice = arrivals.length - ids.length;
	t.true(sentTwice <= 4, `${sentTwice} arrived twice`);
});

test('callbacks go out by TLS to a receiver whose certificate is trusted', async t => {
	const database = await withDatabase(t);
	const {prisma} = database.general;
	const merchant = await newSandbox(prisma);
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-callbacks-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const certificate = makeCertificate();
	const trusted = path.join(folder, 'trusted.pem');
	await writeFile(trusted, certificate.cert);
	const receiver = await openReceiver(t, [200], undefined, certificate);
	await plantCallback(prisma, {merchantId: merchant.id, paymentId: 'A', url: receiver.at('/callback?a=%2f')});

	await startDeliverer(t, database, start, {NODE_EXTRA_CA_CERTS: trusted});
	await until('it is delivered', async () => (await callbackOf(prisma, merchant.id, 'A')).status === 2);

	t.deepEqual(
		receiver.received.map(one => one.path),
		['/callback?a=%2f'],
	);
});
