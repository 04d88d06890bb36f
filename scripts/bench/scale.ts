import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {SingleBar} from 'cli-progress';
import {startChild, type Child} from './child.ts';
import {openThrowAwayDatabase, query, type BenchDatabase} from './database.ts';
import {loadFigure, summarize, type Figure, type FigureResult, type Sample} from './figures.ts';
import {postingsPerCard, seedHistory} from './history.ts';
import {median} from './latencies.ts';
import type {LoadQuestion, Workload} from './load-process.ts';
import type {SeededCard} from './requests.ts';
import {serviceEnvironment, startService, type BenchService} from './service.ts';
import {watchMemory} from './usage.ts';

/** The same service on books of two sizes, and what an admin's commands take on the larger ones. */
export type ScaleResult = {
	readonly cards: number;
	readonly postings: number;
	readonly figures: readonly FigureResult[];
	readonly commands: readonly CommandResult[];
};

export type CommandResult = {
	/** As it is typed. */
	readonly name: string;
	readonly seconds: number;
	/** The most that its process had in memory, in megabytes; undefined where that cannot be read (no /proc). */
	readonly megabytes: number | undefined;
};

export type ScalePlan = {
	readonly cards: number;
	readonly seconds: number;
	readonly rounds: number;
	readonly warmUpSeconds: number;
	readonly signal: AbortSignal;
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const {scripts} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
	readonly scripts: Readonly<Record<string, string>>;
};
const smallCards = 10_000;
const workloads = ['debits', 'reads', 'searches'] as const satisfies readonly Workload[];
const connections = 64;
const shows = 5;
// After a checkpoint a page is written whole the first time that it is changed, and on a large store nearly every debit is the first on its
// pages. Who debits at this rate does that for a minute, and then hardly again for the rest of the quarter of an hour between checkpoints.
const debitWarmUpSeconds = 60;
const reports = [
	'ledger:audit',
	'ledger:liability',
	'ledger:trial-balance',
	'cards:export',
	'entries:export',
] as const;

/** What a figure is called. */
export const scaleName = (workload: (typeof workloads)[number], size: 'small' | 'large'): string =>
	`${workload}@${connections}, ${size}`;

type Store = {
	readonly database: BenchDatabase;
	readonly service: BenchService;
	readonly load: Child;
	readonly firstCard: string;
};

/** Everything that is started is pushed onto `stops`, which are to be called in reverse order. */
export async function runScale(plan: ScalePlan, stops: (() => Promise<void>)[]): Promise<ScaleResult> {
	const small = await openStore(smallCards, plan.signal, stops);
	const large = await openStore(plan.cards, plan.signal, stops);
	const figures = workloads.flatMap(workload => [
		figureOf(small, workload, 'small'),
		figureOf(large, workload, 'large'),
	]);
	const results = await measureInTurns(figures, plan);
	return {
		cards: plan.cards,
		postings: plan.cards * postingsPerCard,
		figures: results,
		commands: await timeCommands(large),
	};
}

async function openStore(cards: number, signal: AbortSignal, stops: (() => Promise<void>)[]): Promise<Store> {
	const database = await openThrowAwayDatabase();
	stops.push(database.stop);
	const service = await startService(database);
	stops.push(service.stop);
	const load = startChild('load-process.ts');
	stops.push(load.stop);
	signal.addEventListener('abort', () => void load.stop());
	const seeded = await seed(database, service, cards, signal);
	await sealHistory(database, service, signal);
	await load.ask({caller: service.caller, cards: seeded, wallets: []} satisfies LoadQuestion);
	return {database, service, load, firstCard: seeded[0]?.id ?? ''};
}

async function seed(
	database: BenchDatabase,
	service: BenchService,
	cards: number,
	signal: AbortSignal,
): Promise<readonly SeededCard[]> {
	const progress = new SingleBar({format: '{bar} {value}/{total} cards', clearOnComplete: true});
	progress.start(cards, 0);
	try {
		return await seedHistory(
			serviceEnvironment(database, service.port),
			database.superuserUrl,
			cards,
			done => {
				signal.throwIfAborted();
				progress.update(done);
			},
		);
	} finally {
		progress.stop();
	}
}

function figureOf(
	{database, service, load}: Store,
	workload: (typeof workloads)[number],
	size: 'small' | 'large',
): Figure {
	const figure = loadFigure({load, databasePid: database.pid}, service, {
		name: workload,
		workload,
		connections,
	});
	return {...figure, name: scaleName(workload, size)};
}

/** A store of two years has sealed them as they went by; here the service would still be at it while it is measured. */
async function sealHistory(
	database: BenchDatabase,
	service: BenchService,
	signal: AbortSignal,
): Promise<void> {
	const env = serviceEnvironment(database, service.port);
	for (;;) {
		await timeCommand(['ledger:seal'], env);
		const [row] = await query<{isSealed: boolean}>(database.url, isSealedSql);
		if (row?.isSealed === true) {
			return;
		}

		// The service was sealing them by itself.
		await wait(1000, undefined, {signal});
	}
}

const isSealedSql =
	'SELECT (SELECT coalesce(sum(entries), 0) FROM seals) = (SELECT count(*) FROM entries) AS "isSealed"';

/** The small store and the large one by turns, so that a busy minute spoils both. */
async function measureInTurns(
	figures: readonly Figure[],
	{seconds, rounds, warmUpSeconds, signal}: ScalePlan,
): Promise<FigureResult[]> {
	const samples = new Map<string, Sample[]>(figures.map(({name}) => [name, []]));
	for (const {name, measure} of figures) {
		signal.throwIfAborted();
		await measure(name.startsWith('debits') ? Math.max(warmUpSeconds, debitWarmUpSeconds) : warmUpSeconds);
	}

	for (let round = 1; round <= rounds; round++) {
		for (const {name, measure} of figures) {
			signal.throwIfAborted();
			samples.get(name)?.push(await measure(seconds));
		}
	}

	return figures.map(({name}) => summarize(name, samples.get(name) ?? []));
}

/** Beside the service, which is idle; `cards:show` also where it is not there, and neither is its database. */
async function timeCommands({database, service, firstCard}: Store): Promise<CommandResult[]> {
	const env = serviceEnvironment(database, service.port);
	const show = ['cards:show', '--card', firstCard];
	const results: CommandResult[] = [];
	for (const name of reports) {
		results.push(await timeCommand([name], env));
	}

	results.push(await typed('cards:show, service running', show, env));
	await service.stop();
	await database.halt();
	results.push(await typed('cards:show, nothing running', show, env));
	return results;
}

/** A command, its output thrown away. @throws when it fails */
async function timeCommand(
	[name = '', ...flags]: readonly string[],
	env: NodeJS.ProcessEnv,
	program: readonly string[] = programOf(name),
): Promise<CommandResult> {
	const [file = '', ...args] = program;
	const startedAt = performance.now();
	const child = spawn(file, [...args, ...flags], {cwd: root, env, stdio: ['ignore', 'ignore', 'inherit']});
	const memory = watchMemory(child.pid ?? 0);
	const [code] = (await once(child, 'exit')) as [number | null];
	const seconds = (performance.now() - startedAt) / 1000;
	const seen = memory.stop();
	if (code !== 0) {
		throw new Error(`${name} ended with exit code ${String(code)}.`);
	}

	return {
		name,
		seconds,
		megabytes: seen.length === 0 ? undefined : Math.max(...seen) / 2 ** 20,
	};
}

/** The median of a command as it is typed, from Enter on; its process is npm's. */
async function typed(
	name: string,
	[command = '', ...flags]: readonly string[],
	env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
	const seconds: number[] = [];
	for (let time = 1; time <= shows; time++) {
		const done = await timeCommand([command, ...flags], env, ['npm', 'run', '--silent', command, '--']);
		seconds.push(done.seconds);
	}

	return {name, seconds: median(seconds), megabytes: undefined};
}

/** What npm starts for a command, heap limits included, as a process of its own. */
function programOf(command: string): string[] {
	const [node = '', ...args] = scripts[command]?.split(' ') ?? [];
	if (node !== 'node') {
		throw new Error(`package.json has no script ${command}.`);
	}

	return [process.execPath, ...args];
}
