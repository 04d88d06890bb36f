import {spawnSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {freePort} from '../../scripts/bench/free-port.ts';
import {newPaymentId, openHub} from '../../scripts/demo/hub.ts';
import {readCompose, readDockerfile, wordsOf} from '../helpers/containers.ts';
import {type Environment, type InstalledPackage, installPackage} from '../helpers/installed-package.ts';
import {jsonLines} from '../helpers/script.ts';
import {startPrimary} from '../shapes/servers.ts';

/*
 * There is no engine for containers where this runs. So the two containers of compose.yaml that are ours are processes of the package here,
 * with the environment, the secrets and the commands that stand there; the third is a PostgreSQL 18 that was prepared by its script.
 */

let installed: InstalledPackage;
test.before(t => {
	t.timeout(10 * 60_000);
	installed = installPackage();
});
test.after.always(() => {
	installed.remove();
});

test('compose.yaml starts a store whose service cannot change history, and the health check of the image sees it', async t => {
	t.timeout(5 * 60_000);
	const compose = readCompose();
	const {setup, monedero} = compose.services;
	const postgres = await startPrimary(t);
	const secrets = path.join(installed.folder, 'secrets');
	makeSecrets(secrets, postgres.port);
	await postgres.run(`ALTER ROLE monedero SUPERUSER PASSWORD 'owner'`);
	const inside = (environment: Environment): Environment =>
		Object.fromEntries(
			Object.entries(environment).map(([name, value]) => [name, value.replace('/run/secrets', secrets)]),
		);

	const prepared = spawnSync(
		'sh',
		['-eu', '-c', compose.configs['service-role']?.content.replaceAll('/run/secrets', secrets) ?? ''],
		{
			env: {
				...process.env,
				...{POSTGRES_USER: 'monedero', POSTGRES_DB: 'monedero'},
				...{PGHOST: '127.0.0.1', PGPORT: String(postgres.port), PGPASSWORD: 'owner'},
			},
			encoding: 'utf8',
		},
	);
	t.is(prepared.status, 0, `${prepared.error?.message ?? ''}${prepared.stderr}`);

	const done = await installed.run(setup.command ?? [], inside(setup.environment), 'ourselves');
	t.is(done.code, 0, done.stderr);
	t.regex(done.stdout, /its privileges are up to date/);
	// Every start of the composition runs it.
	t.is((await installed.run(setup.command ?? [], inside(setup.environment), 'ourselves')).code, 0);

	const port = String(await freePort());
	const environment = {...inside(monedero.environment), PORT: port};
	const service = await installed.start(t, environment, 'ourselves');
	const issued = await installed.run(['cards:issue', '--amount', '50', '--json'], environment, 'ourselves');
	const [card] = jsonLines(issued.stdout);
	const pair = {appKey: monedero.environment['PROVIDER_APP_KEY'] ?? '', appToken: 'token-of-the-store'};
	const code = String(card?.['redemptionCode']);
	await openHub({serviceUrl: service.serviceUrl, ...pair}).debit(String(card?.['id']), {
		...{value: 10, requestId: newPaymentId(), orderId: 'v1-01', email: 'a@example.com', code},
	});
	const [row] = await postgres.run<{ok: boolean}>(
		`SELECT NOT has_table_privilege('monedero_service', 'entries', 'UPDATE, DELETE, TRUNCATE') AS ok`,
	);
	t.true(row?.ok);

	const isHealthy = () => {
		const [program = '', ...args] = wordsOf(readDockerfile(), 'HEALTHCHECK');
		return spawnSync(program, args, {env: {...process.env, PORT: port}}).status === 0;
	};
	t.true(isHealthy());
	t.is((await service.end()).code, 0);
	t.false(isHealthy());
});

function makeSecrets(folder: string, port: number): void {
	mkdirSync(folder);
	const url = (user: string, password: string) =>
		`postgresql://${user}:${password}@127.0.0.1:${port}/monedero`;
	for (const [name, secret] of Object.entries({
		...{'owner-password': 'owner', 'owner-url': url('monedero', 'owner')},
		...{'service-password': 'service', 'service-url': url('monedero_service', 'service')},
		...{'code-pepper': 'p'.repeat(48), 'secrets-key': 's'.repeat(48), 'app-token': 'token-of-the-store'},
		'metrics-token': 'token-of-the-monitoring',
	})) {
		writeFileSync(path.join(folder, name), `${secret}\n`, {mode: 0o600});
	}
}
