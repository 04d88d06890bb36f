import {randomBytes} from 'node:crypto';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {askDesk} from './admins.ts';
import {check} from './check.ts';
import {type SimulatedDatabase} from './database.ts';
import {openFaults} from './faults.ts';
import {plants, type PlantName} from './plants.ts';
import {openPromises} from './promises.ts';
import {askShop, look, type Shop} from './shoppers.ts';
import {type Step} from './steps.ts';
import {openStore} from './store.ts';
import {openWorld} from './world.ts';

/** What came of a history. */
export type Played = {
	/** Empty where every promise was kept. */
	readonly problems: readonly string[];
	/** As far as it came, its last check included. */
	readonly played: readonly Step[];
	readonly asked: number;
	readonly replayed: number;
	readonly repeated: number;
	readonly checks: number;
	readonly callbacks: number;
	readonly staged: ReadonlyMap<string, number>;
	readonly notStaged: readonly string[];
	/** Of this run's processes: logs, files. */
	readonly folder: string;
};

export type Play = {
	readonly database: SimulatedDatabase;
	/** Below which the run has its own folder. */
	readonly folder: string;
	readonly services: number;
	/** A defect that is put in on purpose. */
	readonly plant?: PlantName | undefined;
	readonly signal?: AbortSignal;
};

const atOnce = 12;

/** Play a history from beginning to end, or to the first promise that was broken, in a world of its own. */
export async function play(history: readonly Step[], options: Play): Promise<Played> {
	const databaseName = `run_${randomBytes(5).toString('hex')}`;
	const folder = path.join(options.folder, databaseName);
	mkdirSync(folder);
	const {database, services, plant} = options;
	await database.ensure();
	await database.create(databaseName);
	const planted = plant === undefined ? undefined : plants[plant].plant();
	await planted?.begin?.({database, databaseName});
	const world = await openWorld({
		...{folder, database, databaseName, services},
		...(planted?.alter !== undefined && {alter: planted.alter}),
	});
	const faults = openFaults(world);
	const counts = {asked: 0, replayed: 0, repeated: 0, checks: 0};
	const problems: string[] = [];
	const played: Step[] = [];
	try {
		const shop: Shop = {world, store: await openStore(world), promises: openPromises(history)};
		const rounds = roundsOf(history);
		for (const [index, steps] of rounds.entries()) {
			if (problems.length > 0 || options.signal?.aborted === true) {
				break;
			}

			problems.push(...(await race(steps, shop, faults)));
			await faults.settle();
			problems.push(...(await world.heal()));
			await planted?.beforeCheck?.({database, databaseName, shop});
			const checked = await check(shop, {seed: steps.at(-1)?.n ?? 0, isLast: index === rounds.length - 1});
			problems.push(...checked.problems);
			counts.asked += steps.length;
			played.push(...steps, {n: (steps.at(-1)?.n ?? 0) + 1, do: 'check'});
			counts.replayed += checked.replayed;
			counts.repeated += checked.repeated;
			counts.checks++;
		}
	} finally {
		await faults.settle();
		await world.close();
		await database.ensure();
		await database.drop(databaseName);
	}

	const {staged, notStaged} = faults;
	const callbacks = world.calledBack.length;
	return {problems, played, ...counts, callbacks, staged: staged(), notStaged: notStaged(), folder};
}

/** What happens between two checks; there is always a last one. */
export function roundsOf(history: readonly Step[]): Step[][] {
	const rounds: Step[][] = [[]];
	for (const step of history) {
		if (step.do === 'check') {
			rounds.push([]);
		} else {
			rounds.at(-1)?.push(step);
		}
	}

	return rounds.filter(({length}, index) => length > 0 || (index === 0 && rounds.length === 1));
}

/** Several clients take the steps in their order, each as soon as it is free. @returns what was answered wrongly */
async function race(
	steps: readonly Step[],
	shop: Shop,
	faults: ReturnType<typeof openFaults>,
): Promise<string[]> {
	const queue = steps.values();
	const problems: string[] = [];
	await Promise.all(
		Array.from({length: atOnce}, async () => {
			for (const step of queue) {
				const problem = await take(step, shop, faults);
				if (problem !== undefined) {
					problems.push(problem);
				}
			}
		}),
	);
	return problems;
}

async function take(
	step: Step,
	shop: Shop,
	faults: ReturnType<typeof openFaults>,
): Promise<string | undefined> {
	// eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- what is asked for is told apart by how it travels.
	switch (step.do) {
		case 'fault':
			faults.begin(step);
			return undefined;
		case 'check':
			return undefined;
		case 'read':
		case 'search':
			return look(step, shop);
		default:
			return 'via' in step ? askShop(step, shop) : askDesk(step, shop);
	}
}
