import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {runLoad, type LoadPlan} from '../../scripts/bench/load.ts';

async function listen(t: ExecutionContext, server: Server): Promise<number> {
	await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

const plan = (port: number, overrides: Partial<LoadPlan> = {}): LoadPlan => ({
	target: {port},
	connections: 4,
	warmUpMs: 0,
	duration: {requests: 40},
	request: n => `POST /${n} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`,
	...overrides,
});

test('exactly the requests asked for are sent, each once, over so many kept connections', async t => {
	const paths: string[] = [];
	const sockets = new Set<unknown>();
	const port = await listen(
		t,
		createServer((request, response) => {
			paths.push(request.url ?? '');
			sockets.add(request.socket);
			response.end('{}');
		}),
	);

	const result = await runLoad(plan(port));

	t.deepEqual(
		paths.map(path => Number(path.slice(1))).sort((a, b) => a - b),
		Array.from({length: 40}, (_, n) => n),
	);
	t.is(sockets.size, 4);
	t.deepEqual(result.statuses, {200: 40});
	t.is(result.errors, 0);
	t.true(result.p50 <= result.p99 && result.p99 <= result.max);
});

test('answers that are no success are counted by status and not as speed', async t => {
	const port = await listen(
		t,
		createServer((_request, response) => {
			response.statusCode = 503;
			response.end('{}');
		}),
	);

	const result = await runLoad(plan(port));

	t.deepEqual(result.statuses, {503: 40});
	t.is(result.perSecond, 0);
});

test('a connection dropped before its answer is one error, and the rest is asked over a new one', async t => {
	const port = await listen(
		t,
		createServer((request, response) => {
			if (request.url === '/7') {
				request.socket.destroy();
			} else {
				response.end('{}');
			}
		}),
	);

	const result = await runLoad(plan(port));

	t.is(result.errors, 1);
	t.deepEqual(result.statuses, {200: 39});
});

test('a chunked answer is an error, not a figure', async t => {
	const port = await listen(
		t,
		createServer((_request, response) => {
			response.write('{');
			response.end('}');
		}),
	);

	const result = await runLoad(plan(port, {duration: {requests: 5}}));

	t.is(result.errors, 5);
	t.is(result.perSecond, 0);
});

test('what is answered during the warm-up is not counted', async t => {
	let answered = 0;
	// What ends the warm-up, and what ends the run: here the count of answers does, and no clock.
	const ends: (() => void)[] = [];
	const port = await listen(
		t,
		createServer((_request, response) => {
			answered++;
			if (answered % 20 === 0) {
				ends.shift()?.();
			}

			response.end('{}');
		}),
	);
	const {setTimeout} = globalThis;
	Object.assign(globalThis, {setTimeout: (end: () => void) => ends.push(end)});
	const running = runLoad(plan(port, {warmUpMs: 1, duration: {seconds: 1}}));
	Object.assign(globalThis, {setTimeout});

	const result = await running;

	t.deepEqual(ends, []);
	const counted = result.statuses[200] ?? 0;
	// Of its 20, but for what was under way at its ends, one answer on each of four connections.
	t.true(counted >= 16 && counted <= 24, `${counted} of ${answered}`);
});

test('a server that is not there is an error that says so, not a slow figure', async t => {
	await t.throwsAsync(runLoad(plan(1)), {message: /does not answer/});
});
