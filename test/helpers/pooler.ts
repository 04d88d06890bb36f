import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import {prepareHome} from '../../src/db/embedded-home.ts';
import {until} from './until.ts';

export type Pooler = {
	/** The same user and database, through the pooler. */
	readonly urlOf: (url: string) => string;
	readonly stop: () => Promise<void>;
};

type PoolerOptions = {
	readonly poolSize?: number;
	readonly settings?: Readonly<Record<string, string>>;
	readonly otherUrls?: readonly string[];
};

const port = 6432;

/**
 * Start PgBouncer in transaction mode before the server of `url`, for all of its databases: whatever is left in a session by one client is
 * found there by another.
 * @param program - the pooler, such as /usr/sbin/pgbouncer
 * @param folder - for its files and its socket; made where it is missing
 * @param poolSize - connections to the server, for each database and user
 * @param otherUrls - of that server too, whose users it knows as well
 */
export async function startPooler(
	program: string,
	folder: string,
	url: string,
	{poolSize = 20, settings = {}, otherUrls = []}: PoolerOptions = {},
): Promise<Pooler> {
	mkdirSync(folder, {recursive: true, mode: 0o711});
	const socket = path.join(folder, `.s.PGSQL.${port}`);
	// One that was killed leaves it behind.
	rmSync(socket, {force: true});
	// As root, neither PostgreSQL nor its pooler runs.
	const {account} = prepareHome(path.join(folder, 'account'));
	const {host, port: serverPort} = new pg.Client({connectionString: url});
	const write = (name: string, lines: readonly string[]) => {
		const file = path.join(folder, name);
		writeFileSync(file, `${lines.join('\n')}\n`, {mode: 0o600});
		if (account !== undefined) {
			chownSync(file, account.uid, account.gid);
		}

		return file;
	};
	if (account !== undefined) {
		chownSync(folder, account.uid, account.gid);
	}

	const users = write('users', [url, ...otherUrls].map(userLine));
	const logFile = path.join(folder, 'log');
	const configuration = write('pgbouncer.ini', [
		'[databases]',
		`* = host=${host} port=${serverPort}`,
		'[pgbouncer]',
		...['listen_addr =', `listen_port = ${port}`, `unix_socket_dir = ${folder}`],
		...['auth_type = scram-sha-256', `auth_file = ${users}`, `logfile = ${logFile}`],
		...['pool_mode = transaction', `default_pool_size = ${poolSize}`, 'max_client_conn = 800'],
		// A database that a test has dropped must not be kept by a connection.
		...['server_idle_timeout = 5', 'log_connections = 0', 'log_disconnections = 0'],
		...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
	]);
	const child = spawn(program, ['-q', configuration], {cwd: '/', stdio: 'ignore', ...account});
	const exited = once(child, 'exit');
	await once(child, 'spawn');
	await until('the pooler listens', () => {
		if (child.exitCode !== null) {
			throw new Error(
				`${program} does not start: ${existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''}`,
			);
		}

		return existsSync(socket);
	});
	return {
		urlOf: direct => {
			const pooled = new URL(direct);
			pooled.host = 'localhost';
			pooled.search = new URLSearchParams({host: folder, port: String(port)}).toString();
			return pooled.href;
		},
		async stop() {
			child.kill('SIGKILL');
			await exited;
		},
	};
}

function userLine(url: string): string {
	const {user = '', password} = new pg.Client({connectionString: url});
	return `"${user}" "${String(password)}"`;
}
