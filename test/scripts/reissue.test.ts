import test from 'ava';
import {openPins} from '../../src/cards/pins.ts';
import {reissuable, reissueCard} from '../../src/cards/reissue.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard, type BuiltCard, type CardWish} from '../helpers/build.ts';
import {openGateway, withCode} from '../helpers/gateway.ts';
import {openHub, resultOf} from '../helpers/hub.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

// cards:reissue, beside a service that has looked the card up before: nothing that it remembers may keep the old code working.

let server: TestServer;

test.before(async () => {
	server = await openTestServer();
});

test.after.always(() => server.close());

const run = (name: string, ...args: string[]) => runHere(server.parts, name, args);
const card = (wish: Partial<CardWish> = {}): Promise<BuiltCard> => buildCard(server.parts, wish);
const why = ['--reason', 'seen by others', '--actor', 'ana'];

async function one(name: string, ...args: string[]): Promise<Record<string, unknown>> {
	const {code, stdout, stderr} = await run(name, ...args, '--json');
	if (code !== 0) {
		throw new Error(`${name} ended with ${code}: ${stderr}`);
	}

	return jsonLines(stdout)[0] ?? {};
}

const reissue = async (id: string, ...args: string[]) =>
	(await one('cards:reissue', '--card', id, '--yes', ...why, ...args)) as Record<string, string>;
const foundBy = async (code: string) => {
	const cards = await openHub(server).found({cart: {redemptionCode: code}});
	return cards.map(({id}) => id);
};

test('the old code is dead at once for a running service, and the new one is the same card', async t => {
	const {id, code} = await card();
	const gateway = openGateway(server);
	t.deepEqual(await foundBy(code), [id]);
	await gateway.pay(code, 10);

	const {redemptionCode = '', ...rest} = await reissue(id);

	t.deepEqual(await foundBy(code), []);
	t.deepEqual(await foundBy(redemptionCode), [id]);
	t.is((await gateway.ask(code, 10)).status, 'denied');
	t.is((await gateway.ask(redemptionCode, 10)).status, 'approved');
	t.like(rest, {id, status: 'active', balance: 90, held: 10, currency: 'BRL'});
	t.false('pin' in rest);
	await assertAuditClean(t, {general: server.parts});
});

test('orders in flight settle, are given back and can be cancelled, because they name the card by its id', async t => {
	const {id, code} = await card();
	const hub = openHub(server);
	const gateway = openGateway(server);
	const [debit, other, payment] = [
		await hub.debit(id, 30),
		await hub.debit(id, 5),
		await gateway.pay(code, 20),
	];

	await reissue(id);

	t.is((await hub.settle(id, debit, 30)).status, 200);
	t.is((await hub.cancel(id, debit, 30)).status, 200);
	t.is((await hub.cancel(id, other, 5)).status, 200);
	t.is((await gateway.settle(payment, 20)).status, 200);
	t.is((await gateway.refund(payment, 20)).status, 200);
	t.is(await hub.balance(id), 100);
	await assertAuditClean(t, {general: server.parts});
});

test('a card with a PIN gets a new one, one without it only when it is asked for', async t => {
	const {parts, merchant} = server;
	const {id, cardId, publicId} = await card();
	const check = (pin: unknown) =>
		openPins(parts.prisma, parts.peppers, parts.clock).check(merchant.id, [{cardId, publicId}], String(pin));

	const first = await reissue(id, '--pin');
	const second = await reissue(id);

	t.regex(first['pin'] ?? '', /^\d{6}$/);
	t.regex(second['pin'] ?? '', /^\d{6}$/);
	t.is(await check(second['pin']), 'right');
	t.is(await check(first['pin'] === second['pin'] ? '000000' : first['pin']), 'wrong');
	const payment = await openGateway(server).ask(second['redemptionCode'] ?? '', 10);
	t.is(payment.status, 'denied');
	const paid = await openGateway(server).create({
		value: 10,
		...withCode(second['redemptionCode'] ?? '', second['pin']),
	});
	t.is(resultOf<{status: string}>(paid).status, 'approved');
});

test('people read the code once, with what it means, and the card notes who and why', async t => {
	const {id, code} = await card();

	const {stdout, code: exit} = await run('cards:reissue', '--code', code, '--yes', ...why);
	const shown = await run('cards:show', '--card', id);

	t.is(exit, 0);
	const [, fresh = ''] = /^Redemption code +(\S{4}-\S{4}-\S{4}-\S{4})$/m.exec(stdout) ?? [];
	t.deepEqual(await foundBy(fresh), [id]);
	t.regex(stdout, /shown here only: hand it on safely\. The old code works no more\.$/m);
	t.true(
		stdout.split('\n').every(line => line.length <= 100),
		stdout,
	);
	t.false(shown.stdout.includes(fresh));
	t.regex(shown.stdout, /reissue +ana +seen by others/);
	t.true(shown.stdout.includes(`************${fresh.slice(-4)}`));
});

test('a blocked card is reissued and stays blocked, and that is said', async t => {
	const {id} = await card();
	await run('cards:block', '--card', id, '--reason', 'stolen');

	const {stdout} = await run('cards:reissue', '--card', id, '--yes', ...why);
	const [, fresh = ''] = /^Redemption code +(\S+)$/m.exec(stdout) ?? [];

	t.regex(stdout, /was blocked and stays so: cards:unblock/);
	t.like(await one('cards:show', '--card', id), {status: 'blocked'});
	t.deepEqual(await foundBy(fresh), []);
	await run('cards:unblock', '--card', id, '--reason', 'handed over');
	t.deepEqual(await foundBy(fresh), [id]);
});

test('a closed card and a wallet are refused, with what to do, and nothing changes', async t => {
	const {id, code, cardId} = await card();
	await run('cards:close', '--card', id, '--reason', 'lost');
	const gift = ['--customer-email', 'ana@example.com', '--amount', '5', '--reason', 'gift'];
	const {cardId: wallet} = await one('credits:grant', ...gift);

	const closed = await run('cards:reissue', '--card', id, '--yes', ...why);
	t.is(closed.code, 1);
	t.is(closed.stderr, 'The card is closed, and a closed card stays closed. Issue another one.\n');
	const wallets = await run('cards:reissue', '--card', String(wallet), '--yes', ...why);
	t.is(wallets.code, 1);
	t.regex(wallets.stderr, /^This is a wallet, .* cards:pin gives it a new PIN\.\n$/);
	const changes = await server.parts.prisma.cardChange.count({where: {cardId: BigInt(cardId), kind: 5}});
	t.is(changes, 0);
	t.is((await run('cards:reissue', '--code', code, '--yes', ...why)).stderr, closed.stderr);
});

test('it is asked about where somebody sits at a terminal', async t => {
	const {id, code} = await card();
	const args = ['--card', id, ...why];
	const questions: string[] = [];
	const answering = (answer: string) => (question: string) => {
		questions.push(question);
		return Promise.resolve(answer);
	};

	const no = await runHere(server.parts, 'cards:reissue', args, answering('n'));
	t.is(no.code, 1);
	t.deepEqual(await foundBy(code), [id]);

	const yes = await runHere(server.parts, 'cards:reissue', args, answering('y'));
	t.is(yes.code, 0);
	t.deepEqual(await foundBy(code), []);
	t.is((await run('cards:reissue', ...args)).code, 0);
	t.is(questions.length, 2);
	t.regex(
		questions[0] ?? '',
		/^The code \*{12}.{4} will work no more\. .* This cannot be undone\. \[y\/N\] $/,
	);
});

test('of two reissues at once one is refused or the later one counts; one code works, and nobody was lied to', async t => {
	const {parts, merchant} = server;
	const {id, cardId, publicId} = await card();
	const place = {merchantId: merchant.id, cardId};
	const former = await reissuable(parts.prisma, place);
	const actorId = (await parts.prisma.actor.findFirstOrThrow({where: {merchantId: merchant.id}})).id;
	const again = () =>
		reissueCard(parts.prisma, parts.peppers.current, {
			...{merchantId: merchant.id, card: {cardId, publicId}, former, withPin: false},
			...{actorId, reason: 'twice', now: parts.clock()},
		});

	const results = await Promise.allSettled([again(), again(), again()]);

	const codes = results.flatMap(result => (result.status === 'fulfilled' ? [result.value.code] : []));
	t.is(codes.length, 1);
	t.deepEqual(await foundBy(codes[0] ?? ''), [id]);
	for (const result of results) {
		if (result.status === 'rejected') {
			t.regex(String(result.reason), /Somebody else gave the card a new code at the same moment/);
		}
	}
});

test('a code that was lost between commit and print is replaced by doing it again', async t => {
	const {id} = await card();
	const {redemptionCode: lost = ''} = await reissue(id);

	const {redemptionCode = ''} = await reissue(id);

	t.not(redemptionCode, lost);
	t.deepEqual(await foundBy(lost), []);
	t.deepEqual(await foundBy(redemptionCode), [id]);
});

test('a run of cards:issue that is repeated prints no code that works no more', async t => {
	const args = ['--amount', '5', '--count', '2', '--pin', '--key', 'reissued run'];
	const issued = jsonLines((await run('cards:issue', ...args, '--json')).stdout) as Record<string, string>[];
	const [first = {}, second = {}] = issued;
	const {redemptionCode = ''} = await reissue(first['id'] ?? '');

	const again = await run('cards:issue', ...args);

	t.false(again.stdout.includes(first['redemptionCode'] ?? '-'));
	t.true(again.stdout.includes(`************${redemptionCode.slice(-4)}`));
	t.true(again.stdout.includes(second['redemptionCode'] ?? '-'));
	t.regex(again.stdout, /Masked codes and PINs cannot be shown any more/);
});
