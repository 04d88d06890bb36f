import {execFile} from 'node:child_process';
import {access, constants, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {environment} from '../../src/config.ts';
import type {ReferenceResult} from './reference.ts';

const run = promisify(execFile);

/** The program's path: on the PATH, or where Debian keeps it (the newest); undefined where it is not installed. */
export async function findPgbench(): Promise<string | undefined> {
	const debian = '/usr/lib/postgresql';
	const versions = await readdir(debian).catch(() => []);
	versions.sort((a, b) => Number(b) - Number(a));
	const folders = [
		...(environment()['PATH'] ?? '').split(path.delimiter),
		...versions.map(version => path.join(debian, version, 'bin')),
	];
	for (const folder of folders) {
		const file = path.join(folder, 'pgbench');
		try {
			await access(file, constants.X_OK);
			return file;
		} catch {
			// Not in this folder.
		}
	}

	return undefined;
}

/** Such as `pgbench 15.18`. */
export async function versionOf(pgbench: string): Promise<string> {
	const {stdout} = await run(pgbench, ['--version']);
	return `pgbench ${/[\d.]+/.exec(stdout)?.[0] ?? ''}`.trim();
}

/** `script` is the text of a pgbench script; `seconds` are rounded up, because pgbench takes whole ones only. */
export type PgbenchRun = {
	readonly url: string;
	readonly script: string;
	readonly clients: number;
	readonly seconds: number;
};

/** Runs a script with prepared statements; throws with what pgbench printed when it failed. */
export async function runPgbench(
	pgbench: string,
	{url, script, clients, seconds}: PgbenchRun,
): Promise<ReferenceResult> {
	const folder = await mkdtemp(path.join(tmpdir(), 'monedero-pgbench-'));
	try {
		const file = path.join(folder, 'transfer.sql');
		await writeFile(file, script);
		const {stdout} = await run(
			pgbench,
			[
				...['--protocol=prepared', '--no-vacuum', `--client=${clients}`, '--jobs=2'],
				...[`--time=${Math.ceil(seconds)}`, `--file=${file}`],
			],
			{env: {...environment(), ...connectionVariables(url)}},
		);
		return {
			perSecond: figureIn(stdout, /^tps = ([\d.]+)/m),
			sent: figureIn(stdout, /^number of transactions actually processed: (\d+)/m),
		};
	} finally {
		await rm(folder, {recursive: true});
	}
}

/** Not as arguments, which everybody on the machine can read. */
function connectionVariables(url: string): Readonly<Record<string, string>> {
	const {hostname, port, username, password, pathname, searchParams} = new URL(url);
	return {
		// A Unix socket's folder does not fit into the host of a URL, so it stands among the parameters.
		PGHOST: searchParams.get('host') ?? decodeURIComponent(hostname),
		PGPORT: searchParams.get('port') ?? (port === '' ? '5432' : port),
		PGUSER: decodeURIComponent(username),
		PGPASSWORD: decodeURIComponent(password),
		PGDATABASE: pathname.slice(1),
	};
}

function figureIn(output: string, pattern: RegExp): number {
	const figure = pattern.exec(output)?.[1];
	if (figure === undefined) {
		throw new Error(`This pgbench prints something else than expected:\n${output}`);
	}

	return Number(figure);
}
