import {type Check} from '../check.ts';
import {expectEqual, expectStatus, listOf, objectOf} from '../expect.ts';
import {type CredentialNames, type Credentials} from '../wire.ts';
import {cardBody, newRequestId, publishedCard, publishedSearch, transactionBody} from './bodies.ts';
import {cardPath, transactionPath} from './hub.ts';
import {expectNoBody} from './refusals.ts';
import {type Card, type Rig} from './rig.ts';

type Call = {readonly method: 'GET' | 'POST' | 'DELETE'; readonly path: string; readonly body?: unknown};

/** Every route of the protocol with a body that it would take, and some that nobody serves. They name nothing that is there. */
function everyCall(): Call[] {
	const card = cardPath('homologation-nothing');
	const transaction = transactionPath('homologation-nothing', 'nothing');
	const operation = {value: 1, requestId: newRequestId()};
	return [
		{method: 'POST', path: '/giftcards/_search', body: publishedSearch},
		{method: 'GET', path: card},
		{method: 'POST', path: '/giftcards', body: publishedCard},
		{method: 'POST', path: `${card}/transactions`, body: transactionBody('nobody@example.com', {})},
		{method: 'GET', path: `${card}/transactions`},
		{method: 'GET', path: transaction},
		{method: 'GET', path: `${transaction}/authorization`},
		{method: 'GET', path: `${transaction}/cancellations`},
		{method: 'POST', path: `${transaction}/cancellations`, body: operation},
		{method: 'GET', path: `${transaction}/settlements`},
		{method: 'POST', path: `${transaction}/settlements`, body: operation},
		{method: 'GET', path: '/homologation-nothing'},
		{method: 'DELETE', path: card},
	];
}

async function expectAllRefused(
	{wire}: Rig,
	credentials: Credentials,
	statuses: readonly number[],
): Promise<void> {
	for (const {method, path, body} of everyCall()) {
		const answer = await wire.send(method, path, {credentials, ...(body !== undefined && {body})});
		expectNoBody(answer, statuses, `${method} ${path} with ${presented[credentials]}`);
	}
}

/** For sentences. */
const presented: Readonly<Record<Credentials, string>> = {
	right: 'the right credentials',
	wrong: 'a wrong key and a wrong token',
	'wrong-key': 'a wrong key',
	'wrong-token': 'a wrong token',
	none: 'no credentials',
	blank: 'blank credentials',
	'blank-key': 'a blank key',
	'blank-token': 'a blank token',
	'key-only': 'a key and no token',
	'token-only': 'a token and no key',
};

const spellings: readonly CredentialNames[] = [
	['x-provider-api-appkey', 'x-provider-api-apptoken'],
	['X-PROVIDER-API-APPKEY', 'X-PROVIDER-API-APPTOKEN'],
	['X-Provider-Api-AppKey', 'X-Provider-Api-AppToken'],
];

const mediaTypes = [
	'application/vnd.vtex.giftcards.v1+json',
	'application/vnd.vtex.giftcardproviders.v1+json',
	'application/vnd.vtex.giftcard.v1+json',
	'application/json',
];

/** Who reads no media type of VTEX's makes no card either, unless it is asked for one in plain JSON. */
async function plainCard(rig: Rig, reason: unknown): Promise<Card> {
	try {
		return await rig.make({mediaType: 'application/json'});
	} catch {
		throw reason;
	}
}

export const accessChecks: readonly Check<Rig>[] = [
	{
		id: 'G01',
		title: 'Missing credentials are answered 401 without a body, on every route and on unknown ones',
		why: 'The protocol demands it, and VTEX looks: since July 2024 it makes verification calls now and then. Who answers them with success may find transactions cancelled.',
		run: rig => expectAllRefused(rig, 'none', [401]),
	},
	{
		id: 'G02',
		title: 'Wrong credentials are answered 403 without a body, on every route and on unknown ones',
		why: 'As G01. A 404 or 400 that comes before the credentials are looked at tells strangers which cards there are.',
		async run(rig) {
			for (const credentials of ['wrong', 'wrong-key', 'wrong-token'] as const) {
				await expectAllRefused(rig, credentials, [403]);
			}
		},
	},
	{
		id: 'G03',
		title: 'Half a pair of credentials, or a blank one, is refused with 401 or 403 and without a body',
		why: 'VTEX sends blank header values where a merchant left a field empty. A comparison with an empty setting must not let them in.',
		async run(rig) {
			for (const credentials of ['key-only', 'token-only', 'blank', 'blank-key', 'blank-token'] as const) {
				await expectAllRefused(rig, credentials, [401, 403]);
			}
		},
	},
	{
		id: 'G04',
		title: 'The names of the credential headers count in any case',
		why: 'Header names have no case (RFC 9110, 5.1), and the parts of VTEX write them differently.',
		async run({wire}) {
			for (const credentialNames of spellings) {
				const answer = await wire.send('POST', '/giftcards/_search', {
					body: publishedSearch,
					credentialNames,
				});
				expectStatus(answer, 200, `to credentials in ${credentialNames.join(' and ')}`);
			}
		},
	},
	{
		id: 'G05',
		title: 'A body is read under every JSON media type that VTEX sends, with or without a charset',
		why: 'VTEX sends application/vnd.vtex.giftcards.v1+json, which many parsers pass over: the body is then silently empty, and debits fail or are of nothing.',
		async run(rig) {
			const card = await rig.card().catch((error: unknown) => plainCard(rig, error));
			let left = 1000;
			for (const type of mediaTypes.flatMap(one => [one, `${one}; charset=utf-8`])) {
				const members = {operation: 'Debit', value: rig.money.toWire(10)};
				const answer = await rig.transact(card, members, {headers: {'Content-Type': type}});
				objectOf(answer, `to a debit sent as ${type}`);
				left -= 10;
				await rig.expectBalance(card.id, left, `a debit sent as ${type}`);
			}
		},
	},
	{
		id: 'G06',
		title: 'Headers and query parameters that nobody knows are ignored, the ?ts= of the card among them',
		why: 'VTEX adds a number to the address to get past caches, tracing headers to every request, and new ones without telling.',
		async run(rig) {
			const card = await rig.card({funds: 0});
			const headers = {'x-nobody-knows': 'this', 'x-vtex-debug-id': ''};
			const shown = objectOf(
				await rig.get(`${cardPath(card.id)}?ts=639091131481342036&other=1`, {headers}),
				'for a card with ?ts= and more',
			);
			expectEqual(shown['id'], card.id, 'the id of the path,');
			const found = await rig.post('/giftcards/_search?x=y', {body: publishedSearch, headers});
			listOf(found, 'to a search with ?x=y');
		},
	},
	{
		id: 'G07',
		title: 'A second slash before the path changes nothing',
		why: 'The Hub puts one in, a published defect that will not be mended (KI-669575): https://example.com/v1//giftcards/_search.',
		async run(rig) {
			listOf(await rig.post('//giftcards/_search', {body: publishedSearch}), 'to POST //giftcards/_search');
			const card = await rig.card();
			const shown = objectOf(await rig.get(`/${cardPath(card.id)}`), 'for a card under //giftcards');
			expectEqual(shown['id'], card.id, 'the id of the path,');
			const body = transactionBody(card.email, {value: rig.money.toWire(100)});
			const answer = await rig.post(`/${cardPath(card.id)}/transactions`, {body});
			objectOf(answer, 'to a debit under //giftcards');
			await rig.expectBalance(card.id, 900, 'a debit under //giftcards');
		},
	},
	{
		id: 'G39',
		title: 'A probe with a wrong token and a valid body leaves no trace, and its requestId stays free',
		why: 'VTEX verifies with real requests and wrong credentials. What such a probe moves is money that nobody spent.',
		async run(rig) {
			const card = await rig.card();
			const id = await rig.debit(card, 100);
			const requestId = newRequestId();
			const value = rig.money.toWire(50);
			const probes: Call[] = [
				{
					method: 'POST',
					path: `${cardPath(card.id)}/transactions`,
					body: transactionBody(card.email, {value, requestId}),
				},
				{
					method: 'POST',
					path: `${transactionPath(card.id, id)}/cancellations`,
					body: {value, requestId},
				},
				{method: 'POST', path: `${transactionPath(card.id, id)}/settlements`, body: {value, requestId}},
				{method: 'POST', path: '/giftcards', body: cardBody({profileId: card.email})},
			];
			for (const {method, path, body} of probes) {
				const answer = await rig.wire.send(method, path, {body, credentials: 'wrong-token'});
				expectNoBody(answer, [403], `${method} ${path} with a wrong token`);
			}

			await rig.expectBalance(card.id, 900, 'probes with a wrong token');
			expectEqual((await rig.listed('cancellations', card, id)).length, 0, 'cancellations listed:');
			expectEqual((await rig.listed('settlements', card, id)).length, 0, 'settlements listed:');
			await rig.debit(card, 50, {requestId});
			await rig.expectBalance(card.id, 850, 'the real request with the requestId of a probe');
		},
	},
	{
		id: 'G41',
		title: 'Credentials are looked at before anything else: a broken body or a strange type changes nothing',
		why: 'A 400, 404 or 415 to somebody without credentials tells them what there is, and is not what VTEX expects of its probes.',
		async run({wire}) {
			const bodies = [
				{rawBody: '{"value":'},
				{rawBody: 'nothing', headers: {'Content-Type': 'text/plain'}},
				{rawBody: '', headers: {'Content-Length': '0'}},
				{body: {}, headers: {Accept: 'text/html'}},
			];
			for (const path of ['/giftcards/_search', '/giftcards/homologation-nothing/transactions']) {
				for (const options of bodies) {
					const missing = await wire.send('POST', path, {...options, credentials: 'none'});
					expectNoBody(missing, [401], `POST ${path} with a broken body and no credentials`);
					const wrong = await wire.send('POST', path, {...options, credentials: 'wrong'});
					expectNoBody(wrong, [403], `POST ${path} with a broken body and wrong credentials`);
				}
			}
		},
	},
];
