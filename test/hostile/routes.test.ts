import {request as httpRequest} from 'node:http';
import test from 'ava';
import fc, {type Arbitrary} from 'fast-check';
import {audit} from '../../src/ledger/audit.ts';
import {buildCard, type BuiltCard} from '../helpers/build.ts';
import {makeClock} from '../helpers/clock.ts';
import {openGateway} from '../helpers/gateway.ts';
import {openHub} from '../helpers/hub.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {problemOf, type Seen} from './answers.ts';
import {type Books, booksOf, changeProblem} from './books.ts';
import {type Route, watchRoutes} from './routes.ts';
import {brokenText, hostileText, type Likely, nastyStrings, nearly, samples, textOf} from './texts.ts';

/*
 * Every route of the service, asked for what is nearly right and for what is meant to harm. Seeded, and short; for longer:
 *
 *     FUZZ_RUNS=5000 npm test -- test/hostile/routes.test.ts
 *
 * FUZZ_SEED is another number than 1 for other requests. A failure names the route and prints the smallest request that fails.
 */

const runs = Number(process.env['FUZZ_RUNS'] ?? 12);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
// Far above what an answer takes: what comes later counts as never.
const patienceMs = 10_000;

let server: TestServer;
let routes: readonly Route[];
let cards: readonly BuiltCard[];
test.before(async () => {
	const clock = makeClock();
	({result: server, routes} = await watchRoutes('/v1', () =>
		openTestServer({clock, env: {GUESS_LIMIT: '999999', LOG_LEVEL: 'error'}}),
	));
	cards = [await buildCard(server.parts), await buildCard(server.parts, {singleUse: true})];
});
test.after.always(() => server.close());

test('every route that is there is known to these tests, by what its router was told', t => {
	const named = routes.map(({method, path}) => `${method} ${path}`);
	for (const expected of [
		'POST /v1/giftcards/_search',
		'POST /v1/payments',
		'GET /v1/manifest',
		'POST /v1/authorization/token',
		'POST /v1/authorization/redirect',
		'POST /pay/:secret',
		'POST /hooks/orders',
		'GET /health/ready',
	]) {
		t.true(named.includes(expected), `${expected} of ${named.join(', ')}`);
	}
});

type Asked = {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | undefined;
};

/** What is right to say, of which some is there. */
type Known = {
	readonly params: Readonly<Record<string, readonly string[]>>;
	readonly likely: Likely;
};

/** Operations to be asked about: a fresh debit and payment for each route, so that one is open. */
async function prepare(): Promise<Known> {
	const hub = openHub(server);
	const gateway = openGateway(server);
	const [card, single] = cards as [BuiltCard, BuiltCard];
	const debits = [await hub.debit(card.id, 5), await hub.credit(card.id, 20)];
	const payments = [await gateway.pay(card.code, 5), 'unknown-payment'];
	const codes = [card.code, single.code, 'AAAA-BBBB-CCCC-DDDD'];
	return {
		params: {
			giftCardId: [card.id, single.id, 'f'.repeat(32)],
			transactionId: [...debits, 'f'.repeat(32)],
			paymentId: payments,
			action: ['cancel', 'action'],
			secret: ['x'.repeat(43)],
		},
		likely: {
			value: [1, 0.5, 2.25, '1.00', 5, 1_000_000],
			requestId: ['r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7', 'r8'],
			operation: ['Debit', 'Credit'],
			currency: ['BRL', 'BRL', 'USD', null],
			currencyCode: ['BRL', null],
			redemptionCode: codes,
			number: codes,
			csc: [null, '1234'],
			paymentId: [...payments, 'new-1', 'new-2', 'new-3', 'new-4'],
			paymentMethod: ['Privatelabels', 'Promissories', 'Visa'],
			callbackUrl: [null, 'https://store.myvtex.com/x'],
			returnUrl: [null, 'https://store.myvtex.com/x'],
			relationName: ['a relation', null],
			profileId: ['somebody@example.com'],
			emissionDate: [null, '2026-01-01T00:00:00'],
			expiringDate: [null, '2030-01-01T00:00:00'],
		},
	};
}

const nastySegments = [
	...[
		'%',
		'%zz',
		'%00',
		'%2e%2e',
		'..%2f..%2fetc',
		'%252f',
		'%c0%af',
		'%ff',
		'.',
		'..',
		'%20',
		'__proto__',
		'constructor',
	],
	...['a'.repeat(3000), '-1', '0', 'null', '%E2%80%AE', '%0d%0aX-Injected:1', '+', '*', ';a=b', '_search'],
];

function pathOf({path}: Route, {params}: Known): Arbitrary<string> {
	const segments = path.split('/').map(segment => {
		const known = segment.startsWith(':') ? (params[segment.slice(1)] ?? ['x']) : undefined;
		return known === undefined
			? fc.oneof(
					{weight: 40, arbitrary: fc.constant(segment)},
					{weight: 1, arbitrary: fc.constant(`/${segment}`)},
				)
			: fc.oneof(
					{weight: 6, arbitrary: fc.constantFrom(...known)},
					{weight: 1, arbitrary: fc.constantFrom(...nastySegments)},
					{
						weight: 1,
						arbitrary: fc
							.string({unit: 'binary', minLength: 1, maxLength: 30})
							.map(text => encodeURIComponent(Buffer.from(text).toString())),
					},
				);
	});
	const query = fc.oneof(
		{weight: 5, arbitrary: fc.constant('')},
		{
			weight: 1,
			arbitrary: fc.constantFrom(
				...[
					'?',
					'?a=b&a=c',
					'?__proto__[x]=1',
					'?token=%00',
					`?applicationId=x&token=y`,
					`?${'a=b&'.repeat(500)}`,
				],
			),
		},
	);
	return fc.tuple(fc.tuple(...segments), query).map(([parts, asked]) => parts.join('/') + asked);
}

function headersOf({appKey, appToken}: TestServer): Arbitrary<Record<string, string>> {
	const right = {'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken};
	const credentials = fc.oneof(
		{weight: 20, arbitrary: fc.constant(right)},
		{
			weight: 1,
			arbitrary: fc.constantFrom(
				{},
				{...right, 'X-PROVIDER-API-AppToken': 'wrong'},
				{...right, 'X-PROVIDER-API-AppKey': '__proto__'},
			),
		},
	);
	const type = fc.oneof(
		{weight: 8, arbitrary: fc.constant('application/json')},
		{
			weight: 1,
			arbitrary: fc.constantFrom(
				...[
					'',
					'application/vnd.vtex.giftcards.v1+json',
					'application/json; charset=utf-16',
					'text/plain',
					'x',
				],
				...[
					'application/json; charset=nonsense',
					'application/x-www-form-urlencoded',
					'multipart/form-data; boundary=x',
				],
			),
		},
	);
	const further = fc.oneof(
		{weight: 8, arbitrary: fc.constant({})},
		{
			weight: 1,
			arbitrary: fc.constantFrom<Record<string, string>>(
				{'REST-Range': 'resources=0-0'},
				{'REST-Range': 'resources=-1-99999999999999999999'},
				{'REST-Range': 'x'.repeat(2000)},
				{'Content-Encoding': 'br'},
				{'Content-Encoding': 'gzip'},
				{Accept: '*/*;q=nonsense'},
				{'Accept-Language': 'zz-'.repeat(200)},
				{'X-Request-Id': '\tx'},
				{'X-Forwarded-For': "127.0.0.1' OR 1=1"},
				{'X-VTEX-HookToken': '__proto__'},
				{Expect: 'nonsense'},
				{Origin: 'null', 'Sec-Fetch-Site': 'cross-site'},
				{Cookie: '='.repeat(3000)},
			),
		},
	);
	return fc.tuple(credentials, type, further).map(([who, contentType, more]) => ({
		...who,
		...(contentType !== '' && {'Content-Type': contentType}),
		...more,
	}));
}

function bodyOf({method, contract}: Route, {likely}: Known): Arbitrary<string | undefined> {
	const form = fc
		.array(
			fc.tuple(
				fc.constantFrom('token', 'action', 'pin', 'name', 'password', '__proto__'),
				fc.constantFrom(...nastyStrings),
			),
		)
		.map(fields => new URLSearchParams(fields).toString());
	const other = fc.oneof(
		hostileText,
		brokenText,
		form,
		fc.oneof(...samples.map(sample => nearly(sample, likely))),
	);
	if (method === 'GET' || method === 'HEAD') {
		return fc.oneof({weight: 9, arbitrary: fc.constant(undefined)}, {weight: 1, arbitrary: other});
	}

	return contract === undefined
		? other
		: fc.oneof({weight: 5, arbitrary: textOf(contract.body, likely)}, {weight: 2, arbitrary: other});
}

function requestOf(route: Route, known: Known): Arbitrary<Asked> {
	return fc.record({
		method: fc.oneof(
			{weight: 20, arbitrary: fc.constant(route.method)},
			{
				weight: 1,
				arbitrary: fc.constantFrom(
					'PUT',
					'DELETE',
					'OPTIONS',
					'PATCH',
					'HEAD',
					'PROPFIND',
					'TRACE',
					'GET',
					'POST',
				),
			},
		),
		path: pathOf(route, known),
		headers: headersOf(server),
		body: bodyOf(route, known),
	});
}

function ask({method, path, headers, body}: Asked): Promise<Seen> {
	return new Promise((resolve, reject) => {
		const length = body === undefined ? {} : {'Content-Length': String(Buffer.byteLength(body))};
		const sent = httpRequest(
			{
				host: '127.0.0.1',
				port: server.port,
				method,
				path,
				headers: {...headers, ...length},
				agent: false,
				timeout: patienceMs,
			},
			response => {
				const parts: Buffer[] = [];
				response.on('data', (part: Buffer) => parts.push(part));
				response.on('error', reject);
				response.on('end', () => {
					const text = Buffer.concat(parts).toString();
					resolve({status: response.statusCode ?? 0, headers: response.headers, text});
				});
			},
		);
		sent.on('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs} ms`)));
		sent.on('error', reject);
		sent.end(body === undefined ? undefined : Buffer.from(body));
	});
}

/** Undefined where all is as it should be. */
async function problemWith(route: Route, asked: Asked, before: Books): Promise<string | undefined> {
	const seen = await ask(asked);
	// Another method is another route, or none.
	const isOwn = asked.method === route.method;
	const problem = problemOf(isOwn ? route : undefined, seen);
	if (problem !== undefined) {
		return problem;
	}

	const made = isOwn
		? route
		: (routes.find(one => one.path === route.path && one.method === asked.method) ?? route);
	return changeProblem(made, seen, [before, await booksOf(server.database)], async id => {
		const card = (JSON.parse(seen.text) as {cardId: string}).cardId;
		const {json} = await server.call('GET', `/giftcards/${card}/transactions/${id}`);
		return json as {value: number; operation: string};
	});
}

test('no route answers 5xx, hangs, tells of its inside or moves what it does not say', async t => {
	t.timeout(Math.max(60_000, runs * routes.length * 1000));
	const seen = new Map<string, number>();
	for (const route of routes) {
		const known = await prepare();
		let books = await booksOf(server.database);
		await fc.assert(
			fc.asyncProperty(requestOf(route, known), async asked => {
				const problem = await problemWith(route, asked, books);
				books = await booksOf(server.database);
				seen.set(route.path, (seen.get(route.path) ?? 0) + 1);
				if (problem !== undefined) {
					throw new Error(`${route.method} ${route.path} ${problem}`);
				}
			}),
			{seed, numRuns: runs, includeErrorInReport: true},
		);
	}

	t.true([...seen.values()].every(count => count >= runs));
	t.deepEqual(
		(await audit(server.database.general.prisma)).checks.filter(({ok}) => !ok),
		[],
	);
	t.deepEqual(
		server
			.logged()
			.filter(({level}) => Number(level) >= 50)
			.map(({msg, error}) => [msg, error]),
		[],
		'nothing was logged as a failure',
	);
});
