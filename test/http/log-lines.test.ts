import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {openSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {openLogLines} from '../../src/http/log-lines.ts';
import {temporaryFolder} from '../helpers/embedded.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('lines arrive whole and in their order, the last ones when the log is closed', async t => {
	const file = path.join(temporaryFolder(t), 'log');
	const lines = openLogLines(openSync(file, 'w'));
	const expected = Array.from({length: 5000}, (_, n) => `{"n":${n},"text":"é€"}\n`);

	expected.forEach(lines.write);
	await lines.close();

	t.is(readFileSync(file, 'utf8'), expected.join(''));
});

test('a line is written soon, though nothing follows it', async t => {
	const {stdout} = run(t, "lines.write('soon'); setTimeout(() => undefined, 60_000);");

	const [text] = (await once(stdout, 'data')) as [Buffer];

	t.is(text.toString(), 'soon');
});

test('a process whose log nobody reads any more goes on', async t => {
	const child = run(
		t,
		`lines.write('begun');
		process.stdin.once('data', () => {
			lines.write('x'.repeat(100_000));
			setTimeout(() => { process.stderr.write('alive'); process.exit(0); }, 300);
		});`,
	);
	await once(child.stdout, 'data');
	child.stdout.destroy();
	child.stdin.write('go on\n');

	const [text] = (await once(child.stderr, 'data')) as [Buffer];
	t.is(text.toString(), 'alive');
});

function run(t: Parameters<typeof temporaryFolder>[0], program: string) {
	const code = `import {openLogLines} from './dist/src/http/log-lines.js'; const lines = openLogLines(1); ${program}`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {cwd: root});
	t.teardown(() => child.kill('SIGKILL'));
	return child;
}
