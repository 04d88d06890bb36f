import test from 'ava';
import {loadConfig} from '../../src/config.ts';
import {serviceUrl, welcome} from '../../src/http/welcome.ts';
import {withServer} from '../helpers/server.ts';

test('the protocol stands below BASE_PATH and nowhere else, health at the root', async t => {
	const {origin, call} = await withServer(t, {env: {BASE_PATH: '/shops/cards/'}});

	t.is((await call('POST', '/giftcards/_search', {body: {}})).status, 200);
	t.is((await call('POST', '//giftcards/_search', {body: {}})).status, 200);
	t.is((await call('POST', '/../../giftcards/_search', {body: {}})).status, 404);
	t.is((await call('GET', '/health/ready')).status, 404);
	t.is((await fetch(`${origin}/health/ready`)).status, 200);
});

test('BASE_PATH=/ serves the protocol at the root, health beside it', async t => {
	const {url, origin, call} = await withServer(t, {env: {BASE_PATH: '/'}});

	t.is(url, origin);
	t.is((await call('POST', '/giftcards/_search', {body: {}})).status, 200);
	t.is((await call('POST', '//giftcards/_search', {body: {}})).status, 200);
	t.is((await call('GET', '/health/ready', {headers: {'X-PROVIDER-API-AppKey': null}})).status, 200);
});

test('the service URL is PUBLIC_URL and BASE_PATH, or where the service listens, without a slash at its end', t => {
	const urlOf = (env: NodeJS.ProcessEnv, port: number) => serviceUrl(loadConfig(env), port);

	t.is(urlOf({}, 3000), 'http://127.0.0.1:3000/v1');
	t.is(urlOf({PORT: '0'}, 4711), 'http://127.0.0.1:4711/v1');
	t.is(
		urlOf({PUBLIC_URL: 'https://cards.example.com/a/', BASE_PATH: '/v2/x/'}, 3000),
		'https://cards.example.com/a/v2/x',
	);
	t.is(
		urlOf({PUBLIC_URL: 'https://cards.example.com', BASE_PATH: '/', PORT: '0'}, 80),
		'https://cards.example.com',
	);
});

test('the welcome says the token first on a line of its own, and how to try it', t => {
	const text = welcome('http://127.0.0.1:3000/v1', {appKey: 'the-key', appToken: 'the-secret'});

	const [first] = text.split('\n').filter(line => /token/i.test(line));
	t.regex(first ?? '', /^ +app token +the-secret$/);
	t.regex(text, /curl http:\/\/127\.0\.0\.1:3000\/v1\/giftcards\/_search /);
	t.regex(text, /AppKey: the-key'[^]*AppToken: the-secret'/);
});
