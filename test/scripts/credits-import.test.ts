import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
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

// credits:import, on a database that a service uses too.

let server: TestServer;
let hub: Hub;
let folder: string;

test.before(async () => {
	server = await openTestServer({clock: makeClock()});
	hub = openHub(server);
	folder = await mkdtemp(path.join(os.tmpdir(), 'credits-'));
	const {parts, merchant} = server;
	const {id: currencyId} = await parts.assets.ofCurrency(merchant.id, 'BRL');
	const settings = {
		...defaultSettings('Stars'),
		expiry: {kind: 'days', count: 30},
		balanceMax: 1000n,
	} as const;
	await createProgram(
		parts.prisma,
		merchant.id,
		{asset: {code: 'STARS', scale: 0}, settings, rates: [{currencyId, rate: rate(2n, 1n)}]},
		parts.clock,
	);
});

test.after.always(async () => {
	await server.close();
	await rm(folder, {recursive: true});
});

let files = 0;
async function fileOf(...lines: string[]): Promise<string> {
	const file = path.join(folder, `${++files}.csv`);
	await writeFile(file, `${lines.join('\n')}\n`);
	return file;
}

const run = (file: string, ...flags: string[]) =>
	runHere(server.parts, 'credits:import', [file, '--actor', 'ana', ...flags]);

async function imported(file: string, ...flags: string[]) {
	const {code, stdout, stderr} = await run(file, '--reason', 'campaign', '--json', ...flags);
	const lines = jsonLines(stdout);
	return {code, stderr, problems: lines.slice(0, -1), summary: lines.at(-1) ?? {}};
}

async function balanceOf(client: Record<string, string>): Promise<unknown[]> {
	return (await hub.found({client})).map(({balance}) => balance);
}

async function cardBalance(id: string): Promise<unknown> {
	const {stdout} = await runHere(server.parts, 'cards:show', ['--card', id, '--json']);
	return jsonLines(stdout)[0]?.['balance'];
}

test('each line gives to its card or customer, whom nobody need know yet, and repeated the file gives nothing twice', async t => {
	const card = await buildCard(server.parts, {amount: '10.00', expires: '2026-12-31'});
	const file = await fileOf(
		'\uFEFFcustomer-email;Amount;points;currency;card;expires;funding',
		`;"1,50";;;${card.id};;`,
		'ana@bulk.example;20.00;;;;2027-01-31;promotional',
		'ana@bulk.example;;300;;;;',
		'bia@bulk.example;5;;USD;;;',
	);

	const first = await imported(file);
	const second = await imported(file);

	t.is(first.code, 0, first.stderr);
	t.like(first.summary, {
		...{rows: 4, invalid: 0, imported: 4, repeated: 0, failed: 0, complete: true, changed: true},
		totals: [
			{currency: 'BRL', lines: 2, amount: 21.5},
			{currency: 'STARS', lines: 1, amount: 300},
			{currency: 'USD', lines: 1, amount: 5},
		],
	});
	t.is(second.code, 0, second.stderr);
	t.like(second.summary, {imported: 0, repeated: 4, run: first.summary['run'], totals: []});
	t.is(await cardBalance(card.id), 11.5);
	t.deepEqual((await balanceOf({email: 'ana@bulk.example'})).toSorted(), [20, 6]);
});

test('a key makes a line happen once in whatever file it stands, and credits:grant knows it too', async t => {
	const header = 'key,customer-document,amount';
	await imported(await fileOf(header, 'bulk-k1,39053344705,7.00', 'bulk-k1,390.533.447-05,7'));

	const again = await imported(await fileOf(header, 'bulk-k2,39053344705,1.00', 'bulk-k1,39053344705,7.00'));
	const granted = await runHere(server.parts, 'credits:grant', [
		...['--customer-document', '39053344705', '--amount', '7', '--key', 'bulk-k1', '--reason', 'again'],
	]);

	t.like(again.summary, {imported: 1, repeated: 1});
	t.regex(granted.stdout, /had been granted under this key before/);
	t.deepEqual(await balanceOf({document: '39053344705'}), [8]);
});

test('a repeated key with another amount or for somebody else is an error on that line, and the file changes nothing', async t => {
	const header = 'key,customer-email,amount';
	await imported(await fileOf(header, 'bulk-c1,carla@bulk.example,7.00'));
	const file = await fileOf(
		header,
		'bulk-c1,carla@bulk.example,8.00',
		'bulk-c1,dora@bulk.example,7.00',
		'bulk-c2,dora@bulk.example,3.00',
		'bulk-c2,dora@bulk.example,4.00',
	);

	const refused = await imported(file);
	const rest = await imported(file, '--skip-invalid');

	t.is(refused.code, 1);
	t.deepEqual(
		refused.problems.map(({line}) => line),
		[2, 3, 5],
	);
	t.regex(String(refused.problems[0]?.['problem']), /another amount/);
	t.regex(String(refused.problems[1]?.['problem']), /on line 2, with another amount or for somebody else/);
	t.regex(String(refused.problems[2]?.['problem']), /on line 4/);
	t.like(refused.summary, {changed: false, imported: 0});
	t.is(rest.code, 1);
	t.like(rest.summary, {imported: 1, invalid: 3});
	t.deepEqual(await balanceOf({email: 'dora@bulk.example'}), [3]);
	await assertAuditClean(t, server.database);
});

test('--dry-run tells every problem with its line, names no person, and changes nothing', async t => {
	const closed = await buildCard(server.parts, {amount: '1.00'});
	await runHere(server.parts, 'cards:close', ['--card', closed.id, '--reason', 'lost']);
	const full = await buildCard(server.parts, {amount: '1.00', rechargeable: false});
	const file = await fileOf(
		'customer-email,customer-id,card,amount,points,currency,expires,funding',
		'eva@bulk.example,,,1.00,,,,',
		'eva@bulk.example,,,,,,,',
		'eva@bulk.example,,,1.00,5,,,',
		'no address,,,1.00,,,,',
		',,,1.00,,,,',
		`eva@bulk.example,,${closed.id},1.00,,,,`,
		`,,${closed.id},1.00,,,,`,
		`,,${full.id},1.00,,,,`,
		`,,${'0'.repeat(32)},1.00,,,,`,
		',,nonsense,1.00,,,,',
		`,,${full.id},1.00,,USD,,`,
		'eva@bulk.example,,,1.005,,,,',
		'eva@bulk.example,,,0,,,,',
		'eva@bulk.example,,,-1,,,,',
		'eva@bulk.example,,,1.00,,XXX,,',
		'eva@bulk.example,,,1.00,,,2020-01-01,',
		'eva@bulk.example,,,1.00,,,soon,',
		'eva@bulk.example,,,1.00,,,,stolen',
		'eva@bulk.example,,,,1001,,,',
		'eva@bulk.example,p-1,,1.00,,,,',
		'eva@bulk.example,p-2,,1.00,,,,',
		'eva@bulk.example,,,1.00,,,',
	);

	const {code, problems, summary, stderr} = await imported(file, '--dry-run');
	const people = await run(file, '--dry-run', '--reason', 'x');

	t.is(code, 1);
	t.regex(stderr, /Some lines have a problem/);
	t.deepEqual(
		problems.map(({line}) => Number(line)).toSorted((a, b) => a - b),
		[3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23],
	);
	t.like(summary, {changed: false, rows: 22, totals: [{currency: 'BRL', lines: 2, amount: 2}]});
	t.regex(people.stdout, /^line 8: The card is closed/m);
	t.regex(people.stdout, /^line 9: The card takes no further credit/m);
	t.regex(people.stdout, /^line 22: Its identifiers belong to different customers/m);
	t.regex(people.stdout, /Nothing was changed\.$/m);
	t.notRegex(people.stdout + JSON.stringify(problems), /eva@|no address|stolen/);
	t.deepEqual(await balanceOf({email: 'eva@bulk.example'}), []);
	t.is(await server.parts.prisma.customerIdentifier.count({where: {value: 'eva@bulk.example'}}), 0);
});

test('a reason is required, of the line or of the whole file', async t => {
	const file = await fileOf('customer-email,amount,reason', 'fay@bulk.example,1,late', 'fay@bulk.example,1,');

	const without = await run(file, '--json');
	const withOne = await run(file, '--json', '--reason', 'sorry');

	t.is(without.code, 1);
	t.like(jsonLines(without.stdout)[0], {line: 3});
	t.is(withOne.code, 0, withOne.stderr);
});

test('a run has one file, and a file one run', async t => {
	const file = await fileOf('customer-email,amount', 'gil@bulk.example,1');
	const other = await fileOf('customer-email,amount', 'gil@bulk.example,2');
	await imported(file, '--run', 'spring');

	const otherFile = await imported(other, '--run', 'spring');
	const otherName = await imported(file, '--run', 'summer');
	const sameFile = await imported(file);

	t.is(otherFile.code, 1);
	t.regex(otherFile.stderr, /The run "spring" imported another file/);
	t.is(otherName.code, 1);
	t.regex(otherName.stderr, /This file is the run "spring" already/);
	t.like(sameFile.summary, {run: 'spring', imported: 0, repeated: 1});
});

test('a run that was taken back is not gone on with, and its keys give nothing more', async t => {
	const header = 'key,customer-email,amount';
	const file = await fileOf(header, 'undone-1,hal@bulk.example,1');
	await imported(file, '--run', 'wrong');
	await server.parts.prisma.importRun.updateMany({where: {name: 'wrong'}, data: {undoneAt: new Date()}});

	const again = await imported(file);
	const byKey = await imported(
		await fileOf(header, 'undone-1,hal@bulk.example,1', 'undone-2,hal@bulk.example,1'),
	);

	t.is(again.code, 1);
	t.regex(again.stderr, /The run "wrong" was taken back/);
	t.is(byKey.code, 1);
	t.regex(String(byKey.problems[0]?.['problem']), /run that was taken back/);
});

test('what only the ledger can refuse is told with its line, and fails alone', async t => {
	const file = await fileOf(
		'customer-email,points',
		'ivo@bulk.example,600',
		'ivo@bulk.example,600',
		'ivo@bulk.example,400',
	);

	const first = await imported(file);
	const again = await imported(file);

	t.is(first.code, 1);
	t.deepEqual(first.problems, [{line: 3, problem: 'The card cannot carry that much.'}]);
	t.like(first.summary, {imported: 2, failed: 1, changed: true});
	t.is(again.code, 1);
	t.deepEqual(again.problems, [
		{
			line: 3,
			problem:
				'The card cannot carry that much. It was refused in this run before; to try again, import it in a file of its own.',
		},
	]);
	t.like(again.summary, {changed: false});
});

test('customers who were merged or erased since do not keep a file from being repeated', async t => {
	const file = await fileOf(
		'key,customer-email,points',
		'later-1,mia@bulk.example,10',
		',mia@bulk.example,20',
		'later-2,max@bulk.example,1',
		'later-3,ned@bulk.example,5',
		',ned@bulk.example,6',
	);
	await imported(file);
	const {parts} = server;
	const merged = await runHere(parts, 'customers:merge', [
		...['--from-email', 'mia@bulk.example', '--into-email', 'max@bulk.example', '--reason', 'same', '--yes'],
	]);
	const erased = await runHere(parts, 'customers:erase', [
		...['--customer-email', 'ned@bulk.example', '--reason', 'asked', '--forfeit', '--yes'],
	]);

	const again = await imported(file);
	const others = await imported(
		await fileOf('key,customer-email,points', 'later-1,ola@bulk.example,10', 'later-3,max@bulk.example,5'),
	);

	t.deepEqual([merged.code, erased.code], [0, 0], merged.stderr + erased.stderr);
	t.is(again.code, 0, JSON.stringify(again.problems));
	t.like(again.summary, {imported: 0, repeated: 5});
	t.is(await parts.prisma.customerIdentifier.count({where: {value: 'ned@bulk.example'}}), 0);
	t.like(others, {
		code: 1,
		problems: [
			{line: 2, problem: 'Its key was used before, for another card.'},
			{line: 3, problem: 'Its key was used before, for another card.'},
		],
	});
});

/** Run an import whose writer does something before the first line is given. */
async function interfered(file: string, before: () => Promise<unknown>) {
	const {writer} = server.parts;
	let begun: Promise<unknown> | undefined;
	const submit: typeof writer.submit = async (...args) => {
		await (begun ??= before());
		return writer.submit(...args);
	};
	const parts = {...server.parts, writer: {...writer, submit}};
	return runHere(parts, 'credits:import', [file, '--reason', 'campaign', '--json']);
}

test('a file that is written to while it is imported is imported no further', async t => {
	const card = await buildCard(server.parts, {amount: '1.00'});
	const lines = (amount: string) => [
		'card,amount',
		...Array.from({length: 5000}, () => `${card.id},${amount}`),
	];
	const file = await fileOf(...lines('1.00'));

	const {code, stderr, stdout} = await interfered(file, async () =>
		// In place, as long as before.
		writeFile(file, `${lines('9.00').join('\n')}\n`, {flag: 'r+'}),
	);

	t.is(code, 1, stdout);
	t.regex(
		stderr,
		/written to while it was imported.* as run "credits-[\da-f]{16}"\. Put the file back as it was/,
	);
	t.is(await server.parts.prisma.command.count({where: {amount: 9_00n}}), 0);
	await writeFile(file, `${lines('1.00').join('\n')}\n`);
	t.is((await imported(file)).code, 0);
	t.is(await cardBalance(card.id), 5001);
});

test.serial('an import that is taken back while it runs stops, and gives nothing after that', async t => {
	const card = await buildCard(server.parts, {amount: '1.00'});
	const file = await fileOf('card,amount', `${card.id},2.00`, `${card.id},3.00`);

	const {code, stderr} = await interfered(file, async () => {
		const {name} = await server.parts.prisma.importRun.findFirstOrThrow({orderBy: {id: 'desc'}});
		const undone = await runHere(server.parts, 'credits:undo', ['--run', name, '--yes']);
		t.is(undone.code, 0, undone.stderr);
	});

	t.is(code, 1);
	t.regex(stderr, /was taken back, and nothing more of it is imported/);
	t.is(await cardBalance(card.id), 1);
});

test('nonsense is refused before anything is looked up', async t => {
	t.is((await run('/nowhere.csv')).code, 1);
	t.is((await runHere(server.parts, 'credits:import', [])).code, 2);
	t.regex((await imported(await fileOf('amount,colour', '1,red'))).stderr, /The header has "colour"/);
	t.regex((await imported(await fileOf('amount,Amount', '1,1'))).stderr, /names the column "amount" twice/);
	t.is((await imported(await fileOf('customer-email,amount'))).code, 0);
});

test('an import gives to wallets that are being spent, and neither loses anything', async t => {
	const start = await fileOf('customer-email,amount', 'leo@bulk.example,10.00');
	await imported(start);
	const [wallet] = await hub.found({client: {email: 'leo@bulk.example'}});
	const id = String(wallet?.id);
	const file = await fileOf(
		'customer-email,amount',
		...Array.from({length: 300}, () => 'leo@bulk.example,0.50'),
	);
	const client = {orderInfo: {clientProfile: {email: 'leo@bulk.example'}}};

	const [{code, summary, stderr}, ...debits] = await Promise.all([
		imported(file),
		...Array.from({length: 30}, () => hub.debit(id, 0.1, client)),
	]);

	t.is(code, 0, stderr);
	t.like(summary, {imported: 300});
	t.is(new Set(debits).size, 30);
	t.deepEqual(await balanceOf({email: 'leo@bulk.example'}), [157]);
	await assertAuditClean(t, server.database);
});
