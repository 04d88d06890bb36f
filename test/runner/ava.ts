import childProcess, {type ChildProcess, type ForkOptions} from 'node:child_process';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {openProcesses} from './processes.ts';

// Ava's command line, with one change. It starts a process for each test file; here a few processes run one file after the other, so that
// what most files import, up to the whole service, is loaded and made fast by V8 four times in a run instead of three hundred times.
// TEST_APART=true gives each file its own process again.

const ava = new URL('../', import.meta.resolve('ava'));
const avaWorker = fileURLToPath(new URL('lib/worker/base.js', ava));
const ourWorker = path.join(path.dirname(process.argv[1] ?? ''), 'file-process.js');

if (process.env['TEST_APART'] !== 'true') {
	const {fork} = childProcess;
	const processes = openProcesses((args, options) => fork(ourWorker, args, options));
	const share = (file: string, args: readonly string[], options: ForkOptions): ChildProcess =>
		file === avaWorker ? processes.take(args, options) : fork(file, args, options);
	childProcess.fork = share as typeof fork;
}

await import(new URL('entrypoints/cli.mjs', ava).href);
