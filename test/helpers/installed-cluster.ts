import {spawnSync} from 'node:child_process';
import {chownSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {openConnection} from '../../src/db/client.ts';
import {databaseUser, superuser} from '../../src/db/embedded-cluster.ts';
import {clusterIn, makePrivateFolder, prepareHome} from '../../src/db/embedded-home.ts';
import {
	endOfLog,
	findPostmaster,
	type Server,
	startServer,
	stopServer,
} from '../../src/db/embedded-server.ts';
import {type RunningCluster, throwAway} from './cluster.ts';
import {until} from './until.ts';

const password = 'of-a-throw-away-cluster';

/**
 * Start a new cluster of a PostgreSQL that is installed on this machine, in a folder of its own that is made; the caller stops it. No
 * cluster of the system is touched.
 * @param programs - the folder of that version's `initdb`, `postgres` and `pg_ctl`, such as /usr/lib/postgresql/15/bin
 */
export async function startInstalledCluster(
	programs: string,
	dataDir: string,
	settings: Readonly<Record<string, string>> = throwAway,
): Promise<RunningCluster> {
	const home = prepareHome(dataDir);
	const socketFolder = path.join(home.folder, 'run');
	makePrivateFolder(socketFolder, home.account);
	const server: Server = {
		cluster: clusterIn(home.folder),
		socketFolder,
		startLog: path.join(home.folder, 'postgres-start.log'),
		programs: {folder: programs, major: ''},
		account: home.account,
		password,
		settings,
	};
	initialize(server);
	const starting = await startServer(server);
	await until(`PostgreSQL of ${programs} is ready`, () => {
		if (starting.hasExited) {
			throw new Error(`PostgreSQL of ${programs} does not start: ${endOfLog(server)}`);
		}

		return findPostmaster(server)?.isReady === true;
	});
	const superuserUrl = urlOf(server, superuser);
	await makeRole(superuserUrl);
	return {
		superuserUrl,
		url: urlOf(server, databaseUser),
		stop: () => stopServer(server),
	};
}

function urlOf(server: Server, user: string): string {
	const {host = '', port = 0} = findPostmaster(server) ?? {};
	const place = host.startsWith('/')
		? `localhost/postgres?host=${encodeURIComponent(host)}&port=${port}`
		: `${host}:${port}/postgres`;
	return `postgresql://${user}:${password}@${place}`;
}

/** As the embedded cluster is made, but for the provider of its locale, which 17 was the first to have. */
function initialize({cluster, account, programs}: Server): void {
	const passwordFile = path.join(path.dirname(cluster), 'password');
	writeFileSync(passwordFile, password, {mode: 0o600});
	makePrivateFolder(cluster, account);
	if (account !== undefined) {
		chownSync(passwordFile, account.uid, account.gid);
	}

	const {status, error, stderr} = spawnSync(
		path.join(programs.folder, 'initdb'),
		[
			...[`--pgdata=${cluster}`, `--username=${superuser}`, `--pwfile=${passwordFile}`],
			...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
		],
		{cwd: '/', env: {LC_ALL: 'C'}, encoding: 'utf8', ...account},
	);
	rmSync(passwordFile);
	if (error !== undefined || status !== 0) {
		throw new Error(`initdb of ${programs.folder} failed: ${error?.message ?? stderr}`, {cause: error});
	}
}

/** The role that the service uses, with what the embedded cluster's has. */
async function makeRole(superuserUrl: string): Promise<void> {
	const connection = await openConnection(superuserUrl, 'monedero tests');
	try {
		await connection.query(
			`CREATE ROLE ${databaseUser} LOGIN PASSWORD '${password}'; GRANT pg_monitor TO ${databaseUser}`,
		);
	} finally {
		await connection.end();
	}
}
