import {availableParallelism, cpus, loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {SingleBar} from 'cli-progress';
import {barsOf, barsOfOverload, barsOfScale, importBars} from './bench/bars.ts';
import {summarize, type Figure, type FigureResult, type Sample} from './bench/figures.ts';
import {runImport} from './bench/import-trial.ts';
import {runLong} from './bench/long-run.ts';
import {runOverload} from './bench/overload.ts';
import {
	renderImport,
	renderOverload,
	renderReport,
	renderScaleReport,
	type Report,
	type ScaleReport,
} from './bench/report.ts';
import {runScale} from './bench/scale.ts';
import {figureNames, setUp} from './bench/set-up.ts';

const help = `Usage: npm run bench -- [FLAGS]

Measures the service (HTTP in, durable commit out) on a throw-away embedded database with 10,000 cards and
10,000 wallets of points, of two lots each, beside an empty route (what HTTP costs here) and a bare SQL ledger on the same database (what a commit costs here).
Everything runs on this machine, each part in its own process. Takes about five minutes; speed is shown, never a failure.

  --seconds N   of each measured round (default 2)
  --rounds N    of each figure, spread over the run; the median counts (default 3)
  --warm-up N   seconds of each figure before the first round (default 5): until tens of thousands of requests
                are answered, Node compiles and runs at half its speed
  --only NAMES  figures whose names begin so, separated by commas; all:
${figureNames.map(name => `                  ${name}`).join('\n')}
  --long        also 200,000 debits in a row, and how the service's memory grows
  --scale       instead of all that: a store of 1,000,000 cards and 5,000,000 postings beside one of 10,000 cards, and what the reports,
                the audit and the exports take on it; a quarter of an hour and 10 GB; debits warm up for a minute at least
  --cards N     of that store (default 1000000)
  --import      in place of all that: credits:import of a file beside 28 checkouts a second, VTEX's most
  --rows N      of that file (default 200000)
  --overload    in place of all that: twice and four times the debits that the service can do, for --seconds each (then 60)
  --driver      call the reference by a driver in Node even where pgbench is installed
  --json        print one JSON value instead of tables
  --help
`;

type Flags = {
	readonly seconds: number;
	readonly rounds: number;
	readonly warmUpSeconds: number;
	readonly names: ReadonlySet<string>;
	readonly isLong: boolean;
	readonly isScale: boolean;
	readonly cards: number;
	readonly withoutPgbench: boolean;
	readonly isJson: boolean;
	readonly isOverload: boolean;
	/** Rows of a file to import in place of everything else. */
	readonly importRows: number | undefined;
};

class UsageError extends Error {
	override readonly name = 'UsageError';
}

function readFlags(): Flags | 'help' {
	const {values} = parseArgs({
		options: {
			seconds: {type: 'string'},
			rounds: {type: 'string', default: '3'},
			'warm-up': {type: 'string', default: '5'},
			only: {type: 'string'},
			long: {type: 'boolean', default: false},
			scale: {type: 'boolean', default: false},
			cards: {type: 'string', default: '1000000'},
			import: {type: 'boolean', default: false},
			rows: {type: 'string', default: '200000'},
			overload: {type: 'boolean', default: false},
			driver: {type: 'boolean', default: false},
			json: {type: 'boolean', default: false},
			help: {type: 'boolean', default: false},
		},
	});
	if (values.help) {
		return 'help';
	}

	return {
		seconds: numberFlag('seconds', values.seconds ?? (values.overload ? '60' : '2'), 600),
		rounds: numberFlag('rounds', values.rounds, 100),
		warmUpSeconds: numberFlag('warm-up', values['warm-up'], 600),
		names: chosenNames(values.only, values.long),
		isLong: values.long,
		isScale: values.scale,
		cards: numberFlag('cards', values.cards, 10_000_000),
		withoutPgbench: values.driver,
		isJson: values.json,
		isOverload: values.overload,
		importRows: values.import ? numberFlag('rows', values.rows, 10_000_000) : undefined,
	};
}

function numberFlag(name: string, text: string, max: number): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > max) {
		throw new UsageError(`--${name} takes a whole number from 1 to ${max}.`);
	}

	return value;
}

function chosenNames(only: string | undefined, isLong: boolean): ReadonlySet<string> {
	const beginnings = only?.split(',') ?? [''];
	const unknown = beginnings.find(beginning => !figureNames.some(name => name.startsWith(beginning)));
	if (unknown !== undefined) {
		throw new UsageError(`No figure begins with "${unknown}"; --help lists them.`);
	}

	const chosen = figureNames.filter(name => beginnings.some(beginning => name.startsWith(beginning)));
	if (isLong && !chosen.some(name => name.startsWith('debits'))) {
		throw new UsageError('--long needs the service: choose debits with --only too.');
	}

	return new Set(chosen);
}

/** Every figure once per round, not all rounds of one figure together: a busy minute then spoils one round of each. */
async function measureAll(
	figures: readonly Figure[],
	{rounds, seconds, warmUpSeconds}: Flags,
	signal: AbortSignal,
): Promise<FigureResult[]> {
	const samples = new Map(figures.map(({name}) => [name, [] as Sample[]]));
	const progress = new SingleBar({format: '{bar} {value}/{total} {name}', clearOnComplete: true});
	progress.start((rounds + 1) * figures.length, 0, {name: 'warming up'});
	try {
		for (const {measure} of figures) {
			await measure(warmUpSeconds);
			progress.increment();
		}

		for (let round = 1; round <= rounds; round++) {
			for (const {name, measure} of figures) {
				signal.throwIfAborted();
				progress.update({name});
				samples.get(name)?.push(await measure(seconds));
				progress.increment();
			}
		}
	} finally {
		progress.stop();
	}

	return figures.map(({name}) => summarize(name, samples.get(name) ?? []));
}

async function run(flags: Flags, signal: AbortSignal, stops: (() => Promise<void>)[]): Promise<Report> {
	const {rounds, seconds, names, isLong, withoutPgbench} = flags;
	const [loadBefore = 0] = loadavg();
	const {figures, referenceCalledBy, load, service} = await setUp(names, {withoutPgbench, signal}, stops);
	const results = await measureAll(figures, flags, signal);
	const longRun = isLong && service ? await runLong(load, service) : undefined;
	return {
		machine: machine(),
		referenceCalledBy,
		rounds,
		seconds,
		loadBefore,
		figures: results,
		longRun,
		bars: barsOf(new Map(results.map(result => [result.name, result])), longRun),
	};
}

async function runOnTwoSizes(
	{rounds, seconds, warmUpSeconds, cards}: Flags,
	signal: AbortSignal,
	stops: (() => Promise<void>)[],
): Promise<ScaleReport> {
	const [loadBefore = 0] = loadavg();
	const scale = await runScale({cards, rounds, seconds, warmUpSeconds, signal}, stops);
	return {machine: machine(), rounds, seconds, loadBefore, scale, bars: barsOfScale(scale)};
}

async function reportOf(flags: Flags, signal: AbortSignal, stops: (() => Promise<void>)[]): Promise<string> {
	if (flags.isScale) {
		const report = await runOnTwoSizes(flags, signal, stops);
		return flags.isJson ? JSON.stringify(report) : renderScaleReport(report);
	}

	if (flags.importRows !== undefined) {
		const trial = await runImport(flags.importRows, stops);
		const bars = importBars(trial);
		return flags.isJson ? JSON.stringify({...trial, bars}) : renderImport(trial, bars);
	}

	if (flags.isOverload) {
		const trial = await runOverload({...flags, signal}, stops);
		const bars = barsOfOverload(trial);
		return flags.isJson ? JSON.stringify({...trial, bars}) : renderOverload(trial, bars);
	}

	const report = await run(flags, signal, stops);
	return flags.isJson ? JSON.stringify(report) : renderReport(report);
}

function machine(): string {
	return `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
}

async function main(): Promise<number> {
	const flags = readFlags();
	if (flags === 'help') {
		process.stdout.write(help);
		return 0;
	}

	const interruption = new AbortController();
	// Once: a second Ctrl-C ends this process at once.
	process.once('SIGINT', () => {
		interruption.abort();
	});
	const stops: (() => Promise<void>)[] = [];
	try {
		process.stdout.write(`${await reportOf(flags, interruption.signal, stops)}\n`);
		return 0;
	} catch (error) {
		if (interruption.signal.aborted) {
			process.stderr.write('Interrupted.\n');
			return 130;
		}

		throw error;
	} finally {
		for (const stop of stops.reverse()) {
			await stop();
		}
	}
}

try {
	process.exitCode = await main();
} catch (error) {
	const isUsage =
		error instanceof UsageError || (error as {code?: string}).code?.startsWith('ERR_PARSE_ARGS') === true;
	process.stderr.write(`${isUsage ? (error as Error).message : String((error as Error).stack)}\n`);
	process.exitCode = isUsage ? 2 : 1;
}
