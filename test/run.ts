import {spawn} from 'node:child_process';
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {stripVTControlCharacters} from 'node:util';
import {clusterVariable, describeCluster, startCluster} from './helpers/cluster.ts';

// `npm test`: one throw-away cluster with one migrated template for all files, then ava with whatever arguments were given. The last line says
// `N passed, N failed`; where TEST_SUMMARY_FILE names a file, the same goes there as JSON.

type Counts = {readonly passed: number; readonly failed: number};

const ava = fileURLToPath(new URL('../node_modules/ava/entrypoints/cli.mjs', import.meta.url));
// Only the end of the output is read, where ava sums up.
const tailMax = 20_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-test-run-'));
// As root, the server runs as another user, who must pass through.
chmodSync(folder, 0o711);
try {
	const server = await startCluster(path.join(folder, 'data'));
	try {
		const cluster = await describeCluster(server);
		process.exitCode = await runAva({[clusterVariable]: JSON.stringify(cluster)});
	} finally {
		await server.stop();
	}
} finally {
	rmSync(folder, {recursive: true, force: true});
}

/** Run ava to its end, show what it prints, and return its exit code. */
async function runAva(variables: Record<string, string>): Promise<number> {
	// A colour for people only: with a pipe in between ava cannot see the terminal.
	const colour = process.stdout.isTTY ? ['--color'] : [];
	const child = spawn(process.execPath, [ava, ...colour, ...process.argv.slice(2)], {
		env: {...process.env, ...variables},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	// Ctrl-C reaches ava by itself; this process must stay, to stop the cluster.
	const forward = (signal: NodeJS.Signals) => child.kill(signal);
	process.on('SIGINT', forward).on('SIGTERM', forward);
	let tail = '';
	child.stdout.on('data', (chunk: Buffer) => {
		process.stdout.write(chunk);
		tail = (tail + chunk.toString('utf8')).slice(-tailMax);
	});
	const code = await new Promise<number>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', status => {
			resolve(status ?? 1);
		});
	});
	const counts = countsOf(tail, code);
	process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
	if (process.env['TEST_SUMMARY_FILE'] !== undefined) {
		writeFileSync(process.env['TEST_SUMMARY_FILE'], `${JSON.stringify(counts)}\n`);
	}

	return counts.failed > 0 && code === 0 ? 1 : code;
}

/** What ava's summary says. An exit code that is not 0, or a run without any test, is a failure whatever the summary says. */
function countsOf(output: string, code: number): Counts {
	const lines = stripVTControlCharacters(output).split('\n');
	const sum = (pattern: RegExp) =>
		lines.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
	const passed = sum(/^ {2}(\d+) tests? passed$/);
	const failed =
		sum(/^ {2}(\d+) (?:tests?|hooks?) failed$/) +
		sum(/^ {2}(\d+) (?:uncaught exceptions?|unhandled rejections?)$/);
	return {passed, failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed};
}
