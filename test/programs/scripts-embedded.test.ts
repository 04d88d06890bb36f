import {existsSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {open, startOf, temporaryFolder, withDataDir} from '../helpers/embedded.ts';
import {jsonLines, runScript} from '../helpers/script.ts';

test('a command works on an empty data directory while no service runs, and stops the database behind it', async t => {
	const dataDir = path.join(temporaryFolder(t), 'data');
	const env = {DATA_DIR: dataDir};

	const issued = await runScript('cards:issue', ['--amount', '50', '--json'], env);
	const [card] = jsonLines(issued.stdout);
	const shown = await runScript('cards:show', ['--code', String(card?.['redemptionCode']), '--json'], env);

	t.is(issued.code, 0, issued.stderr);
	t.like(jsonLines(shown.stdout)[0], {id: card?.['id'], balance: 50});
	t.false(existsSync(path.join(dataDir, 'postgres/postmaster.pid')));
	// Scripts make no credentials by themselves: the first start of the service shows them.
	const credentials = await runScript('credentials:list', ['--json'], env);
	t.deepEqual(credentials, {code: 0, stdout: '', stderr: ''});
});

test('a command works beside a service on the same data directory, and leaves its database running', async t => {
	const service = await open(t, {dataDir: await withDataDir(t), role: 'service'});
	const start = await startOf(service.url);
	const dataDir = path.dirname(path.join(service.folder, 'postgres'));

	const {code, stderr} = await runScript('cards:issue', ['--amount', '50', '--json'], {DATA_DIR: dataDir});

	t.is(code, 0, stderr);
	t.is(await startOf(service.url), start);
});
