import test from 'ava';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {buildCard, type CardWish} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// loyalty:expiring, on a database that a service uses too. Each test has a merchant of its own.

let server: TestServer;

test.before(async () => {
	server = await openTestServer({clock: makeClock('2026-03-11T15:00:00Z')});
});

test.after.always(() => server.close());

async function withMerchant() {
	const merchant: Merchant = await newMerchant(server.parts.prisma);
	const run = (...args: string[]) =>
		runHere(server.parts, 'loyalty:expiring', [...args, '--merchant', merchant.name]);
	const json = async (...args: string[]) => {
		const {code, stdout, stderr} = await run(...args, '--json');
		if (code !== 0) {
			throw new Error(`loyalty:expiring ended with ${code}: ${stderr}`);
		}

		return jsonLines(stdout);
	};
	const card = (wish: Partial<CardWish>) => buildCard(server.parts, {merchant, ...wish});
	return {merchant, run, json, card};
}

const owner = {email: 'ana@example.com', document: '11144477735'};

async function withCards() {
	const context = await withMerchant();
	const {card, merchant} = context;
	const hers = await card({amount: '20', expires: '2026-03-20', owner});
	await card({amount: '5', expires: '2026-04-10', owner});
	const loose = await card({amount: '300', currency: 'CLP', expires: '2026-03-31'});
	await card({amount: '1', expires: '2026-04-11'});
	await card({amount: '99', expires: null});
	const id = await findOrCreateCustomer(server.parts.prisma, merchant.id, [
		{kind: 'email', value: owner.email},
	]);
	return {...context, hers, loose, customer: Number(id)};
}

test('what expires in thirty days is listed by customer and by card of nobody, without naming anybody', async t => {
	const {json, run, loose, customer} = await withCards();

	t.deepEqual(await json(), [
		{
			...{customer, card: null, currency: 'BRL', amount: 25, lots: 2, cards: 2},
			...{expiringDate: '2026-03-20', lastExpiringDate: '2026-04-10'},
		},
		{
			...{customer: null, card: loose.id, currency: 'CLP', amount: 300, lots: 1, cards: 1},
			...{expiringDate: '2026-03-31', lastExpiringDate: '2026-03-31'},
		},
	]);
	const {stdout} = await run();
	t.regex(stdout, new RegExp(`^ +${customer}  2 cards +25\\.00 BRL  2026-03-20 +2026-04-10$`, 'm'));
	t.regex(stdout, new RegExp(`^ +nobody  ${loose.id} +300 CLP  2026-03-31`, 'm'));
	t.regex(stdout, /^25\.00 BRL, 300 CLP will expire until 2026-04-10 \(America\/Sao_Paulo\)\.$/m);
	t.notRegex(stdout, /ana|11144477735/);
});

test('the last day that counts is the one that is so many local days away', async t => {
	const {json} = await withCards();

	t.deepEqual(
		(await json('--within', '31d', '--by', 'total')).map(({currency, amount}) => [currency, amount]),
		[
			['BRL', 26],
			['CLP', 300],
		],
	);
	t.deepEqual(await json('--within', '8d'), []);
	t.is((await json('--within', '9')).length, 1);
});

test('by month, by day and in total', async t => {
	const {json} = await withCards();
	const shown = async (by: string) =>
		(await json('--by', by)).map(({month, expiringDate, currency, amount}) => [
			month ?? expiringDate,
			...[currency, amount],
		]);

	t.deepEqual(await shown('month'), [
		['2026-03', 'BRL', 20],
		['2026-03', 'CLP', 300],
		['2026-04', 'BRL', 5],
	]);
	t.deepEqual(await shown('day'), [
		['2026-03-20', 'BRL', 20],
		['2026-03-31', 'CLP', 300],
		['2026-04-10', 'BRL', 5],
	]);
	t.deepEqual(await shown('total'), [
		['2026-03-20', 'BRL', 25],
		['2026-03-31', 'CLP', 300],
	]);
});

test('one customer, or one card, is listed by day', async t => {
	const {json, run, hers, customer} = await withCards();

	t.deepEqual(
		(await json('--customer', String(customer))).map(({expiringDate, amount}) => [expiringDate, amount]),
		[
			['2026-03-20', 20],
			['2026-04-10', 5],
		],
	);
	for (const name of [
		['--customer-email', 'Ana@Example.com'],
		['--customer-document', '111.444.777-35'],
	]) {
		t.deepEqual(await json(...name), await json('--customer', String(customer)));
	}

	t.deepEqual(
		(await json('--card', hers.id)).map(({expiringDate, amount}) => [expiringDate, amount]),
		[['2026-03-20', 20]],
	);
	t.regex((await run('--card', hers.id)).stdout, /^2026-03-20 +20\.00 BRL +1 +1$/m);
});

test('a file has a line of names, and amounts with all their decimals', async t => {
	const {run, loose, customer} = await withCards();
	const none = await withMerchant();

	t.is(
		(await run('--csv')).stdout,
		[
			'customer,card,currency,amount,lots,cards,expiringDate,lastExpiringDate',
			`${customer},,BRL,25.00,2,2,2026-03-20,2026-04-10`,
			`,${loose.id},CLP,300,1,1,2026-03-31,2026-03-31`,
			'',
		].join('\n'),
	);
	t.regex(
		(await run('--csv', '--by', 'month')).stdout,
		/^month,currency,amount,[^]*^2026-04,BRL,5\.00,1,1,/m,
	);
	t.is(
		(await none.run('--csv', '--by', 'total')).stdout,
		'currency,amount,lots,cards,expiringDate,lastExpiringDate\n',
	);
});

test('where nothing expires that is said, and wrong usage says what is right', async t => {
	const {run, merchant} = await withMerchant();
	const elsewhere = await withCards();

	t.is((await run()).stdout, 'Nothing expires until 2026-04-10 (America/Sao_Paulo).\n');
	t.deepEqual(await run('--json'), {code: 0, stdout: '', stderr: ''});
	const refused: [code: number, message: RegExp, ...args: string[]][] = [
		[2, /--within takes a number of days, such as 30d; not "soon"/, '--within', 'soon'],
		[2, /--within takes at most 3660d/, '--within', '3661d'],
		[2, /Give --json or --csv, not both/, '--csv', '--json'],
		[2, /Name a customer or a card, not both/, '--customer', '1', '--card', 'f'.repeat(32)],
		[2, /--by takes customer, month, day, total/, '--by', 'year'],
		[
			1,
			new RegExp(`${merchant.name} knows no customer by this number`),
			'--customer',
			String(elsewhere.customer),
		],
		[1, /no card with this id/, '--card', elsewhere.hers.id],
	];
	for (const [expected, message, ...args] of refused) {
		const {code, stdout, stderr} = await run(...args);
		t.is(code, expected, stderr);
		t.is(stdout, '');
		t.regex(stderr, message);
	}
});
