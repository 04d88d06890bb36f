import {randomBytes} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync, statSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import {openConnection} from '../../src/db/client.ts';
import {runHere} from '../helpers/script.ts';
import {openTestServer, type TestServer} from '../helpers/server.ts';

let server: TestServer;
test.before(async () => {
	server = await openTestServer();
});
test.after.always(() => server.close());

const nameOf = () => `service_${randomBytes(4).toString('hex')}`;

/** As whoever may make roles. */
const run = (...args: string[]) =>
	runHere(
		{
			...server.parts,
			openAdminConnection: () => openConnection(server.database.superuserUrl, 'roles'),
		},
		'db:roles',
		args,
	);

async function drop(name: string): Promise<void> {
	const admin = await openConnection(server.database.superuserUrl, 'roles');
	await admin.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
	await admin.end();
}

test.serial(
	'a role is made with a password that is shown once and works, and made again keeps it',
	async t => {
		const name = nameOf();
		t.teardown(() => drop(name));

		const made = await run('--service', name, '--json');
		const again = await run('--service', name, '--json');

		const {password} = JSON.parse(made.stdout) as {password: string};
		t.like(JSON.parse(made.stdout), {role: name, created: true});
		t.deepEqual(Object.keys(JSON.parse(again.stdout) as object), ['role', 'owner', 'created']);
		const url = new URL(server.database.url);
		url.username = name;
		url.password = password;
		const client = await openConnection(url.href, 'roles');
		t.is((await client.query('SELECT FROM entries LIMIT 1')).command, 'SELECT');
		await client.end();
	},
);

test.serial('the password goes into a file of one’s own, which is never written over', async t => {
	const name = nameOf();
	const folder = mkdtempSync(path.join(os.tmpdir(), 'roles-'));
	const file = path.join(folder, 'password');
	t.teardown(async () => {
		rmSync(folder, {recursive: true});
		await drop(name);
	});

	const made = await run('--service', name, '--password-file', file);

	t.is(made.code, 0, made.stderr);
	const password = readFileSync(file, 'utf8').trim();
	t.is(password.length, 32);
	t.false(made.stdout.includes(password));
	t.is(statSync(file).mode & 0o777, 0o600);
	const other = nameOf();
	const refused = await run('--service', other, '--password-file', file);
	t.is(refused.code, 1);
	t.is(readFileSync(file, 'utf8').trim(), password);
});

test.serial(
	'a dry run prints the SQL and makes nothing; the owner, and what is no name, are refused',
	async t => {
		const name = nameOf();

		const dry = await run('--service', name, '--dry-run');

		t.regex(dry.stdout, new RegExp(`CREATE ROLE "${name}" LOGIN NOSUPERUSER`));
		t.regex(dry.stdout, /GRANT SELECT, INSERT ON "entries"/);
		const admin = await openConnection(server.database.superuserUrl, 'roles');
		t.is((await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [name])).rowCount, 0);
		await admin.end();
		t.is((await run('--service', new URL(server.database.ownerUrl).username)).code, 2);
		t.is((await run('--service', 'Robert"; --')).code, 2);
	},
);

test.serial('a role that may do what the owner may is not made the service’s', async t => {
	const name = nameOf();
	t.teardown(() => drop(name));
	const admin = await openConnection(server.database.superuserUrl, 'roles');
	await admin.query(`CREATE ROLE ${name} IN ROLE ${new URL(server.database.ownerUrl).username}`);

	for (const chosen of [name, new URL(server.database.superuserUrl).username]) {
		const refused = await run('--service', chosen);

		t.is(refused.code, 2, chosen);
		t.regex(refused.stderr, /may do everything/);
	}

	const {rows} = await admin.query('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1', [name]);
	t.deepEqual(rows, [{rolcanlogin: false}]);
	await admin.end();
});

test.serial('who may not make roles is told who may', async t => {
	const name = nameOf();

	const refused = await runHere(server.parts, 'db:roles', ['--service', name]);

	t.is(refused.code, 1);
	t.regex(refused.stderr, /CREATEROLE.*--dry-run/);
});
