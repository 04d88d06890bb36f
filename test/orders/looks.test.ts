import test, {type ExecutionContext} from 'ava';
import {recordPaused} from '../../src/merchants/vtex-keys.ts';
import {ring, ringSoftly} from '../../src/orders/doorbell.ts';
import {type LookParts} from '../../src/orders/look.ts';
import {type LookCounts, type LooksLimits, openLooks} from '../../src/orders/looks.ts';
import {runLooks} from '../../src/orders/loop.ts';
import {claimNext, leaseMs} from '../../src/orders/queue.ts';
import {openVtexOrders} from '../../src/vtex/orders/client.ts';
import {makeClock} from '../helpers/clock.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {deferred} from '../helpers/deferred.ts';
import {connect} from '../helpers/interference.ts';
import {orderSample} from '../helpers/orders.ts';
import {openOrdersApi} from '../helpers/orders-api.ts';
import {until} from '../helpers/until.ts';
import {day, enterKeys, lookOf, memoryBooks, newStore, second, secretsKey, start} from './rows.ts';

const invoiced = '1530241870044-01';
const canceled = '1530241870052-01';

let database: TestDatabase;

test.before(async () => {
	database = await openTestDatabase();
});

// Whoever looks for orders finds those of all merchants.
test.afterEach.always(() => database.general.prisma.vtexKey.updateMany({data: {refusedAt: new Date(0)}}));

test.after.always(() => database.close());

let stores = 0;

type Over = Partial<LookParts> & {readonly timeoutMs?: number};

/** A store of its own, with a simulated account that has all published orders, whose clock stands still. */
async function room(t: ExecutionContext, {timeoutMs = 5000, ...over}: Over = {}) {
	const {prisma} = database.general;
	const merchant = await newStore(prisma, `store${++stores}`);
	const api = await openOrdersApi(t);
	api.put(orderSample('order-invoiced-full'));
	api.put(orderSample('order-canceled'));
	await enterKeys(prisma, merchant, api);
	const clock = makeClock();
	const books = memoryBooks();
	const said: {readonly facts: object; readonly message: string}[] = [];
	const say = (facts: object, message: string) => said.push({facts, message});
	const failures: unknown[] = [];
	const parts: LookParts = {
		...{prisma, secretsKey},
		clock: clock.now,
		log: {info: say, warn: say},
		source: openVtexOrders({timeoutMs}),
		applyOrder: books.applyOrder,
		onFailure: error => failures.push(error),
		...over,
	};
	const open = (limits: Partial<LooksLimits> = {}) => openLooks(parts, {random: () => 0.5, ...limits});
	return {
		...{prisma, merchant, api, clock, books, said, failures, parts, open, looks: open()},
		ring: (orderId = invoiced, atLeast: string | null = null) =>
			ring(prisma, merchant.id, {orderId, atLeast}, clock.now()),
		stateOf: (orderId = invoiced) => lookOf(prisma, merchant.id, orderId),
	};
}

const none: LookCounts = {done: 0, failed: 0, givenUp: 0, held: 0};

test.serial('an order that was rung for is fetched, applied once, and done', async t => {
	const {ring, looks, api, books, merchant, stateOf} = await room(t);
	await ring();
	await ring();
	await ring();

	t.deepEqual(await looks.lookDue(), {...none, done: 1});
	t.deepEqual(await looks.lookDue(), none);

	t.is(api.fetches(invoiced), 1);
	t.deepEqual(
		books.applied.map(({merchantId, order}) => [merchantId, order.id]),
		[[merchant.id, invoiced]],
	);
	t.like(await stateOf(), {
		status: 2,
		rings: 3,
		looks: 1,
		outcome: 'booked',
		problem: null,
		leasedUntil: null,
	});
});

test.serial('a ring that comes while the order is fetched leads to another look', async t => {
	const {ring, looks, api, books, stateOf} = await room(t);
	const isAsked = deferred();
	const answer = deferred();
	const document = JSON.stringify(orderSample('order-invoiced-full'));
	api.trouble(invoiced, response => {
		isAsked.resolve();
		// What was read before the order went on.
		void answer.promise.then(() => response.writeHead(200).end(document));
	});
	await ring();

	const run = looks.lookDue();
	await isAsked.promise;
	api.evolve(invoiced, {status: 'canceled'});
	await ring();
	answer.resolve();

	t.deepEqual(await run, {...none, done: 2});
	t.deepEqual(
		books.applied.map(({order}) => order.stage),
		['invoiced', 'canceled'],
	);
	t.like(await stateOf(), {status: 2, rings: 2, looks: 2});
});

test.serial('a ring that comes while a look fails leads to another one at once', async t => {
	const {ring, looks, api, stateOf} = await room(t);
	const isAsked = deferred();
	const answer = deferred();
	api.trouble(invoiced, response => {
		isAsked.resolve();
		void answer.promise.then(() => response.writeHead(500).end());
	});
	await ring();

	const run = looks.lookDue();
	await isAsked.promise;
	await ring();
	answer.resolve();

	t.deepEqual(await run, {...none, failed: 1, done: 1});
	t.like(await stateOf(), {status: 2, failures: 0});
});

test.serial('nobody looks at an order at which somebody looks, rung for or not', async t => {
	const {ring, open, api} = await room(t);
	const isAsked = deferred();
	const answer = deferred();
	api.trouble(invoiced, response => {
		isAsked.resolve();
		void answer.promise.then(() => response.writeHead(404).end());
	});
	await ring();

	const run = open().lookDue();
	await isAsked.promise;
	await ring();
	t.deepEqual(await open().lookDue(), none);
	answer.resolve();
	await run;
});

test.serial(
	'what a killed process was looking at is looked at by another one when its lease ends',
	async t => {
		const {ring, looks, clock, prisma, books} = await room(t);
		await ring();
		// It claims, and is never heard of again.
		t.is((await claimNext(prisma, clock.now(), []))?.orderId, invoiced);

		clock.advance(leaseMs - 1);
		t.deepEqual(await looks.lookDue(), none);
		clock.advance(1);
		t.deepEqual(await looks.lookDue(), {...none, done: 1});
		t.is(books.applied.length, 1);
	},
);

test.serial(
	'a process that is killed after it applied an order, and before it says so, does no harm',
	async t => {
		const {ring, looks, clock, prisma, parts, books, merchant, stateOf} = await room(t);
		await ring();
		await claimNext(prisma, clock.now(), []);
		await books.applyOrder(merchant, parts.source.read(orderSample('order-invoiced-full')));

		clock.advance(leaseMs);
		t.deepEqual(await looks.lookDue(), {...none, done: 1});

		t.like(await stateOf(), {status: 2, looks: 2, outcome: 'unchanged'});
	},
);

test.serial('a look that comes back after its lease does not undo what another one did since', async t => {
	const {ring, open, api, clock, stateOf} = await room(t);
	const isAsked = deferred();
	const answer = deferred();
	api.trouble(invoiced, response => {
		isAsked.resolve();
		void answer.promise.then(() => response.writeHead(500).end());
	});
	await ring();

	const late = open().lookDue();
	await isAsked.promise;
	clock.advance(leaseMs);
	t.deepEqual(await open().lookDue(), {...none, done: 1});
	const after = await stateOf();
	answer.resolve();
	await late;

	t.deepEqual(await stateOf(), after);
	t.is(after.status, 2);
});

test.serial('two processes share what is due, and look at each order once', async t => {
	const {open, api, prisma, merchant, clock} = await room(t);
	const ids = Array.from({length: 40}, (_, index) => `${index}-01`);
	ids.forEach(orderId => {
		api.put({...orderSample('order-invoiced-full'), orderId});
	});
	t.is(await ringSoftly(prisma, merchant.id, [...ids, ...ids], clock.now()), 40);

	const counts = await Promise.all([open().lookDue(), open().lookDue()]);

	t.is(counts[0].done + counts[1].done, 40);
	t.deepEqual([...new Set(ids.map(id => api.fetches(id)))], [1]);
});

test.serial(
	'a document older than what was announced is applied, and fetched again until it is there',
	async t => {
		const {ring, looks, api, books, clock, stateOf} = await room(t);
		const announced = '2026-03-11T18:40:41.0330001Z';
		await ring(canceled, '2026-03-11T18:40:31.5120087Z');
		await ring(canceled, announced);
		await ring(canceled, '2026-03-11T18:40:02.0044000Z');

		t.deepEqual(await looks.lookDue(), {...none, failed: 1});
		t.deepEqual(await stateOf(canceled), {
			...{status: 1, rings: 3, looks: 1, failures: 1, atLeast: announced, outcome: 'booked'},
			problem: 'The document is older than the change that was announced.',
			...{nextAt: start + 5 * second, leasedUntil: null},
		});
		clock.advance(5 * second);
		api.evolve(canceled, {lastChange: '2026-03-11T18:40:41.0330001+00:00'});
		t.deepEqual(await looks.lookDue(), {...none, done: 1});

		t.deepEqual(
			books.applied.map(({order}) => order.version),
			['2026-03-11T18:40:31.5120087Z', announced],
		);
	},
);

test.serial(
	'an order that is not there yet is asked for again, in the back-off’s time, and given up after days',
	async t => {
		const {ring, looks, api, clock, said, stateOf} = await room(t);
		await ring('unknown-01');

		t.deepEqual(await looks.lookDue(), {...none, failed: 1});
		t.like(await stateOf('unknown-01'), {failures: 1, nextAt: start + 5 * second});
		clock.advance(5 * second - 1);
		t.deepEqual(await looks.lookDue(), none);
		clock.advance(1);
		await looks.lookDue();
		t.like(await stateOf('unknown-01'), {failures: 2, nextAt: start + 20 * second});
		clock.advance(4 * day);
		t.deepEqual(await looks.lookDue(), {...none, givenUp: 1});

		t.like(await stateOf('unknown-01'), {
			...{status: 3, failures: 3, leasedUntil: null},
			problem: 'VTEX does not know the order (404).',
		});
		t.is(said.at(-1)?.message, 'An order was given up');
		clock.advance(day);
		t.deepEqual(await looks.lookDue(), none);
		api.put({...orderSample('order-invoiced-full'), orderId: 'unknown-01'});
		await ring('unknown-01');
		t.deepEqual(await looks.lookDue(), {...none, done: 1});
	},
);

test.serial('an order that cannot be read or booked is tried again, and said why', async t => {
	let isBroken = true;
	const books = memoryBooks();
	const {ring, looks, api, clock, failures, stateOf} = await room(t, {
		applyOrder: (...given) => (isBroken ? Promise.reject(new Error('broken')) : books.applyOrder(...given)),
	});
	api.evolve(canceled, {items: 'Ana Prado'});
	await ring(canceled);
	await ring(invoiced);

	t.deepEqual(await looks.lookDue(), {...none, failed: 2});
	t.is((await stateOf(canceled)).problem, 'The order cannot be read: items is not a list.');
	t.is((await stateOf()).problem, 'It could not be booked; the log of the service says why.');
	t.deepEqual(failures.map(String), ['Error: broken']);
	isBroken = false;
	clock.advance(5 * second);
	t.deepEqual(await looks.lookDue(), {...none, failed: 1, done: 1});
});

test.serial('another order than the one that was asked for is not applied', async t => {
	const {ring, looks, api, books, stateOf} = await room(t);
	api.trouble(invoiced, response =>
		response.writeHead(200).end(JSON.stringify(orderSample('order-canceled'))),
	);
	await ring();

	t.deepEqual(await looks.lookDue(), {...none, failed: 1});
	t.deepEqual(books.applied, []);
	t.regex((await stateOf()).problem ?? '', /another order/);
});

test.serial(
	'after an answer of 429 the account is left alone for a minute, and no order counts it as its failure',
	async t => {
		const {ring, open, api, clock, stateOf} = await room(t);
		const looks = open({perMerchantMax: 1});
		api.trouble(invoiced, 429);
		await ring();
		clock.advance(1);
		await ring(canceled);

		t.deepEqual(await looks.lookDue(), {...none, held: 1});
		t.like(await stateOf(), {status: 1, failures: 0, problem: 'VTEX was asked too often (429).'});
		clock.advance(60 * second - 1);
		t.deepEqual(await looks.lookDue(), none);
		t.is(api.fetches(canceled), 0);
		clock.advance(1);
		t.deepEqual(await looks.lookDue(), {...none, done: 2});
	},
);

test.serial(
	'keys that VTEX refuses stop all looks, loudly, until others are entered; nothing is lost or given up',
	async t => {
		const {ring, open, api, clock, prisma, merchant, said, stateOf} = await room(t);
		const looks = open({perMerchantMax: 1});
		await enterKeys(prisma, merchant, api, {appToken: 'wrong-token-of-the-store'});
		await ring();
		await ring(canceled);

		t.deepEqual(await looks.lookDue(), {...none, held: 1});
		clock.advance(30 * day);
		await ring(canceled);
		t.deepEqual(await looks.lookDue(), none);
		t.is(api.asked.length, 1);
		t.regex(said.at(-1)?.message ?? '', /VTEX refuses the keys/);
		t.like(await stateOf(), {status: 1, failures: 0});
		t.false(JSON.stringify(said).includes('wrong-token'));

		api.trouble(invoiced, 500);
		await enterKeys(prisma, merchant, api, {now: clock.now()});
		t.deepEqual(await looks.lookDue(), {...none, failed: 1, done: 1});
		t.is((await stateOf()).nextAt, clock.now() + 5 * second);
	},
);

test.serial('a refusal of old keys does not stop those that were entered meanwhile', async t => {
	const {ring, looks, api, prisma, merchant} = await room(t);
	const isAsked = deferred();
	const answer = deferred();
	api.trouble(invoiced, response => {
		isAsked.resolve();
		void answer.promise.then(() => response.writeHead(403).end());
	});
	await ring();

	const run = looks.lookDue();
	await isAsked.promise;
	await enterKeys(prisma, merchant, api, {now: start + 1});
	answer.resolve();

	t.deepEqual(await run, {...none, held: 1, done: 1});
});

test.serial('a merchant without keys, or whose account hangs, stops nobody else', async t => {
	// Nobody stops waiting for the slow one while the test looks on, however busy the machine is.
	const slow = await room(t, {timeoutMs: 60_000});
	const quick = await room(t);
	const keyless = await newStore(database.general.prisma, `store${++stores}`);
	await ring(database.general.prisma, keyless.id, {orderId: invoiced, atLeast: null}, start - day);
	for (let index = 0; index < 12; index++) {
		await slow.ring(`${index}-01`);
		slow.api.trouble(`${index}-01`, 'hang');
	}

	slow.clock.advance(second);
	quick.clock.advance(second);
	await quick.ring();
	const run = slow.looks.lookDue();
	await until('the quick one is done', async () => (await quick.stateOf()).status === 2);
	// What was begun before may arrive after.
	await until('the slow one is asked', () => slow.api.asked.length >= 4);

	const stopped = slow.prisma.vtexKey.updateMany({data: {refusedAt: new Date(0)}});
	await stopped;
	slow.api.hangUp();
	t.is((await run).done, 1);
	t.is(slow.api.asked.length, 4);
	t.like(await lookOf(slow.prisma, keyless.id, invoiced), {status: 1, looks: 0});
});

test.serial('a soft ring wakes what is done or new, and leaves alone what waits or was given up', async t => {
	const {ring, looks, prisma, merchant, clock, stateOf} = await room(t);
	await ring();
	await ring('gone-01');
	await ring('lagging-01');
	await looks.lookDue();
	clock.advance(3 * day);
	await ring('lagging-01');
	await looks.lookDue();
	clock.advance(day);
	await looks.lookDue();
	const before = [await stateOf('gone-01'), await stateOf('lagging-01')];
	t.deepEqual(
		before.map(({status}) => status),
		[3, 1],
	);

	const ids = [invoiced, 'gone-01', 'lagging-01', canceled, 'not an id'];
	t.is(await ringSoftly(prisma, merchant.id, ids, clock.now()), 2);

	t.deepEqual([await stateOf('gone-01'), await stateOf('lagging-01')], before);
	t.like(await stateOf(), {status: 1, rings: 2, nextAt: clock.now()});
});

test.serial(
	'the loop looks at what becomes due, and finishes what is under way when it is stopped',
	async t => {
		const {ring, looks, api, stateOf} = await room(t);
		const isAsked = deferred();
		const answer = deferred();
		api.trouble(canceled, response => {
			isAsked.resolve();
			void answer.promise.then(() => response.writeHead(404).end());
		});
		const loop = runLooks(looks, {everyMs: 5, onFailure: error => t.fail(String(error))});

		await ring();
		await until('it is done', async () => (await stateOf()).status === 2);
		await ring(canceled);
		await isAsked.promise;
		const stopped = loop.stop();
		answer.resolve();
		await stopped;

		t.like(await stateOf(canceled), {status: 1, failures: 1, leasedUntil: null});
	},
);

test.serial('the loop tells once that the database does not answer, and goes on', async t => {
	let isGone = true;
	let calls = 0;
	const told: string[] = [];
	const failing = {
		async lookDue() {
			calls++;
			return isGone ? Promise.reject(new Error('gone')) : Promise.resolve(none);
		},
	};
	const loop = runLooks(failing, {everyMs: 2, onFailure: (_, what) => told.push(what)});

	await until('it was tried thrice', () => calls >= 3);
	isGone = false;
	const before = calls;
	await until('it goes on', () => calls >= before + 3);
	await loop.stop();

	t.is(told.length, 1);
	t.regex(told[0] ?? '', /Orders cannot be looked for/);
});

test.serial('a pause of old keys ends with them', async t => {
	const {ring, looks, api, prisma, merchant, clock} = await room(t);
	const whose = {merchantId: merchant.id, purpose: 'orders', changedAt: new Date(start)} as const;
	await recordPaused(prisma, whose, start + day);
	await ring();
	t.deepEqual(await looks.lookDue(), none);

	await enterKeys(prisma, merchant, api, {now: clock.now()});
	t.deepEqual(await looks.lookDue(), {...none, done: 1});
});

test.serial('a document that lags for good is given up after six hours, with what it came to', async t => {
	const {ring, looks, clock, books, stateOf} = await room(t);
	await ring(canceled, '2026-03-12T00:00:00.0000000Z');
	let counts = none;
	for (let round = 0; counts.givenUp === 0 && round < 30; round++) {
		counts = await looks.lookDue();
		clock.set(Math.max((await stateOf(canceled)).nextAt, clock.now()));
	}

	t.like(await stateOf(canceled), {status: 3, outcome: 'unchanged'});
	t.true(books.applied.length >= 7 && books.applied.length <= 9, String(books.applied.length));
});

test.serial('keys that cannot be decrypted are told once a minute, not for each order', async t => {
	const {ring, open, parts, clock, said, failures, stateOf} = await room(t, {secretsKey: 'x'.repeat(48)});
	t.is(parts.secretsKey[0], 'x');
	const looks = open({perMerchantMax: 1});
	await ring();
	await ring(canceled);

	t.deepEqual(await looks.lookDue(), {...none, held: 1});
	t.deepEqual(await looks.lookDue(), none);
	t.regex(JSON.stringify(said), /SECRETS_KEY with which it was entered/);
	t.deepEqual(failures, []);
	t.like(await stateOf(), {status: 1, failures: 0});
	clock.advance(60 * second);
	t.deepEqual(await looks.lookDue(), {...none, held: 1});
});

for (const [status, what] of [
	[200, 'that is good'],
	[500, 'that fails'],
] as const) {
	test.serial(`a look ${what} after its lease does not end another one that is under way`, async t => {
		const {ring, open, api, clock, stateOf} = await room(t);
		const document = JSON.stringify(orderSample('order-invoiced-full'));
		const [first, other] = [deferred(), deferred()];
		api.trouble(
			invoiced,
			response => void first.promise.then(() => response.writeHead(status).end(document)),
			response => void other.promise.then(() => response.writeHead(200).end(document)),
		);
		await ring();

		const late = open().lookDue();
		await until('the first has asked', () => api.fetches(invoiced) === 1);
		clock.advance(leaseMs);
		const run = open().lookDue();
		await until('the other has asked', () => api.fetches(invoiced) === 2);
		const during = await stateOf();
		first.resolve();
		await late;
		t.deepEqual(await stateOf(), during);
		other.resolve();
		await run;

		t.like(during, {status: 1, looks: 2, leasedUntil: start + 2 * leaseMs});
		t.like(await stateOf(), {status: 2, failures: 0, leasedUntil: null});
	});
}

test.serial('an order that somebody is claiming is passed over, and not waited for', async t => {
	const {prisma, ring, merchant, clock} = await room(t);
	await ring(invoiced);
	clock.advance(second);
	await ring(canceled);
	const claiming = await connect(t, database.url);
	await claiming.query('BEGIN');
	await claiming.query('SELECT FROM order_looks WHERE merchant_id = $1 AND order_id = $2 FOR UPDATE', [
		merchant.id,
		invoiced,
	]);

	t.is((await claimNext(prisma, clock.now(), []))?.orderId, canceled);
	t.is(await claimNext(prisma, clock.now(), []), undefined);
});
