import {mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {readCsv} from '../../scripts/lib/csv.ts';
import {withoutGuard} from '../../scripts/lib/csv-write.ts';
import {findOrCreateCustomer} from '../../src/customers/customers.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {type BuiltCard, buildCard, type CardWish} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// The commands that write files, on a database that a service uses too. Each test has a merchant of its own.

let server: TestServer;
let folder: string;

test.before(async () => {
	server = await openTestServer({clock: makeClock('2026-03-11T15:00:00Z')});
	folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-exports-'));
});

test.after.always(async () => {
	await server.close();
	await rm(folder, {recursive: true});
});

const owner = {email: 'ana@example.com', document: '11144477735'};

async function withMerchant() {
	const merchant: Merchant = await newMerchant(server.parts.prisma);
	const run = (name: string, ...args: string[]) =>
		runHere(server.parts, name, [...args, '--merchant', merchant.name]);
	const out = async (name: string, ...args: string[]) => {
		const {code, stdout, stderr} = await run(name, ...args);
		if (code !== 0) {
			throw new Error(`${name} ended with ${code}: ${stderr}`);
		}

		return stdout;
	};
	const card = (wish: Partial<CardWish>) => buildCard(server.parts, {merchant, ...wish});
	const mine = await mkdtemp(path.join(folder, 'test-'));
	return {merchant, run, out, card, file: (name: string) => path.join(mine, name), mine};
}

/** Rows of a file by the names of its first line, without guards. */
async function rowsOf(text: string): Promise<Record<string, string>[]> {
	const records: (readonly string[])[] = [];
	for await (const {cells} of readCsv(bytesOf(text))) {
		records.push(cells);
	}

	const [names = [], ...rows] = records;
	return rows.map(cells =>
		Object.fromEntries(cells.map((cell, index) => [names[index] ?? '', withoutGuard(cell)])),
	);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
	yield await Promise.resolve(Buffer.from(text));
}

test('cards are exported as CSV and as JSON lines that say the same, and never their codes', async t => {
	const {out, card, merchant} = await withMerchant();
	const caption = '=HYPERLINK("http://x"), for you';
	const hers = await card({
		amount: '20',
		expires: '2026-12-31',
		owner,
		caption,
		relationName: 'spring',
		restricted: true,
	});
	const loose = await card({amount: '300', currency: 'CLP'});
	const customer = Number(
		await findOrCreateCustomer(server.parts.prisma, merchant.id, [{kind: 'email', value: owner.email}]),
	);

	const csv = await out('cards:export');
	const json = jsonLines(await out('cards:export', '--json'));

	t.deepEqual(json, [
		{
			...{
				id: hers.id,
				wallet: false,
				status: 'active',
				expired: false,
				balance: 20,
				available: 20,
				held: 0,
				debt: 0,
			},
			...{currency: 'BRL', emissionDate: '2026-03-11T15:00:00.000Z', expiringDate: '2026-12-31'},
			...{code: `************${hers.code.slice(-4)}`, caption, relationName: 'spring'},
			...{restrictedToOwner: true, singleUse: false, rechargeable: true, customer},
		},
		{
			...{
				id: loose.id,
				wallet: false,
				status: 'active',
				expired: false,
				balance: 300,
				available: 300,
				held: 0,
				debt: 0,
			},
			...{currency: 'CLP', emissionDate: '2026-03-11T15:00:00.000Z', expiringDate: null},
			...{code: `************${loose.code.slice(-4)}`, caption: null, relationName: null},
			...{restrictedToOwner: false, singleUse: false, rechargeable: true, customer: null},
		},
	]);
	const texts = (row: Record<string, unknown>) =>
		Object.fromEntries(
			Object.entries(row).map(([name, value]) => [
				name,
				value === null ? '' : String(value as string | number | boolean),
			]),
		);
	t.deepEqual(
		await rowsOf(csv),
		json.map(row => ({
			...texts(row),
			...(row['currency'] === 'BRL' && {balance: '20.00', available: '20.00', held: '0.00', debt: '0.00'}),
		})),
	);
	t.true(csv.includes('"\'=HYPERLINK(""http://x""), for you"'));
	for (const code of [hers.code, loose.code, hers.code.replaceAll('-', '')]) {
		t.false(csv.includes(code));
	}

	t.notRegex(csv, /ana@|11144477735/);
	t.like((await rowsOf(await out('cards:export', '--with-owner')))[0], {
		documents: owner.document,
		emails: owner.email,
	});
	t.deepEqual(
		(await rowsOf(await out('cards:export', '--currency', 'clp'))).map(({id}) => id),
		[loose.id],
	);
	t.deepEqual(
		(await rowsOf(await out('cards:export', '--relation-name', 'spring'))).map(({id}) => id),
		[hers.id],
	);
	t.deepEqual(await rowsOf(await out('cards:export', '--status', 'closed')), []);
});

test('a file is complete when it has its name, is for its owner only, and is not written over unasked', async t => {
	const {run, card, file, mine} = await withMerchant();
	await card({});

	const first = await run('cards:export', '--out', file('cards.csv'));
	const again = await run('cards:export', '--out', file('cards.csv'));

	t.deepEqual(first, {code: 0, stdout: `1 card written to ${file('cards.csv')}.\n`, stderr: ''});
	t.is((await stat(file('cards.csv'))).mode & 0o777, 0o600);
	t.is((await rowsOf(await readFile(file('cards.csv'), 'utf8'))).length, 1);
	t.is(again.code, 1);
	t.regex(again.stderr, /cards\.csv is there already\. .*--force/);

	await card({});
	const forced = await run('cards:export', '--out', file('cards.csv'), '--force', '--json');
	t.deepEqual(jsonLines(forced.stdout), [{file: file('cards.csv'), cards: 2}]);
	t.is(jsonLines(await readFile(file('cards.csv'), 'utf8')).length, 2);
	t.deepEqual(await readdir(mine), ['cards.csv']);
});

test('of a file that cannot be written nothing is left', async t => {
	const {run, card, file, mine} = await withMerchant();
	await card({});
	await writeFile(file('plain'), '');

	const {code, stdout, stderr} = await run('entries:export', '--out', path.join(file('plain'), 'x.csv'));

	t.deepEqual([code, stdout], [1, '']);
	t.regex(stderr, /x\.csv cannot be written: /);
	t.deepEqual(await readdir(mine), ['plain']);
});

test('the journal is exported posting by posting, with amounts that stay numbers', async t => {
	const {out, card} = await withMerchant();
	const {id}: BuiltCard = await card({amount: '20.5'});
	const rows = await rowsOf(await out('entries:export', '--from', '2026-03-11', '--to', '2026-03-11'));

	t.deepEqual(
		rows.map(({kind, account, card: of, amount, balanceAfter, currency}) => [
			kind,
			account,
			of,
			amount,
			balanceAfter,
			currency,
		]),
		[
			['issue', 'available', id, '20.50', '20.50', 'BRL'],
			['issue', 'fundingSold', '', '-20.50', '', 'BRL'],
		],
	);
	t.like(jsonLines(await out('entries:export', '--json', '--account', 'fundingsold'))[0], {
		...{account: 'fundingSold', amount: -20.5, card: null, balanceAfter: null, actor: 'tester'},
		...{recordedAt: '2026-03-11T15:00:00.000Z', orderId: null, reason: null},
	});
	t.is((await rowsOf(await out('entries:export', '--card', id))).length, 1);
	t.deepEqual(await rowsOf(await out('entries:export', '--to', '2026-03-10')), []);
});

test('a customer reads what happened to all cards, a table for each asset; --csv and --json have it all', async t => {
	const {out, card} = await withMerchant();
	const [hers] = [
		await card({amount: '20', owner}),
		await card({amount: '5', owner}),
		await card({amount: '300', currency: 'CLP', owner}),
	];
	await out(
		'cards:adjust',
		'--card',
		hers.id,
		'--amount',
		'-1.5',
		'--reason',
		'=charged twice by the till on the corner of the street',
	);

	const table = await out('customers:statement', '--customer-email', owner.email);
	const csv = await rowsOf(
		await out('customers:statement', '--customer-document', owner.document, '--csv', '--currency', 'BRL'),
	);
	const json = jsonLines(await out('customers:statement', '--customer-email', owner.email, '--json'));

	t.deepEqual(
		csv.map(({kind, amount, balance}) => [kind, amount, balance]),
		[
			['issue', '20.00', '20.00'],
			['issue', '5.00', '25.00'],
			['adjust', '-1.50', '23.50'],
		],
	);
	t.is(csv[2]?.['reason'], '=charged twice by the till on the corner of the street');
	t.is(json.length, 4);
	t.like(json[2], {
		kind: 'adjust',
		card: hers.id,
		wallet: false,
		amount: -1.5,
		balance: 23.5,
		currency: 'BRL',
	});
	t.regex(table, /^Customer \d+, amounts in BRL, times in America\/Sao_Paulo$/m);
	t.regex(table, new RegExp(`^2026-03-11 12:00  adjusted  ${hers.id.slice(0, 8)} +-1\\.50 +23\\.50 `, 'm'));
	t.regex(table, /^3 entries, 23\.50 BRL available\.$[^]*^1 entry, 300 CLP available\.$/m);
	t.true(table.split('\n').every(line => line.length <= 100));
	t.is(
		await out('customers:statement', '--customer-email', owner.email, '--points'),
		`Customer ${/\d+/.exec(table)?.[0]} has no entries then.\n`,
	);
});

test("a card's statement has all of a long reason within 100 columns, and a file of its own", async t => {
	const {out, card} = await withMerchant();
	const [{id}, other] = [await card({amount: '20'}), await card({amount: '1'})];
	const reason =
		'the shopper called, the parcel never came, and the carrier confirmed that it was lost on the way';
	await out('cards:transfer', '--from', other.id, '--to', id, '--all', '--reason', reason);

	const table = await out('cards:statement', '--card', id);
	const [, line] = await rowsOf(await out('cards:statement', '--card', id, '--csv'));

	t.true(table.split('\n').every(text => text.length <= 100));
	t.false(table.includes('…'));
	t.true(table.replaceAll(/\s+/g, ' ').includes(`from ${other.id}, the shopper called`));
	t.like(line, {kind: 'transfer', amount: '1.00', balance: '21.00', otherCard: other.id, reason});
});

test('what is typed wrongly is told before anything is written', async t => {
	const {run, card} = await withMerchant();
	const {id} = await card({owner});
	const who = ['--customer-email', owner.email];
	const refused: [name: string, message: RegExp, ...args: string[]][] = [
		['cards:export', /--currency: \S+ has nothing in XTS, but BRL\./, '--currency', 'XTS'],
		['cards:export', /--status takes active, blocked, closed/, '--status', 'lost'],
		['entries:export', /--account takes available, held, .*; not "cash"/, '--account', 'cash'],
		['entries:export', /--from is later than --to/, '--from', '2026-03-12', '--to', '2026-03-11'],
		['customers:statement', /Give --json or --csv, not both/, ...who, '--csv', '--json'],
		['customers:statement', /Give --currency or --points, not both/, ...who, '--currency', 'BRL', '--points'],
		[
			'customers:statement',
			/--from is later than --as-of/,
			...who,
			'--from',
			'2026-03-12',
			'--as-of',
			'2026-03-11',
		],
		['cards:statement', /Give --json or --csv, not both/, '--card', id, '--csv', '--json'],
	];
	for (const [name, message, ...args] of refused) {
		const {code, stdout, stderr} = await run(name, ...args);
		t.is(code, 2, stderr);
		t.is(stdout, '');
		t.regex(stderr, message);
	}
});
