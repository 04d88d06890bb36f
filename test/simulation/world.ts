import {once} from 'node:events';
import {createServer, type IncomingMessage, type Server} from 'node:http';
import {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {freePort} from '../../scripts/bench/free-port.ts';
import {type SimulatedDatabase} from './database.ts';
import {type Desk, type Running, start, startDesk, untilReady} from './processes.ts';
import {openProxy, type Proxy} from './proxy.ts';

/** What the Gateway was called back with. */
export type CalledBack = Readonly<Record<string, unknown>>;

/** One service: its process comes and goes, its place stays. */
export type Place = {
	/** Where it listens itself. */
	readonly port: number;
	/** Between the clients and it, and between it and the database. */
	readonly front: Proxy;
	readonly back: Proxy;
	/** Milliseconds that its clock is ahead. */
	clock: number;
	running: Running;
	/** Whether we ended it. */
	wasKilled: boolean;
	/** Resolves when it can be asked; false where it ended before. */
	ready: Promise<boolean>;
};

export type World = {
	readonly folder: string;
	readonly database: SimulatedDatabase;
	/** The run's own. */
	readonly databaseName: string;
	readonly places: readonly Place[];
	readonly desk: () => Desk;
	readonly setClock: (which: number, ms: number) => void;
	/** The farthest that any clock was ahead so far. */
	readonly clockMax: () => number;
	readonly killService: (which: number) => Promise<void>;
	readonly killDesk: () => Promise<void>;
	/** Between the desk and the database. */
	readonly deskBack: Proxy;
	/** Everything runs, no fault is left. @returns what ended though nobody had ended it */
	readonly heal: () => Promise<string[]>;
	readonly calledBack: readonly CalledBack[];
	/** Where the Gateway is called back. */
	readonly callbackUrl: string;
	readonly close: () => Promise<void>;
};

export const credentials = {appKey: 'simulated-store', appToken: 'token-of-the-simulated-store'};
const env = {
	PROVIDER_APP_KEY: credentials.appKey,
	PROVIDER_APP_TOKEN: credentials.appToken,
	CODE_PEPPER: 'p'.repeat(48),
	SECRETS_KEY: 's'.repeat(48),
	LOG_LEVEL: 'warn',
	SANDBOX: 'true',
	HOST: '127.0.0.1',
};
const readyMsMax = 180_000;

export type WorldOptions = {
	readonly folder: string;
	readonly database: SimulatedDatabase;
	readonly databaseName: string;
	readonly services: number;
	/** Changes what services answer, to see whether the simulator finds it. */
	readonly alter?: (chunk: Buffer) => Buffer;
};

/** Start the services and the desk, each behind its proxies, on an empty migrated database. */
export async function openWorld(options: WorldOptions): Promise<World> {
	const {folder, database, databaseName} = options;
	const {server: receiver, calledBack, callbackUrl} = await openReceiver();
	let clockMax = 0;
	const launch = (back: Proxy, more: Readonly<Record<string, string>>) => ({
		...env,
		DATABASE_URL: database.urlBy(back.port, databaseName),
		...more,
	});
	const startPlace = (place: Pick<Place, 'port' | 'back' | 'clock'>, which: number) => {
		const running = start({
			file: 'src/main.ts',
			env: launch(place.back, {PORT: String(place.port)}),
			...{folder, logName: `service-${which}.log`, clock: place.clock},
		});
		return {running, ready: untilReady(running, place.port, readyMsMax).catch(() => false)};
	};
	const places = await Promise.all(
		Array.from({length: options.services}, async (_, which): Promise<Place> => {
			const port = await freePort();
			const back = await openProxy(database.place);
			const front = await openProxy(() => ({host: '127.0.0.1', port}), {
				...(options.alter !== undefined && {alter: options.alter}),
			});
			const begun = {port, front, back, clock: 0, wasKilled: false};
			return {...begun, ...startPlace(begun, which)};
		}),
	);
	// The first one migrates and makes the merchant; a desk that came before would do the same at the same time, which is tried elsewhere.
	await Promise.all(places.map(({ready}) => ready));
	const deskBack = await openProxy(database.place);
	let deskClock = 0;
	const newDesk = () => startDesk({env: launch(deskBack, {}), folder, logName: 'desk.log', clock: deskClock});
	let desk = newDesk();

	const place = (which: number): Place => {
		const found = places[which % places.length];
		if (found === undefined) {
			throw new RangeError('A world needs a service.');
		}

		return found;
	};
	const killDesk = async () => {
		await desk.kill();
		desk = newDesk();
	};

	return {
		...{folder, database, databaseName, places, deskBack, killDesk, calledBack, callbackUrl},
		desk: () => desk,
		clockMax: () => clockMax,
		setClock(which, ms) {
			clockMax = Math.max(clockMax, ms);
			places.forEach((one, index) => {
				if (which === -1 || which === index) {
					one.clock = ms;
					one.running.setClock(ms);
				}
			});
			if (which === -1 || which >= places.length) {
				deskClock = ms;
				desk.setClock(ms);
			}
		},
		async killService(which) {
			const killed = place(which);
			killed.wasKilled = true;
			await killed.running.kill();
			Object.assign(killed, startPlace(killed, which), {wasKilled: false});
		},
		async heal() {
			database.freeDisk();
			for (const {front, back, running} of [...places, {front: deskBack, back: deskBack, running: desk}]) {
				front.mend();
				back.mend();
				running.signal('SIGCONT');
			}

			await database.ensure();
			const ended = await Promise.all(places.map((one, which) => revive(one, which, startPlace)));
			if (!desk.isAlive()) {
				desk = newDesk();
			}

			for (let starts = 0; !(await desk.ready) && starts < 5; starts++) {
				desk = newDesk();
			}

			return ended.filter(problem => problem !== undefined);
		},
		async close() {
			await Promise.all([...places.map(({running}) => running.kill()), desk.kill()]);
			await Promise.all(
				[...places.flatMap(({front, back}) => [front, back]), deskBack].map(one => one.close()),
			);
			receiver.closeAllConnections();
			receiver.close();
		},
	};
}

const startsMax = 6;

/** Start a service again, as whatever watches over it does, until it is ready. */
async function revive(
	one: Place,
	which: number,
	startPlace: (one: Place, which: number) => Pick<Place, 'running' | 'ready'>,
): Promise<string | undefined> {
	const wasReady = await one.ready;
	const hasEnded = wasReady && !one.running.isAlive() && !one.wasKilled;
	for (let starts = 0; starts < startsMax; starts++) {
		if (one.running.isAlive() && (await untilReady(one.running, one.port, readyMsMax))) {
			return hasEnded ? `Service ${which} ended by itself; see its log.` : undefined;
		}

		Object.assign(one, startPlace(one, which), {wasKilled: false});
		await one.ready;
	}

	return `Service ${which} does not start any more; see its log.`;
}

/** The Gateway's side of callbacks. */
async function openReceiver(): Promise<{server: Server; calledBack: CalledBack[]; callbackUrl: string}> {
	const calledBack: CalledBack[] = [];
	const take = async (request: IncomingMessage) => {
		calledBack.push(JSON.parse(await text(request)) as CalledBack);
	};
	const server = createServer((request, response) => {
		void take(request)
			.catch(() => undefined)
			.then(() => response.writeHead(200).end());
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		server,
		calledBack,
		callbackUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
	};
}
