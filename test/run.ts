import {spawn, spawnSync} from 'node:child_process';
import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {countsOf} from './helpers/ava-summary.ts';
import {
	type Cluster,
	clusterVariable,
	describeCluster,
	startCluster,
	stopCluster,
} from './helpers/cluster.ts';
import {dataDirVariable, makeMigratedDataDir} from './helpers/embedded.ts';
import {startInstalledCluster} from './helpers/installed-cluster.ts';
import {memoryFolder} from './helpers/memory-folder.ts';
import {type Pooler, startPooler} from './helpers/pooler.ts';

// `npm test`: one throw-away cluster with one migrated template for all files, then ava with whatever arguments were given: `npm test -- test/ledger/walls.test.ts`. The last line says
// `N passed, N failed`; where TEST_SUMMARY_FILE names a file, the same goes there as JSON, with the version of Node.
//
// On another PostgreSQL than the embedded one, of which the machine has the programs: `TEST_POSTGRES=/usr/lib/postgresql/15/bin npm test`.
// Through a pooler in transaction mode: `TEST_POOLER=/usr/sbin/pgbouncer npm test`.

const ava = fileURLToPath(new URL('../dist/test/runner/ava.js', import.meta.url));
// A bound for what is kept of ava's output to count from; the whole suite prints a hundredth of it.
const outputMax = 20_000_000;

const memory = memoryFolder();
// A short name: the path of a database's socket has room for a hundred bytes.
const folder = mkdtempSync(path.join(memory ?? os.tmpdir(), 'monedero-test-'));
// As root, the server runs as another user, who must pass through.
chmodSync(folder, 0o711);
try {
	const installed = process.env['TEST_POSTGRES'];
	const dataDir = path.join(folder, 'data');
	const made = installed ? undefined : await makeDataDirs(dataDir);
	const server = await (installed ? startInstalledCluster(installed, dataDir) : startCluster(dataDir));
	try {
		const cluster = await describeCluster(server);
		const pooler = await maybeStartPooler(cluster);
		process.exitCode = await runAva({
			...(memory !== undefined && {TMPDIR: makeTemporaryFolder()}),
			...(made !== undefined && {[dataDirVariable]: made}),
			// The other suites are a handful of files each, and each of those a load of its own.
			...(process.argv.includes('--config') && {TEST_APART: 'true'}),
			...(pooler !== undefined && {STATEMENT_NAMES: 'false'}),
			[clusterVariable]: JSON.stringify(pooler === undefined ? cluster : behind(pooler, cluster)),
		});
		await pooler?.stop();
	} finally {
		await stopCluster(server);
	}
} finally {
	rmSync(folder, {recursive: true, force: true});
}

/** Make a data directory with a migrated database, for tests to copy, and copy it for the cluster of this run. Returns where it is. */
async function makeDataDirs(dataDir: string): Promise<string> {
	const made = await makeMigratedDataDir(path.join(folder, 'made'));
	// With owners and modes, which copying by Node would lose.
	const {status, stderr} = spawnSync('cp', ['-a', made, dataDir], {encoding: 'utf8'});
	if (status !== 0) {
		throw new Error(`The data directory could not be copied: ${stderr}`);
	}

	return made;
}

async function maybeStartPooler({url, serviceUrl}: Cluster): Promise<Pooler | undefined> {
	const program = process.env['TEST_POOLER'];
	const otherUrls = serviceUrl === undefined ? [] : [serviceUrl];
	return program ? startPooler(program, path.join(folder, 'pooler'), url, {otherUrls}) : undefined;
}

/** What the service uses, whoever it is there, goes through the pooler. */
function behind({urlOf}: Pooler, cluster: Cluster): Cluster {
	const {url, serviceUrl} = cluster;
	return {
		...cluster,
		url: urlOf(url),
		...(serviceUrl !== undefined && {serviceUrl: urlOf(serviceUrl)}),
	};
}

/** Where tests make databases and other files of their own: as open as the system's, and gone with the run. */
function makeTemporaryFolder(): string {
	const temporary = path.join(folder, 'tmp');
	mkdirSync(temporary);
	chmodSync(temporary, 0o1777);
	return temporary;
}

/** A test file may be named as it is found in the sources. */
function compiledName(argument: string): string {
	return argument.replace(/^(?:\.\/)?(test\/.*)\.ts$/, 'dist/$1.js');
}

/** Run ava to its end, show what it prints, and return its exit code. */
async function runAva(variables: Record<string, string>): Promise<number> {
	// A colour for people only: with a pipe in between ava cannot see the terminal.
	const colour = process.stdout.isTTY ? ['--color'] : [];
	const child = spawn(process.execPath, [ava, ...colour, ...process.argv.slice(2).map(compiledName)], {
		env: {...process.env, ...variables},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	// Ctrl-C reaches ava by itself; this process must stay, to stop the cluster.
	const forward = (signal: NodeJS.Signals) => child.kill(signal);
	process.on('SIGINT', forward).on('SIGTERM', forward);
	let output = '';
	child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
		process.stdout.write(chunk);
		output = (output + chunk).slice(-outputMax);
	});
	const code = await new Promise<number>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', status => {
			resolve(status ?? 1);
		});
	});
	const counts = countsOf(output, code);
	process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
	if (process.env['TEST_SUMMARY_FILE'] !== undefined) {
		writeFileSync(
			process.env['TEST_SUMMARY_FILE'],
			`${JSON.stringify({...counts, node: process.version})}\n`,
		);
	}

	return counts.failed > 0 && code === 0 ? 1 : code;
}
