import {createRequire} from 'node:module';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {type FileEnded} from './processes.ts';

// A process that runs one test file after the other, each with a runner of its own, by the same messages as ava's worker, of which this
// does the part of `lib/worker/base.js`. A file has ended when nothing of it is left that would keep a process alive: as with a process of its own,
// one that leaves a server, a timer or a connection behind does not end, and ava says so. What may stay is what modules keep between
// calls; the tests of one file at a time run in here.

const ava = new URL('../', import.meta.resolve('ava'));
const lib = async (name: string) => import(new URL(`lib/${name}`, ava).href) as Promise<never>;
const {default: Runner}: {default: RunnerConstructor} = await lib('runner.js');
const {default: serializeError}: {default: SerializeError} = await lib('serialize-error.js');
const {set: setChalk}: {set: (options: unknown) => void} = await lib('chalk.js');
const {default: selectLines}: {default: SelectLines} = await lib('worker/line-numbers.js');
const {controlFlow}: {controlFlow: ControlFlow} = await lib('ipc-flow-control.cjs');
const state = createRequire(import.meta.url)(fileURLToPath(new URL('lib/worker/state.cjs', ava))) as State;

type RunnerEvent = 'stateChange' | 'accessed-snapshots' | 'error' | 'finish';
type Runner = {
	readonly chain: Chain;
	on(event: RunnerEvent, listener: (data: unknown) => unknown): void;
	interrupt(): void;
	saveSnapshotState(): Promise<{touchedFiles?: unknown}>;
};
type RunnerConstructor = new (options: object) => Runner;
type SerializeError = (error: unknown, options?: {testFile: string}) => unknown;
type SelectLines = (selection: {file: string; lineNumbers?: readonly number[]}) => unknown;
type ControlFlow = (channel: NodeJS.Process) => (message: unknown) => void;
type Chain = (...declaration: unknown[]) => unknown;
type State = {
	readonly refs: {runnerChain: Chain | null};
	readonly sharedWorkerTeardowns: (() => Promise<void>)[];
};
/** What ava sends; most of it is for the runner. */
type Options = {
	readonly file: string;
	readonly lineNumbers?: readonly number[];
	readonly chalkOptions: {readonly level: number};
};
type Message = {readonly ava?: {readonly type: string; readonly options?: Options}};

// As many as run at once fit into what a small machine has.
const largeBytes = 600 * 1024 ** 2;

const post = controlFlow(process);
const send = (event: object) => {
	post({ava: event});
};

let testFile = '';
let chain: Chain | undefined;
let declared = 0;
let interrupt: (() => void) | undefined;
let hasColours = false;
let isLoaded = false;
const unhandled = new Map<Promise<unknown>, unknown>();
const freed = new Set<() => void>();

// `import test from 'ava'` gives every file the same thing, so that has to lead to the runner of the present one.
state.refs.runnerChain = new Proxy<Chain>(() => undefined, {
	apply: (_, __, declaration: unknown[]) => current()(...declaration),
	get: (_, name) => Reflect.get(current(), name) as unknown,
});

const exit = process.exit.bind(process);
let isExpected = false;
process.exit = code => {
	if (!isExpected) {
		send({type: 'process-exit', stack: new Error('Unexpected process.exit()').stack});
	}

	return exit(code);
};

process.on('uncaughtException', error => {
	send({type: 'uncaught-exception', err: serializeError(error, {testFile})});
	fail();
});
process.on('unhandledRejection', (reason, promise) => unhandled.set(promise, reason));
process.on('rejectionHandled', promise => unhandled.delete(promise));
process.on('disconnect', () => exit());
process.on('message', ({ava: message}: Message) => {
	if (message?.type === 'options' && message.options !== undefined) {
		void run(message.options);
	} else if (message?.type === 'free-worker') {
		freed.forEach(resolve => {
			resolve();
		});
	} else if (message?.type === 'peer-failed') {
		interrupt?.();
	}
});

function current(): Chain {
	if (chain === undefined) {
		throw new Error('A test was declared while no file was being run.');
	}

	declared++;
	return chain;
}

const hasDeclared = () => declared > 0;

/** Whatever is wrong with a file, no other shall run after it in here. */
function fail(): void {
	isExpected = true;
	exit(1);
}

/** One file, from the options that ava sends to the moment when nothing of it is left. */
async function run(options: Options): Promise<void> {
	if (!hasColours) {
		setChalk(options.chalkOptions);
		hasColours = true;
	}

	testFile = options.file;
	declared = 0;
	isLoaded = false;
	const runner = new Runner({...options, checkSelectedByLineNumbers: linesOf(options)});
	chain = runner.chain;
	interrupt = () => {
		runner.interrupt();
	};
	runner.on('accessed-snapshots', filename => {
		send({type: 'accessed-snapshots', filename});
	});
	runner.on('stateChange', event => {
		send(event as object);
	});
	runner.on('error', error => {
		send({type: 'internal-error', err: serializeError(error)});
		fail();
	});
	runner.on('finish', () => finish(runner));
	try {
		await import(pathToFileURL(testFile).href);
		isLoaded = true;
	} catch (error) {
		send({type: 'uncaught-exception', err: serializeError(error, {testFile})});
		fail();
	}

	if (!hasDeclared()) {
		send({type: 'missing-ava-import'});
		fail();
	}

	// When nothing is left to happen and a test still waits, the runner says so.
	process.channel?.unref();
}

async function finish(runner: Runner): Promise<void> {
	try {
		const {touchedFiles} = await runner.saveSnapshotState();
		if (touchedFiles !== undefined) {
			send({type: 'touched-files', files: touchedFiles});
		}

		await Promise.all(state.sharedWorkerTeardowns.splice(0).map(tearDown => tearDown()));
	} catch (error) {
		send({type: 'internal-error', err: serializeError(error)});
		fail();
	}

	process.channel?.ref();
	const isFreed = new Promise<void>(resolve => freed.add(resolve));
	send({type: 'worker-finished'});
	await isFreed;
	freed.clear();
	// Rejections are told after a turn of the event loop.
	await new Promise(setImmediate);
	for (const reason of unhandled.values()) {
		send({type: 'unhandled-rejection', err: serializeError(reason, {testFile})});
	}

	if (unhandled.size > 0) {
		fail();
	}

	// Nothing keeps this process but what the file has left; when that is gone, so is the file.
	const ended = new Promise(resolve => process.once('beforeExit', resolve));
	process.channel?.unref();
	await ended;
	process.channel?.ref();
	chain = undefined;
	interrupt = undefined;
	unhandled.clear();
	// A process of its own would end with that code now, or because the file has waited for something that never came.
	if (!isLoaded || (process.exitCode !== undefined && process.exitCode !== 0)) {
		fail();
	}

	const isLarge = process.memoryUsage().heapUsed > largeBytes;
	process.send?.({fileEnded: true, isLarge} satisfies FileEnded);
}

function linesOf({file, lineNumbers}: Options): unknown {
	try {
		return selectLines({file, ...(lineNumbers !== undefined && {lineNumbers})});
	} catch (error) {
		send({type: 'line-number-selection-error', err: serializeError(error)});
		return () => false;
	}
}
