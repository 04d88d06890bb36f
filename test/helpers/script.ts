import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import os from 'node:os';
import path from 'node:path';
import {type Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import {commands} from '../../scripts/lib/commands.ts';
import {runCommand, type Shell} from '../../scripts/lib/run-command.ts';
import {type Parts} from '../../src/assemble.ts';

/** The secrets of scripts that run beside each other, or beside a test server, on one database. */
export const scriptSecrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

export type ScriptResult = {readonly code: number | null; readonly stdout: string; readonly stderr: string};

/** What a script is told by its environment, besides what every process has. */
export type ScriptEnvironment = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = 'scripts/lib/launch.js';

/** Start an admin command as npm does, with nothing of this checkout's `.env`; another `installation` is one of another version. */
export function startScript(
	name: string,
	args: readonly string[],
	env: ScriptEnvironment,
	input?: string,
	installation = root,
): ChildProcess {
	const file = path.join(installation, 'scripts', `${name.replace(':', '-')}.ts`);
	const child = spawn(process.execPath, [path.join(installation, launcher), file, ...args], {
		cwd: os.tmpdir(),
		env: {...process.env, DATABASE_URL: '', LOG_LEVEL: 'info', ...env},
		stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
	});
	child.stdin?.end(input);
	return child;
}

/** Run an admin command to its end; `input` is what it reads. `installation` as above. */
export async function runScript(
	name: string,
	args: readonly string[],
	env: ScriptEnvironment,
	input?: string,
	installation?: string,
): Promise<ScriptResult> {
	const child = startScript(name, args, env, input, installation);
	const readAll = (stream: Readable | null) => (stream === null ? Promise.resolve('') : text(stream));
	const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
	if (child.exitCode === null && child.signalCode === null) {
		await once(child, 'exit');
	}

	return {code: child.exitCode, stdout, stderr};
}

/**
 * The same in this process, on parts that are open already and stay open: all but what only a process can show.
 * @param ask - who sits at the terminal; nobody without it
 */
export async function runHere(
	parts: Parts,
	name: string,
	args: readonly string[],
	ask?: Shell['ask'],
): Promise<ScriptResult> {
	const command = commands.find(one => one.name === name);
	if (command === undefined) {
		throw new Error(`There is no command ${name}.`);
	}

	let stdout = '';
	let stderr = '';
	const code = await runCommand(command, args, {
		stdout: {write: text => (stdout += text)},
		stderr: {write: text => (stderr += text)},
		open: () => Promise.resolve({...parts, close: () => Promise.resolve()}),
		signal: () => new AbortController().signal,
		ask,
	});
	return {code, stdout, stderr};
}

/** The values that a command with `--json` printed; throws when anything else stands between them. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
	return stdout
		.split('\n')
		.filter((line, index, lines) => line !== '' || index < lines.length - 1)
		.map(line => JSON.parse(line) as Record<string, unknown>);
}
