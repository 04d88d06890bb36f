import {once} from 'node:events';
import {createInterface} from 'node:readline';
import test from 'ava';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {jsonLines, runScript, type ScriptEnvironment, scriptSecrets, startScript} from '../helpers/script.ts';

// A run of several chunks that ends before its end, and is repeated: A15 by the real program.

let database: TestDatabase;
let env: ScriptEnvironment;

test.before(async () => {
	database = await openTestDatabase();
	env = {DATABASE_URL: database.url, ...scriptSecrets};
});

test.after.always(() => database.close());

const count = 2000;
const flags = (key: string) => ['--amount', '2.50', '--count', String(count), '--key', key, '--json'];

/** Start a run and end it by a signal once it has printed so many cards. */
async function interrupt(key: string, signal: NodeJS.Signals, afterLines: number) {
	const child = startScript('cards:issue', flags(key), env);
	const exited = once(child, 'exit');
	const lines: string[] = [];
	let stderr = '';
	child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	if (child.stdout !== null) {
		for await (const line of createInterface(child.stdout)) {
			lines.push(line);
			if (lines.length === afterLines) {
				child.kill(signal);
			}
		}
	}

	await exited;
	return {code: child.exitCode, lines, stderr};
}

async function countCards(key: string): Promise<number> {
	const [row] = await database.general.prisma.$queryRaw<[{cards: number}]>`
		SELECT count(DISTINCT l.card_id)::int AS cards
		FROM commands c JOIN lots l ON l.merchant_id = c.merchant_id AND l.id = c.outcome_id
		WHERE starts_with(c.key, ${`${key}:`})`;
	return row.cards;
}

test('a run that is killed at any moment prints the same cards and codes when it is repeated, and each exists once', async t => {
	const afterLines = 1 + Math.floor(Math.random() * 1000);
	t.log(`killed after ${afterLines} lines`);
	const killed = await interrupt('killed', 'SIGKILL', afterLines);
	const whole = killed.lines.filter(line => line.endsWith('}'));

	const repeated = await runScript('cards:issue', flags('killed'), env);

	const lines = repeated.stdout.trimEnd().split('\n');
	t.is(repeated.code, 0, repeated.stderr);
	t.true(whole.length >= afterLines && whole.length < count);
	t.deepEqual(lines.slice(0, whole.length), whole);
	t.is(new Set(lines).size, count);
	t.is(await countCards('killed'), count);
});

test('Ctrl-C ends a run after the chunk at hand, and says how to go on', async t => {
	const stopped = await interrupt('stopped', 'SIGINT', 1);
	const {code, stdout} = await runScript('cards:issue', flags('stopped'), env);

	t.is(stopped.code, 1);
	t.regex(
		stopped.stderr,
		/Stopped after (\d+)00 of 2000 cards\. To go on, repeat the command with --key stopped\n$/,
	);
	t.is(stopped.lines.length % 500, 0);
	t.is(code, 0);
	t.deepEqual(jsonLines(stdout).slice(0, stopped.lines.length), jsonLines(stopped.lines.join('\n')));
	t.is(await countCards('stopped'), count);
});
