import test from 'ava';
import {type AttemptParts} from '../../src/callbacks/attempt.ts';
import {type CallbackLimits, openCallbacks} from '../../src/callbacks/callbacks.ts';
import {runCallbacks} from '../../src/callbacks/loop.ts';
import {claimNext, leaseMs, recordDelivered} from '../../src/callbacks/outbox.ts';
import {makeClock} from '../helpers/clock.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {connect} from '../helpers/interference.ts';
import {until as untilTrue} from '../helpers/until.ts';
import {openReceiver, type Receiver} from '../helpers/receiver.ts';
import {callbackOf, day, newSandbox, plantCallback, start} from './rows.ts';

const second = 1000;
const path = '/callback?accountName=acme&X-VTEX-signature=signed';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});

// Whoever looks for callbacks finds those of all merchants.
test.afterEach.always(() =>
	database.general.prisma.callback.updateMany({data: {status: 3, deliveredAt: null}}),
);

test.after.always(() => database.close());

let merchants = 0;

/** Callbacks of a merchant of their own, whose clock stands still. */
async function room(over: Partial<AttemptParts> = {}, limits: Partial<CallbackLimits> = {}) {
	const {prisma} = database.general;
	const merchant = await newSandbox(prisma, `sandbox${++merchants}`);
	const clock = makeClock();
	const said: {readonly facts: object; readonly message: string}[] = [];
	const say = (facts: object, message: string) => said.push({facts, message});
	const failures: unknown[] = [];
	const parts: AttemptParts = {
		prisma,
		clock: clock.now,
		log: {info: say, warn: say},
		render: (merchantId, paymentId) => Promise.resolve(JSON.stringify({merchantId, paymentId})),
		keys: {appKey: 'key', appToken: 'token'},
		hosts: [],
		onFailure: error => failures.push(error),
		...over,
	};
	const open = (over: Partial<CallbackLimits> = {}) =>
		openCallbacks(parts, {random: () => 0.5, ...limits, ...over});
	return {
		...{prisma, merchant, clock, said, failures, parts, open, callbacks: open()},
		plant: (paymentId: string, url: string | null, times: {nextAt?: number; until?: number} = {}) =>
			plantCallback(prisma, {merchantId: merchant.id, paymentId, url, ...times}),
		stateOf: (paymentId: string) => callbackOf(prisma, merchant.id, paymentId),
	};
}

const none = {delivered: 0, failed: 0, givenUp: 0};
const bodies = ({received}: Receiver) => received.map(({body}) => JSON.parse(body) as {paymentId: string});

test.serial(
	'a receiver that answers 500, 500, hangs, then 200 gets one callback delivered, in the back-off’s time',
	async t => {
		const {callbacks, clock, merchant, open, plant, stateOf} = await room();
		const receiver = await openReceiver(t, [500, 500, 'hang', 200]);
		await plant('A', receiver.at(path));

		t.deepEqual(await callbacks.deliverDue(), {...none, failed: 1});
		t.deepEqual(await stateOf('A'), {
			status: 1,
			attempts: 1,
			nextAt: start + 5 * second,
			problem: 'The answer was 500.',
		});
		clock.advance(5 * second - 1);
		t.deepEqual(await callbacks.deliverDue(), none);
		clock.advance(1);
		t.deepEqual(await callbacks.deliverDue(), {...none, failed: 1});
		clock.advance(15 * second);
		t.deepEqual(await open({timeoutMs: 1000}).deliverDue(), {...none, failed: 1});
		t.like(await stateOf('A'), {attempts: 3, problem: 'No answer within 1 s.'});
		clock.advance(30 * second);
		t.deepEqual(await callbacks.deliverDue(), {...none, delivered: 1});

		t.like(await stateOf('A'), {status: 2, attempts: 4, problem: null});
		clock.advance(2 * day);
		t.deepEqual(await callbacks.deliverDue(), none);
		t.is(receiver.received.length, 4);
		t.true(receiver.received.every(one => one.path === path && one.method === 'POST'));
		t.deepEqual(bodies(receiver)[3], {merchantId: merchant.id, paymentId: 'A'} as never);
	},
);

test.serial('each attempt has a trace of its own, which the receiver is told and the log names', async t => {
	const {callbacks, clock, plant, said} = await room();
	const receiver = await openReceiver(t, [500, 200]);
	await plant('A', receiver.at(path));

	await callbacks.deliverDue();
	clock.advance(60 * second);
	await callbacks.deliverDue();

	const sent = receiver.received.map(({headers}) => headers['traceparent']);
	const logged = said.map(({facts}) => (facts as {traceId: string}).traceId);
	t.deepEqual(
		sent.map(header => /^00-([\da-f]{32})-[\da-f]{16}-00$/.exec(String(header))?.[1]),
		logged,
	);
	t.is(new Set(logged).size, 2);
});

test.serial('nothing is sent before its time', async t => {
	const {callbacks, clock, plant} = await room();
	const receiver = await openReceiver(t);
	await plant('A', receiver.at(path), {nextAt: start + second});

	t.deepEqual(await callbacks.deliverDue(), none);
	clock.advance(second);
	t.deepEqual(await callbacks.deliverDue(), {...none, delivered: 1});
});

test.serial('a callback is given up at the end of its time, with what went wrong last', async t => {
	const {callbacks, clock, plant, stateOf} = await room();
	const receiver = await openReceiver(t, [503]);
	await plant('short', receiver.at(path), {until: start + 10 * second});
	await plant('late', receiver.at(path), {until: start + 60 * second});

	t.deepEqual(await callbacks.deliverDue(), {delivered: 0, failed: 1, givenUp: 1});
	t.like(await stateOf('short'), {status: 3, attempts: 1, problem: 'The answer was 503.'});
	clock.advance(60 * second);
	t.deepEqual(await callbacks.deliverDue(), {...none, givenUp: 1});

	t.like(await stateOf('late'), {
		status: 3,
		attempts: 1,
		problem: 'VTEX waits no longer. The attempt before: The answer was 503.',
	});
	t.is(receiver.received.length, 2);
});

test.serial('an address that may not be called is given up at once, with the way to allow it', async t => {
	const {callbacks, plant, stateOf, prisma, said} = await room();
	const receiver = await openReceiver(t);
	const strict = await prisma.merchant.create({
		data: {name: 'strict', timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	await plantCallback(prisma, {merchantId: strict.id, paymentId: 'near', url: receiver.at(path)});
	await plant('far', `https://pay.example.com${path}`);
	await plant('erased', null);

	t.deepEqual(await callbacks.deliverDue(), {...none, givenUp: 3});

	t.is(receiver.received.length, 0);
	t.regex((await stateOf('far')).problem ?? '', /add pay\.example\.com to CALLBACK_HOSTS/);
	const near = await callbackOf(prisma, strict.id, 'near');
	t.like(near, {status: 3, attempts: 0});
	t.regex(near.problem ?? '', new RegExp(`add 127\\.0\\.0\\.1:${receiver.port} to CALLBACK_HOSTS`));
	t.false(JSON.stringify([near, said, await stateOf('far')]).includes('signed'));
});

test.serial('what cannot be rendered is tried again later, and told', async t => {
	const {callbacks, failures, plant, stateOf} = await room({
		render: () => Promise.reject(new Error('no such payment')),
	});
	const receiver = await openReceiver(t);
	await plant('A', receiver.at(path));

	t.deepEqual(await callbacks.deliverDue(), {...none, failed: 1});

	t.like(await stateOf('A'), {status: 1, nextAt: start + 5 * second});
	t.deepEqual([failures.length, receiver.received.length], [1, 0]);
});

test.serial('what took so long to prepare that its lease could end meanwhile is not sent', async t => {
	const clock = makeClock();
	let lateMs = leaseMs;
	const {callbacks, plant, stateOf} = await room(
		{
			clock: clock.now,
			render() {
				clock.advance(lateMs);
				lateMs = 0;
				return Promise.resolve('{}');
			},
		},
		{parallelMax: 1},
	);
	const receiver = await openReceiver(t);
	await plant('A', receiver.at(path));

	t.deepEqual(await callbacks.deliverDue(), {...none, failed: 1});
	t.like(await stateOf('A'), {status: 1, nextAt: start + leaseMs + 5 * second});
	t.is(receiver.received.length, 0);
});

test.serial(
	'an attempt that comes back after its lease does not undo what another process did since',
	async t => {
		const slow = deferred();
		const isAsked = deferred();
		const {callbacks, clock, open, plant, stateOf} = await room();
		const receiver = await openReceiver(t, [
			response => {
				isAsked.resolve();
				void slow.promise.then(() => response.writeHead(500).end());
			},
			503,
			200,
		]);
		await plant('A', receiver.at(path));

		const first = callbacks.deliverDue();
		await isAsked.promise;
		clock.advance(leaseMs);
		t.deepEqual(await open().deliverDue(), {...none, failed: 1});
		const second = await stateOf('A');
		slow.resolve();
		await first;

		t.deepEqual(await stateOf('A'), second);
		t.is(second.problem, 'The answer was 503.');
	},
);

test.serial(
	'an attempt that arrived counts, even when another process has claimed the callback since',
	async t => {
		const slow = deferred();
		const isAsked = deferred();
		const {callbacks, clock, open, plant, stateOf} = await room();
		const receiver = await openReceiver(t, [
			response => {
				isAsked.resolve();
				void slow.promise.then(() => response.writeHead(200).end());
			},
			500,
		]);
		await plant('A', receiver.at(path));

		const first = callbacks.deliverDue();
		await isAsked.promise;
		clock.advance(leaseMs);
		await open().deliverDue();
		slow.resolve();
		await first;
		clock.advance(day / 2);

		t.deepEqual(await open().deliverDue(), none);
		t.is((await stateOf('A')).status, 2);
	},
);

test.serial('two processes share what is due, and send each callback once', async t => {
	const {callbacks, open, plant} = await room();
	const receiver = await openReceiver(t);
	const ids = Array.from({length: 40}, (_, index) => `P${index}`);
	for (const id of ids) {
		await plant(id, receiver.at(path));
	}

	const other = open();
	const counts = await Promise.all([callbacks.deliverDue(), other.deliverDue(), callbacks.deliverDue()]);

	t.is(
		counts.reduce((sum, {delivered}) => sum + delivered, 0),
		40,
	);
	t.deepEqual(
		bodies(receiver)
			.map(({paymentId}) => paymentId)
			.sort(),
		ids.sort(),
	);
});

test.serial('a callback that somebody is claiming is passed over, and not waited for', async t => {
	const {prisma, plant, merchant, clock} = await room();
	await plant('A', 'http://127.0.0.1:9/a', {nextAt: start - second});
	await plant('B', 'http://127.0.0.1:9/b');
	const claiming = await connect(t, database.url);
	await claiming.query('BEGIN');
	await claiming.query('SELECT FROM callbacks WHERE merchant_id = $1 AND payment_id = $2 FOR UPDATE', [
		merchant.id,
		'A',
	]);

	t.is((await claimNext(prisma, clock.now(), []))?.paymentId, 'B');
	t.is(await claimNext(prisma, clock.now(), []), undefined);
});

test.serial('a receiver that hangs stops no other, however many callbacks wait for it', async t => {
	const {callbacks, plant, stateOf} = await room();
	const delivered = deferred();
	const hanging = await openReceiver(t, ['hang']);
	let count = 0;
	const quick = await openReceiver(t, [200], () => {
		count++;
		if (count === 10) {
			delivered.resolve();
		}
	});
	for (let index = 0; index < 20; index++) {
		await plant(`H${index}`, hanging.at(path));
	}

	for (let index = 0; index < 10; index++) {
		await plant(`Q${index}`, quick.at(path), {nextAt: start});
	}

	const stopping = new AbortController();
	const run = callbacks.deliverDue(stopping.signal);
	await delivered.promise;
	stopping.abort();
	// What was begun before may arrive after.
	await untilTrue('the hanging one is called', () => hanging.received.length >= 4);

	hanging.hangUp();
	t.is((await run).delivered, 10);
	t.is(hanging.received.length, 4);
	t.is((await stateOf('H19')).attempts, 0);
});

test.serial('at most eight attempts are under way at once', async t => {
	const {callbacks, plant} = await room();
	const receivers: Receiver[] = [];
	for (let index = 0; index < 12; index++) {
		const receiver = await openReceiver(t, ['hang']);
		receivers.push(receiver);
		await plant(`P${index}`, receiver.at(path));
	}

	const count = () => receivers.reduce((sum, {received}) => sum + received.length, 0);
	const stopping = new AbortController();
	const runs = [callbacks.deliverDue(stopping.signal)];
	await untilTrue('eight are tried', () => count() === 8);
	runs.push(callbacks.deliverDue(stopping.signal));
	t.deepEqual(await runs[1], none);
	stopping.abort();
	receivers.forEach(({hangUp}) => {
		hangUp();
	});

	t.deepEqual(await runs[0], {...none, failed: 8});
	t.is(count(), 8);
});

test.serial(
	'the loop delivers what becomes due, and finishes what is under way when it is stopped',
	async t => {
		const {callbacks, plant, stateOf} = await room();
		const slow = deferred();
		const isAsked = deferred();
		const receiver = await openReceiver(t, [
			200,
			response => {
				isAsked.resolve();
				void slow.promise.then(() => response.writeHead(200).end());
			},
		]);
		const loop = runCallbacks(callbacks, {everyMs: 5, onFailure: error => t.fail(String(error))});

		await plant('A', receiver.at(path));
		await untilTrue('A is delivered', async () => (await stateOf('A')).status === 2);
		await plant('B', receiver.at(path));
		await isAsked.promise;
		const stopped = loop.stop();
		await plant('C', receiver.at(path));
		slow.resolve();
		await stopped;

		t.is((await stateOf('B')).status, 2);
		t.is((await stateOf('C')).attempts, 0);
	},
);

test.serial('the loop tells once that the database does not answer', async t => {
	let looks = 0;
	const thrice = deferred();
	const told: string[] = [];
	const loop = runCallbacks(
		{
			async deliverDue() {
				looks++;
				if (looks === 3) {
					thrice.resolve();
				}

				await database.general.prisma.$queryRaw`SELECT 1 / 0`;
				return none;
			},
		},
		{everyMs: 5, onFailure: (_, what) => told.push(what)},
	);
	await thrice.promise;
	await loop.stop();
	t.is(told.length, 1);
});

test.serial('a callback that has arrived keeps the moment at which it did', async t => {
	const {prisma, plant, clock} = await room();
	await plant('A', 'http://127.0.0.1:9/a');
	const claim = await claimNext(prisma, clock.now(), []);
	if (claim === undefined) {
		throw new Error('The test needs its callback.');
	}

	await recordDelivered(prisma, claim, clock.now());
	await recordDelivered(prisma, claim, clock.now() + second);

	const {deliveredAt} = await prisma.callback.findUniqueOrThrow({
		where: {merchantId_id: {merchantId: claim.merchantId, id: BigInt(claim.id)}},
	});
	t.is(deliveredAt?.getTime(), clock.now());
});
