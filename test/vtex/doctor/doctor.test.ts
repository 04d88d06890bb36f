import {once} from 'node:events';
import http, {type IncomingMessage, type RequestListener, type ServerResponse} from 'node:http';
import https from 'node:https';
import {type AddressInfo, type LookupFunction} from 'node:net';
import {type SecureVersion} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {type Resolve} from '../../../src/callbacks/addresses.ts';
import {
	type Diagnosis,
	type Instruments,
	type Outcome,
	type Patient,
} from '../../../src/vtex/doctor/check.ts';
import {openDoctor} from '../../../src/vtex/doctor/doctor.ts';
import {makeCertificate, type TestCertificate} from '../../helpers/certificate.ts';

/*
 * A provider behind TLS, sound or with one fault, as the doctor sees it. Its name leads to an address of the internet, as far as the
 * doctor is told, and its connections come here.
 */

const host = 'cards.shop.example.com';
const certificate = makeCertificate({host, validTo: new Date(Date.now() + 60 * 86_400_000)});
const keys = {appKey: 'acme-1', appToken: 'token-of-ours-0123456789'};
const publicAddress = '93.184.216.34';

const resolveTo =
	(...addresses: string[]): Resolve =>
	(_host, _options, callback) => {
		callback(
			null,
			addresses.map(address => ({address, family: 4})),
		);
	};
const resolveFailing: Resolve = (_host, _options, callback) => {
	callback(Object.assign(new Error('no'), {code: 'ENOTFOUND'}), []);
};
const lookupHere: LookupFunction = (_host, options, callback) => {
	if (options.all === true) {
		callback(null, [{address: '127.0.0.1', family: 4}]);
	} else {
		callback(null, '127.0.0.1', 4);
	}
};

/** As Monedero answers. */
const sound: RequestListener = (request, response) => {
	const {'x-provider-api-appkey': appKey, 'x-provider-api-apptoken': appToken} = request.headers;
	if (request.url === '/v1/manifest') {
		json(response, {paymentMethods: []});
	} else if (appKey === undefined || appToken === undefined) {
		response.writeHead(401).end();
	} else if (appKey !== keys.appKey || appToken !== keys.appToken) {
		response.writeHead(403).end();
	} else {
		json(response, []);
	}
};

function json(response: ServerResponse, body: unknown): void {
	response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(body));
}

/** Sound, but for the requests that a fault takes. */
const faulty =
	(fault: (request: IncomingMessage, response: ServerResponse) => boolean): RequestListener =>
	(request, response) => {
		if (!fault(request, response)) {
			sound(request, response);
		}
	};

type Provider = {
	readonly answer?: RequestListener;
	readonly tls?: TestCertificate | 'none';
	readonly versions?: {readonly minVersion?: SecureVersion; readonly maxVersion?: SecureVersion};
	readonly patient?: Partial<Patient>;
	readonly instruments?: Partial<Instruments>;
};

async function listening(t: ExecutionContext, server: http.Server): Promise<AddressInfo> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return server.address() as AddressInfo;
}

/** What the doctor says, by the id of the check. */
async function examined(
	t: ExecutionContext,
	{answer = sound, tls = certificate, versions = {}, patient = {}, instruments = {}}: Provider = {},
) {
	const received: IncomingMessage[] = [];
	const listener: RequestListener = (request, response) => {
		received.push(request);
		request.resume();
		answer(request, response);
	};
	const server =
		tls === 'none' ? http.createServer(listener) : https.createServer({...tls, ...versions}, listener);
	const {port} = await listening(t, server);
	const doctor = openDoctor({
		...{laps: 3, resolve: resolveTo(publicAddress), lookup: lookupHere},
		ca: tls === 'none' ? undefined : tls.cert,
		...instruments,
	});
	const diagnoses: Diagnosis[] = [];
	const serviceUrl = `https://${host}:${port}/v1`;
	for await (const one of doctor.address({serviceUrl, isSimulated: false, keys, ...patient})) {
		diagnoses.push(one);
	}

	return {
		received,
		diagnoses,
		of: (id: string) => diagnoses.find(one => one.id === id) ?? t.fail(`There is no check ${id}.`),
		outcomes: Object.fromEntries(diagnoses.map(({id, outcome}) => [id, outcome])),
		/** Whether the right token went out. */
		hasSentKeys: () => received.some(({headers}) => headers['x-provider-api-apptoken'] === keys.appToken),
	};
}

type Examined = Awaited<ReturnType<typeof examined>>;

/** One check fails as told, with something to do. */
function fails(
	t: ExecutionContext,
	{of}: Examined,
	id: string,
	found: RegExp,
	outcome: Outcome = 'failed',
): void {
	const diagnosis = of(id);
	t.is(diagnosis.outcome, outcome, diagnosis.found);
	t.regex(diagnosis.found, found);
	t.regex(diagnosis.advice ?? '', /^[A-Z].*\.$/s);
}

test('a sound provider passes everything; that it names a port is a warning', async t => {
	const {outcomes, hasSentKeys, diagnoses} = await examined(t);

	t.deepEqual(outcomes, {
		...{address: 'warning', dns: 'passed', tls: 'passed', certificate: 'passed', reached: 'passed'},
		...{missing: 'passed', wrong: 'passed', slash: 'passed', search: 'passed', manifest: 'passed'},
		...{latency: 'passed', clock: 'passed'},
	});
	t.true(hasSentKeys());
	t.notRegex(JSON.stringify(diagnoses), /token-of-ours/);
});

test('without credentials at hand the right ones are not tried, which stands in nobody’s way', async t => {
	const {outcomes, of} = await examined(t, {patient: {keys: undefined}});

	t.like(outcomes, {search: 'skipped', manifest: 'passed', latency: 'passed'});
	t.regex(of('latency').found, /no credentials, so no database is in that/);
});

test('an address that VTEX does not take is not even called', async t => {
	const done = await examined(t, {patient: {serviceUrl: 'https://ana:secret@127.0.0.1/v1/?a=secret'}});

	fails(t, done, 'address', /IP address.*user or a password.*query/);
	t.deepEqual(
		done.diagnoses.slice(1).filter(({outcome}) => outcome !== 'skipped'),
		[],
	);
	t.regex(done.of('slash').found, /^Mend "The address is one for VTEX" first\.$/);
	t.is(done.received.length, 0);
	t.notRegex(JSON.stringify(done.diagnoses), /secret/);
});

for (const [addresses, found] of [
	[['10.0.0.7'], /is 10\.0\.0\.7, which is no address of the internet/],
	[[publicAddress, '192.168.1.5'], /is 192\.168\.1\.5, which/],
	[['127.0.0.1'], /127\.0\.0\.1/],
	[['fd00::1'], /fd00::1/],
] as const) {
	test(`a name that leads to ${addresses.join(' and ')} is not called`, async t => {
		const done = await examined(t, {instruments: {resolve: resolveTo(...addresses)}});

		fails(t, done, 'dns', found);
		t.is(done.received.length, 0);
	});
}

test('a name that nobody knows is told', async t => {
	fails(t, await examined(t, {instruments: {resolve: resolveFailing}}), 'dns', /leads nowhere \(ENOTFOUND\)/);
});

test('the guard of addresses is asked again at each connection', async t => {
	let asked = 0;
	const done = await examined(t, {
		instruments: {
			// Public for the check of the name, private afterwards.
			resolve: (...args) => {
				(asked++ === 0 ? resolveTo(publicAddress) : resolveTo('127.0.0.1'))(...args);
			},
			lookup: undefined as never,
		},
	});

	fails(t, done, 'tls', /private network/);
	t.is(done.received.length, 0);
});

test('plain http where https should be is no TLS', async t => {
	fails(t, await examined(t, {tls: 'none'}), 'tls', /TLS could not be agreed on/);
});

test('TLS 1.1 is not enough', async t => {
	const done = await examined(t, {versions: {minVersion: 'TLSv1', maxVersion: 'TLSv1.1'}});

	fails(t, done, 'tls', /TLS could not be agreed on/);
});

test('TLS 1.2 is enough, and TLS 1.3 alone is a warning', async t => {
	const [old, young] = [
		await examined(t, {versions: {maxVersion: 'TLSv1.2'}}),
		await examined(t, {versions: {minVersion: 'TLSv1.3'}}),
	];

	t.like(old.of('tls'), {outcome: 'passed', found: 'TLSv1.2, and TLS 1.2 for who has nothing newer.'});
	fails(t, young, 'tls', /TLSv1\.3, and nothing older/, 'warning');
	t.is(young.outcomes['search'], 'passed');
});

const day = 86_400_000;
for (const [what, wrong, found] of [
	['signed by itself', {ca: undefined}, /signed by itself/],
	[
		'expired',
		{host, validFrom: new Date(Date.now() - 2 * day), validTo: new Date(Date.now() - day)},
		/It has expired/,
	],
	['not valid yet', {host, validFrom: new Date(Date.now() + day)}, /not valid yet/],
	['for another name', {host: 'other.example.com'}, /for another name/],
] as const) {
	test(`a certificate that is ${what} is not trusted, and no credentials are sent to it`, async t => {
		const done = await examined(
			t,
			'ca' in wrong
				? {instruments: {ca: makeCertificate().cert}}
				: {
						tls: makeCertificate({
							...wrong,
							validTo: 'validTo' in wrong ? wrong.validTo : new Date(Date.now() + 60 * day),
						}),
					},
		);

		fails(t, done, 'certificate', found);
		t.is(done.received.length, 0);
	});
}

test('a certificate that ends soon is a warning', async t => {
	const done = await examined(t, {tls: makeCertificate({host, validTo: new Date(Date.now() + 3.5 * day)})});

	fails(t, done, 'certificate', /ends in 3 days/, 'warning');
	t.is(done.outcomes['reached'], 'passed');
});

test('where nobody listens the service is to be started', async t => {
	const refused = openDoctor({resolve: resolveTo(publicAddress), lookup: lookupHere});
	for await (const {id, outcome, found, advice} of refused.address({
		...{serviceUrl: `https://${host}:1/v1`, isSimulated: false, keys: undefined},
	})) {
		if (id === 'tls') {
			t.deepEqual([outcome, found], ['failed', 'Nobody listens there (ECONNREFUSED).']);
			t.regex(advice ?? '', /^Start the service/);
		}
	}
});

const isSearch = ({url = ''}: IncomingMessage) => url.endsWith('_search');
const has = ({headers}: IncomingMessage) => headers['x-provider-api-apptoken'];

for (const [what, id, found, fault] of [
	[
		'a proxy whose service is down',
		'reached',
		/in front of it answers 502/,
		(_request, response) => void response.writeHead(502).end('<html>Bad Gateway</html>'),
	],
	[
		'a body on 401',
		'missing',
		/a search without credentials with 401 and 24 bytes/,
		(request, response) =>
			isSearch(request) && has(request) === undefined
				? response.writeHead(401).end('{"error":"unauthorized"}')
				: undefined,
	],
	[
		'one space on the 401 of a card',
		'missing',
		/a card without credentials with 401 and 1 bytes/,
		(request, response) =>
			!isSearch(request) && has(request) === undefined ? response.writeHead(401).end(' ') : undefined,
	],
	[
		'403 where a header is missing',
		'missing',
		/with an app key alone with 403, and VTEX wants 401/,
		(request, response) =>
			has(request) === undefined && request.headers['x-provider-api-appkey'] !== undefined
				? response.writeHead(403).end()
				: undefined,
	],
	[
		'401 to wrong credentials',
		'wrong',
		/with wrong credentials with 401, and VTEX wants 403/,
		(request, response) =>
			has(request) !== undefined && has(request) !== keys.appToken
				? response.writeHead(401).end()
				: undefined,
	],
	[
		'a body on 403',
		'wrong',
		/with 403 and 9 bytes/,
		(request, response) =>
			has(request) !== undefined && has(request) !== keys.appToken
				? response.writeHead(403).end('Forbidden')
				: undefined,
	],
	[
		'200 to wrong credentials',
		'wrong',
		/with 200.* VTEX may cancel the transactions/,
		(request, response) => (has(request) === undefined ? undefined : response.writeHead(200).end('[]')),
	],
	[
		'a redirect',
		'missing',
		/redirect to https:\/\/elsewhere\.example\/v1, and VTEX follows none/,
		(request, response) =>
			request.url === '/v1/manifest'
				? undefined
				: response.writeHead(301, {location: 'https://elsewhere.example/v1?token=secret'}).end(),
	],
	[
		'a proxy that merges slashes by a redirect',
		'slash',
		/behind two slashes \(KI-669575\) with 308.*redirect/,
		(request, response) =>
			request.url?.includes('//')
				? response.writeHead(308, {location: '/v1/giftcards/_search'}).end()
				: undefined,
	],
	[
		'404 behind two slashes',
		'slash',
		/with 404, and VTEX wants 403/,
		(request, response) =>
			request.url?.includes('//') ? response.writeHead(404).end('not found') : undefined,
	],
	[
		'a refusal of the right credentials',
		'search',
		/that were given are refused/,
		(request, response) => (has(request) === keys.appToken ? response.writeHead(403).end() : undefined),
	],
	[
		'an object in place of a list',
		'search',
		/answered 200 with 2 bytes/,
		(request, response) => (has(request) === keys.appToken ? response.writeHead(200).end('{}') : undefined),
	],
	[
		'a connection that is cut',
		'missing',
		/cut off|without an answer/,
		(request, response) => (isSearch(request) ? undefined : response.destroy()),
	],
] as const satisfies readonly (readonly [
	string,
	string,
	RegExp,
	(request: IncomingMessage, response: ServerResponse) => unknown,
])[]) {
	test(`${what} is found`, async t => {
		const done = await examined(t, {
			answer: faulty((request, response) => fault(request, response) !== undefined || response.writableEnded),
		});

		fails(t, done, id, found);
		t.notRegex(JSON.stringify(done.diagnoses), /secret|token-of-ours/);
	});
}

test('who takes wrong credentials is not sent the right ones', async t => {
	const done = await examined(t, {
		answer: (_request, response) => {
			json(response, []);
		},
	});

	t.like(done.outcomes, {wrong: 'failed', slash: 'skipped', search: 'skipped', latency: 'skipped'});
	t.false(done.hasSentKeys());
});

test('a manifest that asks for credentials is a warning', async t => {
	const done = await examined(t, {
		answer: faulty(({url}, response) => url === '/v1/manifest' && Boolean(response.writeHead(401).end())),
	});

	fails(t, done, 'manifest', /answered 401 with 0 bytes/, 'warning');
});

test('silence ends with the time-out', async t => {
	const {port} = await listening(t, http.createServer());
	const doctor = openDoctor({timeoutMs: 150});
	const found: string[] = [];
	const serviceUrl = `http://127.0.0.1:${port}/v1`;
	for await (const diagnosis of doctor.address({serviceUrl, isSimulated: true, keys})) {
		if (diagnosis.outcome === 'failed') {
			found.push(diagnosis.found);
		}
	}

	t.deepEqual(found, ['There was no answer within 0.15 s.']);
});

test('an endless answer is not read to its end', async t => {
	const done = await examined(t, {
		answer: faulty((request, response) => {
			if (has(request) !== keys.appToken) {
				return false;
			}

			response.writeHead(200);
			const more = () => {
				while (!response.destroyed && response.write('x'.repeat(65_536)));
			};
			response.on('drain', more);
			more();
			return true;
		}),
	});

	fails(t, done, 'search', /answered 200 with/);
});

test('where VTEX is simulated on this machine, plain http at an address does', async t => {
	const {port} = await listening(t, http.createServer(sound));
	const serviceUrl = `http://127.0.0.1:${port}/v1`;
	const outcomes: Record<string, string> = {};
	for await (const {id, outcome} of openDoctor({laps: 1}).address({serviceUrl, isSimulated: true, keys})) {
		outcomes[id] = outcome;
	}

	t.like(outcomes, {address: 'warning', dns: 'skipped', tls: 'skipped', certificate: 'skipped'});
	t.like(outcomes, {reached: 'passed', wrong: 'passed', search: 'passed', latency: 'passed'});
});
