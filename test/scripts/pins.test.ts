import {Readable} from 'node:stream';
import test from 'ava';
import {readSecret} from '../../scripts/lib/secret-input.ts';
import {openPins, pinLockMs, pinMissesMax} from '../../src/cards/pins.ts';
import {uuidOf} from '../../src/cards/public-id.ts';
import {makeClock} from '../helpers/clock.ts';
import {jsonLines, runHere, runScript, scriptSecrets} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer({clock: {...makeClock(), now: Date.now}});
});

test.after.always(() => server.close());

const run = (name: string, ...args: string[]) => runHere(server.parts, name, args);

async function one(name: string, ...args: string[]): Promise<Record<string, string>> {
	const {code, stdout, stderr} = await run(name, ...args, '--json');
	if (code !== 0) {
		throw new Error(`${name} ended with ${code}: ${stderr}`);
	}

	return (jsonLines(stdout)[0] ?? {}) as Record<string, string>;
}

async function check(id: string, pin: string) {
	const {parts, merchant} = server;
	const publicId = uuidOf(id) ?? '';
	const address = await parts.directory.find(merchant.id, publicId);
	return openPins(parts.prisma, parts.peppers, parts.clock).check(
		merchant.id,
		[{cardId: address?.cardId ?? '', publicId}],
		pin,
	);
}

async function lock(id: string): Promise<void> {
	for (let miss = 0; miss < pinMissesMax; miss++) {
		await check(id, '0000');
	}
}

test('cards:issue --pin prints a PIN with each card, and the same ones when its run is repeated (A15)', async t => {
	const args = ['--amount', '5', '--count', '2', '--pin', '--key', 'with pins', '--json'];
	const first = await run('cards:issue', ...args);
	const again = await run('cards:issue', ...args);

	t.is(first.code, 0, first.stderr);
	t.is(again.stdout, first.stdout);
	for (const {id, pin, redemptionCode, ...rest} of jsonLines(first.stdout) as Record<string, string>[]) {
		t.regex(pin ?? '', /^\d{6}$/);
		t.is(await check(id ?? '', pin ?? ''), 'right');
		t.regex(redemptionCode ?? '', /^.{19}$/);
		t.deepEqual<unknown, unknown>(rest, {balance: 5, currency: 'BRL', expiringDate: null});
	}
});

test('people see the PIN beside the code, and that both are shown once', async t => {
	const {stdout} = await run('cards:issue', '--amount', '5', '--pin');
	const without = await run('cards:issue', '--amount', '5');

	t.regex(stdout, /^Card +Redemption code +PIN +Balance/m);
	const [, id = '', pin = ''] = /^([\da-f]{32}) {2}\S+ {2}(\d{6}) {2}/m.exec(stdout) ?? [];
	t.is(await check(id, pin), 'right');
	t.regex(stdout, /The codes and PINs are shown here only/);
	t.false(without.stdout.includes('PIN'));
});

test('cards:pin makes a new PIN, unlocks the card, notes why, and prints the PIN this once', async t => {
	const {id = '', pin: old = '', redemptionCode = ''} = await one('cards:issue', '--amount', '5', '--pin');
	await lock(id);
	t.is((await one('cards:show', '--card', id))['pinStatus'], 'locked');
	t.is(await check(id, old), 'locked');

	const changed = await one('cards:pin', '--code', redemptionCode, '--reason', 'forgotten', '--actor', 'rui');
	const shown = await run('cards:show', '--card', id, '--json');

	t.like(changed, {id, pinStatus: 'set'});
	t.regex(changed['pin'] ?? '', /^\d{6}$/);
	t.is(await check(id, old), 'wrong');
	t.is(await check(id, changed['pin'] ?? ''), 'right');
	t.false(shown.stdout.includes(changed['pin'] ?? 'PIN'));
	const [{changes}] = jsonLines(shown.stdout) as [{changes: Record<string, unknown>[]}];
	t.like(changes[0], {kind: 'pin', actor: 'rui', reason: 'forgotten'});
});

test('cards:show says whether a card has a PIN and whether it is locked, and nothing of the past', async t => {
	const {id = ''} = await one('cards:issue', '--amount', '5');
	const field = async () => /^PIN +(.+)$/m.exec((await run('cards:show', '--card', id)).stdout)?.[1];
	t.is(await field(), 'none');

	await run('cards:pin', '--card', id, '--reason', 'wished');
	t.is(await field(), 'set');
	await lock(id);
	t.is(await field(), 'set, locked after wrong ones');
	const before = await run(
		'cards:show',
		'--card',
		id,
		'--as-of',
		new Date(Date.now() + pinLockMs).toISOString(),
	);
	t.false(/^PIN/m.test(before.stdout));
});

test('cards:pin --pin-stdin takes the PIN from standard input, and prints it nowhere', async t => {
	const {id = ''} = await one('cards:issue', '--amount', '5');
	const args = ['--card', id, '--reason', 'chosen', '--pin-stdin'];
	const env = {DATABASE_URL: server.database.url, ...scriptSecrets};
	const taken = await runScript('cards:pin', args, env, '80808080\r\nmore\n');
	const refused = await runScript('cards:pin', args, env, '123\n');

	t.is(taken.code, 0, taken.stderr);
	t.false((taken.stdout + taken.stderr).includes('80808080'));
	t.is(refused.code, 2);
	t.regex(refused.stderr, /4 to 12 digits/);
	t.false(refused.stderr.includes('123'));
	t.is(await check(id, '80808080'), 'right');
});

test('a closed card gets no PIN; a reason and a card are needed', async t => {
	const {id = ''} = await one('cards:issue', '--amount', '5');
	await run('cards:close', '--card', id, '--reason', 'lost');

	const closed = await run('cards:pin', '--card', id, '--reason', 'wished');
	t.is(closed.code, 1);
	t.is(closed.stderr, 'The card is closed, and nothing pays from it. Issue another one.\n');
	t.is((await one('cards:show', '--card', id))['pinStatus'], 'none');
	t.is((await run('cards:pin', '--card', id)).code, 2);
	t.is((await run('cards:pin', '--reason', 'wished')).code, 2);
});

test('a secret is the first line of its stream, in however many pieces it comes, and has an end', async t => {
	t.is(await readSecret(Readable.from(['12', '34\n56', '78\n'])), '1234');
	t.is(await readSecret(Readable.from(['1234'])), '1234');
	t.is(await readSecret(Readable.from([])), '');
	t.is(await readSecret(Readable.from(['x'.repeat(1000)])), 'x'.repeat(1000));
	await t.throwsAsync(readSecret(Readable.from(['x'.repeat(1000), 'y'])), {
		message: /more than 1000 characters/,
	});
});
