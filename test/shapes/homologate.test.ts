import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {temporaryFolder} from '../helpers/embedded.ts';
import {jsonLines, runScript} from '../helpers/script.ts';
import {startService} from '../helpers/service.ts';

/* The conformance kit against the service as both are started by a user: two processes, a real database, HTTP between them. */

const pair = {PROVIDER_APP_KEY: 'key-of-the-store', PROVIDER_APP_TOKEN: 'token-of-the-store'};

test('the service that npm start starts passes what npm run homologate tries of both protocols, and nothing is skipped', async t => {
	t.timeout(10 * 60_000);
	const folder = temporaryFolder(t);
	const service = startService(t, {DATA_DIR: path.join(folder, 'data'), SANDBOX: 'true', ...pair});
	const url = await service.ready();
	const junit = path.join(folder, 'homologation.xml');

	const args = [
		'--url',
		url,
		'--app-key',
		pair.PROVIDER_APP_KEY,
		// Of the payments what needs no waiting for callbacks: all of them are tried in one process, where the clock is the test's.
		'--only',
		'G,P01,P02,P03,P05,P11,P15,P18,P22,P28',
		'--junit',
		junit,
	];
	const {code, stdout, stderr} = await runScript(
		'homologate',
		[...args, '--json'],
		{},
		`${pair.PROVIDER_APP_TOKEN}\n`,
	);

	const results = jsonLines(stdout);
	t.deepEqual(
		results.filter(({outcome}) => outcome === 'failed' || outcome === 'skipped'),
		[],
	);
	t.is(stderr, '');
	t.is(code, 0);
	t.regex(readFileSync(junit, 'utf8'), new RegExp(`tests="${results.length - 1}" failures="0"`));
	service.kill('SIGTERM');
	t.is(await service.ended(), 0);
});
