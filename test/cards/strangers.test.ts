import {randomBytes} from 'node:crypto';
import test from 'ava';
import {changeStatus} from '../../src/cards/block.ts';
import {closeCard} from '../../src/cards/close.ts';
import {formatCode, makeRedemptionCode} from '../../src/cards/redemption-code.ts';
import {actorId} from '../../src/merchants/actors.ts';
import {createMerchant} from '../../src/merchants/merchant.ts';
import {type Answer} from '../helpers/ask.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {openGateway} from '../helpers/gateway.ts';
import {openHub} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

/* What a stranger who types codes is told of cards that are not theirs: the same as of codes that nobody has. */

let server: TestServer;
test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

const wrongCode = () => formatCode(makeRedemptionCode(randomBytes));

/** What can be seen of an answer, but for what is another one each time. */
function seen({status, headers, text}: Answer) {
	const named = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
	return {status, headers: named, text};
}

/** A card for each reason for which a stranger may not use it, and the PIN that the stranger types. */
async function cardsForStrangers(): Promise<Record<string, BuiltCard>> {
	const {parts, merchant, clock} = server;
	const {prisma, pins} = parts;
	const change = {
		merchantId: merchant.id,
		actorId: await actorId(prisma, merchant.id, 'person', 'tester'),
		reason: 'a test',
	};
	const [blocked, closed, pinned, locked] = [
		await buildCard(parts),
		await buildCard(parts),
		await buildCard(parts),
		await buildCard(parts),
	];
	await changeStatus(prisma, {...change, cardId: blocked.cardId, to: 'blocked', now: clock.now()});
	await closeCard(parts.writer, merchant, {...change, cardId: closed.cardId});
	await pins.set(merchant.id, pinned, '4711');
	await pins.set(merchant.id, locked, '4711');
	for (let time = 0; time < 5; time++) {
		await pins.check(merchant.id, [locked], '0000');
	}

	const neighbour = await createMerchant(prisma, {
		name: 'neighbour',
		timeZone: 'America/Sao_Paulo',
		currency: 'BRL',
		sandbox: false,
	});
	const used = await buildCard(parts, {singleUse: true});
	await openHub(server).debit(used.id, 10);
	return {
		blocked,
		closed,
		pinned,
		locked,
		used,
		restricted: await buildCard(parts, {owner: {id: 'somebody-else'}, restricted: true}),
		expired: await buildCard(parts, {expires: '2020-01-31'}),
		'not yet valid': await buildCard(parts, {emittedAt: clock.now() + 86_400_000}),
		'of another currency': await buildCard(parts, {currency: 'USD'}),
		"another merchant's": await buildCard(parts, {merchant: neighbour}),
	};
}

test('whatever the reason why a stranger may not use a card, the answers have the same bytes', async t => {
	const cards = await cardsForStrangers();
	const codes = {
		...Object.fromEntries(Object.entries(cards).map(([reason, {code}]) => [reason, code])),
		unknown: wrongCode(),
		'with a wrong check character': 'AAAA-AAAA-AAAA-AAA2',
	};
	const gateway = openGateway(server);
	const paymentOf = async (code: string, verificationOnly: boolean) => {
		const {paymentId, tid, nsu, ...rest} = await gateway.ask(code, 10, {
			card: {number: code, csc: '9999'},
			currency: 'BRL',
			miniCart: {buyer: {id: 'a-stranger'}},
			ipAddress: null,
			verificationOnly,
		});
		return [JSON.stringify(rest), ...[paymentId, tid, nsu].map(id => typeof id)].join(' ');
	};
	const denied = await paymentOf(codes.unknown, false);
	const empty = seen(
		await openHub(server).search({cart: {redemptionCode: codes.unknown, currencyCode: 'BRL'}}),
	);
	t.regex(denied, /"denied".*"card_not_accepted"/);
	t.is(empty.text, '[]');

	for (const [reason, code] of Object.entries(codes)) {
		t.is(await paymentOf(code, false), denied, reason);
		t.is(await paymentOf(code, true), denied, `${reason}, to verify`);
		// A PIN is asked for when it pays: until then the code is enough.
		if (!['pinned', 'locked'].includes(reason)) {
			t.deepEqual(
				seen(await openHub(server).search({cart: {redemptionCode: code, currencyCode: 'BRL'}})),
				empty,
				reason,
			);
		}
	}
});
