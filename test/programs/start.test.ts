import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {type AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import {variables} from '../../src/config-variables.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {temporaryFolder} from '../helpers/embedded.ts';
import {startService} from '../helpers/service.ts';

let database: TestDatabase;
test.before(async () => {
	database = await openTestDatabase();
});
test.after.always(() => database.close());

const secrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

test('the first start shows the credentials once; the second is the same service without them; Ctrl-C stops the database last', async t => {
	const dataDir = temporaryFolder(t);
	const first = startService(t, {DATA_DIR: dataDir});
	const url = await first.ready();
	const [, appKey = ''] = /app key +(\S+)/.exec(first.stdout()) ?? [];
	const [, appToken = ''] = /token +(\S+)/.exec(first.stdout()) ?? [];
	const search = (serviceUrl: string) =>
		fetch(`${serviceUrl}/giftcards/_search`, {
			method: 'POST',
			headers: {'X-PROVIDER-API-AppKey': appKey, 'X-PROVIDER-API-AppToken': appToken},
			body: '{"cart": {"redemptionCode": "AAAA-BBBB-CCCC-DDDD"}}',
		});

	t.true(first.stdout().includes(`service URL  ${url}`));
	t.regex(appKey, /^default-[0-9a-f]{12}$/);
	t.deepEqual(await (await search(url)).json(), []);
	const beside = startService(t, {DATA_DIR: dataDir});
	t.is(await beside.ended(), 1);
	t.regex(beside.stderr(), /^Another Monedero .* Stop it, or give this one a DATA_DIR of its own/);

	first.kill('SIGINT');
	t.is(await first.ended(), 0);
	t.is(first.stderr(), '');

	const second = startService(t, {DATA_DIR: dataDir});
	t.deepEqual(await (await search(await second.ready())).json(), []);
	second.kill('SIGTERM');
	t.is(await second.ended(), 0);
	t.false(second.stdout().includes(appToken));
	t.notRegex(second.stdout(), /token/i);

	// Whatever was opened before it is closed again: the database would go on without anybody who stops it.
	const wrong = startService(t, {DATA_DIR: dataDir, CODE_PEPPER: 'q'.repeat(48)});
	t.is(await wrong.ended(), 1);
	t.regex(wrong.stderr(), /pepper/i);
	t.false(existsSync(path.join(dataDir, 'postgres', 'postmaster.pid')));
});

test('asked for help the service tells its variables, and starts nothing; it takes no other argument', async t => {
	const dataDir = temporaryFolder(t);
	const help = startService(t, {DATA_DIR: dataDir}, ['--help']);
	const wrong = startService(t, {DATA_DIR: dataDir}, ['--port', '80']);

	t.is(await help.ended(), 0);
	t.is(await wrong.ended(), 2);
	for (const {name, description} of variables) {
		t.true(
			help.stdout().includes(`  ${name}`) && help.stdout().includes(description.replaceAll('`', '')),
			name,
		);
	}

	t.true(
		help
			.stdout()
			.split('\n')
			.every(line => line.length <= 120),
	);
	t.regex(wrong.stderr(), /^The service takes no arguments, and --port is one\. Try: npm start -- --help\n$/);
	t.deepEqual(await readdir(dataDir), []);
});

test('what keeps the service from starting is one message that says what to do', async t => {
	const taken = createServer().listen(0, '127.0.0.1');
	await once(taken, 'listening');
	t.teardown(() => taken.close());
	const {port} = taken.address() as AddressInfo;
	const withDatabase = {DATABASE_URL: database.url, ...secrets};
	await database.general.pool.query("INSERT INTO peppers (check_value) VALUES (sha256('another pepper'))");

	const cases: [env: Record<string, string>, message: RegExp][] = [
		[
			{...withDatabase, PORT: String(port)},
			/^Port \d+ on 127\.0\.0\.1 is taken\. Stop what uses it, or set PORT to another one\.\n$/,
		],
		[
			{PORT: 'many', CURRENCY: 'real'},
			/^The environment is not usable:\n {2}PORT must be .*\n {2}CURRENCY must be .*\n$/,
		],
		[{...withDatabase, CODE_PEPPER: 'q'.repeat(48)}, /^CODE_PEPPER is not the key .*\n$/],
	];
	for (const [env, message] of cases) {
		const service = startService(t, env);

		t.is(await service.ended(), 1);
		t.regex(service.stderr(), message);
		t.notRegex(service.stderr(), /\n {4}at /);
	}
});
