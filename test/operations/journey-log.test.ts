import test from 'ava';
import {buildCard} from '../helpers/build.ts';
import {type Hub, openHub, resultOf} from '../helpers/hub.ts';
import {type TestServer, withServer} from '../helpers/server.ts';
import {cardBody, sampleText, transactionBody} from '../helpers/vtex.ts';

const shopper = {
	id: 'profile-0a1b2c3d',
	email: 'maria.souza@correio.example',
	document: '390.533.447-05',
	firstName: 'Mariazinha',
	lastName: 'Souza-Lima',
	phone: '+5511912345678',
};

type Card = {readonly id: string; readonly code: string};

/** Everything a store does with a card, and everything that can go wrong on the way. */
async function livePurchase({call}: TestServer, hub: Hub, {id, code}: Card): Promise<string[]> {
	const orderInfo = {
		orderId: 'v1234567',
		clientProfile: shopper,
		shipping: {receiverName: shopper.firstName},
	};
	await hub.found({cart: {redemptionCode: code}});
	await hub.found({client: shopper});
	await hub.card(id);
	const debit = await hub.debit(id, 60, {orderInfo, redemptionCode: code, redemptionToken: code});
	await hub.settle(id, debit, 40);
	await hub.cancel(id, debit, 60);
	const credit = await hub.credit(id, 5, {description: `For ${shopper.email}`});
	await hub.cancel(id, credit, 5);
	const made = resultOf<{id: string}>(
		await call('POST', '/giftcards', {body: cardBody({profileId: shopper.email})}),
	);
	for (const part of [
		'',
		`/${debit}`,
		`/${debit}/authorization`,
		`/${debit}/settlements`,
		`/${debit}/cancellations`,
	]) {
		resultOf(await call('GET', `/giftcards/${id}/transactions${part}`));
	}

	return [debit, credit, made.id];
}

async function goWrong(
	{call, database, appToken}: TestServer,
	hub: Hub,
	{id, code}: Card,
): Promise<number[]> {
	const answers = [
		await hub.transact(id, {value: 1_000_000, orderInfo: {clientProfile: shopper}}),
		await hub.transact(id, {value: shopper.email, redemptionCode: code}),
		await call('POST', '/giftcards/_search', {body: `{"cart": {"redemptionCode": "${code}"`}),
		await call('POST', '/giftcards/_search', {body: `code=${code}`, headers: {'content-type': 'text/plain'}}),
		await call('POST', '/giftcards/_search', {body: {cart: {redemptionCode: {nested: code}}}}),
		await call('GET', `/giftcards/${code}?code=${code}&email=${shopper.email}`),
		await call('GET', `/${code}/${shopper.email}`),
		await call('GET', `/giftcards/${id}`, {headers: {'X-PROVIDER-API-AppToken': `${appToken}x`}}),
		await call('GET', `/giftcards/${id}`, {headers: {'x-vtex-operation-id': `${shopper.email} ${appToken}`}}),
	];
	await database.asOwner('ALTER TABLE customer_identifiers RENAME TO gone');
	await database.asOwner('ALTER TABLE commands RENAME COLUMN key TO gone');
	answers.push(
		await hub.search({client: shopper, cart: {redemptionCode: null}}),
		await hub.transact(id, {orderInfo: {clientProfile: shopper}, redemptionCode: code}),
		await call('POST', '/giftcards', {body: cardBody({profileId: shopper.email})}),
	);
	return answers.map(({status}) => status);
}

test('the log of whole purchases, failures included, holds no code, token, identity, card or content', async t => {
	const server = await withServer(t, {env: {LOG_LEVEL: 'trace'}});
	const hub = openHub(server);
	const card = await buildCard(server.parts, {owner: shopper});

	const ids = await livePurchase(server, hub, card);
	const statuses = await goWrong(server, hub, card);

	t.deepEqual(statuses, [422, 400, 400, 415, 200, 404, 404, 403, 200, 500, 500, 500]);
	const lines = server.logged();
	const log = JSON.stringify(lines).toLowerCase();
	const secrets = [
		...[card.code, card.code.replaceAll('-', ''), card.id, card.publicId, ...ids],
		...[server.appToken, ...Object.values(shopper), shopper.document.replaceAll(/\D/g, ''), 'v1234567'],
		...['p'.repeat(48), 's'.repeat(48), new URL(server.database.url).password],
	];
	for (const secret of secrets) {
		t.false(log.includes(secret.toLowerCase()), secret);
	}

	t.is(lines.filter(({status}) => status !== undefined).length, 26);
	t.true(lines.some(({error}) => (error as {sqlState?: string} | undefined)?.sqlState === '42P01'));
});

test('the published bodies of VTEX leave none of their content in the log', async t => {
	const server = await withServer(t, {env: {LOG_LEVEL: 'trace'}});
	const {id} = await buildCard(server.parts);

	await server.call('POST', '/giftcards/_search', {body: sampleText('oas-search.request')});
	await server.call('POST', '/giftcards', {body: sampleText('oas-create-card.request')});
	await server.call('POST', `/giftcards/${id}/transactions`, {
		body: sampleText('oas-create-transaction.request'),
	});
	await server.call('POST', `/giftcards/${id}/transactions`, {body: transactionBody({value: 'broken'})});

	const log = JSON.stringify(server.logged());
	for (const secret of [
		'BAHD-ASDB',
		'234235',
		'3b1abc17',
		'@',
		'Michael',
		'02906792063',
		'92de2249',
		'b2dac6f2',
		'B56CBE23',
	]) {
		t.false(log.includes(secret), secret);
	}
});
