import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createWriteStream} from 'node:fs';
import {loadavg} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import {finished} from 'node:stream/promises';
import {startCheckouts, timeCheckouts, type CheckoutTimes} from './checkouts.ts';
import {openThrowAwayDatabase} from './database.ts';
import {issueForBench, launch, root, serviceEnvironment, startService} from './service.ts';
import {processorMicroseconds, watchMemory} from './usage.ts';

/** What importing a file of credits did, and what it did to those who were checking out beside it. */
export type ImportTrial = {
	readonly rows: number;
	/** Over all of the command, from its start to its end. */
	readonly perSecond: number;
	/** Processor time per row, microseconds; undefined where there is no /proc. That of the database without the checkouts'. */
	readonly importCpu: number | undefined;
	readonly databaseCpu: number | undefined;
	/** The most that the importing process had in memory, megabytes. */
	readonly memory: number | undefined;
	readonly before: CheckoutTimes;
	readonly beside: CheckoutTimes;
	/** Of the last minute, at the end. */
	readonly load: number;
};

const cards = 500;
const quietSeconds = 10;
// One line in so many is for somebody new; the others are for those before, in no order.
const linesEach = 4;
const stride = 7919;

/** Import so many rows, for customers of whom at first nobody is known, beside steady checkouts, on a throw-away database. */
export async function runImport(rows: number, stops: (() => Promise<void>)[]): Promise<ImportTrial> {
	const database = await openThrowAwayDatabase();
	stops.push(database.stop);
	const service = await startService(database);
	stops.push(service.stop);
	const seeded = await issueForBench(database, service, cards);
	const file = path.join(database.dataDir, 'credits.csv');
	await writeRows(file, rows);
	await timeCheckouts(service, seeded, quietSeconds / 2);

	const used = () => (database.pid === undefined ? undefined : processorMicroseconds(database.pid));
	const quietFrom = used();
	const before = await timeCheckouts(service, seeded, quietSeconds);
	const quietTo = used();
	const checkouts = startCheckouts(service, seeded);
	const startedAt = performance.now();
	const importing = spawn(
		process.execPath,
		[
			// Those of `npm run credits:import`.
			...['--max-old-space-size=128', '--initial-old-space-size=112', '--max-semi-space-size=16'],
			...[launch, path.join(root, 'scripts/credits-import.ts'), file, '--reason', 'bench', '--json'],
		],
		{
			cwd: database.dataDir,
			env: serviceEnvironment(database, service.port),
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	const memory = watchMemory(importing.pid ?? 0);
	const processor = watchProcessor(importing.pid ?? 0);
	const [errors] = await Promise.all([
		text(importing.stderr),
		text(importing.stdout),
		once(importing, 'exit'),
	]);
	const seconds = (performance.now() - startedAt) / 1000;
	const importCpu = processor.stop();
	const megabytes = memory.stop().map(bytes => bytes / 2 ** 20);
	const beside = await checkouts.stop();
	const usedTo = used();
	if (importing.exitCode !== 0) {
		throw new Error(`The import failed: ${errors.slice(-500)}`);
	}

	const [load = 0] = loadavg();
	const quiet = ((quietTo ?? 0) - (quietFrom ?? 0)) / quietSeconds;
	return {
		...{rows, perSecond: rows / seconds, before, beside, load},
		importCpu: importCpu && importCpu / rows,
		databaseCpu: usedTo && (usedTo - (quietTo ?? 0) - quiet * seconds) / rows,
		memory: megabytes.length === 0 ? undefined : Math.max(...megabytes),
	};
}

async function writeRows(file: string, rows: number): Promise<void> {
	const output = createWriteStream(file);
	output.write('key,customer-email,amount,currency\n');
	for (let row = 0; row < rows; row++) {
		const isNew = row % linesEach === 0;
		const customer = isNew ? row / linesEach : (row * stride) % Math.ceil(row / linesEach);
		const line = `bench-${row},shopper-${customer}@bench.example,${1 + (row % 90)}.50,BRL\n`;
		if (!output.write(line)) {
			await once(output, 'drain');
		}
	}

	output.end();
	await finished(output);
}

/** The processor time of a process that ends by itself, as it was seen last. */
function watchProcessor(pid: number): {readonly stop: () => number | undefined} {
	let seen = processorMicroseconds(pid);
	const timer = setInterval(() => {
		seen = processorMicroseconds(pid) ?? seen;
	}, 100);
	return {
		stop() {
			clearInterval(timer);
			return seen;
		},
	};
}
