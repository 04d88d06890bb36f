import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {makeClock} from '../helpers/clock.ts';
import {columnsHolding} from '../helpers/columns.ts';
import {type Hub, openHub} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// cards:import, on a database that a service uses too.

let server: TestServer;
let hub: Hub;
let folder: string;

test.before(async () => {
	server = await openTestServer({clock: makeClock()});
	hub = openHub(server);
	folder = await mkdtemp(path.join(os.tmpdir(), 'cards-'));
	const {name} = server.merchant;
	await runHere(server.parts, 'merchants:update', ['--name', name, '--foreign-codes', 'on']);
	await runHere(server.parts, 'merchants:create', ['--name', 'strict']);
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

const run = (file: string, ...flags: string[]) => {
	const {parts, merchant} = server;
	// The flag of the merchant has changed since the parts were opened.
	return runHere(parts, 'cards:import', [file, '--merchant', merchant.name, '--actor', 'ana', ...flags]);
};

async function imported(file: string, ...flags: string[]) {
	const {code, stdout, stderr} = await run(file, '--json', ...flags);
	const lines = jsonLines(stdout);
	return {code, stdout, stderr, lines: lines.slice(0, -1), summary: lines.at(-1) ?? {}};
}

const foundBy = (redemptionCode: string) => hub.found({cart: {redemptionCode}});

test('a card of another system keeps its code, which is found by search and told to nobody', async t => {
	const file = await fileOf(
		'code;amount;expires;funding;pin;caption',
		'OLD-SYSTEM-0001;"12,50";2027-12-31;migrated;4711;Gift',
		'old.system.0002;20;2020-01-31;migrated;;',
	);

	const {code, lines, stdout, stderr, summary} = await imported(file);
	const people = await run(file);

	t.is(code, 0, stderr);
	t.like(summary, {imported: 2, totals: [{currency: 'BRL', lines: 2, amount: 32.5}]});
	t.like(lines[0], {line: 2, amount: 12.5, expiringDate: '2027-12-31'});
	t.like((await foundBy('old-system-0001'))[0], {id: lines[0]?.['id'], balance: 12.5});
	t.notRegex(stdout + stderr + people.stdout + people.stderr, /SYSTEM|4711/i);
	const {stdout: shown} = await runHere(server.parts, 'cards:show', [
		...['--card', String(lines[0]?.['id']), '--json'],
	]);
	t.like(jsonLines(shown)[0], {pinStatus: 'set', caption: 'Gift'});
	const card = await server.parts.prisma.card.findFirstOrThrow({where: {caption: 'Gift'}});
	const pinned = {cardId: String(card.id), publicId: card.publicId};
	t.is(await server.parts.pins.check(server.merchant.id, [pinned], '4711'), 'right');
	const columns = await server.parts.prisma.$queryRaw<
		object[]
	>`SELECT c.*, r.*, i.* FROM cards c, import_runs r, issue_runs i`;
	t.notRegex(
		JSON.stringify(columns, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
		/OLD-SYSTEM/i,
	);
});

test('a line without a code gets one of ours, and the file imported again prints the same codes and makes no card', async t => {
	const file = await fileOf(
		'key,amount,customer-email,restricted,single-use,no-recharge,pin',
		'lot-1,10.00,ana@cards.example,yes,no,yes,new',
		'lot-2,10.00,,,,,',
	);

	const first = await imported(file, '--run', 'lot');
	const second = await imported(file, '--run', 'lot');

	t.is(first.code, 0, first.stderr);
	t.deepEqual(second.lines, first.lines);
	t.like(second.summary, {imported: 0, repeated: 2});
	t.regex(String(first.lines[0]?.['redemptionCode']), /^(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
	t.regex(String(first.lines[0]?.['pin']), /^\d{6}$/);
	t.like((await foundBy(String(first.lines[1]?.['redemptionCode'])))[0], {balance: 10});
	const {stdout} = await runHere(server.parts, 'cards:show', [
		'--card',
		String(first.lines[0]?.['id']),
		'--json',
	]);
	t.like(jsonLines(stdout)[0], {
		...{restrictedToOwner: true, singleUse: false, rechargeable: false, pinStatus: 'set'},
		owner: {email: 'a***@cards.example'},
	});
});

test('--csv prints the cards as CSV, whose cells are no formulas', async t => {
	const {stdout, stderr, code} = await run(await fileOf('key,amount', '=1+1,5'), '--csv');

	t.is(code, 0, stderr);
	t.regex(
		stdout,
		/^line,key,id,redemption-code,pin,amount,currency,expires\n2,'=1\+1,[\da-f]{32},[0-9A-Z-]{19},,5\.00,BRL,\n$/,
	);
	t.regex(stderr, /^1 line: 1 imported/m);
});

test('a code and a key stand once: the second line is an error, and so is what another card has', async t => {
	await imported(await fileOf('key,code,amount', 'taken-1,TAKEN-CODE-1,5'));
	const file = await fileOf(
		'key,code,amount',
		'twice-1,TWICE-CODE-1,5',
		'twice-2, twice-code-1 ,5',
		'twice-1,TWICE-CODE-2,5',
		'twice-3,TAKEN-CODE-1,5',
		'taken-1,ANOTHER-CODE,5',
		'taken-1x,,5',
	);

	const {code, lines, summary} = await imported(file);

	t.is(code, 1);
	t.deepEqual(
		lines.map(({line, problem}) => [line, problem]),
		[
			[3, 'Its code stands on line 2 already.'],
			[4, 'Its key stands on line 2 already; each card needs its own.'],
			[5, 'Another card has its code already.'],
			[6, 'Its key was used before, for a card with another code.'],
		],
	);
	t.like(summary, {changed: false});
	await assertAuditClean(t, server.database);
});

test('what cannot be a card is told with its line, and no code or PIN with it', async t => {
	const file = await fileOf(
		'code,amount,expires,restricted,pin,caption',
		'GOOD-CODE-1,5,2020-01-01,,,',
		'GOOD-CODE-2,5,,yes,,',
		'GOOD-CODE-3,5,,,12,',
		'GOOD-CODE-4,5,,perhaps,,',
		'X,5,,,,',
		'GOOD-CODE-5,0,,,,',
		`GOOD-CODE-6,5,,,,${'c'.repeat(201)}`,
	);

	const {code, lines, stdout} = await imported(file, '--dry-run');
	const strict = await runHere(server.parts, 'cards:import', [
		...[await fileOf('code,amount', 'GOOD-CODE-1,5'), '--merchant', 'strict', '--json'],
	]);

	t.is(code, 1);
	t.deepEqual(
		lines.map(({line}) => line),
		[2, 3, 4, 5, 6, 7, 8],
	);
	t.notRegex(stdout, /GOOD-CODE/);
	t.is(strict.code, 1);
	t.regex(String(jsonLines(strict.stdout)[0]?.['problem']), /merchants:update --foreign-codes on/);
});

test('codes and PINs of a file stand nowhere: not on the screen, not among the problems, not in the trail, not in any column', async t => {
	const [code, other, pin, wrongPin] = [
		'SECRET-CODE-91827',
		'SECRET-CODE-36455',
		'918273645546',
		'91827364554x',
	];
	const file = await fileOf(
		'code,amount,pin,restricted',
		`${code},5.00,${pin},`,
		`${other},6.00,${wrongPin},`,
	);
	const twice = await fileOf('code,amount,pin', `${code},5.00,${pin}`, `${other},nothing,${pin}`);

	const results = [
		await run(file, '--json', '--skip-invalid'),
		await run(file, '--skip-invalid', '--csv'),
		await run(twice),
		await run(twice, '--json', '--dry-run'),
	];

	t.is((await foundBy(code)).length, 1);
	const said = results.map(({stdout, stderr}) => stdout + stderr).join('\n');
	t.regex(said, /Pin is neither 4 to 12 digits/);
	t.regex(said, /Another card has its code already/);
	for (const secret of [code, other, pin, wrongPin]) {
		const spellings = [secret, secret.replaceAll('-', '')];
		for (const spelling of spellings) {
			t.notRegex(said, new RegExp(spelling, 'i'));
			const {asked, found} = await columnsHolding(server.database, spelling);
			t.true(asked > 50);
			t.deepEqual(found, []);
		}
	}
});
