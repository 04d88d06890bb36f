import test from 'ava';
import {buildCard} from '../helpers/build.ts';
import {type Hub, type ListedCard, openHub, resultOf} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {sampleText} from '../helpers/vtex.ts';

let server: TestServer;
let hub: Hub;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

test('G08: a search by an unknown code answers 200 and an empty list', async t => {
	const unknown = await hub.search({cart: {redemptionCode: 'AAAA-AAAA-AAAA-AAAA'}});
	const published = await server.call('POST', '/giftcards/_search', {body: sampleText('oas-search.request')});

	for (const answer of [unknown, published]) {
		t.is(answer.status, 200);
		t.is(answer.text, '[]');
	}
});

test('G09: a card with nothing left to spend is not listed', async t => {
	const card = await buildCard(server.parts, {amount: '10.00'});
	const search = {cart: {redemptionCode: card.code}};

	await hub.debit(card.id, 9.99);
	t.is((await hub.found(search)).length, 1);
	await hub.debit(card.id, 0.01);

	const answer = await hub.search(search);
	t.is(answer.status, 200);
	t.is(answer.text, '[]');
});

test('G10: a search by the exact code finds exactly one card, with id, provider, balance and _self.href', async t => {
	const card = await buildCard(server.parts, {
		amount: '5.90',
		caption: 'Store credit',
		relationName: 'store-credit-1',
	});
	await buildCard(server.parts);

	const found = await hub.found({cart: {redemptionCode: card.code}});

	t.deepEqual(found, [
		{
			id: card.id,
			provider: server.config.providerId,
			balance: 5.9,
			totalBalance: 5.9,
			caption: 'Store credit',
			relationName: 'store-credit-1',
			_self: {href: `/${server.merchant.name}/giftcards/${card.id}`},
		},
	]);
});

test("G11: a search by customer lists the customer's cards, and nobody else's restricted ones", async t => {
	const ana = {
		id: '3B1ABC17-0000-4000-8000-000000000001',
		email: 'ana@example.com',
		document: '111.444.777-35',
	};
	const own = await buildCard(server.parts, {amount: '20.00', owner: ana});
	const restricted = await buildCard(server.parts, {amount: '30.00', owner: ana, restricted: true});
	const other = await buildCard(server.parts, {owner: {email: 'bia@example.com'}, restricted: true});
	const ids = (found: ListedCard[]) => found.map(({id}) => id);

	t.deepEqual(ids(await hub.found({client: ana})), [own.id, restricted.id]);
	t.deepEqual(ids(await hub.found({client: {email: 'ANA@example.com'}})), [own.id, restricted.id]);
	t.deepEqual(ids(await hub.found({client: {document: '11144477735'}})), [own.id, restricted.id]);
	t.deepEqual(ids(await hub.found({client: {email: 'bia@example.com'}})), [other.id]);
	t.deepEqual(await hub.found({client: {email: 'cai@example.com'}}), []);
	t.deepEqual(await hub.found({client: {id: '', email: null, document: null}}), []);
});

test('G12: REST-Range is understood in every spelling, and nonsense counts as none', async t => {
	const client = {email: 'many@example.com'};
	for (let cents = 1; cents <= 12; cents++) {
		await buildCard(server.parts, {amount: `1.${String(cents).padStart(2, '0')}`, owner: client});
	}

	const listed = async (range: string | null) =>
		resultOf<ListedCard[]>(await hub.search({client}, {headers: {'REST-Range': range}})).map(
			({balance}) => balance,
		);
	const all = await listed(null);

	t.is(all.length, 12);
	for (const range of ['resources=0-9', '0-9', 'giftcard=0-9', ' RESOURCES = 0 - 9 ']) {
		t.deepEqual(await listed(range), all.slice(0, 10), range);
	}

	t.deepEqual(await listed('resources=10-19'), all.slice(10));
	t.deepEqual(await listed('resources=3-3'), all.slice(3, 4));
	for (const range of ['garbage', '', 'resources=9-0', 'resources=-5', 'resources=0-99999999999999999999']) {
		t.deepEqual(await listed(range), all, range);
	}
});

test('G13: REST-Content-Range is always there and tells what was listed', async t => {
	const client = {email: 'three@example.com'};
	for (const amount of ['1.00', '2.00', '3.00']) {
		await buildCard(server.parts, {amount, owner: client});
	}

	const range = async (wish: Record<string, unknown>, header: string | null) => {
		const answer = await hub.search({client: wish}, {headers: {'REST-Range': header}});
		return answer.headers.get('rest-content-range');
	};

	t.is(await range(client, null), 'resources 0-2/3');
	t.is(await range(client, 'resources=0-1'), 'resources 0-1/3');
	t.is(await range(client, 'resources=1-9'), 'resources 1-2/3');
	t.is(await range(client, 'resources=7-9'), 'resources 7-7/3');
	t.is(await range({}, null), 'resources 0-0/0');
	t.is(await range({}, 'resources=7-9'), 'resources 0-0/0');
});

test('G14: nulls, absent members, decimals and negative amounts in a search are accepted', async t => {
	const bodies = [
		'{}',
		'{"client": null, "cart": null}',
		'{"client": {"id": null, "email": null, "document": null}, "cart": {"redemptionCode": null, "items": null}}',
		'{"client": {"id": "", "email": ""}, "cart": {"redemptionCode": "", "relationName": null}}',
		'{"cart": {"grandTotal": 182.55, "discounts": -20.5, "shipping": 0.1, "items": [{"refId": null, "name": null, "price": 1e2, "quantity": 1}]}}',
		'{"client": {"id": 42, "email": ["x"], "document": {}}, "cart": {"redemptionCode": false, "currencyCode": 7}}',
		'{"client": "x", "cart": [], "extra": {"deep": [1, null]}}',
	];

	for (const body of bodies) {
		const answer = await server.call('POST', '/giftcards/_search', {body});

		t.is(answer.status, 200, body);
		t.is(answer.text, '[]', body);
	}
});
