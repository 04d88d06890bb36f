import test from 'ava';
import {typedTwiceMs} from '../../src/cards/made-lately.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {fromWallet, type Gateway, openGateway} from '../helpers/gateway.ts';
import {type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// holds:list, holds:capture, holds:release and holds:refund as people and programs use them, beside a service.

let server: TestServer;
let hub: Hub;
let gateway: Gateway;
let clock: Clock;

test.before(async () => {
	clock = makeClock();
	server = await openTestServer({clock});
	hub = openHub(server);
	gateway = openGateway(server);
});
test.after.always(() => server.close());
test.afterEach(t => assertAuditClean(t, server.database));

const dayMs = 86_400_000;
const why = ['--reason', 'returned twice', '--actor', 'ana'];
const run = (name: string, ...args: string[]) => runHere(server.parts, `holds:${name}`, args);

async function listed(...args: string[]): Promise<Record<string, unknown>[]> {
	const {code, stdout, stderr} = await run('list', ...args, '--json');
	if (code !== 0) {
		throw new Error(stderr);
	}

	return jsonLines(stdout);
}

test.serial('a hold is listed while something is held, with its order and what became of it', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30, {orderInfo: {orderId: 'v-1'}});
	await hub.settle(card.id, debit, 10);
	await hub.cancel(card.id, debit, 5);
	const amounts = {authorized: 30, captured: 10, released: 5, refunded: 0, held: 15};

	const [hold] = (await listed()).filter(({id}) => id === debit);

	t.deepEqual(hold, {
		...{id: debit, openedAt: new Date(clock.now()).toISOString(), ageDays: 0, overdue: false},
		...{orderId: 'v-1', source: 'gift-card', currency: 'BRL', ...amounts},
		cards: [{id: card.id, ...amounts}],
	});
	await hub.settle(card.id, debit, 15);
	t.false((await listed()).some(({id}) => id === debit));
	t.true((await listed('--all')).some(({id}) => id === debit));
	for (const named of [
		['--card', card.id],
		['--code', card.code],
		['--order', 'v-1'],
	]) {
		t.deepEqual(
			(await listed(...named)).map(({id, held}) => [id, held]),
			[[debit, 0]],
		);
	}

	t.deepEqual(await listed('--order', 'v-1', '--card', (await buildCard(server.parts)).id), []);
});

test.serial('a payment is listed with its id, its state and all its cards', async t => {
	const document = '11222333000';
	const first = await buildCard(server.parts, {amount: '40.00', owner: {document}, expires: '2026-12-31'});
	const second = await buildCard(server.parts, {amount: '40.00', owner: {document}});
	const {paymentId} = resultOf<{paymentId: string}>(
		await gateway.create({...fromWallet({document}), value: 60}),
	);

	const [hold] = await listed('--payment', paymentId);

	t.like(hold, {source: 'payment', paymentId, paymentStatus: 'approved', authorized: 60, held: 60});
	t.deepEqual(
		(hold?.['cards'] as {id: string; held: number}[]).map(({id, held}) => [id, held]),
		[
			[first.id, 40],
			[second.id, 20],
		],
	);
	t.deepEqual(
		(await listed('--card', second.id)).map(({id}) => id),
		[hold?.['id']],
	);
	t.deepEqual(await listed('--payment', 'none'), []);
	resultOf(await gateway.cancel(paymentId));
});

test.serial('what VTEX should have ended is overdue, and not a moment before', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 10);
	const finished = await hub.debit(card.id, 10);
	await hub.settle(card.id, finished, 10);
	const paymentId = await gateway.pay(card.code, 20);
	const overdue = async (...args: string[]) => {
		const ids = (await listed('--overdue', ...args)).map(({id, paymentId: of}) => of ?? id);
		return [debit, finished, paymentId].filter(id => ids.includes(id));
	};

	const untilPaid = 432_000_000 + 25 * 3_600_000;
	clock.advance(untilPaid - 1);
	t.deepEqual(await overdue(), []);
	t.deepEqual(await overdue('--older-than', '6d'), [debit]);
	clock.advance(1);
	t.deepEqual(await overdue(), [paymentId]);
	clock.advance(30 * dayMs - untilPaid - 1);
	t.deepEqual(await overdue(), [paymentId]);
	clock.advance(1);
	t.deepEqual(await overdue(), [debit, paymentId]);
	t.deepEqual(await overdue('--older-than', '5w'), [paymentId]);
	t.deepEqual(
		(await listed('--older-than', '30d')).filter(({id}) => id === debit),
		[],
	);
	clock.advance(1);
	t.is((await listed('--older-than', '30d')).filter(({id}) => id === debit).length, 1);

	await server.parts.payments.releaseForgotten();
	resultOf(await hub.settle(card.id, debit, 10));
	t.deepEqual(await overdue(), []);
});

test.serial('people read a table of at most 100 columns, and what is held in all', async t => {
	const card = await buildCard(server.parts, {amount: '90000.00'});
	const orderId = 'v967813hub-01-a-very-long-order-id-that-a-shop-made-up';
	const debit = await hub.debit(card.id, 12_345.67, {orderInfo: {orderId}});

	const {stdout} = await run('list', '--card', card.id);

	t.deepEqual(
		stdout.split('\n').filter(line => line.length > 100),
		[],
	);
	t.regex(stdout, /^Times in America\/Sao_Paulo$/m);
	t.regex(stdout, new RegExp(`^${debit} .* 0 h +12,345\\.67 BRL +0\\.00 BRL +12,345\\.67 BRL$`, 'm'));
	t.regex(stdout, new RegExp(`^  order ${orderId}; gift card$`, 'm'));
	t.regex(stdout, /^1 hold, 12,345\.67 BRL held\.$/m);
	const none = await run('list', '--card', (await buildCard(server.parts)).id);
	t.regex(none.stdout, /has no such holds/);
	resultOf(await hub.settle(card.id, debit, 12_345.67));
});

test.serial('a change prints the hold after it, and the statement says who and why', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	const change = async (verb: string, ...args: string[]) =>
		jsonLines((await run(verb, '--hold', debit, ...why, '--yes', '--json', ...args)).stdout)[0];

	t.like(await change('capture', '--amount', '20.5'), {moved: 20.5, captured: 20.5, held: 9.5});
	t.like(await change('release'), {moved: 9.5, released: 9.5, held: 0});
	const refunded = await change('refund', '--amount', '0.5', '--reason-code', 'returned');
	t.like(refunded, {id: debit, moved: 0.5, refunded: 0.5, cards: [{id: card.id, refunded: 0.5}]});

	const lines = jsonLines(
		(await runHere(server.parts, 'cards:statement', ['--card', card.id, '--json'])).stdout,
	);
	t.deepEqual(
		lines.slice(2).map(({kind, actor, reason}) => [kind, actor, reason]),
		['capture', 'release', 'refund'].map(kind => [kind, 'ana', 'returned twice']),
	);
	t.deepEqual(
		lines.slice(2).map(({reasonCode}) => reasonCode),
		[undefined, undefined, 'returned'],
	);
	t.is(lines.at(-1)?.['entryId'], refunded?.['entryId']);
	const {stdout} = await run('refund', '--hold', debit, ...why, '--yes', '--amount', '1');
	t.regex(stdout, /^1\.00 BRL refunded, entry [\da-f]{32}\.$/m);
	t.regex(stdout, /9\.50 BRL released; 1\.50 BRL refunded/);
});

test.serial('more than is left changes nothing, and the message says what is left', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	await hub.settle(card.id, debit, 10);
	const before = await listed('--card', card.id);

	for (const [verb, amount, message] of [
		['capture', '20.01', /Only 20\.00 BRL is left to capture\. Nothing was done/],
		// The value of the whole takes the rest when VTEX sends it, and never when a person types it.
		['capture', '30', /Only 20\.00 BRL is left to capture/],
		['release', '20.01', /Only 20\.00 BRL is left to release/],
		['release', '30', /Only 20\.00 BRL is left to release/],
		['refund', '10.01', /Only 10\.00 BRL is left to refund/],
		['refund', '30', /Only 10\.00 BRL is left to refund/],
	] as const) {
		const {code, stderr, stdout} = await run(verb, '--hold', debit, '--amount', amount, ...why, '--yes');

		t.deepEqual([code, stdout], [1, '']);
		t.regex(stderr, message);
	}

	t.deepEqual(await listed('--card', card.id), before);
	resultOf(await hub.cancel(card.id, debit, 30));
});

test.serial('at a terminal a capture and a refund are asked about, a release is not', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30, {orderInfo: {orderId: 'v-2'}});
	const asked: string[] = [];
	const typed = (verb: string, answer?: string, ...args: string[]) =>
		runHere(
			server.parts,
			`holds:${verb}`,
			['--hold', debit, ...why, ...args],
			answer === undefined
				? undefined
				: question => {
						asked.push(question);
						return Promise.resolve(answer);
					},
		);

	t.is((await typed('capture', 'n')).code, 1);
	t.is((await typed('capture', 'y', '--amount', '24')).code, 0);
	t.is((await typed('capture', undefined, '--amount', '1')).code, 0, 'nobody is there to be asked');
	t.is((await typed('refund', 'n')).code, 1);
	t.is((await typed('refund', 'y', '--amount', '1')).code, 0);
	t.is((await typed('release')).code, 0);
	t.deepEqual(asked, [
		'Capture 30.00 BRL of order v-2, so that it cannot be released any more? This cannot be undone. [y/N] ',
		'Capture 24.00 BRL of order v-2, so that it cannot be released any more? This cannot be undone. [y/N] ',
		'Refund 25.00 BRL of order v-2 to where it came from? This cannot be undone. [y/N] ',
		'Refund 1.00 BRL of order v-2 to where it came from? This cannot be undone. [y/N] ',
	]);
	t.is(await hub.balance(card.id), 76);
});

test.serial(
	'the same refund typed twice within 15 minutes is asked about, unless a key or --yes says so',
	async t => {
		const card = await buildCard(server.parts);
		const debit = await hub.debit(card.id, 30);
		resultOf(await hub.settle(card.id, debit, 20));
		const asked: string[] = [];
		const release = (actor: string, ...args: string[]) =>
			runHere(
				server.parts,
				'holds:release',
				['--hold', debit, '--amount', '1', '--reason', 'twice', '--actor', actor, ...args],
				question => {
					asked.push(question);
					return Promise.resolve('n');
				},
			);

		t.is((await release('ana')).code, 0);
		t.is((await release('ana')).code, 1);
		t.regex(asked[0] ?? '', /You did the same at .* entry [\da-f]{32}\. Do it again\?/);
		t.is((await release('bob')).code, 0);
		t.is((await release('ana', '--key', 'k')).code, 0);
		t.is((await release('ana', '--yes')).code, 0);
		// A refund of the same value is something else.
		t.is((await run('refund', '--hold', debit, '--amount', '1', ...why, '--yes')).code, 0);
		t.is((await run('refund', '--hold', debit, '--amount', '1', ...why)).code, 1);
		clock.advance(typedTwiceMs - 1);
		t.is((await release('ana')).code, 1);
		clock.advance(1);
		t.is((await release('ana')).code, 0);
		t.is(asked.length, 2);
		t.like((await listed('--card', card.id))[0], {released: 5, refunded: 1});
		resultOf(await hub.cancel(card.id, debit, 5));
	},
);

test.serial('a repeated key answers the same, also for all that was left', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	const capture = (...args: string[]) =>
		run('capture', '--hold', debit, '--key', 'k', '--yes', ...why, ...args);

	const [first, second] = [await capture('--json'), await capture('--json')];
	t.deepEqual([first.code, second.code], [0, 0]);
	t.is(jsonLines(first.stdout)[0]?.['entryId'], jsonLines(second.stdout)[0]?.['entryId']);
	t.regex(
		(await capture()).stdout,
		/30\.00 BRL had been captured under this key before; nothing changed now/,
	);
	t.regex((await capture('--amount', '5')).stderr, /another amount/);
	// A release is another command, and finds nothing.
	t.regex((await run('release', '--hold', debit, '--key', 'k', ...why)).stderr, /nothing to release/);
});

test('another shop, an unknown id and no id are not found', async t => {
	for (const id of ['0'.repeat(32), 'nonsense']) {
		const {code, stderr} = await run('refund', '--hold', id, ...why, '--yes');
		t.is(code, 1);
		t.regex(stderr, /has no hold with this id/);
	}
});

const misused = test.macro({
	async exec(t, args: readonly string[], message: RegExp) {
		const [name = '', ...flags] = args;
		const {code, stderr, stdout} = await run(name, ...flags);

		t.deepEqual([code, stdout], [2, '']);
		t.regex(stderr, message);
	},
	title: (given = '') => `it is used wrongly: ${given}`,
});

test('without a reason', misused, ['release', '--hold', '0'.repeat(32)], /needs --reason/);
test('without a hold', misused, ['release', ...why], /needs --hold/);
test('with an age that is none', misused, ['list', '--older-than', '30'], /12h, 30d or 6w/);
test('with a card and a code', misused, ['list', '--card', 'a', '--code', 'b'], /--card ID or by --code/);

test.serial('an amount of nothing, or finer than the currency, is a usage error', async t => {
	const card = await buildCard(server.parts);
	const debit = await hub.debit(card.id, 30);
	for (const amount of ['0', '-1', '0.001', 'all']) {
		const {code} = await run('release', '--hold', debit, `--amount=${amount}`, ...why);
		t.is(code, 2);
	}

	t.like((await listed('--card', card.id))[0], {held: 30});
	resultOf(await hub.cancel(card.id, debit, 30));
});
