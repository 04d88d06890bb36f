import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import os from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';

/** The secrets of scripts that run beside each other, or beside a test server, on one database. */
export const scriptSecrets = {CODE_PEPPER: 'p'.repeat(48), SECRETS_KEY: 's'.repeat(48)};

export type ScriptResult = {readonly code: number | null; readonly stdout: string; readonly stderr: string};

/** What a script is told by its environment, besides what every process has. */
export type ScriptEnvironment = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = path.join(root, 'scripts/lib/launch.js');

/** Start an admin command as npm does, with nothing of this checkout's `.env`. */
export function startScript(name: string, args: readonly string[], env: ScriptEnvironment): ChildProcess {
	const file = path.join(root, 'scripts', `${name.replace(':', '-')}.ts`);
	return spawn(process.execPath, [launcher, file, ...args], {
		cwd: os.tmpdir(),
		env: {...process.env, DATABASE_URL: '', LOG_LEVEL: 'info', ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/** Run an admin command to its end. */
export async function runScript(
	name: string,
	args: readonly string[],
	env: ScriptEnvironment,
): Promise<ScriptResult> {
	const child = startScript(name, args, env);
	const [stdout, stderr] = await Promise.all([child.stdout, child.stderr].map(stream => (stream ? text(stream) : '')));
	if (child.exitCode === null && child.signalCode === null) {
		await once(child, 'exit');
	}

	return {code: child.exitCode, stdout: stdout ?? '', stderr: stderr ?? ''};
}

/** The values that a command with `--json` printed; throws when anything else stands between them. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
	return stdout
		.split('\n')
		.filter((line, index, lines) => line !== '' || index < lines.length - 1)
		.map(line => JSON.parse(line) as Record<string, unknown>);
}
