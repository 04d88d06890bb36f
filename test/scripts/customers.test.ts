import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {openWallet} from '../../src/cards/open-wallet.ts';
import {findCustomer} from '../../src/customers/customers.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {noNote} from '../../src/ledger/commands.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {type Clock, makeClock} from '../helpers/clock.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// customers:import, customers:show, customers:merge and customers:erase, on a database that a service uses too.

let server: TestServer;
let clock: Clock;
let folder: string;

test.before(async () => {
	clock = makeClock();
	server = await openTestServer({clock});
	folder = await mkdtemp(path.join(os.tmpdir(), 'customers-'));
});

test.after.always(async () => {
	await server.close();
	await rm(folder, {recursive: true});
});

const run = (name: string, ...args: string[]) => runHere(server.parts, name, [...args, '--actor', 'ana']);

async function json(name: string, ...args: string[]): Promise<Record<string, unknown>[]> {
	const {code, stdout, stderr} = await run(name, ...args, '--json');
	if (code !== 0) {
		throw new Error(`${name} ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout);
}

const one = async (name: string, ...args: string[]) => (await json(name, ...args))[0] ?? {};

let files = 0;
async function fileOf(text: string | Uint8Array): Promise<string> {
	const file = path.join(folder, `${++files}.csv`);
	await writeFile(file, text);
	return file;
}

const importing = async (text: string | Uint8Array, ...flags: string[]) =>
	run('customers:import', await fileOf(text), ...flags, '--json');
const customers = () => server.parts.prisma.customer.count({where: {merchantId: server.merchant.id}});
const find = async (client: Parameters<typeof identifiersOf>[0]) =>
	findCustomer(server.parts.prisma, server.merchant.id, identifiersOf(client));

test.serial('a file makes customers known by all its columns, and repeated it changes nothing', async t => {
	const before = await customers();
	const text =
		'Document;e-mail;customer-id\r\n'.replace('e-mail', 'Email') +
		'111.444.777-35;Ana@import.example;P-import-ana\r\n;bia@import.example;\r\n"529.982.247-25";;\r\n';

	const first = await importing(`\uFEFF${text}`);
	const second = await importing(text);

	t.is(first.code, 0, first.stderr);
	t.deepEqual(jsonLines(first.stdout), [
		{rows: 3, invalid: 0, made: 3, extended: 0, unchanged: 0, complete: true, changed: true},
	]);
	t.like(jsonLines(second.stdout)[0], {made: 0, extended: 0, unchanged: 3});
	t.is(await customers(), before + 3);
	const [byId, byEmail] = [await find({id: 'p-import-ana'}), await find({email: 'ana@import.example'})];
	t.is(byId.kind, 'customer');
	t.deepEqual(byId, byEmail);
	t.deepEqual(byId, await find({document: '11144477735'}));
});

test.serial('what is new of a known customer is added', async t => {
	await importing('email\ncid@import.example\n');

	const {stdout} = await importing('email,profile\ncid@import.example,p-import-cid\n');

	t.like(jsonLines(stdout)[0], {made: 0, extended: 1});
	t.deepEqual(await find({id: 'p-import-cid'}), await find({email: 'cid@import.example'}));
});

const faulty = [
	'email,document,corporate-document,profile',
	'dora@import.example,1234,,',
	'dora@import.example,5678,,p-1',
	'dora@import.example,,,p-2',
	'fay@import.example,,,',
	'eva@import.example,,,',
	'gil@ct.vtex.com.br,***,,',
	',,,',
	'hal@import.example,,',
	'fay@import.example,5678,,',
].join('\n');

test.serial('--dry-run tells every problem with its line, and changes nothing', async t => {
	const before = await customers();

	const {code, stdout, stderr} = await importing(faulty, '--dry-run');
	const people = await run('customers:import', await fileOf(faulty), '--dry-run');

	const lines = jsonLines(stdout);
	t.is(code, 1);
	t.regex(stderr, /Some lines have a problem/);
	t.deepEqual(
		lines.flatMap(({line}) => (line === undefined ? [] : [line])).toSorted((a, b) => Number(a) - Number(b)),
		[4, 7, 8, 9, 10],
	);
	t.like(lines.at(-1), {rows: 9, invalid: 5, made: 3, extended: 1, unchanged: 0, changed: false});
	t.regex(people.stdout, /^line 4: Its identifiers belong to different customers/m);
	t.regex(people.stdout, /^line 7: email is no e-mail address.*; document is no document/m);
	t.regex(people.stdout, /^line 8: It names nobody/m);
	t.regex(people.stdout, /^line 9: It has 3 cells, and the header has 4/m);
	t.regex(people.stdout, /Nothing was changed\.$/m);
	t.notRegex(people.stdout + stdout, /import\.example|1234|5678/);
	t.is(await customers(), before);
});

test.serial('a file with a problem changes nothing, unless its lines are to be left out', async t => {
	const before = await customers();

	const refused = await importing(faulty);
	t.is(refused.code, 1);
	t.like(jsonLines(refused.stdout).at(-1), {invalid: 5, changed: false});
	t.is(await customers(), before);

	const skipped = await importing(faulty, '--skip-invalid');
	t.is(skipped.code, 0);
	t.like(jsonLines(skipped.stdout).at(-1), {invalid: 5, made: 3, extended: 1, changed: true});
	t.is(await customers(), before + 3);
	t.like(jsonLines((await importing(faulty, '--skip-invalid')).stdout).at(-1), {
		invalid: 5,
		made: 0,
		unchanged: 4,
	});
});

test.serial('lines of far apart chunks know each other, and so does the check', async t => {
	const filler = Array.from({length: 250}, (_, index) => `many${index}@import.example,,`);
	const text = [
		'email,document,profile',
		'ida@import.example,9001,p-ida',
		...filler,
		'ida@import.example,9001,p-other',
		'many5@import.example,9001,',
		',9001,p-ida',
	].join('\n');

	const checked = await importing(text, '--dry-run');
	const written = await importing(text, '--skip-invalid');

	const summary = {rows: 254, invalid: 2, made: 251, unchanged: 1};
	for (const {stdout} of [checked, written]) {
		t.deepEqual(
			jsonLines(stdout).map(({line}) => line),
			[253, 254, undefined],
		);
	}

	t.like(jsonLines(checked.stdout).at(-1), summary);
	t.like(jsonLines(written.stdout).at(-1), summary);
});

test.serial('two imports of one file at once make each customer once', async t => {
	const before = await customers();
	const text = ['email', ...Array.from({length: 150}, (_, index) => `twice${index}@import.example`)].join(
		'\n',
	);

	const results = await Promise.all([importing(text), importing(text)]);

	t.deepEqual(
		results.map(({code}) => code),
		[0, 0],
	);
	t.is(await customers(), before + 150);
});

test.serial('what is no file of customers is refused with what it should be', async t => {
	const problemOf = async (text: string | Uint8Array) => {
		const {code, stdout, stderr} = await importing(text);
		return `${code} ${stdout}${stderr}`;
	};

	t.regex(await problemOf('email,shoe size\n'), /1 .*has "shoe size".*Columns are customer-id, profile/);
	t.regex(await problemOf('email,customer-email\n'), /1 .*names the same thing twice/);
	t.regex(await problemOf(''), /1 The file is empty/);
	t.regex(
		await problemOf('email\n"a@x.example\n'),
		/1 .*"line":2.*never closed[^]*could not be read to its end/,
	);
	t.is((await run('customers:import')).code, 2);
	t.regex(
		(await run('customers:import', '/nowhere/at-all.csv')).stderr,
		/cannot be read: there is no such file or folder \(ENOENT\)\.$/m,
	);
});

test.serial('customers:show tells all that is owed to one person, asset by asset', async t => {
	const {parts, merchant} = server;
	const owner = {email: 'show@show.example', document: '70070070070', id: 'p-show'};
	const card = await buildCard(parts, {owner, amount: '30', expires: '2026-03-31', caption: 'Birthday'});
	await buildCard(parts, {owner, amount: '20', currency: 'USD'});
	const empty = await buildCard(parts, {owner, amount: '1'});
	await run('cards:close', '--card', empty.id, '--reason', 'lost');
	const {id: actor, assetId} = {
		id: await actorId(parts.prisma, merchant.id, 'person', 'tester'),
		assetId: (await parts.assets.ofCurrency(merchant.id, 'BRL')).id,
	};
	const named = await find(owner);
	const customerId = named.kind === 'customer' ? named.customerId : '';
	const wallet = await openWallet(parts.prisma, merchant.id, {
		...{customerId, assetId},
		...{caption: 'Points', now: clock.now()},
	});
	await parts.writer.submit(merchant, {
		...{verb: 'authorize', cardId: card.cardId, actorId: actor, assetId, amount: 4_00n, source: 'giftCard'},
		...{presented: [], key: {scope: card.publicId, space: 'transaction', key: 'k'}, note: noNote},
	} as const);

	const shown = await one('customers:show', '--customer-email', 'Show@show.example');

	t.like(shown, {customer: Number(customerId), erasedAt: null, emptyCards: 1, formerCustomers: []});
	t.deepEqual(shown['totals'], [
		{
			...{currency: 'BRL', balance: 26, pending: 0, notSpendable: 0, held: 4, debt: 0},
			next: {expiringDate: '2026-03-31', amount: 26},
		},
		{currency: 'USD', balance: 20, pending: 0, notSpendable: 0, held: 0, debt: 0, next: null},
	]);
	const cards = shown['cards'] as Record<string, unknown>[];
	t.deepEqual(
		cards.map(one => [one['id'], one['wallet'], one['balance'], one['held']]),
		[
			[wallet.publicId.replaceAll('-', ''), true, 0, 0],
			[card.id, false, 26, 4],
			[cards[2]?.['id'], false, 20, 0],
		],
	);
	for (const flags of [
		['--customer', customerId],
		['--customer-document', '700.700.700-70'],
		['--customer-id', 'P-show'],
	]) {
		t.deepEqual(await one('customers:show', ...flags), shown);
	}

	const {stdout} = await run('customers:show', '--customer', customerId);
	t.regex(stdout, /^Balance BRL +26\.00 BRL$/m);
	t.regex(stdout, /^ {2}ends next +26\.00 BRL on 2026-03-31$/m);
	t.notRegex(stdout + JSON.stringify(shown), new RegExp(`show@show|70070070070|p-show|${card.code}`));
});

test.serial('a customer must be named once, by what names somebody, and be known', async t => {
	const problemOf = async (...flags: string[]) => {
		const {code, stderr} = await run('customers:show', ...flags);
		return `${code} ${stderr}`;
	};

	t.regex(await problemOf(), /^2 Name the customer by/);
	t.regex(await problemOf('--customer', '1', '--customer-email', 'a@b.example'), /^2 Name the customer by/);
	t.regex(await problemOf('--customer-email', 'nobody'), /^2 One of the --customer-… flags names nobody/);
	t.regex(
		await problemOf('--customer-email', 'stranger@show.example'),
		/^1 .* knows no customer by this name/,
	);
	t.regex(await problemOf('--customer', '999999'), /^1 .* knows no customer by this number/);
	await importing('email\nx1@show.example\nx2@show.example\n');
	await importing('document\n70000001\n');
	t.regex(
		await problemOf('--customer-email', 'x1@show.example', '--customer-document', '70000001'),
		/^1 These names belong to different customers/,
	);
});

test.serial('customers:merge asks first, makes two customers one, and repeated changes nothing', async t => {
	const {parts} = server;
	const [from, into] = [{email: 'merge1@show.example'}, {email: 'merge2@show.example', id: 'p-merge'}];
	const card = await buildCard(parts, {owner: from, amount: '12'});
	await buildCard(parts, {owner: into, amount: '30'});
	const flags = [
		'--from-email',
		from.email,
		'--into-id',
		'P-merge',
		'--reason',
		'same person',
		'--actor',
		'ana',
	];
	const merge = async (typed: string, ...more: string[]) => {
		let asked = '';
		const result = await runHere(parts, 'customers:merge', [...flags, ...more], async question => {
			asked = question;
			return Promise.resolve(typed);
		});
		return {...result, asked};
	};

	const no = await merge('n');
	const nobody = await run('customers:merge', ...flags.slice(0, -2));
	t.regex(
		no.asked,
		/^Merge customer \d+ \(email m\*\*\*@show\.example\) into customer \d+ \(profile .*\)\? This cannot be undone\./,
	);
	t.deepEqual([no.code, nobody.code], [1, 1]);
	t.notDeepEqual(await find(from), await find(into));

	const done = await merge('y', '--json');
	t.is(done.code, 0, done.stderr);
	const [shown] = jsonLines(done.stdout);
	t.like((shown?.['totals'] as unknown[])[0], {currency: 'BRL', balance: 42});
	t.is((shown?.['formerCustomers'] as unknown[]).length, 1);
	t.like((shown?.['changes'] as unknown[])[0], {kind: 'merge', actor: 'ana', reason: 'same person'});
	t.true((shown?.['cards'] as {id: string}[]).some(({id}) => id === card.id));
	t.deepEqual(await find(from), await find(into));

	const again = await merge('n');
	t.is(again.asked, '');
	t.regex(again.stdout, /They were one customer before\. 0 cards changed owner/);
	t.is((await run('customers:merge', '--from', '1', '--reason', 'r')).code, 2);
});

test.serial('customers:erase asks first, tells what is given up, and cannot be undone', async t => {
	const {parts} = server;
	const owner = {email: 'erase@show.example'};
	await buildCard(parts, {owner, amount: '30', caption: 'For E.'});
	const erase = (ask: (question: string) => string, ...flags: string[]) =>
		runHere(
			parts,
			'customers:erase',
			['--customer-email', owner.email, '--reason', 'ticket 1', ...flags],
			async question => Promise.resolve(ask(question)),
		);
	let asked = '';

	const value = await erase(() => 'y');
	const no = await erase(question => ((asked = question), 'n'), '--forfeit');
	const nobody = await run('customers:erase', '--customer-email', owner.email, '--reason', 'r', '--forfeit');

	t.regex(value.stderr, /Value remains/);
	t.regex(
		asked,
		/^Erase customer \d+ \(email e\*\*\*@show\.example\), who gives up 30\.00 BRL\? This cannot be undone\./,
	);
	t.deepEqual([value.code, no.code, nobody.code], [1, 1, 1]);
	t.regex(nobody.stderr, /Give --yes/);
	t.is((await find(owner)).kind, 'customer');

	const done = await erase(() => 'yes', '--forfeit', '--json');

	t.is(done.code, 0, done.stderr);
	const [erased] = jsonLines(done.stdout);
	t.like(erased, {forfeited: [{currency: 'BRL', amount: 30}], closedCards: 1});
	t.is((await find(owner)).kind, 'unknown');
	const number = String(erased?.['customer']);
	const again = await run('customers:erase', '--customer', number, '--reason', 'again', '--yes');
	t.regex(again.stdout, /was erased at .*; nothing was changed now/);
	const shown = await one('customers:show', '--customer', number);
	t.like(shown, {identifiers: [], cards: [], emptyCards: 1});
	await assertAuditClean(t, {general: parts});
});
