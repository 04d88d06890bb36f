import {randomBytes} from 'node:crypto';
import test from 'ava';
import {type Guesser, openGuesses} from '../../src/cards/guesses.ts';
import {formatCode, makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {identifiersOf} from '../../src/customers/identity.ts';
import {forgetGuesses} from '../../src/jobs/forget-guesses.ts';
import {assertAuditClean} from '../helpers/audit.ts';
import {buildCard} from '../helpers/build.ts';
import {columnsHolding} from '../helpers/columns.ts';
import {openGateway} from '../helpers/gateway.ts';
import {openHub} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

/* Guessing of codes (rules B12), over HTTP and in two processes of one database. Every test has shoppers of its own. */

const limit = 3;
const env = {GUESS_LIMIT: String(limit)};
let server: TestServer;
let other: TestServer;
test.before(async () => {
	server = await openTestServer({env});
	other = await openTestServer({env, database: server.database});
});
test.after.always(async () => {
	await other.close();
	await server.close();
});
test.after(t => assertAuditClean(t, server.database));

const wrongCode = () => formatCode(makeRedemptionCode(randomBytes));
const search = (at: TestServer, client: Record<string, unknown>, redemptionCode: string) =>
	openHub(at).search({client, cart: {redemptionCode}});

/** What a stranger can see of an answer. */
function seen({status, headers, text}: Awaited<ReturnType<typeof search>>) {
	const named = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
	return {status, headers: named, text};
}

async function guess(at: TestServer, client: Record<string, unknown>, times: number) {
	for (let time = 0; time < times; time++) {
		await search(at, client, wrongCode());
	}
}

test('beyond the limit a right code is answered like an unknown one, in every process, and nobody else notices', async t => {
	const card = await buildCard(server.parts);
	const guesser = {id: 'guesser-1', email: 'guesser1@example.com'};
	await guess(server, guesser, limit - 1);
	t.is(((await search(server, guesser, card.code)).json as unknown[]).length, 1, 'below the limit');

	const unknown = await search(server, guesser, wrongCode());
	for (const at of [server, other]) {
		t.deepEqual(seen(await search(at, guesser, card.code)), seen(unknown));
		t.deepEqual(seen(await search(at, guesser, wrongCode())), seen(unknown));
		t.is(((await search(at, {id: 'honest-1'}, card.code)).json as unknown[]).length, 1);
		t.is(((await search(at, {}, card.code)).json as unknown[]).length, 1, 'somebody of whom nothing is said');
	}
});

test('misses in several processes count together', async t => {
	const card = await buildCard(server.parts);
	const guesser = {id: 'guesser-2'};
	await guess(other, guesser, limit - 1);
	await guess(server, guesser, 1);

	t.is((await search(other, guesser, card.code)).text, '[]');
	t.is((await search(server, guesser, card.code)).text, '[]');
});

test('one mistyped code that is asked for again and again is one miss, and what cannot be a code is none', async t => {
	const card = await buildCard(server.parts);
	const shopper = {id: 'slow-shopper'};
	const mistyped = wrongCode();
	for (let time = 0; time < 3 * limit; time++) {
		await search(server, shopper, mistyped);
		await search(server, shopper, `AAAA-AAAA-AAAA-AAA${time}`);
		await search(server, shopper, card.code);
	}

	t.is(((await search(server, shopper, card.code)).json as unknown[]).length, 1);
});

test('whoever changes identity and not the address has five times as many', async t => {
	const card = await buildCard(server.parts);
	const at = (number: number) => ({email: `name${number}@example.com`, ip: '2001:db8::1:2:3'});
	for (let time = 0; time < 5 * limit; time++) {
		t.is(((await search(server, at(time), card.code)).json as unknown[]).length, 1);
		await search(server, at(time), wrongCode());
	}

	t.is((await search(server, at(99), card.code)).text, '[]');
	t.is(
		(await search(other, {ip: '2001:db8::ffff'}, card.code)).text,
		'[]',
		'another address of that network',
	);
	t.is(((await search(server, {ip: '2001:db9::1'}, card.code)).json as unknown[]).length, 1);
});

test('who types somebody else’s e-mail uses up no guesses of hers', async t => {
	const card = await buildCard(server.parts);
	const at = (ip: string) => ({email: 'known-to-many@example.com', ip});
	await guess(server, at('192.0.2.66'), limit);

	t.is((await search(other, at('192.0.2.66'), card.code)).text, '[]');
	t.is(((await search(server, at('198.51.100.7'), card.code)).json as unknown[]).length, 1);
	t.is(((await search(other, at('2001:db8:7::1'), card.code)).json as unknown[]).length, 1);
});

test('of many guesses at once no more count than of as many one after the other', async t => {
	const card = await buildCard(server.parts);
	const presented = identifiersOf({id: 'guesser-in-a-hurry'});
	const codes = [...Array.from({length: 60}, wrongCode), card.code];

	// In one process and in one query: the store knows of none of them yet when the last one is judged.
	const answers = await Promise.all(
		codes.map(code =>
			server.parts.search.search(server.merchant, {code, presented, address: null, currency: null}),
		),
	);

	t.true(answers.every(({length}) => length === 0));
});

test('own cards are listed as ever to somebody whose codes are not looked at any more', async t => {
	const owner = {id: 'owner-who-guesses'};
	await buildCard(server.parts, {owner});
	await guess(server, owner, limit);

	t.is((await openHub(server).found({client: owner})).length, 1);
});

test('of many payments that guess at once no more count either', async t => {
	const card = await buildCard(server.parts);
	const gateway = openGateway(server);
	const miniCart = {buyer: {id: 'payer-in-a-hurry'}};
	const codes = [...Array.from({length: 40}, wrongCode), card.code];

	const answers = await Promise.all(codes.map(code => gateway.ask(code, 10, {ipAddress: null, miniCart})));

	t.true(answers.every(({status}) => status === 'denied'));
});

test('payments by code count as well, with searches together, and what was decided stays so', async t => {
	const card = await buildCard(server.parts);
	const gateway = openGateway(server);
	const buyer = {id: 'paying-guesser', firstName: 'A', lastName: 'B'};
	const ask = (code: string, members = {}) =>
		gateway.ask(code, 10, {ipAddress: null, miniCart: {buyer}, ...members});
	const paid = await ask(card.code, {paymentId: 'paid-before-the-limit'});
	t.is(paid.status, 'approved');
	await guess(server, buyer, limit - 1);

	const unknown = await ask(wrongCode());
	const refused = await ask(card.code);

	const {paymentId, tid, nsu, ...same} = refused;
	t.like(unknown, {...same, code: 'card_not_accepted', status: 'denied'});
	t.true([paymentId, tid, nsu].every(id => typeof id === 'string'));
	t.like(await ask(card.code, {paymentId: 'paid-before-the-limit'}), {
		status: 'approved',
		tid: paid.tid,
	});
	t.is(await openHub(server).balance(card.id), 90);
});

test('a payment that is asked for again is no further guess', async t => {
	const card = await buildCard(server.parts);
	const gateway = openGateway(server);
	const miniCart = {buyer: {id: 'patient-gateway'}};
	for (let time = 0; time < 2; time++) {
		const wrong = wrongCode();
		for (let again = 0; again < 2 * limit; again++) {
			await gateway.ask(wrong, 10, {paymentId: `asked-again-${time}`, ipAddress: null, miniCart});
		}
	}

	t.is((await gateway.ask(card.code, 10, {ipAddress: null, miniCart})).status, 'approved');
});

test('wrong PINs count beyond the lock of the PIN: the guesser finds no card at all any more', async t => {
	const {parts, merchant} = server;
	const card = await buildCard(parts);
	await parts.pins.set(merchant.id, card, '4711');
	const gateway = openGateway(server);
	const ask = (id: string, csc: string) =>
		gateway.ask(card.code, 10, {
			card: {number: card.code, csc},
			ipAddress: null,
			miniCart: {buyer: {id}},
		});
	for (let time = 0; time < limit; time++) {
		t.like(await ask('pin-guesser', `000${time}`), {status: 'denied', code: 'card_not_accepted'});
	}

	t.like(await ask('pin-guesser', '4711'), {status: 'denied', code: 'card_not_accepted'});
	t.like(await ask('pin-owner', '4711'), {status: 'approved'});
});

test('nothing that names a shopper is stored with the misses', async t => {
	const who = {
		id: 'profile-in-clear',
		document: '52998224725',
		email: 'clear@example.com',
		ip: '198.51.100.77',
	};
	await guess(server, who, 1);

	for (const word of Object.values(who)) {
		t.deepEqual((await columnsHolding(server.database, word)).found, [], word);
	}
});

// What follows speaks to the counters themselves.

const parse = (client: object): Guesser => ({presented: identifiersOf(client), address: null});
const secretsKey = 'k'.repeat(48);

test('after an hour misses are forgotten, and the job sweeps them', async t => {
	const {pool, prisma} = server.database.general;
	const guesses = openGuesses({pool, secretsKey}, {missesMax: 1});
	const keys = guesses.keysOf(1, parse({id: 'forgotten'}));
	const [{key} = {key: ''}] = keys;
	await guesses.miss(1, keys, 'a code');
	t.true(guesses.isOver(keys, new Map()));
	await prisma.guessLimit.update({where: {key}, data: {expire: BigInt(Date.now() - 1)}});

	const restarted = openGuesses({pool, secretsKey}, {missesMax: 1});
	t.false(restarted.isOver(keys, await restarted.counted(keys)));
	t.true(Number((await forgetGuesses.runOnce({prisma} as never))['forgotten']) >= 1);
	t.is(await prisma.guessLimit.findUnique({where: {key}}), null);
});

test('what one process knows fades with its hour', async t => {
	const clock = {now: Date.now()};
	const guesses = openGuesses(
		{pool: server.database.general.pool, secretsKey},
		{missesMax: 1},
		() => clock.now,
	);
	const keys = guesses.keysOf(1, parse({id: 'fading'}));
	await guesses.miss(1, keys, 'a code');

	clock.now += 3_599_000;
	t.true(guesses.isOver(keys, new Map()));
	clock.now += 1001;
	t.false(guesses.isOver(keys, new Map()));
});

test('where the store fails, this process still counts, says so, and answers', async t => {
	const told: string[] = [];
	const guesses = openGuesses(
		{
			pool: {query: () => Promise.reject(new Error('away'))} as never,
			secretsKey,
			onFailure: (_error, what) => told.push(what),
		},
		{missesMax: 2},
	);
	const keys = guesses.keysOf(1, parse({id: 'during an outage'}));

	await guesses.miss(1, keys, 'one');
	t.false(guesses.isOver(keys, new Map()));
	await guesses.miss(1, keys, 'another');
	t.true(guesses.isOver(keys, new Map()));
	t.is(told.length, 2);
});

test('many misses of a merchant are told, with a count and nothing else, and stop nobody', async t => {
	const told: unknown[] = [];
	const guesses = openGuesses(
		{
			pool: server.database.general.pool,
			secretsKey,
			onMany: (merchantId, misses) => told.push([merchantId, misses]),
		},
		{missesMax: 1},
	);
	for (let time = 0; time < 1000; time++) {
		await guesses.miss(7, [], String(time));
	}

	t.deepEqual(told, [
		[7, 100],
		[7, 1000],
	]);
	t.false(guesses.isOver([], new Map()));
});

test('identities and addresses are nobody’s but the merchant’s at whom they were seen', t => {
	const guesses = openGuesses({pool: server.database.general.pool, secretsKey}, {missesMax: 1});
	const guesser = {presented: identifiersOf({id: 'same'}), address: '192.0.2.1'};
	const names = [1, 2].flatMap(merchant => guesses.keysOf(merchant, guesser).map(({key}) => key));

	t.is(new Set(names).size, 4);
	t.deepEqual(guesses.keysOf(1, {presented: [], address: 'no address'}), []);
});
