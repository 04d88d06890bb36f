import {existsSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type pg from 'pg';
import {openConnection} from './client.ts';
import {preparePrograms} from './embedded-binaries.ts';
import {databaseName, databaseUser, makeCluster, superuser} from './embedded-cluster.ts';
import {clusterIn, makePrivateFolder, prepareHome} from './embedded-home.ts';
import {
	endOfLog,
	findPostmaster,
	type Postmaster,
	type Server,
	type Starting,
	startServer,
	stopServer,
} from './embedded-server.ts';
import {enterAsService, enterAsUser, isLastToLeave, nameOf} from './embedded-users.ts';
import {keptSecret, readSecret, secretFile} from './secrets.ts';
import {isConnectionLost, sqlStateOf} from './sql-state.ts';

export type EmbeddedOptions = {
	/** Absolute. */
	readonly dataDir: string;
	/** Of services there is one per data directory; scripts come and go beside it. */
	readonly role: 'service' | 'script';
	readonly log: {readonly info: (message: string) => void; readonly warn: (message: string) => void};
	/** Server settings over our own, for throw-away databases. */
	readonly settings?: Readonly<Record<string, string>>;
	/** Where root puts what its database's user cannot reach in the data directory; default /var/lib/monedero. */
	readonly sharedFolder?: string;
	/** Another copy of the npm package's folder `native`. */
	readonly native?: string;
};

export type EmbeddedDatabase = {
	/** As the role that owns the database. Holds the password: never to be logged. */
	readonly url: string;
	/** The same database as PostgreSQL's superuser, for tests and rescue. */
	readonly superuserUrl: string;
	/** Where the files are: the data directory, or the place that the database's user can reach. */
	readonly folder: string;
	/** To be called after every pool was closed. Stops the server unless somebody else is connected. */
	stop(): Promise<'stopped' | 'left running'>;
	/** Let go of the server without stopping it. */
	leave(): Promise<void>;
};

/** Another service holds the data directory. */
export class DataDirInUseError extends Error {
	constructor(dataDir: string, holder: string) {
		super(
			`Another Monedero runs on ${dataDir} (${holder}). Stop it, or give this one a DATA_DIR of its own; ` +
				'several processes share one database by DATABASE_URL.',
		);
		this.name = 'DataDirInUseError';
	}
}

// After a crash the server reads up to two gigabytes of its journal again before it answers.
const startTimeoutMs = 300_000;
const noticeAfterMs = 5000;
const pollMs = 20;
const startsMax = 8;
const retryMs = 2000;

/**
 * The embedded PostgreSQL of a data directory: made at the first start, started when it does not run, adopted when it outlived
 * the process that had started it. If the server dies while a service uses it, it is started again.
 * @throws DataDirInUseError when another service runs on the data directory.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
	const server = prepareServer(options);
	const {client, postmaster} = await enter(server, options);
	const takeLeave =
		options.role === 'service' ? remain(server, options, client) : () => Promise.resolve(client);
	return {
		url: urlOf(server, postmaster, databaseUser),
		superuserUrl: urlOf(server, postmaster, superuser),
		folder: path.dirname(server.cluster),
		async stop() {
			return stopIfAlone(server, await takeLeave());
		},
		async leave() {
			await close(await takeLeave());
		},
	};
}

function prepareServer({dataDir, log, settings, sharedFolder, native}: EmbeddedOptions): Server {
	const home = prepareHome(dataDir, sharedFolder);
	if (home.folder !== home.dataDir) {
		log.info(`The embedded database is in ${home.folder}, because its user cannot reach ${home.dataDir}.`);
	}

	const cluster = clusterIn(home.folder);
	const passwordFile = secretFile(home.dataDir, 'database-password');
	if (existsSync(cluster) && readSecret(home.dataDir, 'database-password') === undefined) {
		throw new Error(
			`${passwordFile} is missing, the password of the database in ${cluster}. Restore it from a backup.`,
		);
	}

	const {account} = home;
	const password = keptSecret(home.dataDir, 'database-password');
	const programs = preparePrograms(home, native);
	const socketFolder = path.join(home.folder, 'run');
	makePrivateFolder(socketFolder, account);
	makeCluster({cluster, programs, account, password, isThrowAway: settings?.['fsync'] === 'off'});
	return {
		cluster,
		socketFolder,
		startLog: path.join(home.folder, 'postgres-start.log'),
		programs,
		account,
		password,
		// What was answered is durable, whatever postgresql.conf has been told.
		settings: {fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', ...settings},
	};
}

type Entered = {readonly client: pg.Client; readonly postmaster: Postmaster};

/** Start the server or find it running, and stay connected: as a user of the server and, for a service, as the only service. */
async function enter(server: Server, options: EmbeddedOptions): Promise<Entered> {
	const waitABit = patience(server, options.log);
	let starting: Starting | undefined;
	let starts = 0;
	try {
		for (;;) {
			const postmaster = findPostmaster(server);
			const client = postmaster?.isReady === true ? await join(server, postmaster, options) : undefined;
			if (postmaster !== undefined && client !== undefined) {
				return {client, postmaster};
			}

			if (postmaster === undefined && starting?.hasExited !== false) {
				starting = await tryStart(server, starts);
				starts++;
			}

			await waitABit();
		}
	} catch (error) {
		if (sqlStateOf(error) !== '28P01') {
			throw error;
		}

		if (starting?.hasExited === false) {
			// Nobody can use what was started here.
			await stopServer(server);
		}

		const file = secretFile(options.dataDir, 'database-password');
		throw new Error(
			`The embedded database refused the password in ${file}. Restore that file from a backup.`,
			{
				cause: error,
			},
		);
	}
}

/** Wait a moment at a time, say so when it lasts, and give up at last. */
function patience({startLog, cluster}: Server, log: EmbeddedOptions['log']): () => Promise<void> {
	const begun = Date.now();
	let isNoticed = false;
	return async () => {
		const waitedMs = Date.now() - begun;
		if (waitedMs > noticeAfterMs && !isNoticed) {
			isNoticed = true;
			log.info('The embedded database is not ready yet: after a crash it reads its journal again.');
		}

		if (waitedMs > startTimeoutMs) {
			const limit = `${startTimeoutMs / 1000} s`;
			throw new Error(
				`The embedded database was not ready after ${limit}; see ${startLog} and ${cluster}/log.`,
			);
		}

		await wait(pollMs);
	};
}

/** Two processes may start the server at once, and one of the two servers gives way; or orphans of a dead one are still going. */
async function tryStart(server: Server, startsBefore: number): Promise<Starting> {
	if (startsBefore === startsMax) {
		throw new Error(
			`The embedded database in ${server.cluster} does not start. Its last words, in ${server.startLog}:\n${endOfLog(server)}`,
		);
	}

	await wait(startsBefore * 10 * pollMs);
	return startServer(server);
}

/** Returns `undefined` when the server went away, or is about to: then it is looked for again. */
async function join(
	server: Server,
	postmaster: Postmaster,
	{dataDir, role}: EmbeddedOptions,
): Promise<pg.Client | undefined> {
	let client: pg.Client | undefined;
	try {
		client = await openConnection(urlOf(server, postmaster, databaseUser), nameOf(role));
		const {rows} = await client.query<{data_directory: string}>('SHOW data_directory');
		if (rows[0]?.data_directory !== server.cluster) {
			throw new Error(
				`The server found for ${server.cluster} has its data in ${rows[0]?.data_directory ?? 'no place'}.`,
			);
		}

		await enterAsUser(client);
		const holder = role === 'service' ? await enterAsService(client) : undefined;
		if (holder !== undefined) {
			throw new DataDirInUseError(dataDir, holder);
		}

		return client;
	} catch (error) {
		await close(client);
		if (isConnectionLost(error)) {
			return undefined;
		}

		throw error;
	}
}

/** Come back to the server whenever it dies. Returns what ends this and hands over the last connection. */
function remain(server: Server, options: EmbeddedOptions, first: pg.Client): () => Promise<pg.Client> {
	let client = first;
	let isLeaving = false;
	let returning = Promise.resolve();
	const comeBack = async () => {
		options.log.warn('The embedded database ended; starting it again.');
		while (!isLeaving) {
			try {
				({client} = await enter(server, options));
				watch();
				return;
			} catch (error) {
				options.log.warn(`The embedded database could not be started again: ${(error as Error).message}`);
				await wait(retryMs);
			}
		}
	};
	const watch = () => {
		client.once('end', () => {
			returning = isLeaving ? returning : comeBack();
		});
	};
	watch();
	return async () => {
		isLeaving = true;
		await returning;
		return client;
	};
}

/** Whoever comes in the moment of stopping is turned away, and starts the server again. */
async function stopIfAlone(server: Server, client: pg.Client): Promise<'stopped' | 'left running'> {
	try {
		if (!(await isLastToLeave(client))) {
			return 'left running';
		}

		await stopServer(server);
		return 'stopped';
	} catch (error) {
		if (!isConnectionLost(error)) {
			throw error;
		}

		return findPostmaster(server) === undefined ? 'stopped' : 'left running';
	} finally {
		await close(client);
	}
}

async function close(client: pg.Client | undefined): Promise<void> {
	await client?.end().catch(() => undefined);
}

function urlOf({password}: Server, {host, port}: Postmaster, user: string): string {
	const isSocket = host.startsWith('/');
	const place = isSocket
		? `localhost/${databaseName}?host=${encodeURIComponent(host)}&port=${port}`
		: `${host}:${port}/${databaseName}`;
	return `postgresql://${user}:${password}@${place}`;
}
