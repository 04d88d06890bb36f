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
	/** Stops the server and leaves everything where it is; a process that needs it starts it again. */
	readonly halt: () => Promise<void>;
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
	let isHalted = false;
	return {
		dataDir,
		url: embedded.url,
		superuserUrl: embedded.superuserUrl,
		pid: await serverPid(embedded.url),
		async halt() {
			isHalted = true;
			await embedded.stop();
		},
		async stop() {
			if (!isHalted) {
				await embedded.stop();
			}

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
	return withConnection(url, async client => (await client.query<Row>(sql)).rows);
}

/** The parent of the process that serves us, looked up while that lives, is the server itself. */
async function serverPid(url: string): Promise<number | undefined> {
	return withConnection(url, async client => {
		const {rows} = await client.query<{pid: number}>('SELECT pg_backend_pid() AS pid');
		return rows[0] && parentOf(rows[0].pid);
	});
}

async function withConnection<Result>(
	url: string,
	work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
	const client = new pg.Client({connectionString: url});
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}
