import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {commands} from '../../scripts/lib/commands.ts';
import {helpOf} from '../../scripts/lib/help.ts';
import {reasonCodes} from '../../src/ledger/reasons.ts';
import {type Merchant} from '../../src/merchants/merchant.ts';
import {buildCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {newMerchant} from '../helpers/merchant.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// --reason-code, on a database that a service uses too. Each test has a merchant of its own.

let server: TestServer;
let folder: string;

test.before(async () => {
	server = await openTestServer({clock: makeClock('2026-03-11T15:00:00Z')});
	folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-reasons-'));
});

test.after.always(async () => {
	await server.close();
	await rm(folder, {recursive: true});
});

async function withMerchant() {
	const merchant: Merchant = await newMerchant(server.parts.prisma);
	const run = (name: string, ...args: string[]) =>
		runHere(server.parts, name, [...args, '--merchant', merchant.name, '--actor', 'ana']);
	const out = async (name: string, ...args: string[]) => {
		const {code, stdout, stderr} = await run(name, ...args);
		if (code !== 0) {
			throw new Error(`${name} ended with ${code}: ${stderr}`);
		}

		return stdout;
	};
	const json = async (name: string, ...args: string[]) => jsonLines(await out(name, ...args, '--json'));
	return {
		merchant,
		run,
		out,
		json,
		card: () => buildCard(server.parts, {merchant, amount: '100', expires: '2027-12-31'}),
	};
}

test('every command that asks for a reason takes a code for it, and its help says what each is for', t => {
	const asking = commands.filter(({flags}) => Object.hasOwn(flags, 'reason'));

	t.true(asking.length >= 15);
	for (const command of asking) {
		t.deepEqual(command.flags['reason-code']?.choices, reasonCodes, command.name);
		t.is(command.flags['reason-code']?.isPersonal, undefined);
		t.regex(helpOf(command).replaceAll(/\s+/g, ' '), /--reason-code CODE .*stolen \(others have the card/);
	}
});

test('a change of a card is shown with its code before the sentence, and the trail keeps the code only', async t => {
	const {out, json, card} = await withMerchant();
	const {id} = await card();
	const why = ['--card', id, '--reason', 'reported by phone'];

	await out('cards:block', ...why, '--reason-code', 'stolen');
	await out('cards:unblock', ...why);

	const shown = await out('cards:show', '--card', id);
	t.regex(shown, / block +ana +stolen: reported by phone$/m);
	t.regex(shown, / unblock +ana +reported by phone$/m);
	const [value] = await json('cards:show', '--card', id);
	t.like(value, {
		changes: [
			{kind: 'unblock', reasonCode: null},
			{kind: 'block', reasonCode: 'stolen', reason: 'reported by phone'},
		],
	});
	const trail = await json('audit:trail');
	const blocked = trail.find(({command}) => command === 'cards:block');
	t.like(blocked, {arguments: {'reason-code': 'stolen', reason: '…'}});
});

test('each command that changes a card notes the code of why', async t => {
	const {out, json, card} = await withMerchant();
	const {id} = await card();
	const why = (code: string) => ['--card', id, '--reason', 'said', '--reason-code', code, '--yes'];
	const without = (code: string) => why(code).filter(arg => arg !== '--yes');

	await out('cards:pin', ...without('lost'));
	await out('cards:reissue', ...why('damaged'));
	await out('cards:extend', ...without('request'), '--expires', '2030-12-31');
	await out('cards:close', ...why('fraud'));

	const [value] = await json('cards:show', '--card', id);
	t.like(value, {
		changes: [
			{kind: 'close', reasonCode: 'fraud'},
			{kind: 'extend', reasonCode: 'request'},
			{kind: 'reissue', reasonCode: 'damaged'},
			{kind: 'pin', reasonCode: 'lost'},
		],
	});
});

test('an entry has the code in statements and in the export, which finds entries by it', async t => {
	const {out, json, card} = await withMerchant();
	const [one, two] = [await card(), await card()];
	const said = (code: string) => ['--reason', 'late delivery', '--reason-code', code];
	await out('credits:grant', '--card', one.id, '--amount', '5', ...said('courtesy'));
	await out('cards:adjust', '--card', one.id, '--amount', '-1', ...said('correction'));
	await out('cards:transfer', '--from', one.id, '--to', two.id, '--amount', '2', '--reason', 'split');

	t.regex(
		await out('cards:statement', '--card', one.id),
		/ credited +5\.00 +105\.00 +ana +courtesy: late delivery$/m,
	);
	const lines = await json('cards:statement', '--card', one.id);
	t.deepEqual(
		lines.map(({kind, reasonCode}) => [kind, reasonCode]),
		[
			['issue', undefined],
			['credit', 'courtesy'],
			['adjust', 'correction'],
			['transfer', undefined],
		],
	);
	t.regex(await out('cards:statement', '--card', one.id, '--csv'), /,correction,late delivery\r?$/m);
	const exported = await json('entries:export', '--reason-code', 'courtesy');
	t.deepEqual(
		exported.map(({account, amount, reasonCode}) => [account, amount, reasonCode]),
		[
			['available', 5, 'courtesy'],
			['fundingCourtesy', -5, 'courtesy'],
		],
	);
	const all = await json('entries:export', '--card', one.id);
	t.deepEqual(
		all.map(({kind, reasonCode}) => [kind, reasonCode]),
		[
			['issue', null],
			['credit', 'courtesy'],
			['adjust', 'correction'],
			['transfer', null],
		],
	);
});

test("a file says the code of a line, the flag that of the others; credits:undo has its own, and the customer's statement shows both", async t => {
	const {run, out, json} = await withMerchant();
	const file = path.join(folder, 'credits.csv');
	const lines = [
		'customer-email,amount,reason-code',
		'ana@reasons.example,5,courtesy',
		'ana@reasons.example,6,',
	];
	await writeFile(file, lines.join('\n'));
	const why = ['--reason', 'spring', '--reason-code', 'campaign'];
	await out('credits:import', file, ...why, '--run', 'spring');
	await out('credits:undo', '--run', 'spring', '--yes', '--reason-code', 'correction');

	const of = ['--customer-email', 'ana@reasons.example'];
	const statement = await json('customers:statement', ...of);
	t.deepEqual(
		new Set(statement.map(({amount, reasonCode}) => `${String(amount)} ${String(reasonCode)}`)),
		new Set(['5 courtesy', '6 campaign', '-5 correction', '-6 correction']),
	);
	const table = await out('customers:statement', ...of);
	t.regex(table, / correction: import spring$/m);
	t.true(table.split('\n').every(line => line.length <= 100));
	await writeFile(file, 'customer-email,amount,reason-code\nana@reasons.example,5,curtesy\n');
	const wrong = await run('credits:import', file, ...why, '--json');
	t.is(wrong.code, 1);
	t.like(jsonLines(wrong.stdout)[0], {line: 2, problem: `Reason-code is none of ${reasonCodes.join(', ')}.`});
});

test('two customers are merged, and one is erased, for a reason that customers:show tells', async t => {
	const {out, json} = await withMerchant();
	const give = ['--amount', '1', '--reason', 'x', '--customer-email'];
	await out('credits:grant', ...give, 'eva@reasons.example');
	await out('credits:grant', ...give, 'eva@work.example', '--yes');
	const who = ['--from-email', 'eva@work.example', '--into-email', 'eva@reasons.example'];
	await out('customers:merge', ...who, '--reason', 'typed twice', '--reason-code', 'correction', '--yes');

	const of = ['--customer-email', 'eva@reasons.example'];
	t.regex(await out('customers:show', ...of), / merge of \d+ +ana +correction: typed twice$/m);
	const [{customer} = {}] = await json('customers:show', ...of);
	const erasing = ['--reason', 'by letter', '--reason-code', 'request', '--forfeit', '--yes'];
	await out('customers:erase', ...of, ...erasing);

	const [erased] = await json('customers:show', '--customer', String(customer));
	t.like(erased, {
		changes: [
			{kind: 'erase', reasonCode: 'request', reason: 'by letter'},
			{kind: 'merge', reasonCode: 'correction', reason: ''},
		],
	});
	t.regex(await out('customers:show', '--customer', String(customer)), / merge of \d+ +ana +correction$/m);
});

test('a code that is none is told with the nearest one, and nothing is changed', async t => {
	const {run, json, card} = await withMerchant();
	const {id} = await card();

	const {code, stderr} = await run('cards:block', '--card', id, '--reason', 'x', '--reason-code', 'stoln');

	t.is(code, 2);
	t.regex(stderr, /--reason-code takes courtesy, .*; not "stoln"\. Did you mean stolen\?/);
	t.like((await json('cards:show', '--card', id))[0], {status: 'active', changes: []});
});
