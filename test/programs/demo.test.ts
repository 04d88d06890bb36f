import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {temporaryFolder} from '../helpers/embedded.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Start the demo as `npm run demo` does, with its throw-away data in a folder of the test. */
function startDemo(folder: string, ...args: readonly string[]): ChildProcess {
	return spawn(process.execPath, ['scripts/lib/launch.js', 'scripts/demo.ts', ...args], {
		cwd: root,
		// Another Monedero's settings must not lead the demo to it.
		env: {
			...process.env,
			TMPDIR: folder,
			DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
			BASE_PATH: '/elsewhere',
		},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

async function endOf(child: ChildProcess) {
	const [stdout, stderr] = await Promise.all([
		child.stdout === null ? '' : text(child.stdout),
		child.stderr === null ? '' : text(child.stderr),
		child.exitCode ?? once(child, 'exit'),
	]);
	return {code: child.exitCode, stdout, stderr};
}

/** What the demo left behind; the loader of TypeScript keeps a cache there too. */
function leftIn(folder: string): string[] {
	return readdirSync(folder).filter(name => name.startsWith('monedero'));
}

test('the demo tells a whole checkout on plain lines of at most 100 columns, and leaves nothing behind', async t => {
	const folder = temporaryFolder(t);

	const {code, stdout, stderr} = await endOf(startDemo(folder));

	t.is(code, 0, stderr);
	t.is(stderr, '');
	t.deepEqual(
		stdout.split('\n').filter(line => line.length > 100),
		[],
	);
	t.false(stdout.includes('\u001B'));
	t.regex(stdout, /\n13 steps, each as it should be\. The service and its database are removed\.\n$/);
	t.deepEqual(leftIn(folder), []);
});

test('Ctrl-C, though npm lets it arrive twice, removes the service and the database of the demo', async t => {
	const folder = temporaryFolder(t);
	const child = startDemo(folder);
	const ended = endOf(child);
	// With the second step the service and its database run, and the story goes on.
	child.stdout?.on('data', (chunk: Buffer) => {
		if (chunk.toString().includes(' 2  ')) {
			child.kill('SIGINT');
			child.kill('SIGINT');
		}
	});
	const {code, stdout, stderr} = await ended;

	t.is(code, 1);
	t.regex(stderr, /^\nRemoving the throw-away service\.\n$/);
	t.notRegex(stdout, /each as it should be/);
	t.deepEqual(leftIn(folder), []);
});

test('the demo explains itself, and refuses what it does not know', async t => {
	const folder = temporaryFolder(t);
	const help = await endOf(startDemo(folder, '--help'));
	const wrong = await endOf(startDemo(folder, '--fast'));

	t.is(help.code, 0);
	t.regex(help.stdout, /^Usage: npm run demo\n/);
	t.is(wrong.code, 2);
	t.regex(wrong.stderr, /takes no "--fast"/);
});
