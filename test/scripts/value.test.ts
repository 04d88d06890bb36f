import test from 'ava';
import {typedTwiceMs} from '../../src/cards/made-lately.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard, type BuiltCard, type CardWish} from '../helpers/build.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// cards:transfer and cards:adjust, on a database that a service uses too.

let server: TestServer;
let clock: Clock;

test.before(async () => {
	clock = makeClock();
	server = await openTestServer({clock});
});

test.after.always(() => server.close());

const run = (name: string, ...args: string[]) => runHere(server.parts, name, args);
const card = (wish: Partial<CardWish> = {}): Promise<BuiltCard> => buildCard(server.parts, wish);

async function json(name: string, ...args: string[]): Promise<Record<string, unknown>[]> {
	const {code, stdout, stderr} = await run(name, ...args, '--json');
	if (code !== 0) {
		throw new Error(`${name} ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout);
}

const one = async (name: string, ...args: string[]) => (await json(name, ...args))[0] ?? {};
const balanceOf = async ({id}: BuiltCard) => (await one('cards:show', '--card', id))['balance'];
const why = ['--reason', 'gift split', '--actor', 'ana'];

test.serial('cards:transfer moves an amount, by id or by code, and prints both cards', async t => {
	const [from, to] = [await card({expires: '2027-12-31'}), await card({amount: '1'})];

	const moved = await one(
		'cards:transfer',
		'--from',
		from.id,
		'--to-code',
		to.code,
		'--amount',
		'20.5',
		...why,
	);

	t.deepEqual(
		{...moved, entryId: ''},
		{
			entryId: '',
			amount: 20.5,
			currency: 'BRL',
			from: {id: from.id, balance: 79.5},
			to: {id: to.id, balance: 21.5},
		},
	);
	const [, line] = await json('cards:statement', '--card', from.id);
	t.like(line, {
		...{entryId: moved['entryId'], kind: 'transfer', amount: -20.5, balance: 79.5},
		...{otherCard: to.id, actor: 'ana', reason: 'gift split'},
	});
	const [, other] = await json('cards:statement', '--card', to.id);
	t.like(other, {entryId: moved['entryId'], amount: 20.5, otherCard: from.id, reason: 'gift split'});
	const {lots} = await one('cards:show', '--card', to.id);
	t.true((lots as {expiringDate: string}[]).some(({expiringDate}) => expiringDate === '2027-12-31'));
	await assertAuditClean(t, {general: server.parts});
});

test.serial('people read what moved, and the statement names the other card', async t => {
	const [from, to] = [await card(), await card()];

	const {code, stdout} = await run(
		'cards:transfer',
		'--from-code',
		from.code,
		'--to',
		to.id,
		'--all',
		...why,
	);
	const statement = await run('cards:statement', '--card', to.id);
	const empty = await run('cards:transfer', '--from', from.id, '--to', to.id, '--all', ...why);

	t.is(code, 0);
	t.regex(stdout, new RegExp(`^From +${from.id}, balance 0\\.00 BRL$`, 'm'));
	t.regex(stdout, /^100\.00 BRL moved\.$/m);
	t.regex(statement.stdout, new RegExp(`transferred .*${from.id}`));
	t.is(empty.code, 1);
	t.regex(empty.stderr, /cannot spend that much now/);
});

test.serial(
	'a repeated key moves nothing again, and is refused for another amount or another card',
	async t => {
		const [from, to, third] = [await card(), await card(), await card()];
		const transfer = (target: BuiltCard, amount: string) =>
			run('cards:transfer', '--from', from.id, '--to', target.id, '--amount', amount, '--key', 'k', ...why);

		const codes = [
			await transfer(to, '5'),
			await transfer(to, '5'),
			await transfer(to, '6'),
			await transfer(third, '5'),
		];

		t.deepEqual(
			codes.map(({code}) => code),
			[0, 0, 1, 1],
		);
		t.regex(codes[1]?.stdout ?? '', /nothing moved now/);
		t.regex(codes[2]?.stderr ?? '', /another amount/);
		t.regex(codes[3]?.stderr ?? '', /another card/);
		t.deepEqual(await Promise.all([from, to, third].map(balanceOf)), [95, 105, 100]);
	},
);

test.serial('cards:adjust adds and takes, with a date of its own where one is given', async t => {
	const mended = await card();

	const up = await one(
		'cards:adjust',
		'--code',
		mended.code,
		'--amount',
		'12.00',
		'--expires',
		'2026-12-31',
		...why,
	);
	const down = await one('cards:adjust', '--card', mended.id, '--amount', '-2', ...why);

	t.deepEqual(
		{...up, entryId: ''},
		{entryId: '', cardId: mended.id, amount: 12, balance: 112, currency: 'BRL'},
	);
	t.like(down, {amount: -2, balance: 110});
	const {lots} = await one('cards:show', '--card', mended.id);
	t.true(
		(lots as Record<string, unknown>[]).some(
			({origin, remaining, expiringDate}) =>
				origin === 'adjustment' && remaining === 10 && expiringDate === '2026-12-31',
		),
	);
	t.like((await json('cards:statement', '--card', mended.id)).at(-1), {
		...{kind: 'adjust', amount: -2, actor: 'ana', reason: 'gift split'},
	});
});

test.serial(
	'a blocked card can be corrected and gives nothing away; a closed one can be neither',
	async t => {
		const [blocked, closed, other] = [await card(), await card(), await card()];
		await run('cards:block', '--card', blocked.id, '--reason', 'stolen');
		await run('cards:close', '--card', closed.id, '--reason', 'lost');

		t.is((await run('cards:adjust', '--card', blocked.id, '--amount', '-1', ...why)).code, 0);
		for (const [args, message] of [
			[['cards:transfer', '--from', blocked.id, '--to', other.id, '--all'], /blocked/],
			[['cards:transfer', '--from', other.id, '--to', closed.id, '--all'], /get the value is closed/],
			[['cards:adjust', '--card', closed.id, '--amount', '1'], /stays closed/],
			[['cards:adjust', '--card', blocked.id, '--amount', '1', '--expires', '2020-01-01'], /later date/],
		] as const) {
			const [name, ...flags] = args;
			const {code, stderr, stdout} = await run(name, ...flags, ...why);

			t.deepEqual([code, stdout], [1, '']);
			t.regex(stderr, message);
		}
	},
);

test.serial(
	'the same a second time within 15 minutes is refused without a terminal, but not under a key or with --yes',
	async t => {
		const mended = await card();
		const adjust = (...flags: string[]) =>
			run('cards:adjust', '--card', mended.id, '--amount', '5', '--reason', 'twice', ...flags);

		t.is((await adjust('--actor', 'ana')).code, 0);
		const {code, stderr} = await adjust('--actor', 'ana');
		t.is(code, 1);
		t.regex(stderr, /You did the same at .*entry [\da-f]{32}.*--yes/);
		t.is(await balanceOf(mended), 105);

		t.is((await adjust('--actor', 'bob')).code, 0);
		t.is((await adjust('--actor', 'ana', '--key', 'k')).code, 0);
		t.is((await adjust('--actor', 'ana', '--yes')).code, 0);
		t.is((await run('cards:adjust', '--card', mended.id, '--amount', '5.01', ...why)).code, 0);
		clock.advance(typedTwiceMs - 1);
		t.is((await adjust('--actor', 'ana')).code, 1);
		clock.advance(1);
		t.is((await adjust('--actor', 'ana')).code, 0);
		t.is(await balanceOf(mended), 130.01);
	},
);

test.serial('at a terminal the person is asked before the same is done again', async t => {
	const [from, to] = [await card(), await card()];
	const asked: string[] = [];
	const transfer = (answer: string) =>
		runHere(
			server.parts,
			'cards:transfer',
			['--from', from.id, '--to', to.id, '--amount', '5', ...why],
			question => {
				asked.push(question);
				return Promise.resolve(answer);
			},
		);

	const codes = [await transfer('n'), await transfer('n'), await transfer(''), await transfer('y')];

	t.deepEqual(
		codes.map(({code}) => code),
		[0, 1, 1, 0],
	);
	t.is(asked.length, 3);
	t.regex(asked[0] ?? '', /Do it again\? \[y\/N\] $/);
	t.is(await balanceOf(from), 90);
});

test.serial('the other way, or between other cards, is not the same', async t => {
	const [a, b, c] = [await card(), await card(), await card()];
	const transfer = ({id}: BuiltCard, to: BuiltCard) =>
		run('cards:transfer', '--from', id, '--to', to.id, '--amount', '5', ...why);

	t.deepEqual(
		[await transfer(a, b), await transfer(b, a), await transfer(a, c), await transfer(a, b)].map(
			({code}) => code,
		),
		[0, 0, 0, 1],
	);
});

const misused = test.macro({
	async exec(t, name: string, flags: readonly string[], message: RegExp) {
		const {id} = await card();
		const args = flags.map(flag => (flag === 'CARD' ? id : flag));

		const {code, stderr, stdout} = await run(name, ...args);

		t.deepEqual([code, stdout], [2, '']);
		t.regex(stderr, message);
	},
	title: (given = '', name: string) => `${name} is used wrongly: ${given}`,
});

const between = ['--from', 'CARD', '--to', 'CARD'];
test('without a reason', misused, 'cards:transfer', [...between, '--all'], /needs --reason/);
test(
	'with an empty reason',
	misused,
	'cards:adjust',
	['--card', 'CARD', '--amount', '1', '--reason', ' '],
	/--reason/,
);
test('to the same card', misused, 'cards:transfer', [...between, '--all', ...why], /the same card/);
test(
	'from nowhere',
	misused,
	'cards:transfer',
	['--to', 'CARD', '--all', ...why],
	/--from ID or by --from-code/,
);
test('by nothing', misused, 'cards:adjust', ['--card', 'CARD', '--amount', '0', ...why], /must not be zero/);
test(
	'taking under a date',
	misused,
	'cards:adjust',
	['--card', 'CARD', '--amount', '-1', '--expires', '2027-01-01', ...why],
	/--expires is for what is added/,
);

const amounts = test.macro({
	async exec(t, flags: readonly string[], message: RegExp) {
		const [from, to] = [await card(), await card()];

		const {code, stderr} = await run('cards:transfer', '--from', from.id, '--to', to.id, ...flags, ...why);

		t.is(code, 2);
		t.regex(stderr, message);
		t.is(await balanceOf(from), 100);
	},
	title: (given = '') => `cards:transfer is used wrongly: ${given}`,
});

test('neither an amount nor all', amounts, [], /--amount 50\.00 or --all/);
test('an amount and all', amounts, ['--amount', '1', '--all'], /--amount 50\.00 or --all/);
test('less than nothing', amounts, ['--amount', '-1'], /above zero/);
test('finer than the currency', amounts, ['--amount', '0.001'], /at most 2 decimals/);

test('an id of no card is said to be none', async t => {
	const {id} = await card();

	const {code, stderr} = await run('cards:transfer', '--from', id, '--to', '0'.repeat(32), '--all', ...why);

	t.is(code, 1);
	t.regex(stderr, /has no card with this id/);
});
