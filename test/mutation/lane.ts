import {spawn} from 'node:child_process';
import {cpSync, readFileSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {openConnection} from '../../src/db/client.ts';
import {type Cluster, clusterVariable, copyOf, databaseIn} from '../helpers/cluster.ts';
import {rootFolder} from './files.ts';
import {countOf, type Mutant, type SourceMutant} from './mutant.ts';

/** What became of a mutant. Only `caught` is good. */
export type Verdict =
	| {readonly kind: 'caught'; readonly by: string}
	/** All tests passed. */
	| {readonly kind: 'survived'}
	/** It could not be tried: the reason. */
	| {readonly kind: 'broken'; readonly why: string};

export type Tried = {readonly mutant: Mutant; readonly verdict: Verdict; readonly seconds: number};

/** A copy of the sources in which one mutant after the other is compiled and tested. */
export type Lane = {
	readonly attempt: (mutant: Mutant, timeoutMs: number) => Promise<Tried>;
	/** What a mutant's tests say of the program as it is: undefined where they pass. */
	readonly baseline: (tests: Tests, timeoutMs: number) => Promise<string | undefined>;
};

export type Tests = Pick<Mutant, 'tests' | 'match'>;

const leftOut = new Set(['.git', 'node_modules', 'data', 'coverage']);

/** @param signal - ends tests that are running */
export async function openLane(folder: string, cluster: Cluster, signal: AbortSignal): Promise<Lane> {
	cpSync(rootFolder, folder, {
		recursive: true,
		preserveTimestamps: true,
		filter: source => !leftOut.has(path.relative(rootFolder, source)),
	});
	symlinkSync(path.join(rootFolder, 'node_modules'), path.join(folder, 'node_modules'));
	const {compile} = (await import(pathToFileURL(path.join(folder, 'scripts/lib/compile.js')).href)) as {
		compile: () => Promise<void>;
	};
	await compile();
	const run = async (tests: Tests, template: string, timeoutMs: number): Promise<Verdict> => {
		for (const file of tests.tests) {
			const verdict = await runFile(folder, file, {
				...tests,
				cluster: {...cluster, template},
				timeoutMs,
				signal,
			});
			if (verdict.kind !== 'survived') {
				return verdict;
			}
		}

		return {kind: 'survived'};
	};
	const withChange = async (
		mutant: Mutant,
		work: (template: string) => Promise<Verdict>,
	): Promise<Verdict> =>
		mutant.kind === 'source'
			? withSource(folder, mutant, async () => {
					await compile();
					return work(cluster.template);
				}).finally(compile)
			: withTemplate(cluster, mutant.sql, work);
	return {
		async attempt(mutant, timeoutMs) {
			const begun = performance.now();
			const verdict = await withChange(mutant, template =>
				run(mutant, template, mutant.hangs === true ? hangMs : timeoutMs),
			).catch((error: unknown): Verdict => ({kind: 'broken', why: String(error)}));
			return {mutant, verdict: judged(mutant, verdict), seconds: (performance.now() - begun) / 1000};
		},
		async baseline(tests, timeoutMs) {
			const verdict = await run(tests, cluster.template, timeoutMs);
			return verdict.kind === 'survived' ? undefined : verdict.kind === 'caught' ? verdict.by : verdict.why;
		},
	};
}

const timeOut = 'the tests do not end';
// Where tests are expected to hang, they do not need to hang for long.
const hangMs = 90_000;

/** That tests hang tells that something is wrong only where it was said before: otherwise the machine may be slow. */
function judged({hangs}: Mutant, verdict: Verdict): Verdict {
	return verdict.kind === 'broken' && verdict.why === timeOut && hangs === true
		? {kind: 'caught', by: timeOut}
		: verdict;
}

async function withSource(
	folder: string,
	{file, text, instead}: SourceMutant,
	work: () => Promise<Verdict>,
): Promise<Verdict> {
	const place = path.join(folder, file);
	const source = readFileSync(place, 'utf8');
	if (countOf(source, text) !== 1) {
		throw new Error(`Its text does not stand exactly once in ${file}.`);
	}

	try {
		writeFileSync(
			place,
			source.replace(text, () => instead),
		);
		return await work();
	} finally {
		writeFileSync(place, source);
		// A file of the same size that changes twice within a tick of the clock would look as it did.
		const later = new Date(Date.now() + 1000);
		utimesSync(place, later, later);
	}
}

let copies = 0;

async function withTemplate(
	cluster: Cluster,
	sql: string,
	work: (template: string) => Promise<Verdict>,
): Promise<Verdict> {
	const name = `mutant_${++copies}`;
	await inDatabase(cluster.superuserUrl, copyOf(cluster.template, name, cluster));
	try {
		// As the role that owns the tables, which is what the service's mistakes would be made by.
		await inDatabase(databaseIn(cluster.superuserUrl, name), sql);
		return await work(name);
	} finally {
		await inDatabase(cluster.superuserUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
	}
}

async function inDatabase(url: string, statement: string): Promise<void> {
	const connection = await openConnection(url, 'monedero tests');
	try {
		await connection.query(statement);
	} finally {
		await connection.end();
	}
}

type Run = Tests & {readonly cluster: Cluster; readonly timeoutMs: number; readonly signal: AbortSignal};

/** Run a file of tests until the first of them fails. */
async function runFile(
	folder: string,
	file: string,
	{match, cluster, timeoutMs, signal}: Run,
): Promise<Verdict> {
	const compiled = file.replace(/^(.*)\.ts$/, 'dist/$1.js');
	const ava = path.join(folder, 'node_modules/ava/entrypoints/cli.mjs');
	const matching = match === undefined ? [] : [`--match=${match}`];
	// A group of its own, so that services which the tests have started end with them.
	const child = spawn(process.execPath, [ava, '--tap', '--fail-fast', ...matching, compiled], {
		cwd: folder,
		detached: true,
		env: {...process.env, [clusterVariable]: JSON.stringify(cluster)},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const end = () => {
		endGroup(child.pid);
	};
	const late = new AbortController();
	const timer = setTimeout(() => {
		late.abort();
		end();
	}, timeoutMs);
	signal.addEventListener('abort', end);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (chunk: string) => {
			output = (output + chunk).slice(-outputMax);
		});
	}

	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			child.once('error', reject);
			child.once('close', resolve);
		});
		signal.throwIfAborted();
		return late.signal.aborted ? {kind: 'broken', why: timeOut} : verdictOf(output, code, file);
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', end);
		end();
	}
}

const outputMax = 1_000_000;

function endGroup(pid: number | undefined): void {
	try {
		if (pid !== undefined) {
			process.kill(-pid, 'SIGKILL');
		}
	} catch {
		// All of them have ended.
	}
}

/** By ava's TAP. A run in which no test passed or failed says nothing about the mutant. */
export function verdictOf(output: string, code: number | null, file: string): Verdict {
	const failed = /^not ok \d+ - (.*)$/m.exec(output)?.[1];
	if (code === 0 && failed === undefined) {
		return /^ok \d+ - /m.test(output) ? {kind: 'survived'} : {kind: 'broken', why: `No test of ${file} ran.`};
	}

	return failed === undefined || /couldn.t find any|no tests/i.test(failed)
		? {kind: 'broken', why: `${file} ended without a test that failed:\n${output.slice(-2000)}`}
		: {kind: 'caught', by: `${file} › ${failed}`};
}
