import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import {once} from 'node:events';
import http from 'node:http';
import {type AddressInfo} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import test from 'ava';
import {jsonLines, runScript, startScript} from '../helpers/script.ts';
import {openGiftCardProvider, type TestProvider} from './giftcards-provider.ts';

const run = (args: readonly string[], input?: string) => runScript('homologate', args, {}, input);
const at = ({url, appKey}: TestProvider, ...args: string[]) => ['--url', url, '--app-key', appKey, ...args];

test('a sound provider passes: exit code 0, a line for each check, and both reports', async t => {
	const provider = await openGiftCardProvider(t);
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-homologate-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const [html, junit, token] = ['out.html', 'out.xml', 'token'].map(name => path.join(folder, name)) as [
		string,
		string,
		string,
	];
	await writeFile(token, `${provider.appToken}\n`);

	const {code, stdout, stderr} = await run(
		at(provider, '--protocol', 'giftcards', '--app-token-file', token, '--report', html, '--junit', junit),
	);

	t.is(stderr, '');
	t.is(code, 0);
	t.regex(stdout, /✔ G07 {2}A second slash before the path changes nothing/);
	t.regex(stdout, /\n56 passed, 0 failed, 0 skipped in \d+\.\d s\.\n/);
	t.regex(await readFile(junit, 'utf8'), /<testsuites [^>]*tests="56" failures="0" errors="0" skipped="0"/);
	t.regex(await readFile(html, 'utf8'), /As VTEX needs it/);
	t.is((await stat(html)).mode & 0o777, 0o600);
	for (const said of [stdout, await readFile(html, 'utf8'), await readFile(junit, 'utf8')]) {
		t.false(said.includes(provider.appToken));
		t.true(said.split('\n').every(line => said !== stdout || line.length <= 100));
	}
});

test('a fault is told with what was expected, what came, why it matters and where that is explained: exit code 1', async t => {
	const provider = await openGiftCardProvider(t, 'answers {} for empty lists');

	const {code, stdout} = await run(at(provider, '--only', 'g23,G25', '--verbose'), provider.appToken);

	t.is(code, 1);
	t.regex(stdout, /✘ G23 {2}/);
	t.regex(stdout, /expected {2}200 and \[\] for the settlements where there are none\n/);
	t.regex(stdout, /got {7}200 and \{\}\n/);
	t.regex(stdout, /why {7}Before it settles or cancels, the Hub adds up these lists\./);
	t.regex(stdout, /rule {6}docs\/homologation\.md#g23\n/);
	t.regex(stdout, /> GET \/v1\/giftcards\/card_/);
	t.true(stdout.includes('> X-PROVIDER-API-AppToken: █████'));
	t.false(stdout.includes(provider.appToken));
	t.regex(stdout, /1 passed, 1 failed, 0 skipped/);
});

test('where nothing could be tried nothing is proved: exit code 1, and why no card could be made', async t => {
	const provider = await openGiftCardProvider(t);

	const {code, stdout} = await run(at(provider, '--only', 'G18'), 'another-token-than-the-right-one');

	t.is(code, 1);
	t.regex(stdout, /0 passed, 0 failed, 1 skipped/);
	t.regex(stdout, /the\s+provider\s+made\s+none[^]*got\s+403/);
});

test('with --json each check is a line, and so is the end', async t => {
	const provider = await openGiftCardProvider(t, 'answers {} for empty lists');

	const {code, stdout} = await run(at(provider, '--only', 'G23,G26', '--json'), provider.appToken);

	t.is(code, 1);
	const [failed, alsoFailed, end] = jsonLines(stdout);
	t.like(failed, {protocol: 'giftcards', id: 'G23', outcome: 'failed', got: '200 and {}'});
	t.like(alsoFailed, {id: 'G26', outcome: 'failed'});
	t.like(end, {passed: 0, failed: 2, skipped: 0, isStopped: false});
	t.false(stdout.includes(provider.appToken));
});

test('what cannot be understood is exit code 2, and says what would have been right', async t => {
	const {code, stderr, stdout} = await run(['--url', 'https://cards.example.com/v1', '--app-key', 'k'], '');

	t.is(code, 2);
	t.regex(stderr, /There was no app token: type it when asked/);
	t.regex(stderr, /\nHelp: npm run --silent homologate -- --help\n$/);
	t.is(stdout, '');
});

test('Ctrl-C ends it with what it has: exit code 130, and the reports', async t => {
	const provider = await openGiftCardProvider(t);
	const folder = await mkdtemp(path.join(os.tmpdir(), 'monedero-homologate-'));
	t.teardown(() => rm(folder, {recursive: true}));
	const junit = path.join(folder, 'out.xml');
	// Answers the first check, and the next never.
	let count = 0;
	const silent = http.createServer((_request, response) => {
		if (++count <= 13) {
			response.writeHead(401).end();
		} else {
			// Twice, as from a terminal: npm hands it on.
			child.kill('SIGINT');
			child.kill('SIGINT');
		}
	});
	silent.listen(0, '127.0.0.1');
	await once(silent, 'listening');
	t.teardown(() => {
		silent.closeAllConnections();
		silent.close();
	});
	const {port} = silent.address() as AddressInfo;
	const url = `http://127.0.0.1:${port}/v1`;

	const args = at({...provider, url}, '--protocol', 'giftcards', '--junit', junit);
	const child = startScript('homologate', args, {}, provider.appToken);
	const said = child.stdout === null ? '' : await text(child.stdout);
	const code = child.exitCode ?? ((await once(child, 'exit')) as [number])[0];

	t.is(code, 130);
	t.regex(said, /✔ G01/);
	t.regex(said, /– G02[^]*Not tried: the kit was stopped\./);
	t.regex(said, /1 passed, 0 failed, 55 skipped/);
	t.regex(await readFile(junit, 'utf8'), /tests="56" failures="0" errors="0" skipped="55"/);
});
