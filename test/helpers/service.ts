import {spawn} from 'node:child_process';
import {once} from 'node:events';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {type TestContext} from './test-context.ts';

/** The service as an operator starts it, in a process of its own. */
export type ServiceProcess = {
	/** What stands after "serviceUrl" in the line that says that it is ready; fails when it ends before. */
	readonly ready: () => Promise<string>;
	readonly stdout: () => string;
	readonly stderr: () => string;
	/** Resolves when standard output holds the text. */
	readonly says: (text: string) => Promise<void>;
	readonly kill: (signal: NodeJS.Signals) => void;
	/** Resolves with the exit code, or the signal's name. */
	readonly ended: () => Promise<number | NodeJS.Signals | null>;
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = 'scripts/lib/launch.js';
const patienceMs = 180_000;

/**
 * Start the service with this environment and nothing of this checkout's `.env`. Whatever becomes of the test, it is killed with it.
 * @param installation - the folder of another version
 */
export function startService(
	t: TestContext,
	env: Readonly<Record<string, string>>,
	args: readonly string[] = [],
	installation = root,
): ServiceProcess {
	const child = spawn(
		process.execPath,
		[path.join(installation, launcher), path.join(installation, 'src/main.ts'), ...args],
		{
			cwd: os.tmpdir(),
			env: {...process.env, PORT: '0', DATABASE_URL: '', ...env},
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	t.teardown(() => child.kill('SIGKILL'));
	const output = {stdout: '', stderr: ''};
	child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
	const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;

	const says = async (text: string): Promise<void> => {
		const signal = AbortSignal.timeout(patienceMs);
		while (!output.stdout.includes(text)) {
			const more = once(child.stdout, 'data', {signal});
			const isEnded = await Promise.race([more.then(() => false), closed.then(() => true)]);
			if (isEnded && !output.stdout.includes(text)) {
				throw new Error(`The service ended without saying "${text}".\n${output.stdout}\n${output.stderr}`);
			}
		}
	};

	return {
		async ready() {
			await says('"serviceUrl":"');
			return /"serviceUrl":"([^"]+)"/.exec(output.stdout)?.[1] ?? '';
		},
		stdout: () => output.stdout,
		stderr: () => output.stderr,
		says,
		kill: signal => child.kill(signal),
		ended: async () => {
			const [code, signal] = await closed;
			return code ?? signal;
		},
	};
}
