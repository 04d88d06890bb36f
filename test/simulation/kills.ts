import {setTimeout as wait} from 'node:timers/promises';
import {randomBytes} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import {loadavg} from 'node:os';
import path from 'node:path';
import {check} from './check.ts';
import {type Play} from './play.ts';
import {openPromises, type Promises} from './promises.ts';
import {openRandom, type Random} from './random.ts';
import {askShop, type Shop} from './shoppers.ts';
import {type AskStep, type HubStep} from './steps.ts';
import {openStore} from './store.ts';
import {openWorld, type World} from './world.ts';

/** What became of many kills. Milliseconds from the kill until everything answered again. */
export type Kills = {
	readonly ofServices: number;
	readonly ofDatabase: number;
	readonly readyMs: {readonly median: number; readonly max: number};
	readonly answered: number;
	/** Of the machine at the end, over a minute: what else ran beside it made it slower. */
	readonly machineLoad: number;
	readonly problems: readonly string[];
};

const readyMsMax = 5000;
const clients = 12;
/** After so many kills all promises are looked at. */
const checkEvery = 20;
const answersRepeated = 60;
const shownMax = 20;

/** Kill -9 of a service or of the database, again and again under load, and each time the way back to ready. */
export async function killing(kills: number, options: Play & {readonly seed: number}): Promise<Kills> {
	const random = openRandom(options.seed);
	const databaseName = `kills_${randomBytes(5).toString('hex')}`;
	const folder = path.join(options.folder, databaseName);
	mkdirSync(folder);
	await options.database.create(databaseName);
	const world = await openWorld({...options, folder, databaseName});
	const problems: string[] = [];
	const times: number[] = [];
	let ofDatabase = 0;
	try {
		const load = await openLoad(world, random);
		for (let kill = 1; kill <= kills && problems.length === 0 && options.signal?.aborted !== true; kill++) {
			await wait(random.whole(20, 900));
			const isDatabase = random.chance(0.4);
			ofDatabase += isDatabase ? 1 : 0;
			times.push(await killOne(world, random, isDatabase));
			if (kill % checkEvery === 0 || kill === kills) {
				await load.pause();
				problems.push(...(await world.heal()), ...load.problems);
				problems.push(...(await check(load.shop(), {seed: kill, isLast: kill === kills})).problems);
				process.stderr.write(
					`  ${kill} kills, ${load.answered()} answers, worst ${Math.max(...times).toFixed(0)} ms\n`,
				);
				load.resume();
			}
		}

		await load.stop();
		const slow = times.filter(ms => ms > readyMsMax).length;
		return {
			...{
				ofServices: times.length - ofDatabase,
				ofDatabase,
				answered: load.answered(),
				machineLoad: loadavg()[0] ?? 0,
			},
			readyMs: {median: medianOf(times), max: Math.max(...times)},
			problems: [
				...problems,
				...(slow > 0 ? [`${slow} times it took longer than ${readyMsMax / 1000} s until ready.`] : []),
			],
		};
	} finally {
		await world.close();
		await options.database.ensure();
		await options.database.drop(databaseName);
	}
}

/** @returns milliseconds from the restart until every service is ready */
async function killOne(world: World, random: Random, isDatabase: boolean): Promise<number> {
	if (isDatabase) {
		await world.database.kill(random.chance(0.7));
	}

	const begun = performance.now();
	if (isDatabase) {
		await world.database.ensure();
	} else {
		await world.killService(random.whole(0, world.places.length - 1));
	}

	await world.heal();
	return performance.now() - begun;
}

type Load = {
	readonly shop: () => Shop;
	readonly answered: () => number;
	readonly problems: readonly string[];
	readonly pause: () => Promise<void>;
	readonly resume: () => void;
	readonly stop: () => Promise<void>;
};

/** Clients that debit, credit, pay, settle and cancel without a pause, and remember every answer. */
async function openLoad(world: World, random: Random): Promise<Load> {
	const store = await openStore(world);
	const steps: AskStep[] = [];
	const promises = openPromises(steps);
	const shop: Shop = {world, store, promises};
	const problems: string[] = [];
	let isStopped = false;
	let running: Promise<unknown> = Promise.resolve();
	const client = async () => {
		while (!isStopped) {
			const step = nextStep(random, steps, promises);
			steps.push(step);
			const problem = await askShop(step, shop);
			if (problem !== undefined) {
				problems.push(problem);
			}
		}
	};
	const resume = () => {
		isStopped = false;
		running = Promise.all(Array.from({length: clients}, client));
	};
	const pause = async () => {
		isStopped = true;
		await running;
	};
	resume();
	return {
		shop: () => shop,
		answered: () => promises.bound().length,
		problems,
		pause,
		resume,
		stop: pause,
	};
}

function nextStep(random: Random, steps: readonly AskStep[], promises: Promises): HubStep {
	const common = {n: steps.length, via: random.whole(0, 1), copies: 1};
	const card = random.whole(0, 3);
	const earlier = steps.at(-random.whole(1, answersRepeated));
	if (earlier?.do === 'debit' && promises.of(earlier.n)?.final?.isDone === true && random.chance(0.5)) {
		return {
			...common,
			do: random.pick(['settle', 'cancel'] as const),
			of: earlier.n,
			cents: random.whole(1, 500),
		};
	}

	return random.chance(0.35)
		? {...common, do: 'credit', card, cents: random.whole(1, 900)}
		: {...common, do: 'debit', card, cents: random.whole(1, 900)};
}

function medianOf(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function renderKills({
	ofServices,
	ofDatabase,
	readyMs,
	answered,
	machineLoad,
	problems,
}: Kills): string {
	const kept =
		problems.length === 0
			? 'No answered success was lost.'
			: [...problems.slice(0, shownMax), `${problems.length} problems in all.`].join('\n');
	return [
		`${ofServices + ofDatabase} times kill -9 under load: ${ofServices} of a service, ${ofDatabase} of the database.`,
		`Ready again after ${readyMs.median.toFixed(0)} ms (median), ${readyMs.max.toFixed(0)} ms at most; ${answered.toLocaleString('en')} answers were kept; load of the machine ${machineLoad.toFixed(1)}.`,
		kept,
	].join('\n');
}
