import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {widthMax} from '../../scripts/lib/help.ts';
import {expireLots} from '../../src/jobs/expire-lots.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {buildCard, type CardWish} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {idleOrders} from '../helpers/idle-orders.ts';
import {idlePayments} from '../helpers/idle-payments.ts';
import {grantPoints, openTestPoints, openTestWallet} from '../helpers/points.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {actorId} from '../../src/merchants/actors.ts';

// ledger:liability, ledger:breakage and ledger:trial-balance, on a database that a service uses too. Each test has a merchant of its own, and
// the clock only goes on in the test that is run after all others.

const clock = makeClock('2026-03-11T15:00:00Z');
let server: TestServer;

test.before(async () => {
	server = await openTestServer({clock});
});

test.after.always(() => server.close());

async function withBooks() {
	const merchant: Merchant = await newMerchant(server.parts.prisma);
	const run = async (name: string, ...args: string[]) =>
		runHere(server.parts, name, [...args, '--merchant', merchant.name]);
	const printed = async (name: string, ...args: string[]) => {
		const {code, stdout, stderr} = await run(name, ...args);
		if (code !== 0) {
			throw new Error(`${name} ended with ${code}: ${stderr}`);
		}

		return stdout;
	};
	const json = async (name: string, ...args: string[]) => jsonLines(await printed(name, ...args, '--json'));
	const card = async (wish: Partial<CardWish>) => buildCard(server.parts, {merchant, ...wish});
	return {merchant, run, printed, json, card};
}

async function withCards() {
	const context = await withBooks();
	const {card, merchant} = context;
	await card({amount: '1200', expires: '2026-03-20'});
	await card({amount: '5.50', expires: '2026-04-10', funding: 'fundingPromotional'});
	await card({amount: '300', currency: 'CLP', expires: null});
	const {prisma, writer, assets} = server.parts;
	const {id: currencyId} = await assets.ofCurrency(merchant.id, 'BRL');
	const points = await openTestPoints(prisma, merchant.id, {currencyId, rate: [1, 2]});
	const wallet = await openTestWallet(prisma, merchant.id, points);
	const actor = await actorId(prisma, merchant.id, 'person', 'tester');
	await grantPoints(writer, merchant, wallet, {amount: 501n, actorId: actor});
	const {code} = await prisma.asset.findFirstOrThrow({where: {id: points.assetId}});
	return {...context, points: code};
}

const isNarrow = (stdout: string) => stdout.split('\n').every(line => line.length <= widthMax);

test.serial('ledger:liability tells what is owed of each currency, and what points are worth', async t => {
	const {json, printed, points} = await withCards();

	const nothing = {held: 0, expired: 0};
	t.deepEqual(await json('ledger:liability'), [
		{currency: 'BRL', liability: 1205.5, available: 1205.5, ...nothing},
		{currency: 'CLP', liability: 300, available: 300, ...nothing},
		{currency: points, liability: 501, available: 501, ...nothing, value: 2.5, valueCurrency: 'BRL'},
	]);
	t.deepEqual(
		(await json('ledger:liability', '--by', 'expiry')).map(({month, currency, liability}) => [
			...[month, currency, liability],
		]),
		[
			['2026-03', 'BRL', 1200],
			['2026-04', 'BRL', 5.5],
			['none', 'CLP', 300],
			['none', points, 501],
		],
	);
	t.deepEqual(
		(await json('ledger:liability', '--by', 'origin')).map(({origin, liability}) => [origin, liability]),
		[
			['sold', 1200],
			['promotional', 5.5],
			['sold', 300],
			['adjustment', 501],
		],
	);
	t.deepEqual(
		(await json('ledger:liability', '--by', 'age')).map(({age, liability}) => [age, liability]),
		[
			['0-29', 1205.5],
			['0-29', 300],
			['0-29', 501],
		],
	);
	t.deepEqual(await json('ledger:liability', '--as-of', '2026-03-10'), []);
	t.deepEqual(await json('ledger:liability', '--as-of', '2026-03-11'), await json('ledger:liability'));

	const table = await printed('ledger:liability', '--by', 'expiry');
	t.regex(table, /^Owed on 2026-03-11 12:00 \(America\/Sao_Paulo\), by expiry$/m);
	t.regex(table, /^2026-03 +1,200\.00 BRL +0\.00 BRL$/m);
	t.regex(table, /^Total +1,205\.50 BRL +0\.00 BRL$/m);
	t.regex(table, new RegExp(`^none +501 ${points} +0 ${points} +2\\.50 BRL$`, 'm'));
	t.regex(table, /^Ties to the trial balance: owed 1,205\.50 BRL; house accounts -1,205\.50 BRL\.$/m);
	t.true(isNarrow(table));
});

test.serial('ledger:liability as a file has what --json prints', async t => {
	const {printed, points} = await withCards();

	t.deepEqual((await printed('ledger:liability', '--by', 'expiry', '--csv')).split('\n'), [
		'month,currency,liability,available,held,expired,value,valueCurrency',
		'2026-03,BRL,1200.00,1200.00,0.00,0.00,,',
		'2026-04,BRL,5.50,5.50,0.00,0.00,,',
		'none,CLP,300,300,0,0,,',
		`none,${points},501,501,0,0,2.50,BRL`,
		'',
	]);
});

test.serial('liability and what expires are drawn into a file, each currency by itself', async t => {
	const {printed, run} = await withCards();
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-reports-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const file = path.join(folder, 'chart.svg');

	await printed('ledger:liability', '--by', 'expiry', '--svg', file);
	const liability = readFileSync(file, 'utf8');
	for (const words of [
		...[
			'What is owed, by the month in which it ends',
			'Owed, in BRL',
			'Owed, in CLP',
			'2026-03',
			'1,200.00 BRL',
		],
		'2026-03-11 12:00 (America/Sao_Paulo)',
	]) {
		t.true(liability.includes(words), words);
	}

	await printed('loyalty:expiring', '--by', 'month', '--svg', file);
	const expiring = readFileSync(file, 'utf8');
	for (const words of [
		'What will expire, by month',
		'Expires, in BRL',
		'2026-04',
		'5.50 BRL',
		'Until 2026-04-10',
	]) {
		t.true(expiring.includes(words), words);
	}

	t.is((await run('loyalty:expiring', '--svg', file)).code, 2);
});

test.serial('ledger:trial-balance has debit and credit of each account, and they are equal', async t => {
	const {json, printed, points} = await withCards();

	const line = (currency: string, account: string, debit: number, credit: number) => ({
		...{currency, account, debit, credit, balance: credit - debit},
	});
	t.deepEqual(await json('ledger:trial-balance'), [
		line('BRL', 'available', 0, 1205.5),
		line('BRL', 'fundingSold', 1200, 0),
		line('BRL', 'fundingPromotional', 5.5, 0),
		line('CLP', 'available', 0, 300),
		line('CLP', 'fundingSold', 300, 0),
		line(points, 'available', 0, 501),
		line(points, 'adjustment', 501, 0),
	]);
	t.deepEqual(await json('ledger:trial-balance', '--as-of', '2026-03-10'), []);
	const table = await printed('ledger:trial-balance');
	t.regex(table, /^Trial balance on 2026-03-11 12:00 \(America\/Sao_Paulo\)$/m);
	t.regex(table, /^Cards: available {10,}1,205\.50 BRL$/m);
	t.regex(table, /^Total +1,205\.50 BRL +1,205\.50 BRL$/m);
	t.regex(table, /^Credit less debit: 0\.00 BRL$/m);
	t.true(isNarrow(table));
	t.regex(await printed('ledger:trial-balance', '--csv'), /^BRL,fundingSold,1200\.00,0\.00,-1200\.00$/m);
});

test.serial(
	'books that were changed by hand do not balance and do not tie, and both commands end with 1',
	async t => {
		const {merchant, run} = await withCards();
		const lot = await server.parts.prisma.lot.findFirstOrThrow({
			where: {merchantId: merchant.id, origin: 10},
			orderBy: {remaining: 'desc'},
		});
		const key = {merchantId_id: {merchantId: merchant.id, id: lot.id}};
		await server.parts.prisma.lot.update({where: key, data: {remaining: lot.remaining - 1n}});
		await server.parts.prisma.card.updateMany({
			where: {merchantId: merchant.id, id: lot.cardId},
			data: {available: {increment: 5n}},
		});

		const liability = await run('ledger:liability');
		t.is(liability.code, 1);
		t.regex(liability.stdout, /^Does NOT tie to the trial balance: owed 1,205\.49 BRL/m);
		t.regex(liability.stderr, /What lots have of BRL is not what the accounts say\. Run ledger:audit\./);
		const balance = await run('ledger:trial-balance');
		t.is(balance.code, 1);
		t.regex(balance.stdout, /^Credit less debit: 0\.05 BRL$/m);
		t.regex(balance.stderr, /The books do not balance: they come to 0\.05 BRL/);
	},
);

test.serial('moments that are yet to come, and forms that exclude each other, are wrong usage', async t => {
	const {run} = await withBooks();

	for (const [name, ...args] of [
		['ledger:liability', '--as-of', '2026-03-12'],
		['ledger:trial-balance', '--as-of', '2026-03-11T15:00:01Z'],
		['ledger:liability', '--json', '--csv'],
		['ledger:breakage', '--from', '2026-03-02', '--to', '2026-03-01'],
	] as const) {
		t.is((await run(name, ...args)).code, 2, name);
	}

	t.is((await run('ledger:liability')).code, 0);
	t.regex((await run('ledger:breakage')).stdout, /Nothing was booked to breakage\./);
});

test.serial('what expired stands apart until it is swept, and then in breakage', async t => {
	const {json, printed} = await withCards();
	clock.set('2026-04-11T15:00:00Z');

	t.like((await json('ledger:liability', '--by', 'currency'))[0], {liability: 0, expired: 1205.5});
	const table = await printed('ledger:liability');
	t.regex(table, /Expired, unbooked/);
	t.regex(table, /owed 0\.00 BRL, expired 1,205\.50 BRL; house accounts -1,205\.50 BRL\.$/m);
	const {prisma, writer, assets} = server.parts;
	await expireLots.runOnce({
		...{prisma, writer, assets, clock: clock.now},
		...{payments: idlePayments, orders: idleOrders},
	});
	t.deepEqual(await json('ledger:breakage'), [
		{month: '2026-04', currency: 'BRL', booked: 1205.5, returned: 0, net: 1205.5},
	]);
	t.deepEqual(await json('ledger:breakage', '--by', 'origin'), [
		{origin: 'sold', currency: 'BRL', booked: 1200, returned: 0, net: 1200},
		{origin: 'promotional', currency: 'BRL', booked: 5.5, returned: 0, net: 5.5},
	]);
	t.deepEqual(await json('ledger:breakage', '--to', '2026-04-10'), []);
	t.regex(await printed('ledger:breakage'), /^2026-04 +1,205\.50 BRL +0\.00 BRL +1,205\.50 BRL$/m);
	t.regex(await printed('ledger:breakage', '--csv'), /^2026-04,BRL,1205\.50,0\.00,1205\.50$/m);
	t.is((await json('ledger:liability', '--as-of', '2026-03-31'))[0]?.['liability'], 5.5);
});
