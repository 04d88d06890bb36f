import {statSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {openServer} from '../../src/db/server.ts';
import {temporaryFolder} from '../helpers/embedded.ts';

const quiet = {info: () => undefined, warn: () => undefined};
const nothing = {
	databaseUrl: undefined,
	directDatabaseUrl: undefined,
	codePeppers: [],
	secretsKey: undefined,
};

test('beside the embedded database a pepper and a key are generated once, readable by their owner only', async t => {
	const dataDir = path.join(temporaryFolder(t), 'data');
	const service = await openServer({...nothing, dataDir}, {role: 'service', log: quiet});
	const script = await openServer({...nothing, dataDir}, {role: 'script', log: quiet});
	t.teardown(async () => {
		await script.stop();
		await service.stop();
	});

	t.is(service.codePeppers.length, 1);
	t.regex(service.codePeppers[0], /^[\w-]{64}$/);
	t.regex(service.secretsKey, /^[\w-]{64}$/);
	t.not(service.secretsKey, service.codePeppers[0]);
	t.like(script, {codePeppers: service.codePeppers, secretsKey: service.secretsKey, url: service.url});
	t.is(service.directUrl, service.url);
	for (const name of ['code-pepper', 'secrets-key']) {
		t.is(statSync(path.join(dataDir, 'secrets', name)).mode & 0o777, 0o600);
	}
});

test('a database that DATABASE_URL names is neither started nor stopped, and the secrets are those given', async t => {
	const dataDir = path.join(temporaryFolder(t), 'data');
	const config = {
		databaseUrl: 'postgresql://pooler.example.com/monedero',
		directDatabaseUrl: 'postgresql://direct.example.com/monedero',
		codePeppers: ['new', 'old'],
		secretsKey: 'key',
		dataDir,
	};

	const server = await openServer(config, {role: 'service', log: quiet});

	t.like(server, {
		url: config.databaseUrl,
		directUrl: config.directDatabaseUrl,
		codePeppers: ['new', 'old'],
		secretsKey: 'key',
	});
	t.is(await server.stop(), 'left running');
	t.throws(() => statSync(dataDir), {code: 'ENOENT'});
});
