import {once} from 'node:events';
import {type IncomingMessage, type ServerResponse} from 'node:http';
import {connect} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {type AdmissionLimits, openAdmission} from '../../src/http/admission.ts';
import {openHttpServer} from '../../src/http/server.ts';
import {until} from '../helpers/until.ts';

const headers = {
	'x-provider-api-appkey': 'key',
	'x-provider-api-apptoken': 'token',
	'content-type': 'application/json',
};
const debit = '/v1/giftcards/4f1d2c3b4a5968778695a4b3c2d1e0f0/transactions';

/** A server whose handler holds what it is given until it is told to answer. */
async function open(t: ExecutionContext, limits: Partial<AdmissionLimits> = {}) {
	const state = {waitingMs: 0, turnedAway: 0};
	const held: ServerResponse[] = [];
	const admission = openAdmission(
		{
			waitingMs: () => state.waitingMs,
			onTurnedAway(count) {
				state.turnedAway += count;
			},
		},
		{writesMax: 2, waitingMsMax: 500, ...limits},
	);
	const server = await openHttpServer({host: '127.0.0.1', port: 0});
	server.serve((request: IncomingMessage, response: ServerResponse) => {
		request.resume();
		if (
			request.method === 'POST' &&
			!request.url?.includes('/_search') &&
			!request.url?.includes('/payments')
		) {
			held.push(response);
		} else {
			response.end('{}');
		}
	}, admission.turnAway);
	t.teardown(async () => {
		admission.close();
		await server.close(0);
	});
	const ask = async (path: string, init: RequestInit = {}) =>
		fetch(`http://127.0.0.1:${server.port}${path}`, {method: 'POST', headers, body: '{"value": 1}', ...init});
	return {
		...{state, held, admission, ask, port: server.port},
		answerAll: async () => {
			held.splice(0).forEach(response => response.end('{}'));
			await until('nobody is in', () => admission.count() === 0);
		},
	};
}

test('more writes than can be answered soon are told so at once, and let in again when there is room', async t => {
	const {ask, held, admission, answerAll} = await open(t);
	const first = [ask(debit), ask(debit)];
	await until('both are held', () => held.length === 2);
	t.false(admission.isTurningAway());

	const refused = await ask(debit);

	t.is(refused.status, 503);
	t.is(refused.headers.get('retry-after'), '1');
	t.true(admission.isTurningAway());
	t.is(((await refused.json()) as {error: {code: string}}).error.code, 'overloaded');
	t.is(admission.count(), 2);
	await answerAll();
	t.deepEqual(
		(await Promise.all(first)).map(({status}) => status),
		[200, 200],
	);
	await until('nobody was turned away for a second', () => !admission.isTurningAway());
	const again = ask(debit);
	await until('it is held', () => held.length === 1);
	await answerAll();
	t.is((await again).status, 200);
});

test('what only reads, what searches, and payments go on while writes are turned away', async t => {
	const {ask, state} = await open(t);
	state.waitingMs = 501;

	t.is((await ask(debit)).status, 503);
	t.is((await ask('/v1/giftcards')).status, 503);
	t.is((await ask(`${debit}/x/settlements`)).status, 503);
	t.is((await ask('/v1/giftcards/_search')).status, 200);
	t.is((await ask('/v1/payments')).status, 200);
	t.is((await ask('/v1/giftcards/4f1d', {method: 'GET', body: null})).status, 200);
});

test('writes are turned away while a command waits too long for its batch, however few they are', async t => {
	const {ask, state, held, answerAll} = await open(t);
	state.waitingMs = 501;
	t.is((await ask(debit)).status, 503);

	state.waitingMs = 500;
	const letIn = ask(debit);
	await until('it is held', () => held.length === 1);
	await answerAll();

	t.is((await letIn).status, 200);
});

test('a request without credentials is none of those that are told to come back', async t => {
	const {ask, state, held, answerAll} = await open(t);
	state.waitingMs = 501;

	const stranger = ask(debit, {headers: {'content-type': 'application/json'}});

	await until('it is held', () => held.length === 1);
	await answerAll();
	t.is((await stranger).status, 200);
});

test('a client that has hung up takes no room', async t => {
	const {ask, held, admission} = await open(t);
	const leaving = new AbortController();
	const gone = ask(debit, {signal: leaving.signal});
	await until('it is held', () => held.length === 1);

	leaving.abort();

	await t.throwsAsync(gone, {any: true});
	await until('nobody is in', () => admission.count() === 0);
	t.pass();
});

test('a client that hangs up over a later request of its connection gives no room that was not there', async t => {
	const {held, admission, port, answerAll} = await open(t, {writesMax: 9});
	const socket = connect(port, '127.0.0.1');
	socket.on('error', () => undefined);
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const request = `POST ${debit} HTTP/1.1\r\nhost: here\r\n${lines.join('')}content-length: 2\r\n\r\n{}`;
	socket.write(request);
	await until('it is held', () => held.length === 1);
	await answerAll();
	socket.write(request);
	await until('the next one is held', () => held.length === 1);
	const gone = Promise.all(held.map(async response => once(response, 'close')));

	socket.destroy();

	await gone;
	await until('nobody is in', () => admission.count() <= 0);
	t.is(admission.count(), 0);
});

test('requests that a client sent one behind the other before it hung up take no room either', async t => {
	const {held, admission, port} = await open(t, {writesMax: 9});
	const socket = connect(port, '127.0.0.1');
	socket.on('error', () => undefined);
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const request = `POST ${debit} HTTP/1.1\r\nhost: here\r\n${lines.join('')}content-length: 2\r\n\r\n{}`;
	socket.write(request.repeat(3));
	await until('all are held', () => held.length === 3);

	socket.destroy();

	await until('nobody is in', () => admission.count() === 0);
	held.forEach(response => response.end('{}'));
	t.is(admission.count(), 0);
});

test('the connection of a request that was turned away, its body unread, serves the next one', async t => {
	const {ask, state} = await open(t);
	state.waitingMs = 501;
	const body = JSON.stringify({value: 1, filler: 'x'.repeat(100_000)});

	for (let request = 0; request < 20; request++) {
		t.is((await ask(debit, {body})).status, 503);
		t.is((await ask('/v1/giftcards/_search')).status, 200);
	}
});

test('how many were turned away is told once in a while, not for each', async t => {
	const {ask, state} = await open(t);
	state.waitingMs = 501;
	await Promise.all(Array.from({length: 5}, async () => ask(debit)));

	await until('all are told', () => state.turnedAway === 5);

	t.is(state.turnedAway, 5);
});
