import {spawn} from 'node:child_process';
import {once} from 'node:events';
import os from 'node:os';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {openAdmins} from '../../src/admins/admins.ts';
import {jsonLines, runHere, scriptSecrets} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;

test.before(async () => {
	server = await openTestServer({env: scriptSecrets});
});
test.after.always(() => server.close());

const run = (...args: string[]) => runHere(server.parts, 'admins:create', args);

async function check(name: string, password: string) {
	return openAdmins(server.parts.prisma).check({name, password, address: '192.0.2.1'}, new Date());
}

test('admins:create --json prints merchant, name, role and a password that works', async t => {
	const {code, stdout} = await run('--name', 'ana', '--json');

	t.is(code, 0);
	const [made = {}] = jsonLines(stdout);
	t.deepEqual(Object.keys(made), ['merchant', 'name', 'role', 'password']);
	t.like(made, {merchant: server.merchant.name, name: 'ana', role: 'admin'});
	t.like(await check('ana', String(made['password'])), {kind: 'known', admin: {role: 'admin'}});
});

test('without --json the password is shown, once and with a warning', async t => {
	const {code, stdout} = await run('--name', 'vera', '--role', 'viewer');

	t.is(code, 0);
	const [, password = ''] = /^Password +(\S+)$/m.exec(stdout) ?? [];
	t.regex(stdout, /shown here only/);
	t.like(await check('vera', password), {kind: 'known', admin: {role: 'viewer'}});
});

test('a taken name is refused with exit code 1, an unknown role and a missing name with 2', async t => {
	await run('--name', 'omar');

	const taken = await run('--name', 'omar');

	t.is(taken.code, 1);
	t.is(taken.stdout, '');
	t.regex(taken.stderr, /There is an admin "omar" already/);
	t.is((await run('--name', 'other', '--role', 'king')).code, 2);
	t.is((await run('--role', 'admin')).code, 2);
});

/** As a pipe feeds it: only a process has a standard input of its own. */
async function runWithInput(input: string, ...args: string[]) {
	const root = fileURLToPath(new URL('../..', import.meta.url));
	const child = spawn(
		process.execPath,
		[`${root}/scripts/lib/launch.js`, `${root}/scripts/admins-create.ts`, '--password-stdin', ...args],
		{
			cwd: os.tmpdir(),
			env: {...process.env, DATABASE_URL: server.database.url, ...scriptSecrets},
		},
	);
	child.stdin.end(input);
	const ended = once(child, 'exit');
	const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
	const [code] = (await ended) as [number | null];
	return {code, stdout, stderr};
}

test('--password-stdin takes the first line of standard input', async t => {
	const {code, stderr, stdout} = await runWithInput('contraseña segura\n', '--name', 'typed', '--json');

	t.is(code, 0, stderr);
	t.like(jsonLines(stdout), [{name: 'typed', password: 'contraseña segura'}]);
	t.like(await check('typed', 'contraseña segura'), {kind: 'known'});
});

test('a password of eleven characters on standard input is refused, and not repeated', async t => {
	const {code, stderr, stdout} = await runWithInput('12345678901\n', '--name', 'short');

	t.is(code, 1);
	t.is(stdout, '');
	t.regex(stderr, /12 to 200 characters/);
	t.false(stderr.includes('12345678901'));
});
