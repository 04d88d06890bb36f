import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {earnRulesHelp} from '../../scripts/lib/program-flags.ts';
import {readEarnRules, writeEarnRules} from '../../src/loyalty/earn-rules-json.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {makeClock} from '../helpers/clock.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// programs:create, programs:show and programs:update, on a database that a service uses too. Each test has a merchant of its own.

let server: TestServer;
let folder: string;

test.before(async () => {
	folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-programs-'));
	server = await openTestServer({clock: makeClock('2026-03-11T15:00:00Z')});
});

test.after.always(async () => {
	await server.close();
	await rm(folder, {recursive: true});
});

/** Commands for a new merchant in São Paulo. */
async function withMerchant() {
	const {name, id} = await newMerchant(server.parts.prisma);
	const run = (command: string, ...args: string[]) =>
		runHere(server.parts, command, [...args, '--merchant', name]);
	const json = async (command: string, ...args: string[]) => {
		const {code, stdout, stderr} = await run(command, ...args, '--json');
		if (code !== 0) {
			throw new Error(`${command} ended with ${code}: ${stderr}`);
		}

		return jsonLines(stdout);
	};
	const one = async (command: string, ...args: string[]) => (await json(command, ...args))[0] ?? {};
	return {merchant: name, merchantId: id, run, json, one};
}

const fileOf = async (name: string, text: string) => {
	const file = path.join(folder, name);
	await writeFile(file, text);
	return file;
};

const plain = {
	...{name: 'Gold', asset: 'PTS', decimals: 0, caption: 'Gold', expires: 'never', purchasedExpires: 'never'},
	...{pendingDays: 0, minRedemption: 1, maxRedemption: null, maxBalance: null},
	...{maxPerDay: null, maxPerOrder: null, graceDays: 30, graceCapDays: 365},
	...{clawback: 'owed', earnRules: null, rates: []},
};

test('a program that only has a name and points ends, waits and limits nothing', async t => {
	const {one, run} = await withMerchant();

	t.deepEqual(await one('programs:create', '--name', 'Gold', '--asset', 'pts'), plain);
	t.deepEqual(await one('programs:show'), plain);
	t.regex((await run('programs:show')).stdout, /^It has no rate: its points pay for nothing\./m);
});

test('every setting is made, shown, changed and lifted by its flag', async t => {
	const {one} = await withMerchant();
	const rules = {currency: 'BRL', rate: {numerator: '1', denominator: '100'}, minimum: '5000'};
	const file = await fileOf('earn.json', JSON.stringify(rules));
	const settings = [
		...[
			'--caption',
			'Your points',
			'--expires',
			'month+2',
			'--purchased-expires',
			'400d',
			'--pending',
			'14d',
		],
		...[
			'--min-redemption',
			'5',
			'--max-redemption',
			'100.50',
			'--max-balance',
			'9000',
			'--max-per-day',
			'20',
		],
		...['--max-per-order', '10', '--grace', '10d', '--grace-cap', '90', '--clawback', 'debt'],
		...['--earn-rules', file],
	];
	const set = {
		...{caption: 'Your points', expires: 'month+2', purchasedExpires: '400d', pendingDays: 14},
		...{minRedemption: 5, maxRedemption: 100.5, maxBalance: 9000, maxPerDay: 20, maxPerOrder: 10},
		...{graceDays: 10, graceCapDays: 90, clawback: 'debt'},
	};
	const lifted = [
		...[
			'--expires',
			'never',
			'--purchased-expires',
			'never',
			'--pending',
			'none',
			'--min-redemption',
			'none',
		],
		...[
			'--max-redemption',
			'none',
			'--max-balance',
			'none',
			'--max-per-day',
			'none',
			'--max-per-order',
			'none',
		],
		...['--grace', 'none', '--grace-cap', '0d', '--earn-rules', 'none'],
	];

	const made = await one(
		'programs:create',
		'--name',
		'Gold',
		'--asset',
		'PTS',
		'--decimals',
		'2',
		...settings,
	);
	const after = await one('programs:update', '--new-name', 'Silver', ...lifted);
	const again = await one('programs:update', '--name', 'Silver', ...settings);

	t.like(made, {...set, decimals: 2});
	t.like(made['earnRules'], {...rules, earnOn: 'invoice'});
	t.like(after, {
		...{...plain, name: 'Silver', decimals: 2, caption: 'Your points', clawback: 'debt'},
		...{minRedemption: 0.01, graceDays: 0, graceCapDays: 0},
	});
	t.deepEqual(again, {...made, name: 'Silver'});
});

for (const expires of ['never', '0d', '90d', 'month', 'month+12', 'year', 'year+1']) {
	test(`--expires ${expires} is shown as it was typed`, async t => {
		const {one} = await withMerchant();

		t.is(
			(await one('programs:create', '--name', 'Gold', '--asset', 'PTS', '--expires', expires))['expires'],
			expires,
		);
	});
}

test('rates begin now or with a local day, and each is shown with when the next one takes over', async t => {
	const {one} = await withMerchant();
	await one(
		'programs:create',
		'--name',
		'Gold',
		'--asset',
		'PTS',
		'--rate',
		'BRL=0.01',
		'--rate',
		'usd=0.002',
	);

	const {rates} = await one('programs:update', '--rate', 'BRL=0.0125', '--rate-from', '2027-01-01');

	t.deepEqual(rates, [
		{currency: 'BRL', rate: '0.01', from: '2026-03-11T15:00:00.000Z', until: '2027-01-01T03:00:00.000Z'},
		{currency: 'BRL', rate: '0.0125', from: '2027-01-01T03:00:00.000Z', until: null},
		{currency: 'USD', rate: '0.002', from: '2026-03-11T15:00:00.000Z', until: null},
	]);
});

test('people read settings in words, and rates with what they are, will be and when', async t => {
	const {run} = await withMerchant();
	const rules = {
		...{currency: 'BRL', rate: {numerator: '1', denominator: '100'}, minimum: '5000', earnOn: 'payment'},
		...{bySeller: [{seller: 'a', factor: {numerator: '2', denominator: '1'}}], excluded: {skus: ['1', '2']}},
	};
	const file = await fileOf('people.json', JSON.stringify(rules));
	const made = await run(
		...(['programs:create', '--name', 'Gold', '--asset', 'PTS', '--rate', 'BRL=0.01'] as const),
		...['--expires', 'year+1', '--pending', '1d', '--max-per-order', '1000', '--earn-rules', file],
	);
	await run('programs:update', '--rate', 'BRL=0.0125', '--rate-from', '2027-01-01');
	await run('programs:create', '--name', 'Silver', '--asset', 'STARS');
	const {stdout} = await run('programs:show');

	t.is(made.stderr, 'A running service knows it within 10 seconds.\n');
	for (const line of [
		/^Program +Gold$/m,
		/^Points +PTS, without decimals$/m,
		/^They end +at the end of the year, 1 year later$/m,
		/^Bought ones end +never$/m,
		/^Can be spent +1 day after they were earned$/m,
		/^Redeemed an order +at least 1 PTS$/m,
		/^Earned an order +at most 1,000 PTS$/m,
		/^Orders earn +1 PTS for 1 BRL, from 50\.00 BRL, 1 other rate, 2 exclusions, when paid$/m,
		/^1 PTS is worth +From \(America\/Sao_Paulo\) +Until$/m,
		/^ +0\.01 BRL +2026-03-11 12:00 +2027-01-01 00:00 +now$/m,
		/^ +0\.0125 BRL +2027-01-01 00:00 +planned$/m,
		/^Program +Silver$/m,
	]) {
		t.regex(stdout, line);
	}
});

test('one program is shown by its name, all without one, and none is said', async t => {
	const {merchant, json, run} = await withMerchant();
	t.is(
		(await run('programs:show')).stdout,
		`${merchant} has no loyalty program. programs:create makes one.\n`,
	);
	t.deepEqual(await json('programs:show'), []);
	await json('programs:create', '--name', 'Gold', '--asset', 'PTS');
	await json('programs:create', '--name', 'Silver', '--asset', 'STARS');

	const names = async (...args: string[]) => (await json('programs:show', ...args)).map(({name}) => name);

	t.deepEqual(await names(), ['Gold', 'Silver']);
	t.deepEqual(await names('--name', 'Silver'), ['Silver']);
});

test('the earn rules that the help shows are earn rules', t => {
	const [json = ''] = /\{.*\}\}/.exec(earnRulesHelp) ?? [];

	t.deepEqual(readEarnRules(JSON.parse(json)).rate, {numerator: 1n, denominator: 100n});
	for (const member of Object.keys(writeEarnRules(readEarnRules(JSON.parse(json))))) {
		t.true(earnRulesHelp.includes(member), member);
	}
});

test('what cannot be is refused in one line that says what to do, and changes nothing', async t => {
	const {run, json, merchantId} = await withMerchant();
	await json('programs:create', '--name', 'Gold', '--asset', 'PTS', '--rate', 'BRL=0.01');
	const before = await json('programs:show');
	const notJson = await fileOf('broken.json', '{"currency": ');
	const wrong = await fileOf(
		'wrong.json',
		'{"currency": "BRL", "rate": {"numerator": "0", "denominator": "1"}, "x": 1}',
	);
	const create = ['programs:create', '--name', 'Silver', '--asset', 'STARS'] as const;
	const update = ['programs:update', '--name', 'Gold'] as const;
	const refused: [code: number, message: RegExp, name: string, ...args: string[]][] = [
		[2, /programs:create needs --asset PTS/, 'programs:create', '--name', 'Silver'],
		[2, /--asset: BRL is a currency/, 'programs:create', '--name', 'Silver', '--asset', 'brl'],
		[2, /--asset: "P1" is no code of points/, 'programs:create', '--name', 'Silver', '--asset', 'p1'],
		[2, /--decimals takes 0, 1/, ...create, '--decimals', '7'],
		[2, /--expires takes never, a number of days \(90d\)/, ...create, '--expires', '90'],
		[2, /--expires takes never/, ...create, '--expires', 'months'],
		[2, /--purchased-expires takes/, ...create, '--purchased-expires', 'year-1'],
		[
			2,
			/--pending takes a number of days, such as 30d; not "two weeks"/,
			...create,
			'--pending',
			'two weeks',
		],
		[2, /--grace takes a number of days/, ...create, '--grace', '-1'],
		[2, /--max-balance: .*finer than STARS can hold/, ...create, '--max-balance', '1.5'],
		[2, /--clawback takes debt, owed/, ...create, '--clawback', 'gift'],
		[2, /--rate takes a currency and what one STARS is worth in it/, ...create, '--rate', '0.01'],
		[2, /--rate takes a currency/, ...create, '--rate', 'XXX=0.01'],
		[2, /--rate: "one" is not a rate/, ...create, '--rate', 'BRL=one'],
		[2, /--rate: .*above zero/, ...create, '--rate', 'BRL=0'],
		[2, /--rate was given twice for BRL/, ...create, '--rate', 'BRL=1', '--rate', 'brl=2'],
		[2, /--rate-from is for rates/, ...create, '--rate-from', '2027-01-01'],
		[2, /--rate-from takes a day/, ...create, '--rate', 'BRL=1', '--rate-from', 'soon'],
		[
			2,
			/--earn-rules: \/nowhere\.json cannot be read: there is no such file or folder \(ENOENT\)/,
			...create,
			'--earn-rules',
			'/nowhere.json',
		],
		[1, /is not JSON/, ...create, '--earn-rules', notJson],
		[1, /rate is zero[^]*not known/, ...create, '--earn-rules', wrong],
		[1, /so none could/, ...create, '--min-redemption', '5', '--max-redemption', '4'],
		[1, /within a hundred years/, ...create, '--expires', 'year+101'],
		[1, /Every limit is above zero/, ...create, '--max-per-day', '0'],
		[1, /in the past was told to shoppers/, ...create, '--rate', 'BRL=1', '--rate-from', '2026-03-11'],
		[1, /a loyalty program "Gold" already/, 'programs:create', '--name', 'Gold', '--asset', 'STARS'],
		[1, /PTS are the points of "Gold" already/, 'programs:create', '--name', 'Silver', '--asset', 'PTS'],
		[
			1,
			/There is no loyalty program "Silver"\. There are: "Gold"\./,
			'programs:update',
			'--name',
			'Silver',
			'--pending',
			'1d',
		],
		[1, /There is no loyalty program "Silver"/, 'programs:show', '--name', 'Silver'],
		[2, /Say what is to change/, ...update],
	];
	for (const [expected, message, name, ...args] of refused) {
		const {code, stdout, stderr} = await run(name, ...args, '--json');
		t.is(code, expected, stderr);
		t.is(stdout, '');
		t.regex(stderr, message);
		t.false(/^ {4}at /m.test(stderr), stderr);
	}

	t.deepEqual(await json('programs:show'), before);
	t.is(await server.parts.prisma.asset.count({where: {merchantId, kind: 2}}), 1);
});

test('where there are several programs, a change must name one', async t => {
	const {run, json} = await withMerchant();
	const none = await run('programs:update', '--pending', '1d');
	await json('programs:create', '--name', 'Gold', '--asset', 'PTS');
	await json('programs:create', '--name', 'Silver', '--asset', 'STARS');
	const several = await run('programs:update', '--pending', '1d');

	t.deepEqual([none.code, several.code], [1, 1]);
	t.regex(none.stderr, /There is no loyalty program yet\. programs:create makes one\./);
	t.regex(
		several.stderr,
		/There are several loyalty programs: "Gold", "Silver"\. Name the one that is meant\./,
	);
});
