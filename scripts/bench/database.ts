import {chmod, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import pg from 'pg';
import {openEmbedded} from '../../src/db/embedded.ts';
import {parentOf} from './usage.ts';

export type BenchDatabase = {
	/** A service started with this DATA_DIR uses this database, with its settings as they are for everybody. */
	readonly dataDir: string;
	/** Of the service's database, as the service's user. Holds the password, like the other. */
	readonly url: string;
	/** As the server's superuser, who may make further databases. */
	readonly superuserUrl: string;
	/** The server's first process; undefined where it cannot be found out (no /proc). */
	readonly pid: number | undefined;
	/** After the service ended: stops the server and removes everything. */
	readonly stop: () => Promise<void>;
};

/** The embedded database in a throw-away DATA_DIR. It is held open until `stop`, whatever service comes and goes. */
export async function openThrowAwayDatabase(): Promise<BenchDatabase> {
	const dataDir = await mkdtemp(path.join(tmpdir(), 'monedero-bench-'));
	// The database's user must reach it where we are root, or it would be put elsewhere.
	await chmod(dataDir, 0o755);
	const log = {info: () => undefined, warn: (message: string) => process.stderr.write(`${message}\n`)};
	const remove = async (): Promise<void> => rm(dataDir, {recursive: true});
	const embedded = await openEmbedded({dataDir, role: 'script', log}).catch(async (error: unknown) => {
		await remove();
		throw error;
	});
	// The parent of the process that serves us is the server itself.
	const [backend] = await query<{pid: number}>(embedded.url, 'SELECT pg_backend_pid() AS pid');

	return {
		dataDir,
		url: embedded.url,
		superuserUrl: embedded.superuserUrl,
		pid: backend && parentOf(backend.pid),
		async stop() {
			await embedded.stop();
			await remove();
		},
	};
}

/** Makes an empty database on a server and tells its URL. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
	await query(serverUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
	const url = new URL(serverUrl);
	url.pathname = name;
	return url.href;
}

/** Runs SQL over a connection of its own and gives the rows of a single statement. */
export async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
	const client = new pg.Client({connectionString: url});
	await client.connect();
	try {
		const {rows} = await client.query<Row>(sql);
		return rows;
	} finally {
		await client.end();
	}
}
