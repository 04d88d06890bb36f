import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {temporaryFolder} from '../helpers/embedded.ts';

// Test files that share a process are judged as ava judges those that have one each.

const root = fileURLToPath(new URL('../..', import.meta.url));

const files = {
	'a.js': `import './counted.js'; test('passes', t => t.pass());`,
	'b.js': `import './counted.js'; test.before(t => { t.context.word = 'b'; }); test('passes', t => t.is(t.context.word, 'b'));`,
	'c.js': `test('fails', t => t.is(1, 2)); test('passes', t => t.pass()); test.after.always(() => console.log('tidied'));`,
	'd.js': `test('waits for ever', () => new Promise(() => undefined));`,
	'e.js': `test('passes', t => { Promise.reject(new Error('nobody looks')); t.pass(); });`,
	'f.js': `test('passes', t => { process.exitCode = 1; t.pass(); });`,
	'i.js': `test('passes', t => t.pass()); await new Promise(() => undefined);`,
	'g.js': `test('leaves', t => { process.exit(0); });`,
	'j.js': `test('passes', t => { t.deepEqual([...globalThis.counted ?? []], ['once']); });`,
};

type Said = {readonly code: number | null; readonly output: string};

/** Ava over files that run one after the other. */
async function run(
	folder: string,
	args: readonly string[],
	variables: Record<string, string> = {},
): Promise<Said> {
	const ava = path.join(root, 'dist/test/runner/ava.js');
	const child = spawn(process.execPath, [ava, '--concurrency', '1', ...args], {
		cwd: folder,
		// This file has a process of its own, and says so.
		env: {...process.env, TEST_APART: '', ...variables},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const ended = once(child, 'exit');
	const [output] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
	return {code: child.exitCode, output};
}

/** What becomes of each test, and of what was outside of tests. */
async function judge(folder: string, names: readonly string[], variables: Record<string, string> = {}) {
	const {output} = await run(folder, ['--tap', ...names], variables);
	return output
		.split('\n')
		.filter(line => /^(?:not )?ok /.test(line))
		.map(line => line.replace(/ \d+ - /, ' '));
}

function project(folder: string): void {
	symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
	mkdirSync(path.join(folder, 'tests'));
	writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
	writeFileSync(path.join(folder, 'tests/counted.js'), `(globalThis.counted ??= []).push('once');`);
	writeFileSync(
		path.join(folder, 'ava.config.js'),
		`export default {files: ['tests/?.js'], workerThreads: false, cache: false, sortTestFiles: (a, b) => a.localeCompare(b)};`,
	);
	for (const [name, source] of Object.entries(files)) {
		writeFileSync(path.join(folder, 'tests', name), `import test from 'ava'; ${source}`);
	}
}

test('every file is judged as if it had a process of its own', async t => {
	const folder = temporaryFolder(t);
	project(folder);
	const names = Object.keys(files)
		.filter(name => name !== 'j.js')
		.map(name => `tests/${name}`);

	const [together, apart] = await Promise.all([
		judge(folder, names),
		judge(folder, names, {TEST_APART: 'true'}),
	]);

	t.deepEqual(together, apart);
	t.true(together.some(line => line.startsWith('ok')) && together.some(line => line.startsWith('not ok')));
});

test('what files import is loaded once for all of a process', async t => {
	const folder = temporaryFolder(t);
	project(folder);
	const names = ['a', 'b', 'j'].map(name => `tests/${name}.js`);

	t.deepEqual(await judge(folder, names), ['ok a › passes', 'ok b › passes', 'ok j › passes']);
	t.true((await judge(folder, names, {TEST_APART: 'true'})).some(line => line.startsWith('not ok j')));
});

test('a file that leaves something running does not end, and is named', async t => {
	const folder = temporaryFolder(t);
	project(folder);
	writeFileSync(
		path.join(folder, 'tests/k.js'),
		`import test from 'ava'; test('passes', t => { setInterval(() => undefined, 1000); t.pass(); });`,
	);

	const {code, output} = await run(folder, ['tests/a.js', 'tests/k.js', '--timeout', '3s']);

	t.is(code, 1);
	t.regex(output, /Failed to exit when running tests.k\.js/);
});
