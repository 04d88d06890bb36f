import {readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {type Flags, help, readFlags, UsageError} from './flags.ts';
import {openSimulatedDatabase} from './database.ts';
import {generate} from './generate.ts';
import {type Home, openHome} from './home.ts';
import {killing, renderKills} from './kills.ts';
import {play, type Play, type Played} from './play.ts';
import {renderFailure, renderRun, renderTotal} from './report.ts';
import {shrink} from './shrink.ts';
import {historyText, parseHistory, type Step} from './steps.ts';

// `npm run simulate`: histories of a seed against real processes, until a promise is broken or the time is over.

type Tools = Omit<Play, 'plant'> & {readonly flags: Flags; readonly home: Home};

async function main(): Promise<number> {
	const flags = readFlags(process.argv.slice(2));
	if (flags === 'help') {
		process.stdout.write(help);
		return 0;
	}

	const interruption = new AbortController();
	// Once: a second Ctrl-C ends this process at once.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => {
			interruption.abort();
		});
	}

	const home = openHome();
	let isKept = flags.keep;
	try {
		const database = await openSimulatedDatabase(home);
		try {
			const {signal} = interruption;
			const tools = {database, folder: home.folder, services: flags.services, signal, flags, home};
			const code = flags.kills === undefined ? await simulate(tools) : await kill(tools, flags.kills);
			isKept ||= code !== 0;
			return interruption.signal.aborted ? 130 : code;
		} finally {
			await database.stop();
		}
	} finally {
		home.remove(isKept);
		if (isKept) {
			process.stderr.write(`Logs and files are kept in ${home.folder}\n`);
		}
	}
}

/** Seed after seed, as long as there is time; one history of a file, once. */
async function simulate(tools: Tools): Promise<number> {
	const {flags, signal} = tools;
	const deadline = performance.now() + (flags.minutes ?? 0) * 60_000;
	const runs: Played[] = [];
	for (let seed = flags.seed; ; seed++) {
		const history = historyOf(flags, seed);
		const begun = performance.now();
		const played = await play(history, {...tools, plant: flags.plant});
		runs.push(played);
		const seconds = (performance.now() - begun) / 1000;
		say(flags, {seed, ...jsonOf(played), seconds}, renderRun(seed, played, seconds));
		if (played.problems.length > 0) {
			await tell(tools, seed, played);
			return 1;
		}

		if (flags.history !== undefined || signal?.aborted === true || performance.now() >= deadline) {
			say(flags, {runs: runs.length}, renderTotal(runs));
			return 0;
		}
	}
}

function historyOf({history, steps, services, faults}: Flags, seed: number): Step[] {
	return history === undefined
		? generate({seed, steps, services, faults})
		: parseHistory(readFileSync(history, 'utf8'));
}

/** The seed, the shrunk history, and how to see it again. */
async function tell({flags, home, ...tools}: Tools, seed: number, {played, problems}: Played): Promise<void> {
	const deadline = performance.now() + flags.shrinkSeconds * 1000;
	const failure = {problems};
	const fails = async (steps: readonly Step[]) => {
		// A try that could not even begin, on a machine that is too busy, shows nothing.
		const {problems: again} = await play(steps, {...tools, plant: flags.plant}).catch(() => ({problems: []}));
		failure.problems = again.length > 0 ? again : failure.problems;
		return again.length > 0;
	};
	const shrunk = await shrink(played, fails, {
		isOver: () => performance.now() > deadline || tools.signal?.aborted === true,
		onTry: (size, stillFails) => {
			process.stderr.write(`  ${size} steps: ${stillFails ? 'fails' : 'passes'}\n`);
		},
	});
	const file = path.join(home.folder, `seed-${seed}.history`);
	writeFileSync(file, historyText(shrunk));
	writeFileSync(path.join(home.folder, `seed-${seed}.whole.history`), historyText(played));
	const {services, plant} = flags;
	say(
		flags,
		{seed, problems: failure.problems, history: shrunk, file},
		renderFailure({seed, services, plant, shrunk, of: played.length, problems: failure.problems, file}),
	);
}

async function kill({flags, ...tools}: Tools, kills: number): Promise<number> {
	const result = await killing(kills, {...tools, seed: flags.seed});
	say(flags, result, renderKills(result));
	return result.problems.length === 0 ? 0 : 1;
}

function jsonOf({played, staged, ...rest}: Played): Record<string, unknown> {
	return {...rest, steps: played.length, staged: Object.fromEntries(staged)};
}

function say({isJson}: Flags, value: unknown, text: string): void {
	process.stdout.write(`${isJson ? JSON.stringify(value) : text}\n`);
}

try {
	// Connections that are kept for a next request would keep the process as well.
	process.exit(await main());
} catch (error) {
	const isUsage = error instanceof UsageError;
	process.stderr.write(`${isUsage ? error.message : String((error as Error).stack)}\n`);
	process.exit(isUsage ? 2 : 1);
}
