import {readFileSync} from 'node:fs';
import test from 'ava';
import {ask, untilAnswered} from '../helpers/ask.ts';
import {jsonLines, runHere} from '../helpers/script.ts';
import {type TestServer, withServer} from '../helpers/server.ts';
import {askCredentials, askToken, newToken, openPage, sendForm} from '../helpers/sign-up.ts';

const folder = new URL('../fixtures/vtex/payments/', import.meta.url);
const sample = (name: string) => readFileSync(new URL(`${name}.json`, folder), 'utf8');
const seed = sample('seed-authorization-token.request');
const {returnUrl} = JSON.parse(seed) as {returnUrl: string};
const env = {RETURN_HOSTS: new URL(returnUrl).host};

/** An admin as the operator makes one. */
async function makeAdmin({parts}: TestServer, ...flags: string[]): Promise<{name: string; password: string}> {
	const {stdout} = await runHere(parts, 'admins:create', ['--name', 'ana', '--json', ...flags]);
	const [{name, password} = {}] = jsonLines(stdout);
	return {name: String(name), password: String(password)};
}

for (const name of ['seed-authorization-token.request', 'oas-authorization-token.request']) {
	test.serial(`P30: from token to redirect to credentials, with the published body ${name}`, async t => {
		const server = await withServer(t, {env});
		const admin = await makeAdmin(server);

		const begun = await askToken(server, sample(name));
		const {applicationId, token = ''} = begun.json as Record<string, string>;
		const page = await openPage(server, token);
		const {status, location} = await sendForm(server, {...admin, token});
		const code = location?.slice(returnUrl.length) ?? '';
		const given = await askCredentials(server, code);

		t.is(begun.status, 200);
		t.is(applicationId, 'vtex');
		t.is(page.status, 200);
		t.regex(page.text, /<form method="post"/);
		t.is(status, 302);
		t.is(location, returnUrl + code);
		t.is(given.status, 200);
		t.deepEqual(Object.keys(given.json as object), ['applicationId', 'appKey', 'appToken']);
	});
}

test.serial('P30: the code works once, in parallel too', async t => {
	const server = await withServer(t, {env});
	const token = await newToken(server, seed);
	const {location} = await sendForm(server, {...(await makeAdmin(server)), token});
	const code = location?.slice(returnUrl.length) ?? '';

	const answers = await Promise.all(
		Array.from({length: 20}, () => untilAnswered(() => askCredentials(server, code))),
	);

	t.is(answers.filter(({status}) => status === 200).length, 1);
	t.is(answers.filter(({status}) => status === 400).length, 19);
	t.is((await askCredentials(server, code)).status, 400);
});

test.serial('P30: the credentials work on both protocols, until they are revoked', async t => {
	const server = await withServer(t, {env});
	const token = await newToken(server, seed);
	const {location} = await sendForm(server, {...(await makeAdmin(server)), token});
	const given = await askCredentials(server, location?.slice(returnUrl.length) ?? '');
	const {appKey = '', appToken = ''} = given.json as Record<string, string>;
	server.clock.advance(5001);

	const headers = {'X-VTEX-API-AppKey': appKey, 'X-VTEX-API-AppToken': appToken};
	const search = () =>
		ask(`${server.url}/giftcards/_search`, 'POST', headers, {body: {cart: {}, client: {}}});
	const pay = () =>
		ask(`${server.url}/payments`, 'POST', headers, {body: sample('seed-create-payment.request')});
	t.is((await search()).status, 200);
	t.is((await pay()).status, 200);

	const {code} = await runHere(server.parts, 'credentials:revoke', ['--app-key', appKey]);
	t.is(code, 0);
	server.clock.advance(10_000);
	t.is((await search()).status, 403);
	t.is((await pay()).status, 403);
});

test.serial(
	'P30: an address on a host that nobody configured is refused, one on a domain of VTEX is not',
	async t => {
		const server = await withServer(t);

		t.is((await askToken(server, seed)).status, 400);
		t.is((await askToken(server)).status, 200);
	},
);

test.serial('P30: a merchant gets credentials of its own', async t => {
	const server = await withServer(t, {env});
	await runHere(server.parts, 'merchants:create', ['--name', 'acme']);
	const token = await newToken(server, seed);
	const admin = await makeAdmin(server, '--merchant', 'acme');

	const {location} = await sendForm(server, {...admin, token});
	await askCredentials(server, location?.slice(returnUrl.length) ?? '');

	const {stdout} = await runHere(server.parts, 'credentials:list', ['--merchant', 'acme', '--json']);
	t.like(jsonLines(stdout), [{merchant: 'acme', role: 'provider', revokedAt: null}]);
});
