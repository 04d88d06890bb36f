import test from 'ava';
import {createProgram} from '../../src/loyalty/program-changes.ts';
import {defaultSettings} from '../../src/loyalty/program-settings.ts';
import {rate} from '../../src/money/convert.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {type Hub, openHub} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// credits:grant, on a database that a service uses too.

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer({clock: makeClock()});
	hub = openHub(server);
	const {parts, merchant} = server;
	const {id: currencyId} = await parts.assets.ofCurrency(merchant.id, 'BRL');
	await createProgram(
		parts.prisma,
		merchant.id,
		{
			asset: {code: 'STARS', scale: 0},
			settings: {
				...defaultSettings('Stars'),
				expiry: {kind: 'days', count: 30},
				purchasedExpiry: {kind: 'never'},
				balanceMax: 1000n,
			},
			rates: [{currencyId, rate: rate(2n, 1n)}],
		},
		parts.clock,
	);
});
test.after.always(() => server.close());

const why = ['--reason', 'late delivery', '--actor', 'ana'];
const run = (...args: string[]) => runHere(server.parts, 'credits:grant', args);

async function granted(...args: string[]): Promise<Record<string, unknown>> {
	const {code, stdout, stderr} = await run(...args, ...why, '--json');
	if (code !== 0) {
		throw new Error(`credits:grant ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout)[0] ?? {};
}

test('points open a wallet that a search finds, under the dates of their program', async t => {
	const to = ['--customer-email', 'Ana@Example.com'];

	const first = await granted(...to, '--points', '300');
	const second = await granted(...to, '--points', '40', '--funding', 'sold');

	t.like(first, {amount: 300, balance: 300, currency: 'STARS'});
	t.is(second['cardId'], first['cardId']);
	t.like((await hub.found({client: {email: 'ana@example.com'}}))[0], {
		...{id: first['cardId'], caption: 'Stars', balance: 6.8},
	});
	const {stdout} = await runHere(server.parts, 'cards:show', ['--card', String(first['cardId']), '--json']);
	t.like(jsonLines(stdout)[0], {
		lots: [
			{origin: 'courtesy', remaining: 300, expiringDate: '2026-04-10'},
			{origin: 'sold', remaining: 40, expiringDate: null},
		],
	});
});

test('money goes into a wallet of its currency, with a date where one is given', async t => {
	const to = ['--customer-document', '529.982.247-25'];

	const money = await granted(...to, '--amount', '20', '--expires', '2026-12-31');

	t.like(money, {amount: 20, balance: 20, currency: 'BRL'});
	t.like((await hub.found({client: {document: '52998224725'}}))[0], {caption: 'Store credit', balance: 20});
	t.is((await granted(...to, '--amount', '5', '--currency', 'USD'))['currency'], 'USD');
});

test('a card is given value under its own date, also by its code', async t => {
	const card = await buildCard(server.parts, {amount: '10.00', expires: '2026-06-30'});

	t.like(await granted('--code', card.code, '--amount', '2.50'), {cardId: card.id, balance: 12.5});
	const {stdout} = await runHere(server.parts, 'cards:show', ['--card', card.id, '--json']);
	t.like(jsonLines(stdout)[0], {
		lots: [{expiringDate: '2026-06-30'}, {expiringDate: '2026-06-30', origin: 'courtesy'}],
	});
});

test('under a key it happens once, and the key is good for one card and one amount', async t => {
	const to = ['--customer-id', 'profile-of-rui'];
	const first = await granted(...to, '--points', '7', '--key', 'ticket-1');

	t.like(await granted(...to, '--points', '7', '--key', 'ticket-1'), {entryId: first['entryId'], balance: 7});
	const other = await run(...to, '--points', '8', '--key', 'ticket-1', ...why);
	t.is(other.code, 1);
	t.regex(other.stderr, /another amount/);
	const elsewhere = await run(
		'--customer-id',
		'profile-of-eva',
		'--points',
		'7',
		'--key',
		'ticket-1',
		...why,
	);
	t.is(elsewhere.code, 1);
	t.regex(elsewhere.stderr, /another card/);
});

test('the same again by the same person without a key is asked about, and done where it is said so', async t => {
	const again = ['--customer-id', 'profile-of-leo', '--points', '5'];
	await granted(...again);

	const asked = await run(...again, ...why);
	t.is(asked.code, 1);
	t.regex(asked.stderr, /You did the same at .* Nothing was done now/);
	t.like(await granted(...again, '--yes'), {balance: 10});
});

test('nobody gets more than the program lets a wallet carry, and nothing is opened for what cannot be', async t => {
	const to = ['--customer-id', 'profile-of-kim'];

	t.like(await granted(...to, '--points', '1000'), {balance: 1000});
	const over = await run(...to, '--points', '1', ...why);
	t.is(over.code, 1);
	t.regex(over.stderr, /cannot carry that much/);
	await assertAuditClean(t, server.database);
});

const refused = test.macro({
	async exec(t, args: readonly string[], message: RegExp, code: 1 | 2 = 2) {
		const result = await run(...args);

		t.is(result.code, code);
		t.regex(result.stderr, message);
		t.is(await server.parts.prisma.customerIdentifier.count({where: {value: 'nobody@example.com'}}), 0);
	},
	title: (given = '') => `${given} is refused, and nobody is made for it`,
});

const nobody = ['--customer-email', 'nobody@example.com'];
test('a grant without a reason', refused, [...nobody, '--points', '5'], /reason/);
test('a grant to nobody', refused, ['--points', '5', ...why], /Name a card/);
test(
	'a grant to a card and a customer',
	refused,
	[...nobody, '--card', 'a'.repeat(32), '--points', '5', ...why],
	/Name a card/,
);
test(
	'money and points at once',
	refused,
	[...nobody, '--points', '5', '--amount', '5', ...why],
	/Say how much/,
);
test('neither money nor points', refused, [...nobody, ...why], /Say how much/);
test('half a point', refused, [...nobody, '--points', '0.5', ...why], /--points/);
test('less than nothing', refused, [...nobody, '--amount', '-5', ...why], /above zero/);
test(
	'points with a currency',
	refused,
	[...nobody, '--points', '5', '--currency', 'BRL', ...why],
	/points have none/,
);
test(
	'a program that is not there',
	refused,
	[...nobody, '--points', '5', '--program', 'Moons', ...why],
	/no loyalty program "Moons"/,
	1,
);
test(
	'a day that is over',
	refused,
	[...nobody, '--points', '5', '--expires', '2020-01-01', ...why],
	/expired before/,
	1,
);
test(
	'an alias of VTEX',
	refused,
	['--customer-email', 'a1b2@ct.vtex.com.br', '--points', '5', ...why],
	/names nobody/,
);
