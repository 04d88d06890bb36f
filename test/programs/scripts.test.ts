import test from 'ava';
import {openTestServer, type TestServer} from '../helpers/server.ts';
import {jsonLines, runScript, type ScriptEnvironment, scriptSecrets} from '../helpers/script.ts';

// What only a process of its own can show: commands as npm starts them, beside a running service.

let server: TestServer;
let env: ScriptEnvironment;

test.before(async () => {
	server = await openTestServer({env: scriptSecrets});
	env = {DATABASE_URL: server.database.url, ...scriptSecrets};
});

test.after.always(() => server.close());

test.serial('a command does its work, prints its values only, and ends with exit code 0', async t => {
	const issued = await runScript('cards:issue', ['--amount', '50', '--expires', '2037-12-31', '--json'], env);
	const [card] = jsonLines(issued.stdout);
	const shown = await runScript('cards:show', ['--code', String(card?.['redemptionCode']), '--json'], env);

	t.is(issued.code, 0, issued.stderr);
	t.is(shown.code, 0, shown.stderr);
	t.like(jsonLines(shown.stdout), [{id: card?.['id'], balance: 50, expiringDate: '2037-12-31'}]);
});

test.serial('a refusal ends with exit code 1, wrong usage with 2', async t => {
	const refused = await runScript('cards:show', ['--card', 'f'.repeat(32)], env);
	const wrong = await runScript('cards:show', ['--crad', 'f'.repeat(32)], env);

	t.deepEqual(refused, {
		code: 1,
		stdout: '',
		stderr: 'default has no card with this id. Check it, and --merchant where there are several.\n',
	});
	t.deepEqual(wrong, {
		code: 2,
		stdout: '',
		stderr:
			'cards:show has no flag --crad. Did you mean --card?\nHelp: npm run --silent cards:show -- --help\n',
	});
});

test.serial('--help needs no database', async t => {
	const {code, stdout} = await runScript('cards:issue', ['--help'], {
		DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
	});

	t.is(code, 0);
	t.regex(stdout, /^Usage: npm run --silent cards:issue -- --amount 50\.00 \[FLAGS\]/);
});

test.serial('a database that does not answer is one line with what to do, without its password', async t => {
	const unreachable = {...env, DATABASE_URL: 'postgres://someone:secret-word@127.0.0.1:1/none'};
	const {code, stdout, stderr} = await runScript('merchants:list', ['--json'], unreachable);

	t.is(code, 1);
	t.is(stdout, '');
	t.regex(stderr, /^The database at 127\.0\.0\.1:1\/none does not answer .*\n$/);
	t.false(stderr.includes('secret-word'));
});
