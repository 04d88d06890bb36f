import test from 'ava';
import {buildCard} from '../../helpers/build.ts';
import {errorCode, type Hub, openHub, resultOf} from '../../helpers/hub.ts';
import {openTestServer, type TestServer} from '../../helpers/server.ts';
import {cardBody} from '../../helpers/vtex.ts';

type Card = Record<string, unknown> & {id: string; redemptionCode: string};

let server: TestServer;
let hub: Hub;
let relations = 0;

test.before(async () => {
	server = await openTestServer();
	hub = openHub(server);
});
test.after.always(() => server.close());

const relationName = () => `relation-${++relations}`;
const create = (members: Record<string, unknown>) =>
	server.call('POST', '/giftcards', {body: cardBody(members)});
const created = async (members: Record<string, unknown>) => resultOf<Card>(await create(members));
const isMasked = ({redemptionCode}: Card) => redemptionCode.startsWith('************');

test('the code of a new card is told once, finds the card, and is masked ever after', async t => {
	const wish = {relationName: relationName(), profileId: 'ana@example.com', restrictedToOwner: false};

	const card = await created(wish);
	t.false(isMasked(card));
	t.is(
		resultOf<Card>(await hub.card(card.id)).redemptionCode,
		`************${card.redemptionCode.slice(-4)}`,
	);
	await hub.credit(card.id, 12);

	const found = await hub.found({cart: {redemptionCode: card.redemptionCode}});
	t.deepEqual(
		found.map(({id, balance}) => ({id, balance})),
		[{id: card.id, balance: 12}],
	);
	t.is((await hub.found({client: {email: 'ANA@example.com'}})).length, 1);
});

test('the same request finds its card until something happens to it, and makes a new one then', async t => {
	const wish = {relationName: relationName(), profileId: 'bia@example.com', expiringDate: '2027-05-01'};

	const first = await created(wish);
	const again = await created({...wish, profileId: ' BIA@example.com'});
	t.is(again.id, first.id);
	t.true(isMasked(again));

	const id = await hub.credit(first.id, 1);
	await hub.cancel(first.id, id, 1);
	t.is(await hub.balance(first.id), 0);
	const next = await created(wish);
	t.not(next.id, first.id);
	t.false(isMasked(next));
});

test('another relation, client or attribute is another card', async t => {
	const wish = {
		relationName: relationName(),
		profileId: 'cai@example.com',
		caption: 'One',
		emissionDate: '2026-01-01T00:00:00Z',
		expiringDate: '2027-05-01T00:00:00Z',
	};
	const {id} = await created(wish);

	t.is((await created(wish)).id, id);
	// A date-time means its day, and no emission date agrees with any.
	t.is((await created({...wish, expiringDate: '2027-05-01T23:00:00Z', emissionDate: null})).id, id);
	for (const change of [
		{relationName: relationName()},
		{profileId: 'dora@example.com'},
		{caption: 'Two'},
		{caption: null},
		{emissionDate: '2026-02-01T00:00:00Z'},
		{expiringDate: '2027-05-02T00:00:00Z'},
		{expiringDate: null},
		{restrictedToOwner: false},
		{multipleRedemptions: false},
		{multipleCredits: false},
		{currencyCode: 'USD'},
	]) {
		t.not((await created({...wish, ...change})).id, id, JSON.stringify(change));
	}
});

test('what is not said is assumed: spent and credited many times, by everybody, in the currency of the store', async t => {
	const body = {relationName: relationName(), profileId: 'profile-1'};

	const card = resultOf<Card>(await server.call('POST', '/giftcards', {body}));

	t.like(card, {
		restrictedToOwner: false,
		multipleRedemptions: true,
		multipleCredits: true,
		currencyCode: 'BRL',
		emissionDate: '2026-03-11T12:00:00.000',
		profileId: 'profile-1',
	});
	t.false('expiringDate' in card);
	t.false('caption' in card);
});

test('a card that has expired already is made and answered, and takes no credit', async t => {
	const card = await created({
		relationName: relationName(),
		profileId: 'ana@example.com',
		expiringDate: '2026-03-10T23:00:00Z',
	});

	t.is(card['expiringDate'], '2026-03-10T23:59:59.000');
	t.is(errorCode(await hub.transact(card.id, {operation: 'Credit', value: 1})), 'card_expired');
	t.is(await hub.balance(card.id), 0);
});

test('flags come as JSON or as text', async t => {
	const card = await created({
		relationName: relationName(),
		profileId: 'ana@example.com',
		restrictedToOwner: 'True',
		multipleRedemptions: 'false',
		multipleCredits: '',
	});

	t.like(card, {restrictedToOwner: true, multipleRedemptions: false, multipleCredits: true});
});

const refuses = test.macro({
	async exec(t, members: Record<string, unknown>, member: string) {
		const answer = await create({relationName: relationName(), profileId: 'ana@example.com', ...members});

		t.is(answer.status, 400);
		t.is(errorCode(answer), 'invalid_request');
		t.true(answer.text.includes(`body.${member}: `), answer.text);
	},
	title: (_given, members) => `${JSON.stringify(members).slice(0, 60)} is refused with 400`,
});

test(refuses, {relationName: ''}, 'relationName');
test(refuses, {relationName: null}, 'relationName');
test(refuses, {relationName: 'x'.repeat(257)}, 'relationName');
test(refuses, {relationName: 'a\u0000b'}, 'relationName');
test(refuses, {caption: 'x'.repeat(257)}, 'caption');
test(refuses, {caption: 'a\u0000b'}, 'caption');
test(refuses, {profileId: ''}, 'profileId');
test(refuses, {profileId: '00000000-0000-0000-0000-000000000000'}, 'profileId');
test(refuses, {profileId: 'a***@example.com'}, 'profileId');
test(refuses, {currencyCode: 'R$'}, 'currencyCode');
test(refuses, {expiringDate: '31/12/2027'}, 'expiringDate');
test(refuses, {emissionDate: '2027-02-30'}, 'emissionDate');
test(refuses, {restrictedToOwner: 'perhaps'}, 'restrictedToOwner');

test('a card of one merchant is nobody’s card at another', async t => {
	const merchant = await server.parts.prisma.merchant.create({
		data: {name: 'other', timeZone: 'America/Sao_Paulo', currency: 'BRL'},
	});
	const theirs = await buildCard(server.parts, {merchant, owner: {email: 'eva@example.com'}});

	t.is((await hub.card(theirs.id)).status, 404);
	t.is((await hub.transact(theirs.id, {value: 1})).status, 404);
	t.deepEqual(await hub.found({client: {email: 'eva@example.com'}}), []);
	t.deepEqual(await hub.found({cart: {redemptionCode: theirs.code}}), []);
});
