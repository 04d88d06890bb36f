import test from 'ava';
import {changeStatus} from '../../../src/cards/block.ts';
import {hashCode} from '../../../src/cards/pepper.ts';
import {openPeppers} from '../../../src/cards/peppers.ts';
import {openCardSearch} from '../../../src/cards/search.ts';
import {type PrismaClient} from '../../../src/db/client.ts';
import {buildCard, type BuiltCard} from '../../helpers/build.ts';
import {makeClock} from '../../helpers/clock.ts';
import {type Hub, openHub} from '../../helpers/hub.ts';
import {newMerchant} from '../../helpers/merchant.ts';
import {openTestServer, type TestServer, withServer} from '../../helpers/server.ts';

let server: TestServer;
let hub: Hub;
let shoppers = 0;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

const shopper = () => ({email: `shopper${++shoppers}@example.com`});
const byCode = ({code}: BuiltCard) => ({cart: {redemptionCode: code}});
const isFound = async (wish: Parameters<Hub['found']>[0], by = hub) => (await by.found(wish)).length === 1;

test('the soonest-expiring card comes first and one without a date last, then the smallest balance', async t => {
	const client = shopper();
	const wishes = [
		{amount: '5.00', expires: null},
		{amount: '90.00', expires: '2026-12-31'},
		{amount: '7.00', expires: '2027-12-31'},
		{amount: '3.00', expires: null},
		{amount: '80.00', expires: '2026-12-31'},
		{amount: '3.00', expires: null},
	];
	const ids: string[] = [];
	for (const wish of wishes) {
		ids.push((await buildCard(server.parts, {...wish, owner: client})).id);
	}

	const found = await hub.found({client});

	t.deepEqual(
		found.map(({balance}) => balance),
		[80, 90, 7, 3, 3, 5],
	);
	t.deepEqual(
		found.slice(3, 5).map(({id}) => id),
		[ids[3], ids[5]],
	);
	t.deepEqual(await hub.found({client}), found);
});

test('a code counts however it is typed: case, spaces, dashes and look-alikes', async t => {
	const card = await buildCard(server.parts);
	const {code} = card;

	for (const typed of [
		code.toLowerCase(),
		code.replaceAll('-', ''),
		` ${code.replaceAll('-', ' ')} `,
		code.replaceAll('0', 'O').replaceAll('1', 'l'),
	]) {
		t.true(await isFound({cart: {redemptionCode: typed}}), typed);
	}
});

test('a wrong check character never reaches the database', async t => {
	const {code} = await buildCard(server.parts);
	const wrong = code.slice(0, -1) + (code.endsWith('2') ? '3' : '2');
	const nobody = {
		$queryRawUnsafe: () => {
			throw new Error('The database was asked.');
		},
	} as unknown as PrismaClient;
	const search = openCardSearch(nobody, server.parts);
	const query = {presented: [], address: null, currency: null};

	t.deepEqual(await search.search(server.merchant, {...query, code: wrong}), []);
	t.deepEqual(await search.search(server.merchant, {...query, code: null}), []);
	await t.throwsAsync(search.search(server.merchant, {...query, code}), {message: 'The database was asked.'});
	t.deepEqual(await hub.found({cart: {redemptionCode: wrong}}), []);
});

test('with a code only that card is found, whoever asks; a wrong one does not fall back to the client', async t => {
	const client = shopper();
	await buildCard(server.parts, {owner: client});
	const voucher = await buildCard(server.parts, {amount: '1.00'});

	t.deepEqual(
		(await hub.found({client, ...byCode(voucher)})).map(({id}) => id),
		[voucher.id],
	);
	t.deepEqual(await hub.found({client, cart: {redemptionCode: 'ABCDEF'}}), []);
});

test('a restricted card with its code is shown to nobody but certainly its owner', async t => {
	const owner = {id: 'profile-77', email: 'owner77@example.com', document: '52998224725'};
	const card = await buildCard(server.parts, {owner, restricted: true});
	const search = (client: Record<string, unknown>) => isFound({client, ...byCode(card)});

	t.true(await search({id: 'PROFILE-77'}));
	t.true(await search({email: 'Owner77@example.com'}));
	t.true(await search({document: '529.982.247-25', email: 'someone@example.com'}));
	t.false(await search({id: 'profile-78', email: owner.email}));
	t.false(await search({email: 'someone@example.com'}));
	t.false(await search({}));
	// An address that VTEX made for the order names nobody.
	t.false(await search({email: 'a1b2c3@ct.vtex.com.br'}));
});

test('identifiers of two customers list nobody’s cards', async t => {
	const [ana, bia] = [{...shopper(), id: 'profile-ana'}, shopper()];
	await buildCard(server.parts, {owner: ana});
	await buildCard(server.parts, {owner: bia});

	t.deepEqual(await hub.found({client: {id: ana.id, email: bia.email}}), []);
	t.deepEqual(await hub.found({client: {id: 'profile-other', email: ana.email}}), []);
	t.true(await isFound({client: {id: ana.id, email: 'new@example.com'}}));
});

test('a person keeps the own cards when buying for a company, and gets the company’s when there are none', async t => {
	const person = {document: '11144477735'};
	const company = {document: '11222333000181'};
	const own = await buildCard(server.parts, {owner: person});
	const companys = await buildCard(server.parts, {owner: company});
	const found = async (client: Record<string, unknown>) => (await hub.found({client})).map(({id}) => id);

	t.deepEqual(await found({...person, corporateDocument: company.document}), [own.id]);
	t.deepEqual(await found({document: '52998224000', corporateDocument: company.document}), [companys.id]);
});

test('a cart that names a currency is shown cards of that currency only, wherever it names it', async t => {
	const client = shopper();
	const reais = await buildCard(server.parts, {owner: client});
	const dollars = await buildCard(server.parts, {owner: client, currency: 'USD'});
	const found = async (body: Record<string, unknown>) => {
		const answer = await server.call('POST', '/giftcards/_search', {body: {client, ...body}});
		return (answer.json as {id: string}[]).map(({id}) => id);
	};

	t.deepEqual(await found({}), [reais.id, dollars.id]);
	for (const body of [
		{cart: {currencyCode: 'USD'}},
		{cart: {currency: 'usd'}},
		{currencyCode: 'USD'},
		{currency: ' USD '},
		{orderInfo: {currencyCode: 'USD'}},
		{orderInfo: {cart: {currency: 'USD'}}},
	]) {
		t.deepEqual(await found(body), [dollars.id], JSON.stringify(body));
	}

	t.deepEqual(await found({cart: {currencyCode: 'JPY', redemptionCode: reais.code}}), []);
	t.deepEqual(await found({cart: {currencyCode: 'R$'}}), [reais.id, dollars.id]);
});

test('an expired card is found through its last millisecond and not after, one for tomorrow not before', async t => {
	const clock = makeClock('2026-12-31T15:00:00Z');
	const own = await withServer(t, {clock});
	const {found} = openHub(own);
	const emittedAt = Date.parse('2027-01-01T03:00:00Z');
	const old = await buildCard(own.parts, {expires: '2026-12-31'});
	const fresh = await buildCard(own.parts, {emittedAt});

	clock.set(emittedAt - 1);
	t.is((await found(byCode(old))).length, 1);
	t.is((await found(byCode(fresh))).length, 0);
	clock.set(emittedAt);
	t.is((await found(byCode(old))).length, 0);
	t.is((await found(byCode(fresh))).length, 1);
});

test('a blocked card is found by nobody until it is unblocked', async t => {
	const client = shopper();
	const card = await buildCard(server.parts, {owner: client});
	const {id: merchantId} = server.merchant;
	const change = {merchantId, cardId: card.cardId, actorId: 1, reason: 'lost', now: server.clock.now()};

	await changeStatus(server.parts.prisma, {...change, to: 'blocked'});
	t.false(await isFound(byCode(card)));
	t.false(await isFound({client}));
	await changeStatus(server.parts.prisma, {...change, to: 'active'});
	t.true(await isFound(byCode(card)));
	t.true(await isFound({client}));
});

test('codes of an older pepper and, where a merchant allows them, foreign codes are found', async t => {
	const {prisma, pricing, clock, peppers} = server.parts;
	const rotated = await openPeppers(prisma, ['n'.repeat(48), 'p'.repeat(48)]);
	const card = await buildCard(server.parts);
	const migrated = await buildCard(server.parts, {amount: '9.00'});
	await prisma.card.update({
		where: {merchantId_id: {merchantId: server.merchant.id, id: BigInt(migrated.cardId)}},
		data: {codeHash: new Uint8Array(hashCode('6006491111.E7PIN+', peppers.current.key))},
	});
	const search = openCardSearch(prisma, {peppers: rotated, pricing, guesses: server.parts.guesses, clock});
	const foreign = {...server.merchant, foreignCodes: true};

	t.is((await search.findByCode(server.merchant, card.code))?.publicId, card.publicId);
	t.is((await search.findByCode(foreign, ' 6006491111.e7pin+ '))?.publicId, migrated.publicId);
	t.is(await search.findByCode(server.merchant, '6006491111.E7PIN+'), undefined);
	t.is((await search.findByCode(foreign, card.code))?.publicId, card.publicId);
});

test("another merchant's code finds nothing", async t => {
	const {prisma, pricing, clock, peppers, guesses} = server.parts;
	const card = await buildCard(server.parts);
	const search = openCardSearch(prisma, {peppers, pricing, guesses, clock});
	const other = await newMerchant(prisma);

	t.is((await search.findByCode(server.merchant, card.code))?.publicId, card.publicId);
	t.is(await search.findByCode(other, card.code), undefined);
});

test('what cannot be spent yet, or only in part, is in totalBalance and not in balance', async t => {
	const card = await buildCard(server.parts, {singleUse: true});
	const id = await hub.debit(card.id, 40);
	await hub.settle(card.id, id, 40);
	await hub.cancel(card.id, id, 15);

	// The refund opens the card again for what was refunded (A14).
	t.like((await hub.found(byCode(card)))[0], {balance: 15, totalBalance: 75});
});
