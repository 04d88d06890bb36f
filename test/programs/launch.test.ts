import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Run = {readonly code: number; readonly output: string; readonly errors: string};

/** What a fresh checkout has of it: the launcher, a schema and the packages, and no generated client. Each test goes on from the one before. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-launch-'));
const schema = path.join(folder, 'prisma/schema.prisma');
const wordFile = path.join(folder, 'src/word.ts');
const stamp = path.join(folder, 'src/db/generated/.stamp');

test.before(() => {
	for (const file of ['package.json', 'tsconfig.json', 'prisma.config.ts']) {
		cpSync(path.join(root, file), path.join(folder, file));
	}

	// The generator and the source of data are ours; one table is made sooner than all of them.
	const ours = readFileSync(path.join(root, 'prisma/schema.prisma'), 'utf8');
	mkdirSync(path.dirname(schema), {recursive: true});
	writeFileSync(schema, `${ours.slice(0, ours.search(/^model /m))}\nmodel One {\n  id Int @id\n}\n`);

	for (const file of ['launch.js', 'generate-client.js', 'bundle.js', 'compile.js', 'sources.js']) {
		cpSync(path.join(root, 'scripts/lib', file), path.join(folder, 'scripts/lib', file));
	}

	symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
	mkdirSync(path.join(folder, 'src/db'), {recursive: true});
	writeFileSync(
		path.join(folder, 'src/main.ts'),
		`import {Prisma} from './db/generated/client.ts';
		import {word} from './word.ts';
		const tables: number = Object.keys(Prisma.ModelName).length;
		process.once('SIGTERM', () => { console.log('drained'); clearInterval(timer); });
		const timer = setInterval(() => undefined, 1000);
		console.log(JSON.stringify({tables, args: process.argv.slice(2), here: import.meta.url, word}));
		if (process.argv[2] === 'once') clearInterval(timer);`,
	);
	writeFileSync(wordFile, "export const word: string = 'first';");
});

test.after.always(() => {
	rmSync(folder, {recursive: true, force: true});
});

type Launched = {readonly child: ChildProcessWithoutNullStreams; readonly ended: Promise<Run>};

const launch = (t: ExecutionContext, ...args: string[]) => launchFile(t, 'src/main.ts', ...args);

function launchFile(t: ExecutionContext, ...args: string[]): Launched {
	const child = spawn(process.execPath, ['scripts/lib/launch.js', ...args], {cwd: folder});
	t.teardown(() => child.kill('SIGKILL'));
	let output = '';
	let errors = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
	const ended = once(child, 'close').then(([code]) => ({code: code as number, output, errors}));
	return {child, ended};
}

type Told = {
	readonly tables: number;
	readonly args: readonly string[];
	readonly here: string;
	readonly word: string;
};

async function told(t: ExecutionContext): Promise<Told> {
	const {output, errors} = await launch(t, 'once').ended;
	t.is(errors, '');
	return JSON.parse(output) as Told;
}

test.serial(
	'in a fresh checkout two processes at once make the client, and each runs with its arguments',
	async t => {
		const runs = await Promise.all(['a', 'b'].map(name => launch(t, 'once', name).ended));

		for (const [index, {code, output, errors}] of runs.entries()) {
			t.is(errors, '');
			t.is(code, 0);
			const {tables, args, here} = JSON.parse(output) as Told;
			t.true(tables > 0);
			t.deepEqual(args, ['once', ['a', 'b'][index] ?? '']);
			t.is(realpathSync(fileURLToPath(here)), realpathSync(path.join(folder, 'src/main.ts')));
		}

		t.deepEqual(readdirSync(path.join(folder, 'src/db')), ['generated']);
	},
);

test.serial('signals reach the program, which may end in its own way', async t => {
	const {child, ended} = launch(t);
	await once(child.stdout, 'data');

	child.kill('SIGTERM');

	const {code, output} = await ended;
	t.is(code, 0);
	t.regex(output, /drained/);
});

test.serial('the client is made again when the schema has changed, and only then', async t => {
	const made = statSync(stamp).mtimeMs;
	const {tables} = await told(t);
	t.is(statSync(stamp).mtimeMs, made);

	writeFileSync(schema, `${readFileSync(schema, 'utf8')}\nmodel Another {\n  id Int @id\n}\n`);

	t.is((await told(t)).tables, tables + 1);
});

test.serial('a program is put together again when a source of it has changed, and only then', async t => {
	const program = path.join(folder, 'dist/programs/main.js');
	const made = statSync(program).mtimeMs;
	t.is((await told(t)).word, 'first');
	t.is(statSync(program).mtimeMs, made);

	writeFileSync(wordFile, "export const word: string = 'second';");
	t.is((await told(t)).word, 'second');

	rmSync(path.join(folder, 'dist'), {recursive: true});
	t.is((await told(t)).word, 'second');
});

test.serial('a program holds its packages, and is put together again when those are others', async t => {
	const lockFile = path.join(folder, 'package-lock.json');
	const program = path.join(folder, 'dist/programs/main.js');
	await told(t);
	const made = statSync(program).mtimeMs;

	writeFileSync(lockFile, '{}');

	await told(t);
	t.true(statSync(program).mtimeMs > made);
	rmSync(lockFile);
});

test.serial(
	'a worker is found beside the program that starts it, and what lies beside a source too',
	async t => {
		const worker = path.join(folder, 'src/ledger/commit-worker.ts');
		mkdirSync(path.dirname(worker));
		writeFileSync(
			worker,
			"import {readFileSync} from 'node:fs'; console.log('worker', readFileSync(new URL('note.txt', import.meta.url), 'utf8'));",
		);
		writeFileSync(path.join(folder, 'src/ledger/note.txt'), 'beside it');
		const main = readFileSync(path.join(folder, 'src/main.ts'), 'utf8');
		writeFileSync(
			path.join(folder, 'src/main.ts'),
			`import {Worker} from 'node:worker_threads';
		${main}
		new Worker(new URL(import.meta.resolve('./commit-worker.js')));`,
		);

		const {output} = await launch(t, 'once').ended;

		t.regex(output, /worker beside it/);
		writeFileSync(path.join(folder, 'src/main.ts'), main);
	},
);

test.serial('whatever is no program is compiled file by file, when it has changed and only then', async t => {
	const compiled = path.join(folder, 'dist/src/word.js');
	const run = async () => {
		const {code, output, errors} = await launchFile(t, 'src/word.ts').ended;
		t.deepEqual({code, errors}, {code: 0, errors: ''});
		return output;
	};
	writeFileSync(wordFile, "export const word: string = 'third'; console.log(word);");
	t.is(await run(), 'third\n');
	const made = statSync(compiled).mtimeMs;
	t.is(await run(), 'third\n');
	t.is(statSync(compiled).mtimeMs, made);

	writeFileSync(path.join(folder, 'src/passing.ts'), 'export const passing = true;');
	await run();
	t.true(existsSync(path.join(folder, 'dist/src/passing.js')));

	rmSync(path.join(folder, 'src/passing.ts'));
	rmSync(compiled);
	t.is(await run(), 'third\n');
	t.false(existsSync(path.join(folder, 'dist/src/passing.js')));
	writeFileSync(wordFile, "export const word: string = 'second';");
});

test.serial('a source that is no TypeScript is told with its place, and nothing is run', async t => {
	writeFileSync(wordFile, "export const word: string =\n\t'third;");

	const {code, output, errors} = await launch(t, 'once').ended;

	t.is(code, 1);
	t.is(output, '');
	t.regex(errors, /src\/word\.ts:2:\d+/);
	writeFileSync(wordFile, "export const word: string = 'first';");
});

test.serial(
	'a schema that is wrong is told in the words of Prisma, nothing is run, and the client stays as it was',
	async t => {
		const before = readFileSync(stamp, 'utf8');
		writeFileSync(
			schema,
			readFileSync(schema, 'utf8').replace('model Another {\n  id Int', 'model Another {\n  id Missing'),
		);

		const {code, output, errors} = await launch(t, 'once').ended;

		t.is(code, 1);
		t.is(output, '');
		t.regex(errors, /^The Prisma client could not be generated\.[^]*"Missing"/);
		t.is(readFileSync(stamp, 'utf8'), before);
		t.deepEqual(readdirSync(path.join(folder, 'src/db')), ['generated']);
	},
);
