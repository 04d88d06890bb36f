import {existsSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type pg from 'pg';
import {openConnection} from './client.ts';
import {preparePrograms} from './embedded-binaries.ts';
import {databaseName, databaseUser, makeCluster, superuser} from './embedded-cluster.ts';
import {clusterIn, makePrivateFolder, prepareHome} from './embedded-home.ts';
import {endOfLog, findPostmaster, type Postmaster, type Server, type Starting, startServer, stopServer} from './embedded-server.ts';
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
	constructor(dataDir: string, holder: string | undefined) {
		super(
			`Another Monedero (${holder ?? 'which has just gone'}) runs on ${dataDir}. Stop it, or give this one a DATA_DIR of its own; ` +
				'several processes share one database by DATABASE_URL.',
		);
		this.name = 'DataDirInUseError';
	}
}

// Advisory locks. Whoever uses the server holds the first one shared, so that whoever gets it alone may stop the server; a service
// holds the second one alone. The server gives them back when their process is gone, however it went.
const usersLock = 1;
const serviceLock = 2;

// After a crash the server reads up to two gigabytes of its journal again before it answers.
const startTimeoutMs = 300_000;
const noticeAfterMs = 5000;
const pollMs = 20;
const startsMax = 8;
// How long the connection of a service that was just killed may linger on the server.
const lingerMs = 2000;
// How long our own connections, closed a moment ago, may.
const leaveMs = 500;

/**
 * The embedded PostgreSQL of a data directory: made at the first start, started when it does not run, adopted when it outlived
 * the process that had started it. If the server dies while a service uses it, it is started again.
 * @throws DataDirInUseError when another service runs on the data directory.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
	const server = prepareServer(options);
	const postmaster = {current: await enter(server, options)};
	const guard = keepEntered(server, options, postmaster.current.guard);
	const urlAs = (user: string) => urlOf(server, postmaster.current.postmaster, user);
	return {
		url: urlAs(databaseUser),
		superuserUrl: urlAs(superuser),
		folder: path.dirname(server.cluster),
		async stop() {
			return stopIfAlone(server, await guard.release());
		},
		async leave() {
			const client = await guard.release();
			await client.end();
		},
	};
}
