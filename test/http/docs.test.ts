import {readFileSync} from 'node:fs';
import {request} from 'node:http';
import {type IncomingHttpHeaders} from 'node:http';
import {createRequire} from 'node:module';
import {buffer} from 'node:stream/consumers';
import {gunzipSync} from 'node:zlib';
import test from 'ava';
import {withApp} from '../helpers/app.ts';
import {type TestContext} from '../helpers/test-context.ts';

type Got = {readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer};

/** As it comes over the wire: `fetch` unpacks, and asks past caches. */
function get(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> {
	return new Promise((resolve, reject) => {
		const asked = request(url, {method, headers, agent: false}, response => {
			buffer(response).then(body => {
				resolve({status: response.statusCode ?? 0, headers: response.headers, body});
			}, reject);
		});
		asked.on('error', reject);
		asked.end();
	});
}

const document = {openapi: '3.1.0', info: {title: 'A document', version: '1'}, paths: {}};

async function withDocs(t: TestContext, canTry = false) {
	let built = 0;
	const app = await withApp(t, {
		docs: {
			document() {
				built++;
				return document;
			},
			canTry,
		},
	});
	return {...app, built: () => built, at: (path: string) => app.origin + path};
}

const linksIn = ({body}: Got) =>
	[...String(body).matchAll(/(?:href|src)="([^":]+)"/g)].map(([, link = '']) => link);

test('the document is at the root, needs no credentials, and is built once when somebody asks', async t => {
	const {at, built, origin} = await withDocs(t);
	await get(`${origin}/health/live`);
	t.is(built(), 0);

	const answers = await Promise.all(Array.from({length: 10}, () => get(at('/openapi.json'))));
	const slashes = await get(at('//openapi.json'));

	t.is(built(), 1);
	for (const {status, headers, body} of [...answers, slashes]) {
		t.is(status, 200);
		t.deepEqual(JSON.parse(String(body)), document);
		t.is(headers['content-type'], 'application/json; charset=utf-8');
		t.is(headers['x-content-type-options'], 'nosniff');
		t.is(headers['cache-control'], 'no-cache');
	}
});

test('what could not be built is tried again', async t => {
	let isBroken = true;
	const {origin} = await withApp(t, {
		docs: {
			document() {
				if (isBroken) {
					throw new Error('not yet');
				}

				return document;
			},
			canTry: false,
		},
	});

	t.is((await get(`${origin}/openapi.json`)).status, 500);
	isBroken = false;
	t.is((await get(`${origin}/openapi.json`)).status, 200);
});

test('whoever has it already is told 304, and HEAD is told all but the body', async t => {
	const {at} = await withDocs(t);
	for (const path of ['/openapi.json', '/docs']) {
		const {headers, body} = await get(at(path));
		const etag = headers.etag ?? '';
		const again = await get(at(path), {'If-None-Match': etag});
		const other = await get(at(path), {'If-None-Match': 'W/"another"'});
		const head = await get(at(path), {}, 'HEAD');

		t.regex(etag, /^W\/"[\w-]{16}"$/);
		t.deepEqual([again.status, again.body.length, again.headers.etag], [304, 0, etag]);
		t.is(other.status, 200);
		t.deepEqual([head.status, head.body.length], [200, 0]);
		t.is(head.headers['content-length'], String(body.length));
	}
});

test('it is packed for those who can unpack it, and only for those', async t => {
	const {at} = await withDocs(t);

	const plain = await get(at('/openapi.json'));
	const packed = await get(at('/openapi.json'), {'Accept-Encoding': 'gzip, br'});
	const refused = await get(at('/openapi.json'), {'Accept-Encoding': 'gzip;q=0, identity'});

	t.is(packed.headers['content-encoding'], 'gzip');
	t.deepEqual(gunzipSync(packed.body), plain.body);
	t.is(refused.headers['content-encoding'], undefined);
	t.deepEqual(refused.body, plain.body);
	t.is(plain.headers.vary, 'Accept-Encoding');
});

test('the page takes scripts, styles and answers from us only, without an exception for what stands in it', async t => {
	const {at} = await withDocs(t);

	const {status, headers, body} = await get(at('/docs'));

	t.is(status, 200);
	t.is(headers['content-type'], 'text/html; charset=utf-8');
	t.is(
		headers['content-security-policy'],
		"default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'none';frame-ancestors 'none';base-uri 'none'",
	);
	t.is(headers['x-frame-options'], 'DENY');
	t.is(headers['referrer-policy'], 'no-referrer');
	t.notRegex(String(body), /<script>|<style>|style=|https?:\/\/(?!www\.w3\.org)/);
});

test('its files are those of the viewer, may be kept for good, and have another address with another version', async t => {
	const {at} = await withDocs(t);
	const {resolve} = createRequire(import.meta.url);
	const links = linksIn(await get(at('/docs')));
	const types = {js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8'};

	t.is(links.length, 5);
	for (const link of links.filter(one => one !== 'openapi.json')) {
		const [, name = ''] = /^docs\/[\w-]{16}\/([\w.-]+)$/.exec(link) ?? [];
		const {status, headers, body} = await get(at(`/${link}`));

		t.is(status, 200, link);
		t.is(headers['content-type'], types[name.endsWith('.js') ? 'js' : 'css']);
		t.is(headers['cache-control'], 'public, max-age=31536000, immutable');
		t.is(headers['x-content-type-options'], 'nosniff');
		if (name.startsWith('swagger-ui')) {
			t.true(body.equals(readFileSync(resolve(`swagger-ui-dist/${name}`))));
		}

		t.is((await get(at(`/${link}`), {'If-None-Match': headers.etag ?? ''})).status, 304);
	}
});

test('nothing else stands below it: other files, versions, methods and ways out are answered as everywhere', async t => {
	const {at} = await withDocs(t);
	const [link = ''] = linksIn(await get(at('/docs')));
	const folder = link.slice(0, link.lastIndexOf('/'));

	for (const path of [
		...['/docs/x', '/docsx', '/docs/0/swagger-ui.css', `/${folder}/index.html`, `/${folder}/package.json`],
		...[
			`/${folder}/..%2f..%2fpackage.json`,
			`/${folder}/../../../package.json`,
			'/v1/docs',
			'/v1/openapi.json',
		],
	]) {
		t.is((await get(at(path))).status, 401, path);
	}

	t.is((await get(at('/docs'), {}, 'POST')).status, 401);
	t.is((await get(at('/openapi.json'), {}, 'DELETE')).status, 401);
	const slash = await get(at('/docs/'));
	t.deepEqual([slash.status, slash.headers.location], [308, '../docs']);
});

test('the log names the routes, and never a version or a file', async t => {
	const {at, logged} = await withDocs(t);
	const links = linksIn(await get(at('/docs')));
	for (const path of ['/openapi.json', '/docs/', ...links.map(link => `/${link}`)]) {
		await get(at(path));
	}

	t.deepEqual([...new Set(logged().map(({route}) => route))].sort(), [
		...['/docs', '/docs/:version/:file', '/openapi.json'],
	]);
});

test('requests can be tried where that is allowed, and otherwise there is nothing to type credentials into', async t => {
	const page = async (canTry: boolean) => {
		const {at} = await withDocs(t, canTry);
		return String((await get(at('/docs'))).body);
	};

	t.regex(await page(false), /data-can-try="false"/);
	t.regex(await page(true), /data-can-try="true"/);
});
