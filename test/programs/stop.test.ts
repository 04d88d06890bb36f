import test from 'ava';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {connect, type RawConnection} from '../helpers/raw.ts';
import {startService, type ServiceProcess} from '../helpers/service.ts';
import {type TestContext} from '../helpers/test-context.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};

function start(t: TestContext): ServiceProcess {
	const secrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};
	return startService(t, {DATABASE_URL: database.url, ...secrets, ...pair});
}

/** A request that is in flight until it gets its last byte. */
async function beginSearch(t: TestContext, url: string): Promise<RawConnection> {
	const connection = await connect(t, Number(new URL(url).port));
	const credentials = `X-PROVIDER-API-AppKey: ${pair.PROVIDER_APP_KEY}\r\nX-PROVIDER-API-AppToken: ${pair.PROVIDER_APP_TOKEN}`;
	// It waits to be asked for the body: then it is known to be in flight.
	connection.send(
		`POST /v1/giftcards/_search HTTP/1.1\r\nHost: x\r\n${credentials}\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
	);
	await connection.until(/100 Continue\r\n\r\n/);
	return connection;
}

test('SIGTERM: nobody new is let in, what is in flight is answered, and the process ends; another one goes on', async t => {
	const service = start(t);
	const other = start(t);
	const [url, otherUrl] = await Promise.all([service.ready(), other.ready()]);
	const inFlight = await beginSearch(t, url);

	// As a terminal and npm do it together.
	service.kill('SIGINT');
	service.kill('SIGTERM');
	await service.says('"Stopping');
	await t.throwsAsync(fetch(url));
	inFlight.send('{}');

	t.regex(await inFlight.ended(), /HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*\[\]$/);
	t.is(await service.ended(), 0);
	t.true(service.stdout().endsWith('"msg":"Stopped"}\n'));
	t.is(service.stderr(), '');
	const answer = await beginSearch(t, otherUrl);
	answer.send('{}');
	t.true((await answer.until(/\]$/)).endsWith('[]'));
	// A pair that the operator has chosen is known to the operator.
	t.false(service.stdout().includes(pair.PROVIDER_APP_TOKEN));
});

test('a second signal ends the process at once', async t => {
	const service = start(t);
	const inFlight = await beginSearch(t, await service.ready());

	service.kill('SIGTERM');
	await service.says('"Stopping');
	const again = setInterval(() => {
		service.kill('SIGTERM');
	}, 20);
	t.teardown(() => {
		clearInterval(again);
	});

	t.is(await service.ended(), 1);
	t.notRegex(await inFlight.ended(), /200 OK/);
	t.regex(service.stdout(), /"Stopped at once"/);
});
