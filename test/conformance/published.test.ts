import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {routeGroups} from '../../src/http/openapi/routes.ts';
import {openApiDocument, publishedPath} from '../../src/http/openapi.ts';
import {type Route, watchRoutes} from '../hostile/routes.ts';
import {ask} from '../helpers/ask.ts';
import {playEveryMistake, playEveryRoute} from '../helpers/every-route.ts';
import {openForeign, type OpenApi30} from '../helpers/openapi-3-0.ts';
import {type Exchange, keepExchanges, openPublished, type Published} from '../helpers/published.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {smallDocument} from './small-openapi.ts';

/*
 * What the service publishes of itself is what it does: one journey over all its routes, and every mistake that can be made on the way, held
 * against the document.
 */

let server: TestServer;
let routes: readonly Route[];
let published: Published;
let exchanges: readonly Exchange[];

test.before(async () => {
	({result: server, routes} = await watchRoutes('/v1', () => openTestServer({env: {SANDBOX: 'true'}})));
	const {json} = await ask(`${server.origin}/openapi.json`, 'GET', {});
	published = openPublished(json as Parameters<typeof openPublished>[0]);
	const kept = keepExchanges(server.origin);
	const known = await playEveryRoute(server);
	await playEveryMistake(server, published, known);
	kept.stop();
	({exchanges} = kept);
});
test.after.always(() => server.close());

test('every route that is mounted is in the document, and the other way round', t => {
	// What no router knows: they are asked for before the first of them.
	const beside = ['GET /health/live', 'GET /health/ready', 'GET /docs', 'GET /openapi.json'];
	const mounted = routes
		.filter(({method, path}) => method !== 'HEAD' && path !== '/')
		.map(({method, path}) => `${method} ${publishedPath(path)}`);

	t.deepEqual(
		published.operations.map(({method, fullPath}) => `${method.toUpperCase()} ${fullPath}`).sort(),
		[...new Set([...mounted, ...beside])].sort(),
	);
	t.is(routeGroups.flatMap(group => group.routes).length, published.operations.length);
});

test('what the document says is sent and answered is what is sent and answered', t => {
	const problems = exchanges.flatMap(exchange => published.problems(exchange));

	t.deepEqual([...new Set(problems)], []);
	t.true(exchanges.length > 150, String(exchanges.length));
	t.true(exchanges.every(({headers}) => headers.has('X-Request-Id')));
});

// What takes a bug, a broken database, a browser's cache, many wrong passwords, a wallet's PIN, or a payment that is erased while its page is open.
const rare = /: (?:304|500|503)$|^agreeToSignUp: 429$|^takePayment: (?:404|422|429)$/;

test('every status that the document names was answered on the way, but for those that take a failure', t => {
	const seen = new Set(
		exchanges.map(exchange => `${published.operationOf(exchange)?.operationId}: ${exchange.status}`),
	);
	const named = published.operations.flatMap(({operationId, statuses}) =>
		statuses.map(status => `${operationId}: ${status}`),
	);

	t.deepEqual(
		named.filter(one => !seen.has(one) && !rare.test(one)),
		[],
	);
	t.deepEqual(
		['settlePayment', 'cancelPayment', 'refundPayment'].filter(id => !seen.has(`${id}: 500`)),
		[],
		'operations that are refused',
	);
});

test('the document is made of the contracts, the public address and the base path, and of nothing else', async t => {
	const {publicUrl, basePath} = server.config;
	const place = {publicUrl: publicUrl.replace(/:0$/, `:${server.port}`), basePath};

	const {text} = await ask(`${server.origin}/openapi.json`, 'GET', {});

	t.is(text, JSON.stringify(openApiDocument(place)));
	for (const secret of [server.appKey, server.appToken, server.config.secretsKey, server.database.url]) {
		t.false(text.includes(secret ?? ''));
	}
});

const folder = process.env['VTEX_OPENAPI_DIR'] ?? '';
const names = ['VTEX - Giftcard Provider Protocol.json', 'VTEX - Payment Provider Protocol.json'];
const documents =
	folder === ''
		? [smallDocument]
		: names.map(name => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as OpenApi30);

/** What we answer otherwise than a document says, and why. */
const deviations: readonly string[] = [];

test("VTEX's own documents accept what we answer", t => {
	const foreign = documents.map(document => openForeign(document, '/v1'));
	const judge = (exchange: Exchange) =>
		foreign.map(one => one.judge(exchange)).find(found => found !== undefined);
	const judged = exchanges.map(judge).filter(found => found !== undefined);

	t.log(
		folder === ''
			? "VTEX_OPENAPI_DIR names no folder with VTEX's documents: a small one of our own stood in for them."
			: `${judged.length} answers were held against VTEX's documents.`,
	);
	t.deepEqual([...new Set(judged.flatMap(({problems}) => problems))].sort(), deviations);
	// 501 is for what we can do; and what is a create's error is answered under 400.
	const wanted = foreign.flatMap(one => one.answers).filter(one => !/ 501$|^POST \/payments 500$/.test(one));
	t.deepEqual(
		wanted.filter(one => !judged.some(({answer}) => answer === one)),
		[],
		'answers of the documents that were not seen',
	);
});

test('and they would not accept another answer', t => {
	const foreign = documents.map(document => openForeign(document, '/v1'));
	const created = exchanges.find(({path: asked, status}) => asked === '/v1/payments' && status === 200);
	const text = JSON.stringify({...(JSON.parse(created?.text ?? '') as object), paymentId: null, tid: 7});

	const found = foreign.map(one => created && one.judge({...created, text})).find(one => one !== undefined);

	t.deepEqual(found?.problems.map(problem => / 200: (\/\w+)/.exec(problem)?.[1]).sort(), [
		'/paymentId',
		'/tid',
	]);
});
