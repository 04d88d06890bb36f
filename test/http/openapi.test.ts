import {readdirSync, readFileSync} from 'node:fs';
import {Validator} from '@seriousme/openapi-schema-validator';
import test from 'ava';
import {z} from 'zod';
import {openApiDocument} from '../../src/http/openapi.ts';
import {type RouteGroup, routeGroups} from '../../src/http/openapi/routes.ts';
import {openHttpServer} from '../../src/http/server.ts';
import {OverloadedError} from '../../src/ledger/writer.ts';
import {type Endpoint} from '../../src/vtex/endpoint.ts';
import {giftCardEndpoints} from '../../src/vtex/giftcards/endpoints.ts';
import {paymentEndpoints} from '../../src/vtex/payments/endpoints.ts';
import {withApp} from '../helpers/app.ts';
import {ask} from '../helpers/ask.ts';
import {openPublished} from '../helpers/published.ts';

type Members = Record<string, unknown>;

const place = {publicUrl: 'https://cards.example.com', basePath: '/v1'};
// As it is published: text.
const read = (given: typeof place = place) => {
	const text = JSON.stringify(openApiDocument(given));
	const document = JSON.parse(text) as Members & Parameters<typeof openPublished>[0];
	return {text, document, published: openPublished(document)};
};
const {text, document, published} = read();
const fixtures = new URL('../fixtures/vtex/', import.meta.url);

test('the document is valid OpenAPI 3.1', async t => {
	const validator = new Validator();

	const {valid, errors} = await validator.validate(JSON.parse(text) as Members);

	t.true(valid, JSON.stringify(errors));
	t.is(validator.version, '3.1');
});

test('every contract is an operation with a name of its own, a summary and a heading that is there', t => {
	const routes = routeGroups.flatMap(group => group.routes);
	const ids = published.operations.map(({operationId}) => operationId);
	const headings = new Set((document['tags'] as {name: string}[]).map(({name}) => name));

	t.is(published.operations.length, routes.length);
	t.is(new Set(ids).size, ids.length);
	for (const {operationId, description} of published.operations) {
		t.regex(operationId, /^[a-z][A-Za-z0-9]+$/);
		t.regex(String(description['summary']), /^[A-Z].*\.$/);
		t.true((description['tags'] as string[]).every(tag => headings.has(tag)));
	}
});

test('protocol paths stand below the base path, the others at the root, wherever that is', t => {
	const addresses = ({published: {operations}}: ReturnType<typeof read>) =>
		['searchGiftCards', 'createPayment', 'ringForOrder', 'isReady'].map(
			id => operations.find(({operationId}) => operationId === id)?.fullPath,
		);

	t.deepEqual(addresses(read()), ['/v1/giftcards/_search', '/v1/payments', '/hooks/orders', '/health/ready']);
	t.deepEqual(addresses(read({...place, basePath: ''})), [
		...['/giftcards/_search', '/payments', '/hooks/orders', '/health/ready'],
	]);
	t.deepEqual(addresses(read({publicUrl: 'https://example.com/cards', basePath: '/v1'})), [
		...['/cards/v1/giftcards/_search', '/cards/v1/payments', '/cards/hooks/orders', '/cards/health/ready'],
	]);
});

test('the examples are what their schemas say', t => {
	let count = 0;
	for (const {path, method, operationId, description} of published.operations) {
		const {requestBody, responses} = description as Record<string, Members | undefined>;
		for (const [type, {example}] of contents(requestBody)) {
			if (example !== undefined) {
				count++;
				t.deepEqual(published.bodyProblems(operationId, example, type), [], operationId);
			}
		}

		for (const [status, response] of Object.entries(responses ?? {})) {
			for (const [type, {example}] of contents(response as Members)) {
				if (example !== undefined) {
					count++;
					const exchange = {
						...{method, path: pathOf(path), status: Number(status), text: JSON.stringify(example)},
						headers: new Headers({'Content-Type': type, ...given}),
						sent: {type: null, body: undefined},
					};
					t.deepEqual(published.problems(exchange), [], operationId);
				}
			}
		}
	}

	t.true(count > 40, String(count));
});

const given = {'X-Request-Id': '1', 'REST-Content-Range': 'resources 0-0/1'};
const pathOf = (path: string) => (path.startsWith('/hooks') ? path : `/v1${path}`);

function contents(part: Members | undefined): [string, Members][] {
	return Object.entries((part?.['content'] ?? {}) as Record<string, Members>);
}

/** What VTEX publishes as sent to a provider, by the names of its files. What goes to the Hub is none of it. */
const samples: readonly (readonly [pattern: RegExp, operationId: string, count: number])[] = [
	[/^giftcards\/oas-search\./, 'searchGiftCards', 1],
	[/^giftcards\/oas-create-card\./, 'createGiftCard', 1],
	[/^giftcards\/oas-create-transaction\./, 'createTransaction', 1],
	[/^giftcards\/oas-settle\./, 'createSettlement', 1],
	[/^giftcards\/oas-cancel\./, 'createCancellation', 1],
	[/^payments\/\w+-create-payment/, 'createPayment', 12],
	[/^payments\/\w+-cancel\./, 'cancelPayment', 2],
	[/^payments\/\w+-settle\./, 'settlePayment', 2],
	[/^payments\/\w+-refund\./, 'refundPayment', 2],
	[/^payments\/\w+-inbound\./, 'forwardCall', 2],
	[/^payments\/\w+-authorization-token\./, 'beginSignUp', 2],
];

for (const [pattern, operationId, count] of samples) {
	test(`every request that VTEX publishes is one by the document: ${operationId}`, t => {
		const names = ['giftcards', 'payments'].flatMap(folder =>
			readdirSync(new URL(`${folder}/`, fixtures)).map(name => `${folder}/${name}`),
		);
		const requests = names.filter(name => pattern.test(name) && name.endsWith('.request.json'));

		t.is(requests.length, count);
		for (const name of requests) {
			const body = JSON.parse(readFileSync(new URL(name, fixtures), 'utf8')) as unknown;
			t.deepEqual(published.bodyProblems(operationId, body), [], name);
		}
	});
}

test('notifications and the ping of an order hook are too', t => {
	const folder = new URL('orders/', fixtures);
	for (const name of readdirSync(folder).filter(one => /^hook-(?:notification|ping)/.test(one))) {
		const body = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;
		t.deepEqual(published.bodyProblems('ringForOrder', body), [], name);
	}
});

test('a body that cannot be understood is not one by the document', t => {
	const debit = {operation: 'Debit', value: 1, requestId: 'A'};
	const wrong: [string, unknown][] = [
		['createTransaction', {...debit, operation: 'Transfer'}],
		['createTransaction', {...debit, requestId: null}],
		['createTransaction', {operation: 'Debit', value: 1}],
		['createTransaction', {...debit, requestId: 'x'.repeat(257)}],
		['createSettlement', {requestId: 'A'}],
		['createGiftCard', {profileId: 'ana@example.com'}],
		['createPayment', {value: 1}],
		['settlePayment', {requestId: 'A'}],
		['beginSignUp', {applicationId: 'with blanks', returnUrl: 'https://store.myvtex.com'}],
	];

	for (const [operationId, body] of wrong) {
		t.not(published.bodyProblems(operationId, body).length, 0, JSON.stringify(body));
	}
});

test('what is called back has the body of the answer', t => {
	const {description} = published.operations.find(one => one.operationId === 'createPayment') ?? {};
	const body = (part: unknown) => contents(part as Members)[0];

	t.deepEqual(
		(description?.['callbacks'] as Record<string, Record<string, Record<string, Members>>>)[
			'paymentDecided'
		]?.['{$request.body#/callbackUrl}']?.['post']?.['requestBody'],
		{content: {'application/json': {schema: {$ref: '#/components/schemas/Payment'}}}},
	);
	t.like(body((description?.['responses'] as Members)[200])?.[1], {
		schema: {$ref: '#/components/schemas/Payment'},
	});
});

test('refusals are listed with the sentences that are answered', t => {
	for (const sentence of ['`insufficient_balance` | The value is above the card', '`pin_locked` | The PIN']) {
		t.true(text.includes(sentence), sentence);
	}
});

test('a route that nothing can be said of, and two schemas of one name, are errors', t => {
	const group = (routes: RouteGroup['routes']): RouteGroup[] => [
		{name: 'Some', description: '', place: 'root', bodyTypes: ['application/json'], routes},
	];
	const route = {method: 'get', path: '/a', summary: 'A.', access: 'open', params: z.object({})} as const;
	const named = (reply: z.ZodType, operationId: string) => ({
		...route,
		reply: reply.meta({id: 'Same'}),
		documented: {operationId},
	});

	t.throws(() => openApiDocument(place, group([route])), {message: /^get \/a is published without/});
	t.throws(() => openApiDocument(place, group([named(z.string(), 'a'), named(z.number(), 'b')])), {
		message: /^Two schemas are called Same/,
	});
});

/** All contracts that ask for credentials, below `/v1`, each failing in the same way. */
const failing = (error: Error): Endpoint<undefined>[] =>
	[...giftCardEndpoints, ...paymentEndpoints].map(({contract}) => ({
		contract,
		answer: () => Promise.reject(error),
	}));

for (const [what, status, error] of [
	['a bug', 500, new Error('nobody expects this')],
	['a full queue', 503, new OverloadedError('full', {retryAfterSeconds: 3})],
] as const) {
	test(`what ${what} is answered by, the document says of every route`, async t => {
		const {call} = await withApp(t, {endpoints: failing(error)});
		const places = published.operations.filter(
			({fullPath, description: {security}}) =>
				fullPath.startsWith('/v1/') && (security as unknown[]).length > 0,
		);

		for (const {method, fullPath} of places) {
			const asked = fullPath.replaceAll(/\{\w+\}/g, 'x');
			const {headers, text} = await call(method.toUpperCase(), asked, method === 'post' ? {body: {}} : {});
			const exchange = {method, path: asked, sent: {type: null, body: undefined}, status, headers, text};
			t.deepEqual(published.problems(exchange), []);
		}

		t.is(places.length, giftCardEndpoints.length + paymentEndpoints.length);
	});
}

test('what is answered while the service starts, the document says of health', async t => {
	const server = await openHttpServer({host: '127.0.0.1', port: 0});
	t.teardown(() => server.close(0));

	for (const path of ['/health/live', '/health/ready']) {
		const {status, headers, text} = await ask(`http://127.0.0.1:${server.port}${path}`, 'GET', {});
		const exchange = {method: 'GET', path, sent: {type: null, body: undefined}, status, headers, text};
		t.deepEqual(published.problems(exchange), []);
	}
});
