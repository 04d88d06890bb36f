import {once} from 'node:events';
import http, {type ServerResponse} from 'node:http';
import {type AddressInfo} from 'node:net';
import test from 'ava';
import {type Check, Failure, type Result, Skip} from '../../scripts/homologate/check.ts';
import {giftCards} from '../../scripts/homologate/giftcards/suite.ts';
import {runSuite} from '../../scripts/homologate/run.ts';
import {defineSuite, type Settings} from '../../scripts/homologate/suite.ts';
import {openWire, type Wire} from '../../scripts/homologate/wire.ts';
import {type TestContext} from '../helpers/test-context.ts';

const settings: Settings = {
	url: 'http://127.0.0.1:1/v1',
	appKey: 'shop-of-the-tests',
	appToken: 'token-of-the-tests',
	currency: 'BRL',
	values: {},
	signal: new AbortController().signal,
};

/** A provider that has one answer to everything. */
async function openStubborn(t: TestContext, answer: (response: ServerResponse) => void): Promise<Settings> {
	const server = http.createServer((_request, response) => {
		answer(response);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return {...settings, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`};
}

/** What a check of its own did that it should not: stumble over an answer instead of saying what is wrong with it. */
function stumbles(results: readonly Result[]): unknown[] {
	return results
		.filter(result => result.outcome === 'failed' && result.expected === 'an answer that VTEX can read')
		.map(result => ({...result, exchanges: []}));
}

test('where nobody answers, three checks say so and the rest is not tried', async t => {
	const results = await runSuite(giftCards, settings);

	t.is(results.length, giftCards.rules.length);
	t.deepEqual(
		results.slice(0, 3).map(({outcome}) => outcome),
		['failed', 'failed', 'failed'],
	);
	for (const result of results.slice(3)) {
		t.like(result, {outcome: 'skipped', reason: 'Not tried: 3 checks in a row had no answer at all.'});
	}
});

test('of a provider that hangs, the time of three checks is waited for, and no more', async t => {
	let requests = 0;
	const silent = await openStubborn(t, () => {
		requests++;
	});

	const results = await runSuite(giftCards, {...silent, timeoutMs: 100});

	t.like(results[0], {outcome: 'failed', got: 'none in that time'});
	t.is(results.filter(({outcome}) => outcome === 'failed').length, 3);
	t.true(requests <= 3);
});

for (const body of [
	'<html><body>It works!</body></html>',
	'',
	'null',
	'[]',
	'{}',
	'[null]',
	'[{}]',
	'{"id": {}, "balance": "1", "oid": 7}',
	'{"id": "x", "balance": 1e400, "transaction": [], "transactions": null}',
	'{"id": "x", "cardId": "x", "oid": "x", "value": 1, "balance": 1, "_self": {"href": "x"}, "date": "never"}',
	'[{"id": "x", "balance": 1, "oid": "x", "value": 1, "date": "2026-03-11T15:00:00Z"}]',
	'"\\ud800"',
	'\u00ff{',
	`{"__proto__": ${'['.repeat(3000)}${']'.repeat(3000)}}`,
]) {
	test(`a provider that answers 200 and ${body.slice(0, 40)} to everything makes no check stumble`, async t => {
		const provider = await openStubborn(t, response => {
			response.writeHead(200, {'Content-Type': 'application/json'}).end(body, 'latin1');
		});

		const results = await runSuite(giftCards, provider);

		t.is(results.length, giftCards.rules.length);
		t.deepEqual(stumbles(results), []);
		t.true(results.filter(({outcome}) => outcome === 'failed').length >= 5);
	});
}

for (const status of [204, 302, 404, 500]) {
	test(`a provider that answers ${status} to everything makes no check stumble`, async t => {
		const provider = await openStubborn(t, response => {
			response.writeHead(status, {Location: 'http://127.0.0.1:1/'}).end();
		});

		const results = await runSuite(giftCards, provider);

		t.deepEqual(stumbles(results), []);
		t.true(results.filter(({outcome}) => outcome === 'passed').length === 0);
	});
}

// A suite of its own, for what no check of a protocol does.

function suiteOf(...runs: readonly Check<Wire>['run'][]) {
	return defineSuite<Wire>({
		protocol: 'giftcards',
		title: 'Own',
		flags: {},
		checks: runs.map((run, index) => ({
			...{id: `G${String(index + 1).padStart(2, '0')}`, title: 'A title', why: 'A reason.'},
			run,
		})),
		open(given) {
			const wire = openWire({...given, timeoutMs: 60_000});
			return Promise.resolve({
				rig: wire,
				wire,
				close() {
					wire.close();
					return Promise.resolve();
				},
			});
		},
	});
}

test('what a check throws becomes its result, and nothing secret is in it', async t => {
	const secret = settings.appToken;
	const suite = suiteOf(
		() => Promise.resolve(),
		() => Promise.reject(new Failure(`not ${secret}`, `the token ${secret}`)),
		() => Promise.reject(new Skip(`Give another one than ${secret}.`)),
		() => Promise.reject(new TypeError(`${secret} is not iterable`)),
	);

	const told: Result[] = [];
	const results = await runSuite(suite, settings, {onResult: result => told.push(result)});

	t.deepEqual(told, results);
	t.like(results[0], {
		id: 'G01',
		outcome: 'passed',
		protocol: 'giftcards',
		title: 'A title',
		why: 'A reason.',
	});
	t.like(results[1], {outcome: 'failed', expected: 'not █████', got: 'the token █████'});
	t.like(results[2], {outcome: 'skipped', reason: 'Give another one than █████.'});
	t.like(results[3], {outcome: 'failed', got: 'something that led to this: █████ is not iterable'});
});

test('only the named checks run, and each result has its own exchanges', async t => {
	const provider = await openStubborn(t, response => response.end('[]'));
	const ask = (path: string) => async (wire: Wire) => {
		await wire.send('GET', path);
	};

	const results = await runSuite(suiteOf(ask('/1'), ask('/2'), ask('/3')), provider, {
		only: new Set(['G01', 'G03']),
	});

	t.deepEqual(
		results.map(({exchanges}) => exchanges.map(({request}) => request.split('\n')[0])),
		[['GET /v1/1'], ['GET /v1/3']],
	);
});

test('what is not over when the kit is stopped counts as not tried', async t => {
	const stop = new AbortController();
	const suite = suiteOf(
		() => Promise.resolve(),
		() => {
			stop.abort();
			return Promise.reject(new Error('cut'));
		},
		() => Promise.reject(new Error('never')),
	);

	const results = await runSuite(suite, {...settings, signal: stop.signal});

	t.deepEqual(
		results.map(({outcome}) => outcome),
		['passed', 'skipped', 'skipped'],
	);
});
