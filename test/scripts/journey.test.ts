import test from 'ava';
import {uuidOf} from '../../src/cards/public-id.ts';
import {openConnection} from '../../src/db/client.ts';
import {makeClock} from '../helpers/clock.ts';
import {authorize, capture} from '../helpers/ledger.ts';
import {jsonLines, runHere, type ScriptResult} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// Every command on a database that a service uses too.

let server: TestServer;

test.before(async () => {
	// Scripts have the real time, so the service has it too.
	server = await openTestServer({clock: {...makeClock(), now: Date.now}});
});

test.after.always(() => server.close());

const run = (name: string, ...args: string[]): Promise<ScriptResult> => runHere(server.parts, name, args);

async function json(name: string, ...args: string[]) {
	const {code, stdout, stderr} = await run(name, ...args, '--json');
	if (code !== 0) {
		throw new Error(`${name} ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout);
}

const one = async (name: string, ...args: string[]) => (await json(name, ...args))[0] ?? {};
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** What a shopper does with a card: spend some, of which the shop captures a part. */
async function spend(id: string, amount: bigint, captured: bigint): Promise<void> {
	const {parts, merchant} = server;
	const publicId = uuidOf(id) ?? '';
	const address = await parts.directory.find(merchant.id, publicId);
	const place = {actorId: 1, assetId: address?.assetId ?? 0};
	const card = {cardId: address?.cardId ?? '', publicId};
	const hold = await parts.writer.submit(merchant, authorize(place, card, amount, 'order'));
	if (hold.kind === 'done') {
		await parts.writer.submit(merchant, capture(place, card, hold.id, captured, 'settle'));
	}
}

test('cards:issue --json prints what the contract says for each card, and nothing else there', async t => {
	const {code, stdout, stderr} = await run(
		'cards:issue',
		'--amount',
		'50',
		'--count',
		'2',
		'--expires',
		'2037-12-31',
		'--json',
	);

	t.is(code, 0);
	t.is(jsonLines(stdout).length, 2);
	for (const {id, redemptionCode, ...rest} of jsonLines(stdout)) {
		t.regex(textOf(id), /^[\da-f]{32}$/);
		t.regex(textOf(redemptionCode), /^(?:[\dA-Z]{4}-){3}[\dA-Z]{4}$/);
		t.deepEqual(rest, {balance: 50, currency: 'BRL', expiringDate: '2037-12-31'});
	}

	t.regex(stderr, /repeat it with --key \S+\n$/);
});

test('a card is issued, spent, shown by id and by code, and listed entry by entry', async t => {
	const issued = await one(
		'cards:issue',
		'--amount',
		'80.00',
		'--owner-email',
		'Maria@Example.com',
		'--actor',
		'ana',
	);
	const id = textOf(issued['id']);
	await spend(id, 30_00n, 10_00n);

	const shown = await one('cards:show', '--code', textOf(issued['redemptionCode']).toLowerCase());
	const lines = await json('cards:statement', '--card', id);
	const before = await json('cards:statement', '--card', id, '--as-of', '2020-01-01');

	t.like(shown, {id, status: 'active', balance: 50, held: 20, currency: 'BRL', expiringDate: null});
	t.deepEqual(shown['owner'], {email: 'm***@example.com'});
	t.deepEqual(
		lines.map(({kind, amount, balance, held, orderId}) => ({kind, amount, balance, held, orderId})),
		[
			{kind: 'issue', amount: 80, balance: 80, held: 0, orderId: undefined},
			{kind: 'authorize', amount: -30, balance: 50, held: 30, orderId: 'v500'},
			{kind: 'capture', amount: 0, balance: 50, held: 20, orderId: 'v500'},
		],
	);
	t.is(lines[0]?.['actor'], 'ana');
	t.true(
		lines.every(
			({entryId, occurredAt}) =>
				/^[\da-f]{32}$/.test(textOf(entryId)) && !Number.isNaN(Date.parse(textOf(occurredAt))),
		),
	);
	t.deepEqual(before, []);
});

test('people get tables with money and its currency, and the warning that a code is shown once', async t => {
	const {stdout} = await run('cards:issue', '--amount', '1234.5', '--caption', 'For you');
	const [, id = '', code = ''] = /^([\da-f]{32}) {2}(\S+) {2}1,234\.50 BRL {2}no end$/m.exec(stdout) ?? [];
	await spend(id, 34_50n, 4_50n);

	const shown = await run('cards:show', '--card', id);
	const statement = await run('cards:statement', '--card', id);

	t.regex(stdout, /The codes are shown here only/);
	t.regex(shown.stdout, /^Balance +1,200\.00 BRL$/m);
	t.true(shown.stdout.includes(code.slice(-4)));
	t.false(shown.stdout.includes(code));
	t.regex(statement.stdout, /America\/Sao_Paulo/);
	t.regex(
		statement.stdout,
		/^\d{4}-\d{2}-\d{2} \d{2}:\d{2} {2}authorized +-34\.50 +1,200\.00 +34\.50 {2}v500/m,
	);
	t.regex(statement.stdout, /3 entries, 1,200\.00 BRL available\./);
	t.false((stdout + shown.stdout + statement.stdout).includes('\u001B'));
});

test('a card is blocked, unblocked and closed, each with a reason; a closed one refuses with exit code 1', async t => {
	const id = textOf((await one('cards:issue', '--amount', '5'))['id']);

	t.like(await one('cards:block', '--card', id, '--reason', 'stolen'), {id, status: 'blocked', balance: 0});
	t.like(await one('cards:unblock', '--card', id, '--reason', 'found', '--actor', 'rui'), {
		status: 'active',
		balance: 5,
	});
	const closed = await one('cards:close', '--card', id, '--reason', 'replaced');
	const again = await run('cards:close', '--card', id, '--reason', 'replaced', '--json');

	t.like(closed, {status: 'closed', balance: 0});
	t.deepEqual(
		(closed['changes'] as {kind: string; actor: string; reason: string}[]).map(
			({kind, reason}) => `${kind} ${reason}`,
		),
		['close replaced', 'unblock found', 'block stolen'],
	);
	t.deepEqual(again, {code: 1, stdout: '', stderr: 'The card is closed already.\n'});
});

test('wrong usage is exit code 2, a refusal 1: one clear line, no trace, nothing on standard output', async t => {
	const id = textOf((await one('cards:issue', '--amount', '5', '--key', 'five'))['id']);
	const refused: [code: number, message: RegExp, name: string, ...args: string[]][] = [
		[2, /no flag --ammount\. Did you mean --amount\?/, 'cards:issue', '--ammount', '5'],
		[2, /--amount: .*decimal/, 'cards:issue', '--amount', '5.005'],
		[2, /above zero/, 'cards:issue', '--amount', '-5'],
		[2, /above zero/, 'cards:issue', '--amount', '0'],
		[2, /--currency: /, 'cards:issue', '--amount', '5', '--currency', 'XXX'],
		[2, /--expires: .*YYYY-MM-DD/, 'cards:issue', '--amount', '5', '--expires', '2027-02-30'],
		[2, /--restricted needs an owner/, 'cards:issue', '--amount', '5', '--restricted'],
		[2, /names nobody/, 'cards:issue', '--amount', '5', '--owner-email', 'nobody'],
		[2, /by --card ID or by --code CODE/, 'cards:show', '--card', id, '--code', 'x'],
		[1, /would have expired/, 'cards:issue', '--amount', '5', '--expires', '2020-01-01'],
		[
			1,
			/belongs to another run: --amount was 5\.00 and is now 6\.00/,
			'cards:issue',
			'--amount',
			'6',
			'--key',
			'five',
		],
		[1, /no card with this id/, 'cards:show', '--card', 'f'.repeat(32)],
		[1, /no card with this code/, 'cards:show', '--code', 'AAAA-BBBB-CCCC-DDDD'],
		[1, /no merchant "nobody"/, 'cards:issue', '--amount', '5', '--merchant', 'nobody'],
	];
	for (const [expected, message, name, ...args] of refused) {
		const {code, stdout, stderr} = await run(name, ...args, '--json');
		t.is(code, expected, stderr);
		t.is(stdout, '');
		t.regex(stderr, message);
		t.false(/^ {4}at /m.test(stderr), stderr);
	}
});

test('merchants are made, changed and listed; each issues in its own currency', async t => {
	const made = await one(
		'merchants:create',
		'--name',
		'acmecl',
		'--currency',
		'CLP',
		'--time-zone',
		'America/Santiago',
	);
	const changed = await one(
		'merchants:update',
		'--name',
		'acmecl',
		'--time-zone',
		'America/Punta_Arenas',
		'--sandbox',
	);
	const taken = await run('merchants:create', '--name', 'acmecl');
	const wrong = await run('merchants:create', '--name', 'no spaces');
	const card = await one('cards:issue', '--merchant', 'acmecl', '--amount', '5000');

	t.like(made, {name: 'acmecl', timeZone: 'America/Santiago', currency: 'CLP', sandbox: false});
	t.like(changed, {name: 'acmecl', timeZone: 'America/Punta_Arenas', currency: 'CLP', sandbox: true});
	t.is(taken.code, 1);
	t.is(wrong.code, 2);
	t.like(card, {balance: 5000, currency: 'CLP'});
	t.true((await json('merchants:list')).some(({name}) => name === 'acmecl'));
	t.is((await run('cards:show', '--card', textOf(card['id']))).code, 1);
});

test('credentials are made, listed without their token, and revoked', async t => {
	const {merchant, appKey, appToken} = await one('credentials:create', '--role', 'viewer');
	const revoked = await one('credentials:revoke', '--app-key', textOf(appKey));
	const listed = await run('credentials:list', '--json');
	const unknown = await run('credentials:revoke', '--app-key', 'nobody');

	t.is(merchant, server.merchant.name);
	t.regex(textOf(appToken), /^.{16,}$/);
	t.like(revoked, {appKey, role: 'viewer'});
	t.true(jsonLines(listed.stdout).some(row => row['appKey'] === appKey && row['revokedAt'] !== null));
	t.false(listed.stdout.includes(textOf(appToken)));
	t.is(unknown.code, 1);
});

test('jobs:run runs each job once and says what it did; an unknown one is wrong usage', async t => {
	const results = await json('jobs:run');
	const unknown = await run('jobs:run', 'nothing');

	t.deepEqual(results.map(({name}) => name).toSorted(), [
		'check-order-hooks',
		'conclude-payments',
		'destroy-seeds',
		'expire-lots',
		'forget-guesses',
		'release-forgotten-holds',
		'seal-entries',
		'sweep-orders',
		'take-snapshots',
	]);
	t.is(unknown.code, 2);
	t.regex(unknown.stderr, /There is no job "nothing"; there are .*expire-lots/);
});

test('ledger:audit says that the books are right, and with exit code 1 which are not', async t => {
	const card = await one('cards:issue', '--amount', '7', '--merchant', server.merchant.name);
	const {code, stdout} = await run('ledger:audit', '--json');
	const [report] = jsonLines(stdout) as [
		{ok: boolean; checks: {name: string; ok: boolean; findings: unknown[]}[]},
	];
	t.is(code, 0);
	t.true(report.ok);
	t.true(report.checks.length > 5 && report.checks.every(({ok, findings}) => ok && findings.length === 0));

	const superuser = await openConnection(server.database.superuserUrl, 'damage');
	await superuser.query('SET session_replication_role = replica');
	const damage = (by: number) =>
		superuser.query(`UPDATE cards SET available = available + ${by} WHERE public_id = $1`, [
			uuidOf(textOf(card['id'])),
		]);
	await damage(1);
	const damaged = await run('ledger:audit');
	const asJson = await run('ledger:audit', '--json', '--merchant', server.merchant.name);
	await damage(-1);
	await superuser.end();

	t.is(damaged.code, 1);
	t.regex(damaged.stdout, /^✘ /m);
	t.regex(damaged.stderr, /^The books are not right: \d+ findings?\.\n$/);
	t.is(asJson.code, 1);
	t.like(jsonLines(asJson.stdout)[0], {ok: false});
});
