import test from 'ava';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;
test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

test('a path that nobody knows is 404 with content', async t => {
	const answer = await server.call('GET', '/nothing');

	t.is(answer.status, 404);
	t.like(answer.json, {error: {code: 'not_found'}});
});

test('health needs no credentials', async t => {
	const live = await fetch(`${server.origin}/health/live`);
	const ready = await fetch(`${server.origin}/health/ready`);

	t.is(live.status, 200);
	t.is(ready.status, 200);
});
