import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {fileURLToPath} from 'node:url';
import {type TestContext} from './test-context.ts';
import {until} from './until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// `nobody`, on every system that has root.
const ordinary = 65_534;

/** How a process that has ended did so. */
export type Ended = {
	/** The exit code, or the name of the signal. */
	readonly code: number | NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
};

/** A service that runs from the package. */
export type PackageService = {
	/** Of the ledger's protocols, without a slash at its end. */
	readonly serviceUrl: string;
	readonly stdout: () => string;
	/** From the start to the first 200 of `/health/ready`. */
	readonly readySeconds: number;
	readonly end: (signal?: NodeJS.Signals) => Promise<Ended>;
};

/** The package as somebody has it who has run `npm install`. */
export type InstalledPackage = {
	/** Below which everything is; everybody may pass through it. */
	readonly folder: string;
	readonly tarballBytes: number;
	/** The folder that the package is installed in. */
	readonly modules: string;
	/** A new folder that belongs to the ordinary user. */
	readonly ownFolder: (name: string) => string;
	readonly run: (args: readonly string[], env?: Environment, who?: Who) => Promise<Ended>;
	readonly start: (t: TestContext, env: Environment, who?: Who) => Promise<PackageService>;
	readonly remove: () => void;
};

/** The databases of the tests let nobody in but us. */
export type Who = 'ordinary user' | 'ourselves';

export type Environment = Readonly<Record<string, string>>;

/**
 * Pack this checkout and install the package into an empty folder, without what is for development. What it runs then runs as an ordinary
 * user where we are root, from a folder where nothing is.
 */
export function installPackage(): InstalledPackage {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'monedero-package-'));
	chmodSync(folder, 0o755);
	const [tarball = ''] = npm(root, ['pack', '--silent', '--pack-destination', folder])
		.trim()
		.split('\n')
		.slice(-1);
	const app = path.join(folder, 'app');
	mkdirSync(app);
	npm(app, ['init', '--yes']);
	npm(app, [
		'install',
		'--omit=dev',
		'--prefer-offline',
		'--no-audit',
		'--no-fund',
		path.join(folder, tarball),
	]);
	const isRoot = process.getuid?.() === 0;
	const identities = {'ordinary user': isRoot ? {uid: ordinary, gid: ordinary} : {}, ourselves: {}};
	const ownFolder = (name: string) => {
		const own = path.join(folder, name);
		mkdirSync(own);
		if (isRoot) {
			spawnSync('chown', [`${ordinary}:${ordinary}`, own]);
		}

		return own;
	};
	const cwd = ownFolder('elsewhere');
	const begin = (args: readonly string[], env: Environment = {}, who: Who = 'ordinary user') =>
		spawn(path.join(app, 'node_modules/.bin/monedero'), args, {
			...identities[who],
			cwd,
			env: {...process.env, HOME: cwd, TMPDIR: '', DATABASE_URL: '', ...env},
			stdio: ['ignore', 'pipe', 'pipe'],
			// A group of its own: where Node cannot become another program, a child of the process does the work.
			detached: true,
		});
	return {
		folder,
		tarballBytes: readFileSync(path.join(folder, tarball)).length,
		modules: path.join(app, 'node_modules'),
		ownFolder,
		run: (args, env, who) => endOf(begin(args, env, who)),
		start: (t, env, who) => startFrom(t, () => begin([], env, who), env),
		remove() {
			rmSync(folder, {recursive: true, force: true});
		},
	};
}

async function startFrom(
	t: TestContext,
	begin: () => ChildProcess,
	{PORT = ''}: Environment,
): Promise<PackageService> {
	const beganAt = performance.now();
	const child = begin();
	t.teardown(() => {
		if (child.exitCode === null && child.signalCode === null) {
			process.kill(-(child.pid ?? 0), 'SIGKILL');
		}
	});
	let stdout = '';
	child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
		stdout += chunk;
	});
	const ended = endOf(child);
	await until('the service is ready', async () => {
		if (child.exitCode !== null || child.signalCode !== null) {
			const {code, stderr} = await ended;
			throw new Error(`The service ended with ${String(code)}.\n${stdout}${stderr}`);
		}

		return fetch(`http://127.0.0.1:${PORT}/health/ready`).then(
			({ok}) => ok,
			() => false,
		);
	});
	const readySeconds = (performance.now() - beganAt) / 1000;
	return {
		serviceUrl: `http://127.0.0.1:${PORT}/v1`,
		stdout: () => stdout,
		readySeconds,
		end(signal = 'SIGTERM') {
			child.kill(signal);
			return ended;
		},
	};
}

async function endOf(child: ChildProcess): Promise<Ended> {
	const readAll = (stream: Readable | null) => (stream === null ? Promise.resolve('') : text(stream));
	const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
	const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
	const [code, signal] = await closed;
	return {code: code ?? signal, stdout, stderr};
}

/** Returns what npm printed; whatever makes it fail is told. */
export function npm(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
	const {status, stdout, stderr} = spawnSync('npm', args, {cwd, env, encoding: 'utf8'});
	if (status !== 0) {
		throw new Error(`npm ${args.join(' ')} failed.\n${stdout}${stderr}`);
	}

	return stdout;
}

/** What is installed, as `@prisma/client` and `pg`, with what is inside of other packages. */
export function packagesIn(modules: string): string[] {
	return readdirSync(modules, {recursive: true, encoding: 'utf8'})
		.map(
			file =>
				/(?:^|node_modules\/)((?:@[^/]+\/)?[^/@.][^/]*)\/package\.json$/.exec(
					file.replaceAll('\\', '/'),
				)?.[1],
		)
		.filter(name => name !== undefined);
}
