import {killAlive, signalAlive} from './database.ts';
import {type FaultStep} from './steps.ts';
import {type World} from './world.ts';

/** Faults go on beside the traffic; nobody waits for their end but the check that heals them. */
export type Faults = {
	readonly begin: (step: FaultStep) => void;
	/** Wait until no fault changes anything any more. */
	readonly settle: () => Promise<void>;
	/** Those that could not be staged on this machine. */
	readonly notStaged: () => readonly string[];
	/** How often each was staged. */
	readonly staged: () => ReadonlyMap<string, number>;
};

export function openFaults(world: World): Faults {
	const running = new Set<Promise<void>>();
	const notStaged = new Set<string>();
	const staged = new Map<string, number>();
	return {
		begin(step) {
			staged.set(step.fault, (staged.get(step.fault) ?? 0) + 1);
			const run = stage(world, step, why => notStaged.add(why)).finally(() => running.delete(run));
			running.add(run);
		},
		async settle() {
			await Promise.all(running);
		},
		notStaged: () => [...notStaged],
		staged: () => staged,
	};
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

async function stage(world: World, step: FaultStep, notStaged: (why: string) => void): Promise<void> {
	const {database, places} = world;
	const place = 'which' in step ? places[step.which % places.length] : undefined;
	// The desk comes after the services.
	const back = 'which' in step && step.which >= places.length ? world.deskBack : place?.back;
	switch (step.fault) {
		case 'kill-service':
			return world.killService(step.which);
		case 'restart-service':
			return restart(world, step.which);
		case 'kill-desk':
			return world.killDesk();
		case 'kill-database':
			await database.kill(step.withBackends);
			return database.ensure();
		case 'kill-backend': {
			const pid = backendOf(world, step.which);
			if (pid !== undefined) {
				killAlive(pid);
			}

			return undefined;
		}

		case 'stall-service':
			return stall(step.ms, signal => {
				place?.running.signal(signal);
			});
		case 'stall-backend': {
			const pid = backendOf(world, step.which);
			return pid === undefined
				? undefined
				: stall(step.ms, signal => {
						signalAlive(pid, signal);
					});
		}

		case 'lose-answers':
			place?.front.loseAnswers(step.count);
			return undefined;
		case 'lose-commits':
			back?.loseAnswers(step.count);
			return undefined;
		case 'cut-clients':
			place?.front.cut();
			return undefined;
		case 'cut-database':
			back?.cut();
			return undefined;
		case 'full-disk':
			return fillDisk(world, step.ms, notStaged);
		case 'clock-jump':
			jump(world, step.which, step.ms);
			return undefined;
	}
}

/** An orderly stop, as for an upgrade, while requests come in. */
async function restart(world: World, which: number): Promise<void> {
	const place = world.places[which % world.places.length];
	if (place !== undefined && (await place.ready)) {
		place.wasKilled = true;
		place.running.signal('SIGTERM');
		await pause(1500);
		await world.killService(which);
	}
}

async function stall(ms: number, send: (signal: NodeJS.Signals) => void): Promise<void> {
	send('SIGSTOP');
	await pause(ms);
	send('SIGCONT');
}

async function fillDisk({database}: World, ms: number, notStaged: (why: string) => void): Promise<void> {
	if (await database.fillDisk()) {
		await pause(ms);
		database.freeDisk();
		await database.ensure();
	} else {
		notStaged('full-disk: this user may not mount a disk that is small enough to be filled');
	}
}

/** A service's clock, or with -1 everybody's. */
function jump(world: World, which: number, ms: number): void {
	world.setClock(which, clockOf(world, which) + ms);
}

function clockOf({places}: World, which: number): number {
	return places[Math.max(which, 0) % places.length]?.clock ?? 0;
}

/** One of the processes that serve a client or keep the database's house, by its place among them. */
function backendOf({database}: World, which: number): number | undefined {
	try {
		const backends = database.backends();
		return backends[which % Math.max(backends.length, 1)];
	} catch {
		// The database has just been killed.
		return undefined;
	}
}
