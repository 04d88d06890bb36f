import {execFile, spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {environment} from '../../src/config.ts';
import {processOf} from '../lib/programs.ts';
import type {Child} from './child.ts';
import {query, type BenchDatabase} from './database.ts';
import {freePort} from './free-port.ts';
import type {LoadAnswer, LoadQuestion} from './load-process.ts';
import {seedWallets} from './points.ts';
import type {Caller, SeededCard} from './requests.ts';

/** The real service, `src/main.ts`, as an operator starts it, in a process of its own. */
export type BenchService = {
	readonly pid: number;
	readonly port: number;
	readonly caller: Caller;
	/** Throws with the service's log when it ended before. Once it is stopped, again is nothing. */
	readonly stop: () => Promise<void>;
};

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const launch = path.join(root, 'scripts/lib/launch.js');
const startSecondsMax = 60;
const logCharactersMax = 2000;
const caller: Caller = {appKey: 'bench-app-key', appToken: 'bench-app-token-0123456789', basePath: '/v1'};

/** Starts the service on the throw-away database, its log written to a file as in production. */
export async function startService(database: BenchDatabase): Promise<BenchService> {
	const port = await freePort();
	const logFile = path.join(database.dataDir, 'service.log');
	const log = await open(logFile, 'w');
	const service = spawn(process.execPath, processOf('start'), {
		// Not the checkout, whose .env is not part of what is measured.
		cwd: database.dataDir,
		env: serviceEnvironment(database, port),
		stdio: ['ignore', log.fd, log.fd],
		detached: true,
	});
	await log.close();
	const ended = once(service, 'exit');
	await ready(service, port, logFile);

	let isStopped = false;
	return {
		pid: service.pid ?? 0,
		port,
		caller,
		async stop() {
			if (isStopped) {
				return;
			}

			isStopped = true;
			if (service.exitCode !== null) {
				throw new Error(`The service ended by itself.\n${await endOf(logFile)}`);
			}

			service.kill('SIGTERM');
			await ended;
		},
	};
}

/** What a process of ours is started with, to work on that database. */
export function serviceEnvironment(database: BenchDatabase, port: number): NodeJS.ProcessEnv {
	return {
		...environment(database.dataDir),
		DATABASE_URL: '',
		DATA_DIR: database.dataDir,
		HOST: '127.0.0.1',
		PORT: String(port),
		BASE_PATH: caller.basePath,
		CURRENCY: 'BRL',
		LOG_LEVEL: 'info',
		PROVIDER_APP_KEY: caller.appKey,
		PROVIDER_APP_TOKEN: caller.appToken,
	};
}

async function ready(service: ChildProcess, port: number, logFile: string): Promise<void> {
	const deadline = Date.now() + startSecondsMax * 1000;
	for (;;) {
		const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
			response => response.ok,
			() => false,
		);
		if (isReady) {
			return;
		}

		if (service.exitCode !== null || Date.now() > deadline) {
			service.kill('SIGKILL');
			throw new Error(
				`The service ended, or was not ready within ${startSecondsMax} s.\n${await endOf(logFile)}`,
			);
		}

		await wait(50);
	}
}

/** The log goes with the throw-away folder, so an error carries the part that tells why. */
async function endOf(logFile: string): Promise<string> {
	return (await readFile(logFile, 'utf8')).slice(-logCharactersMax);
}

const cards = 10_000;
const lotAmount = '1000.00';

/**
 * 10,000 cards of two lots each, by the same ways as everybody's: issued by the admin command, which tells their codes, then
 * one credit each over HTTP; and as many wallets of points. Afterwards the load process has all of them, and the database knows its tables' sizes.
 * @returns the cards
 */
export async function seedCards(
	database: BenchDatabase,
	service: BenchService,
	load: Child,
): Promise<readonly SeededCard[]> {
	const issued = await issueForBench(database, service, cards);
	const wallets = await seedWallets(serviceEnvironment(database, service.port));
	await load.ask({caller: service.caller, cards: issued, wallets} satisfies LoadQuestion);
	const credits = await load.ask<LoadAnswer>({
		creditEachCard: Number(lotAmount),
		target: {port: service.port},
		connections: 64,
	} satisfies LoadQuestion);
	if (credits.statuses[200] !== cards) {
		throw new Error(
			`Not every card got its second lot: ${JSON.stringify(credits.statuses)}, ${credits.errors} errors.`,
		);
	}

	await query(database.url, 'ANALYZE');
	return issued;
}

/** Cards of one lot, issued by the admin command, which tells their codes. */
export async function issueForBench(
	database: BenchDatabase,
	service: Pick<BenchService, 'port'>,
	count: number,
): Promise<SeededCard[]> {
	const {stdout} = await promisify(execFile)(
		process.execPath,
		[
			...[launch, path.join(root, 'scripts/cards-issue.ts'), '--json', '--count', String(count)],
			...['--amount', lotAmount, '--currency', 'BRL'],
		],
		{
			cwd: database.dataDir,
			env: serviceEnvironment(database, service.port),
			maxBuffer: count * 1024,
		},
	);
	return stdout
		.trim()
		.split('\n')
		.map(line => JSON.parse(line) as SeededCard)
		.map(({id, redemptionCode}) => ({id, redemptionCode}));
}
