import {chmodSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {openConnection} from '../../src/db/client.ts';
import {type Cluster, databaseIn, describeCluster, startCluster, stopCluster} from '../helpers/cluster.ts';
import {memoryFolder} from '../helpers/memory-folder.ts';
import {allGuards, smoke} from './guards.ts';
import {type Lane, openLane, type Tests, type Tried} from './lane.ts';
import {type Mutant} from './mutant.ts';

// `npm run test:mutation`: takes the guards away, one at a time, and shows which test notices. Exit 0 when every one was noticed, 1 when
// one survived or could not be tried, 2 for wrong usage.

const help = `Takes the guards of the program and of its database away, one at a time, and shows which test notices.

Usage
  npm run test:mutation -- [FLAGS]

Flags
  --only TEXT    those whose name, file or SQL contains this; may be given several times
  --smoke        a few of the most important, within two minutes
  --shard I/N    the Ith of N parts of them all, counted from 1
  --lanes N      so many at once; default: one for each processor, at most 4
  --list         name them, and try none
  --json         a JSON object a line, and nothing else on standard output
  --no-baseline  do not run the tests without any mutant first, where you know that they pass
  --help         this text

Examples
  npm run test:mutation -- --only 'cards are locked'
  npm run test:mutation -- --shard 1/4
  npm run test:mutation -- --only src/ledger/writer.ts --list
`;

// A file that takes longer than this, on whatever machine, hangs.
const timeoutMs = 4 * 60_000;

const {values} = parseArguments();
if (values.help) {
	process.stdout.write(help);
} else {
	process.exitCode = await main();
}

function parseArguments() {
	try {
		return parseArgs({
			options: {
				only: {type: 'string', multiple: true, default: []},
				smoke: {type: 'boolean', default: false},
				shard: {type: 'string', default: '1/1'},
				lanes: {type: 'string', default: String(Math.min(os.availableParallelism(), 4))},
				list: {type: 'boolean', default: false},
				json: {type: 'boolean', default: false},
				'no-baseline': {type: 'boolean', default: false},
				help: {type: 'boolean', default: false},
			},
		});
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
		process.exit(2);
	}
}

async function main(): Promise<number> {
	const memory = memoryFolder();
	const folder = mkdtempSync(path.join(memory ?? os.tmpdir(), 'monedero-mutants-'));
	// As root, the database's server runs as another user, who must pass through.
	chmodSync(folder, 0o711);
	const temporary = path.join(folder, 'tmp');
	mkdirSync(temporary);
	chmodSync(temporary, 0o1777);
	process.env['TMPDIR'] = temporary;
	try {
		const server = await startCluster(path.join(folder, 'data'));
		try {
			const cluster = await describeCluster(server);
			return await runIn(folder, cluster);
		} finally {
			await stopCluster(server);
		}
	} finally {
		rmSync(folder, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
	}
}

async function runIn(folder: string, cluster: Cluster): Promise<number> {
	const mutants = chosen(await mutantsOf(cluster));
	if (values.list) {
		mutants.forEach(one => {
			print(values.json ? JSON.stringify(one) : listed(one));
		});
		return 0;
	}

	if (mutants.length === 0) {
		process.stderr.write('There is no such mutant; --list names them all.\n');
		return 2;
	}

	const abort = new AbortController();
	const stop = () => {
		abort.abort(new Error('Stopped.'));
	};
	process.on('SIGINT', stop).on('SIGTERM', stop);
	const lanes = await Promise.all(
		Array.from({length: Math.max(1, Math.min(Number(values.lanes) || 1, mutants.length))}, (_, index) =>
			openLane(path.join(folder, `lane-${index + 1}`), cluster, abort.signal),
		),
	);
	if (!values['no-baseline'] && !(await arePassing(lanes, mutants, abort.signal))) {
		return 1;
	}

	const begun = performance.now();
	const tried: Tried[] = [];
	await share(lanes, mutants, abort.signal, async (lane, mutant) => {
		const result = await lane.attempt(mutant, timeoutMs);
		if (abort.signal.aborted) {
			return;
		}

		tried.push(result);
		print(values.json ? JSON.stringify(asJson(result)) : described(result));
	});
	const status = summary(tried, (performance.now() - begun) / 60_000);
	return abort.signal.aborted ? 1 : status;
}

async function mutantsOf(cluster: Cluster): Promise<Mutant[]> {
	const connection = await openConnection(
		databaseIn(cluster.superuserUrl, cluster.template),
		'monedero tests',
	);
	try {
		return await allGuards(connection);
	} finally {
		// Nobody copies a database to which somebody is connected.
		await connection.end();
	}
}

function chosen(mutants: readonly Mutant[]): Mutant[] {
	const [part = 1, parts = 1] = values.shard.split('/').map(Number);
	if (!(Number.isInteger(part) && Number.isInteger(parts) && part >= 1 && part <= parts)) {
		process.stderr.write(
			`--shard is two numbers as in 1/4, the first of which is not above the second.\n\n${help}`,
		);
		process.exit(2);
	}

	const only = values.smoke ? smoke : values.only;
	const isMeant = (mutant: Mutant) =>
		values.smoke
			? smoke.includes(mutant.name)
			: only.length === 0 || only.some(text => mutant.name.includes(text) || placeOf(mutant).includes(text));
	return mutants.filter(isMeant).filter((_, index) => index % parts === part - 1);
}

/** Tests that fail anyway would catch everything. */
async function arePassing(
	lanes: readonly Lane[],
	mutants: readonly Mutant[],
	signal: AbortSignal,
): Promise<boolean> {
	const files = new Map<string, Tests>();
	for (const {tests, match} of mutants) {
		// Of a file of which some mutant wants all tests, all; otherwise those that are matched, once for each file.
		for (const file of tests.filter(one => files.get(one)?.match !== undefined || !files.has(one))) {
			files.set(file, {tests: [file], ...(match !== undefined && !files.has(file) && {match})});
		}
	}

	const red: string[] = [];
	process.stderr.write(`${files.size} files of tests first, without any mutant …\n`);
	await share(lanes, [...files.values()], signal, async (lane, tests) => {
		const problem = await lane.baseline(tests, timeoutMs);
		if (problem !== undefined) {
			red.push(problem);
		}
	});
	red.forEach(problem => process.stderr.write(`Fails without any mutant: ${problem}\n`));
	return red.length === 0 && !signal.aborted;
}

/** Each lane takes the next piece of work when it is done with its last one. */
async function share<Work>(
	lanes: readonly Lane[],
	work: readonly Work[],
	signal: AbortSignal,
	take: (lane: Lane, one: Work) => Promise<void>,
): Promise<void> {
	const left = [...work];
	await Promise.all(
		lanes.map(async lane => {
			for (let one = left.shift(); one !== undefined && !signal.aborted; one = left.shift()) {
				await take(lane, one);
			}
		}),
	);
}

function placeOf(mutant: Mutant): string {
	return mutant.kind === 'source' ? mutant.file : mutant.sql;
}

function listed(mutant: Mutant): string {
	const place = mutant.kind === 'source' ? mutant.file : 'database';
	return `${mutant.name}  (${place})\n    ${mutant.tests.join(', ')}${mutant.match === undefined ? '' : `: ${mutant.match}`}`;
}

function described({mutant, verdict, seconds}: Tried): string {
	const time = `${seconds.toFixed(1).padStart(6)} s`;
	switch (verdict.kind) {
		case 'caught':
			return `✔ ${time}  ${mutant.name}\n             ${verdict.by}`;
		case 'survived':
			return `✘ ${time}  ${mutant.name}\n             SURVIVED ${mutant.tests.join(', ')}`;
		case 'broken':
			return `✘ ${time}  ${mutant.name}\n             COULD NOT BE TRIED: ${verdict.why}`;
	}
}

function asJson({mutant, verdict: {kind: verdict, ...told}, seconds}: Tried) {
	const {name, kind, tests} = mutant;
	return {name, kind, place: placeOf(mutant), tests, verdict, ...told, seconds};
}

function summary(tried: readonly Tried[], minutes: number): number {
	const bad = tried.filter(({verdict}) => verdict.kind !== 'caught');
	const word = (count: number) => `${count} ${count === 1 ? 'mutant' : 'mutants'}`;
	const lines = [
		`${word(tried.length)} in ${minutes.toFixed(1)} min: ${tried.length - bad.length} caught, ${bad.length} not.`,
		...bad.map(({mutant, verdict}) => `  ${verdict.kind}: ${mutant.name} (${placeOf(mutant)})`),
	];
	(values.json ? process.stderr : process.stdout).write(`\n${lines.join('\n')}\n`);
	return bad.length === 0 ? 0 : 1;
}

function print(line: string): void {
	process.stdout.write(`${line}\n`);
}
