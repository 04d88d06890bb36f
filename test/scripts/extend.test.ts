import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard, type BuiltCard, type CardWish} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {openHub} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// cards:extend, on a database that a service uses too. It is the tenth of March 2026.

let server: TestServer;

test.before(async () => {
	server = await openTestServer({clock: makeClock()});
});

test.after.always(() => server.close());

const card = (wish: Partial<CardWish> = {}): Promise<BuiltCard> => buildCard(server.parts, wish);
const run = (...args: string[]) =>
	runHere(server.parts, 'cards:extend', [...args, '--reason', 'shop was closed', '--actor', 'ana']);

async function extended(...args: string[]): Promise<Record<string, unknown>> {
	const {code, stdout, stderr} = await run(...args, '--json');
	if (code !== 0) {
		throw new Error(`cards:extend ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout)[0] ?? {};
}

test('a card and its value last through the day that is named, for VTEX too', async t => {
	const {id, code} = await card({expires: '2026-12-31'});

	const done = await extended('--code', code, '--expires', '2028-06-30');
	const shown = (await openHub(server).card(id)).json as Record<string, unknown>;

	t.like(done, {id, extended: 100, balance: 100, expiringDate: '2028-06-30', currency: 'BRL'});
	t.like(done, {lots: [{remaining: 100, expiringDate: '2028-06-30'}]});
	t.true(String(shown['expiringDate']).startsWith('2028-06-30T'));
	await assertAuditClean(t, {general: server.parts});
});

test('people read until when what can be spent, in which time zone, and the statement says so', async t => {
	const {id} = await card({expires: '2026-12-31'});

	const {stdout} = await run('--card', id, '--expires', '2028-06-30');
	const statement = await runHere(server.parts, 'cards:statement', ['--card', id]);

	t.regex(stdout, /^Valid through +2028-06-30 \(America\/Sao_Paulo\)$/m);
	t.regex(stdout, /^100\.00 BRL can be spent through 2028-06-30 now\.$/m);
	t.true(stdout.split('\n').every(line => line.length <= 100));
	t.is(statement.stdout.match(/ extended .* ana +shop was closed/g)?.length, 1);
	t.regex(statement.stdout, / extended +-100\.00 /);
	t.regex(statement.stdout, / extended +100\.00 /);
});

test('doing it again is done already; an earlier day is refused with what to do', async t => {
	const {id} = await card({expires: '2026-12-31'});
	await run('--card', id, '--expires', '2027-12-31');

	const again = await run('--card', id, '--expires', '2027-12-31');
	const earlier = await run('--card', id, '--expires', '2027-12-30');
	const past = await run('--card', id, '--expires', '2025-12-31');

	t.is(again.code, 0);
	t.regex(again.stdout, /last through 2027-12-31 or longer already; nothing was changed\.$/m);
	t.deepEqual([earlier.code, past.code], [1, 1]);
	t.regex(earlier.stderr, /lasts longer already\. Take a later one: dates are only made later/);
	t.is((await run('--card', id, '--expires', 'soon')).code, 2);
	t.is((await run('--card', id)).code, 2);
});

test('a card past its day takes new value after it was extended, and what had expired stays expired', async t => {
	const {id} = await card({expires: '2026-01-31', funding: 'fundingMigrated'});

	const {code, stdout} = await run('--card', id, '--expires', '2027-01-31');
	const grant = ['--card', id, '--amount', '7', '--reason', 'promised'];
	const granted = await runHere(server.parts, 'credits:grant', [...grant, '--json']);

	t.is(code, 0);
	t.regex(stdout, /no value on it to extend; what has expired stays expired, and credits:grant/);
	t.is(granted.code, 0, granted.stderr);
	t.is(await openHub(server).balance(id), 7);
	await assertAuditClean(t, {general: server.parts});
});

test('the value of a wallet is extended, and the wallet has no date before and after', async t => {
	const gift = ['--customer-email', 'bia@example.com', '--amount', '5', '--expires', '2026-12-31'];
	const granted = await runHere(server.parts, 'credits:grant', [...gift, '--reason', 'gift', '--json']);
	const {cardId} = jsonLines(granted.stdout)[0] ?? {};

	const done = await extended('--card', String(cardId), '--expires', '2027-12-31');

	t.like(done, {extended: 5, expiringDate: null, lots: [{remaining: 5, expiringDate: '2027-12-31'}]});
});

test('a closed card is refused', async t => {
	const {id} = await card({expires: '2026-12-31'});
	await runHere(server.parts, 'cards:close', ['--card', id, '--reason', 'lost']);

	const {code, stderr} = await run('--card', id, '--expires', '2027-12-31');

	t.is(code, 1);
	t.is(stderr, 'The card is closed, and a closed card stays closed. Issue another one.\n');
});
