import test from 'ava';
import {withApp} from '../helpers/app.ts';
import {exchange} from '../helpers/raw.ts';
import {withServer} from '../helpers/server.ts';
import {until} from '../helpers/until.ts';

test('health is at the root, needs no credentials and is not kept by caches', async t => {
	const {origin} = await withServer(t);
	for (const path of ['/health/live', '/health/ready', '//health//ready', '/health/ready?probe=1']) {
		const answer = await fetch(origin + path);

		t.is(answer.status, 200, path);
		t.deepEqual(await answer.json(), {status: 'ok'});
		t.is(answer.headers.get('cache-control'), 'no-store');
	}
});

test('a service whose database does not answer is alive and not ready, and ready again when it does', async t => {
	let isThere = false;
	const ping = () => (isThere ? Promise.resolve() : Promise.reject(new Error('gone')));
	const {origin} = await withApp(t, {ping});

	const live = await fetch(`${origin}/health/live`);
	const unready = await fetch(`${origin}/health/ready`);
	isThere = true;
	const ready = await fetch(`${origin}/health/ready`);

	t.is(live.status, 200);
	t.is(unready.status, 503);
	t.deepEqual(await unready.json(), {status: 'unavailable', reason: 'The database does not answer.'});
	t.is(ready.status, 200);
});

test('however many ask for readiness at once, the database is asked once', async t => {
	let pings = 0;
	let answer: () => void = () => undefined;
	const ping = () => {
		pings++;
		return new Promise<void>(resolve => (answer = resolve));
	};
	const {port, inFlight} = await withApp(t, {ping});
	const asked = Array.from({length: 20}, () => exchange(t, port, ['GET /health/ready HTTP/1.1']));
	// In whichever order connections come, all of them ask before there is an answer.
	await until('all ask', () => inFlight.count() === asked.length);
	const live = await exchange(t, port, ['GET /health/live HTTP/1.1']);

	answer();
	const answers = await Promise.all(asked);

	t.regex(live, /^HTTP\/1\.1 200 /);
	t.true(answers.every(text => text.startsWith('HTTP/1.1 200 ')));
	t.is(pings, 1);
});

test('a service that is about to stop is alive and not ready', async t => {
	const {origin, inFlight} = await withApp(t);
	inFlight.beginDraining();

	t.is((await fetch(`${origin}/health/live`)).status, 200);
	t.is((await fetch(`${origin}/health/ready`)).status, 503);
});
