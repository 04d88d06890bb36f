import {once} from 'node:events';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {assertAuditClean} from '../helpers/audit.ts';
import {openTestDatabase, type TestDatabase} from '../helpers/database.ts';
import {jsonLines, runScript, type ScriptEnvironment, scriptSecrets, startScript} from '../helpers/script.ts';

// Imports by the real program that end before their end, and two of one file at once: each line counts once.

let database: TestDatabase;
let env: ScriptEnvironment;
let folder: string;

test.before(async () => {
	database = await openTestDatabase();
	env = {DATABASE_URL: database.url, ...scriptSecrets};
	folder = await mkdtemp(path.join(os.tmpdir(), 'imports-'));
});

test.after.always(async () => {
	await database.close();
	await rm(folder, {recursive: true});
});

const rows = 4000;

/** Every tenth line is for the same shopper, and every second one has a key. */
async function fileOf(name: string): Promise<string> {
	const file = path.join(folder, `${name}.csv`);
	const lines = Array.from({length: rows}, (_, row) => {
		const shopper = row % 10 === 0 ? 'hot' : String(row % 300);
		return `${row % 2 === 0 ? `${name}-${row}` : ''},${name}-${shopper}@import.example,1.00`;
	});
	await writeFile(file, `key,customer-email,amount\n${lines.join('\n')}\n`);
	return file;
}

const flags = (file: string, run: string) => [file, '--run', run, '--reason', 'test', '--json'];

async function given(run: string): Promise<{entries: number; units: string | null}> {
	const [row] = await database.general.prisma.$queryRaw<[{entries: number; units: string | null}]>`
		SELECT count(*)::int AS entries, sum(c.moved)::text AS units
		FROM commands c JOIN import_runs r ON r.merchant_id = c.merchant_id AND r.id = c.run_id
		WHERE r.name = ${run} AND c.outcome_id IS NOT NULL`;
	return row;
}

/** Start an import, and kill it once so many of its lines are done. */
async function killAfter(file: string, run: string, lines: number): Promise<number | null> {
	const child = startScript('credits:import', flags(file, run), env);
	const exited = once(child, 'exit');
	child.stdout?.resume();
	child.stderr?.resume();
	while (child.exitCode === null && child.signalCode === null) {
		if ((await given(run)).entries >= lines) {
			child.kill('SIGKILL');
			break;
		}

		await delay(5);
	}

	await exited;
	return child.exitCode;
}

test.serial('an import that is killed at any moment and repeated gives each line once', async t => {
	const file = await fileOf('killed');
	for (let kill = 1; kill <= 3; kill++) {
		const before = (await given('killed')).entries;
		const lines = before + 1 + Math.floor(Math.random() * 1200);
		t.log(`killed after ${lines} lines`);
		await killAfter(file, 'killed', Math.min(lines, rows));
	}

	const last = await runScript('credits:import', flags(file, 'killed'), env);
	const again = await runScript('credits:import', flags(file, 'killed'), env);

	t.is(last.code, 0, last.stderr);
	t.deepEqual(await given('killed'), {entries: rows, units: String(rows * 100)});
	t.like(jsonLines(again.stdout).at(-1), {imported: 0, repeated: rows});
	await assertAuditClean(t, database);
});

test.serial('two imports of one file at once give each line once', async t => {
	const file = await fileOf('twice');

	const results = await Promise.all([
		runScript('credits:import', flags(file, 'twice'), env),
		runScript('credits:import', flags(file, 'twice'), env),
	]);

	t.deepEqual(
		results.map(({code}) => code),
		[0, 0],
		results.map(({stderr}) => stderr).join('\n'),
	);
	const sums = results.map(({stdout}) => jsonLines(stdout).at(-1) ?? {});
	t.is(
		sums.reduce((sum, {imported}) => sum + Number(imported), 0),
		rows,
	);
	t.deepEqual(await given('twice'), {entries: rows, units: String(rows * 100)});
	await assertAuditClean(t, database);
});

test.serial('Ctrl-C ends an import after the chunks at hand, and says how to go on', async t => {
	const file = await fileOf('stopped');
	const child = startScript('credits:import', flags(file, 'stopped'), env);
	const exited = once(child, 'exit');
	let stderr = '';
	child.stdout?.resume();
	child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
	while (child.exitCode === null && (await given('stopped')).entries === 0) {
		await delay(5);
	}

	child.kill('SIGINT');
	await exited;
	const stopped = (await given('stopped')).entries;
	const {code} = await runScript('credits:import', flags(file, 'stopped'), env);

	if (stopped < rows) {
		t.is(child.exitCode, 1);
		t.regex(stderr, /Stopped after line \d+\. Repeat the command: what is imported is not imported again\./);
	}

	t.is(code, 0);
	t.is((await given('stopped')).entries, rows);
});
