import test from 'ava';
import {deliver, type DeliveryOptions} from '../../src/callbacks/delivery.ts';
import {type HostRules, type Target, targetOf} from '../../src/callbacks/hosts.ts';
import {makeCertificate} from '../helpers/certificate.ts';
import {deferred} from '../helpers/deferred.ts';
import {openReceiver} from '../helpers/receiver.ts';

const sandbox: HostRules = {extraHosts: [], isSandbox: true};
const keys = {appKey: 'vtexappkey-acme', appToken: 'token-of-acme'};
const options: DeliveryOptions = {keys, timeoutMs: 10_000};

function target(url: string, rules = sandbox): Target {
	const found = targetOf(url, rules);
	if ('problem' in found) {
		throw new Error(found.problem);
	}

	return found;
}

test('a callback is a POST of the body as JSON, with our keys', async t => {
	const receiver = await openReceiver(t);

	const problem = await deliver(
		target(receiver.at('/callback?a=1')),
		'{"status":"approved","x":"ção"}',
		options,
	);

	t.is(problem, undefined);
	const [received] = receiver.received;
	t.is(receiver.received.length, 1);
	t.like(received, {method: 'POST', path: '/callback?a=1', body: '{"status":"approved","x":"ção"}'});
	t.is(received?.headers['content-type'], 'application/json');
	t.is(received?.headers['x-vtex-api-appkey'], keys.appKey);
	t.is(received?.headers['x-vtex-api-apptoken'], keys.appToken);
});

test('without keys, and where they may not go, none are sent', async t => {
	const receiver = await openReceiver(t);
	const here = target(receiver.at('/x'));

	await deliver(here, '{}', {...options, keys: undefined});
	await deliver({...here, takesKeys: false}, '{}', options);

	t.deepEqual(
		receiver.received.map(({headers}) => headers['x-vtex-api-appkey'] ?? headers['x-vtex-api-apptoken']),
		[undefined, undefined],
	);
});

// What a standard parser would rewrite: dots, quotes, braces, a broken escape, capitals in an escape, what looks like a fragment.
const oddPaths = [
	'/api/pvt/transactions/A/payments/B/callback?accountName=acme&X-VTEX-signature=R*a%2Bb%2fc==',
	'/a/../b/./%2e%2E/c',
	`/x?q='"<>|^\`{}[]&&=%zz%&y`,
	'/x//y;p=1?x=1#y',
	'/?',
];

for (const path of oddPaths) {
	test(`the address goes out byte for byte: ${path}`, async t => {
		const receiver = await openReceiver(t);
		t.is(await deliver(target(receiver.at(path)), '{}', options), undefined);
		t.deepEqual(
			receiver.received.map(one => one.path),
			[path.replace('#y', '')],
		);
	});
}

test('letters that HTTP cannot carry are escaped, and nothing else is', async t => {
	const receiver = await openReceiver(t);
	await deliver(target(receiver.at('/ç/%c3%a7?x="日"&y=%zz')), '{}', options);
	t.deepEqual(
		receiver.received.map(({path}) => path),
		['/%C3%A7/%c3%a7?x="%E6%97%A5"&y=%zz'],
	);
});

test('an address without a path asks for the root', async t => {
	const receiver = await openReceiver(t);
	await deliver(target(receiver.at('')), '{}', options);
	await deliver(target(receiver.at('?a=1')), '{}', options);
	t.deepEqual(
		receiver.received.map(({path}) => path),
		['/', '/?a=1'],
	);
});

test('an address of VTEX IO that ends in /retry takes no body', async t => {
	const receiver = await openReceiver(t);
	await deliver(target(receiver.at('/callback/A/retry?x=/y')), '{"a":1}', options);
	await deliver(target(receiver.at('/callback?x=/retry')), '{"a":1}', options);
	t.deepEqual(
		receiver.received.map(({body}) => body),
		['', '{"a":1}'],
	);
});

test('every 2xx counts as taken and nothing else does', async t => {
	const receiver = await openReceiver(t, [200, 202, 204, 299, 400, 403, 500, 503]);
	const problems = [];
	for (let count = 0; count < 8; count++) {
		problems.push(await deliver(target(receiver.at('/x?sig=secret')), '{}', options));
	}

	t.deepEqual(problems.slice(0, 4), [undefined, undefined, undefined, undefined]);
	t.deepEqual(
		problems.slice(4),
		[400, 403, 500, 503].map(status => `The answer was ${status}.`),
	);
});

test('a redirect is not followed and is a failure', async t => {
	const elsewhere = await openReceiver(t);
	for (const status of [301, 302, 303, 307, 308]) {
		const receiver = await openReceiver(t, [
			response => response.writeHead(status, {location: elsewhere.at('/stolen')}).end(),
		]);
		const problem = await deliver(target(receiver.at('/x')), '{}', options);
		t.is(problem, `The answer was ${status}, a redirect; callbacks do not follow them.`);
	}

	t.is(elsewhere.received.length, 0);
});

test('a receiver that does not answer in time has failed', async t => {
	const receiver = await openReceiver(t, ['hang']);
	const problem = await deliver(target(receiver.at('/x?sig=secret')), '{}', {...options, timeoutMs: 100});
	t.is(problem, 'No answer within 0.1 s.');
});

test('a receiver that hangs up, or that nobody hears, has failed', async t => {
	const receiver = await openReceiver(t, [response => response.destroy()]);
	t.is(await deliver(target(receiver.at('/x')), '{}', options), '127.0.0.1 cannot be reached (ECONNRESET).');
	const nobody = {...target(receiver.at('/x')), port: 1};
	t.is(await deliver(nobody, '{}', options), '127.0.0.1 cannot be reached (ECONNREFUSED).');
});

test('an answer without end is cut off', async t => {
	const {promise: isCutOff, resolve: cutOff} = deferred();
	const receiver = await openReceiver(t, [
		response => {
			response.writeHead(200);
			const more = () => {
				while (!response.destroyed && response.write('x'.repeat(10_000)));
			};
			response.on('drain', more);
			response.once('close', cutOff);
			more();
		},
	]);
	t.is(await deliver(target(receiver.at('/x')), '{}', options), undefined);
	await isCutOff;
});

test('a name of VTEX that leads to this machine is not called', async t => {
	const receiver = await openReceiver(t);
	// As a record in the name service would make it: the check of the name has passed, the connection is what refuses.
	const rebound: Target = {
		...target('https://acme.vtexpayments.com.br/x', {extraHosts: [], isSandbox: false}),
		isSecure: false,
		port: receiver.port,
	};
	const resolve: DeliveryOptions['resolve'] = (_host, _options, callback) => {
		callback(null, [{address: '127.0.0.1', family: 4}]);
	};

	const problem = await deliver(rebound, '{}', {...options, resolve});

	t.regex(problem ?? '', /^The name acme\.vtexpayments\.com\.br leads into a private network\./);
	t.is(receiver.received.length, 0);
});

test('a configured name may lead to this machine', async t => {
	const receiver = await openReceiver(t);
	const rules = {extraHosts: [`localhost:${receiver.port}`], isSandbox: false};
	t.is(await deliver(target(`http://localhost:${receiver.port}/x`, rules), '{}', options), undefined);
	t.is(receiver.received.length, 1);
});

test('a receiver whose certificate nobody vouches for learns nothing', async t => {
	const receiver = await openReceiver(t, [200], undefined, makeCertificate());
	const problem = await deliver(target(receiver.at('/x?sig=secret')), '{}', options);
	t.is(problem, '127.0.0.1 cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT).');
	t.is(receiver.received.length, 0);
});
