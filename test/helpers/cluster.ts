import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {openConnection} from '../../src/db/client.ts';
import {openEmbedded, type EmbeddedDatabase} from '../../src/db/embedded.ts';
import {migrate} from '../../src/db/migrate.ts';
import {makeServiceRole, readInstallation, serviceRoleSql} from '../../src/db/roles.ts';

export type Cluster = {
	/** Its database `postgres`, as superuser. */
	readonly superuserUrl: string;
	/** The same, as the role that owns the databases and that the service uses; through a pooler, where the tests have one. */
	readonly url: string;
	/** The same as `url`, past the pooler. */
	readonly ownerUrl: string;
	/** Name of a migrated database that is cloned for each test. */
	readonly template: string;
	/** As the service's own role, where the tests use it: TEST_ROLE=service. */
	readonly serviceUrl?: string;
};

/** A cluster that somebody has started, and stops. */
export type RunningCluster = {
	readonly url: string;
	readonly superuserUrl: string;
	readonly stop: () => Promise<unknown>;
};

/** Tells the processes of one `npm test` which cluster is theirs. */
export const clusterVariable = 'MONEDERO_TEST_CLUSTER';

/** What a test cluster writes need not survive anything, and its databases go before a vacuum would pay. */
export const throwAway = {
	fsync: 'off',
	synchronous_commit: 'off',
	full_page_writes: 'off',
	wal_level: 'minimal',
	max_wal_senders: '0',
	wal_compression: 'off',
	// The cluster may be in memory.
	max_wal_size: '256MB',
	// Looked through whenever a database is copied or dropped.
	shared_buffers: '64MB',
	autovacuum: 'off',
	max_connections: '300',
};
/** `TEST_ROLE=service npm test`: all that the tests do as the service, they do as the role that `db:roles` makes. */
export const isOfService = process.env['TEST_ROLE'] === 'service';
const serviceRole = {name: 'monedero_tests', password: 'of-the-tests'};
const quiet = {info: () => undefined, warn: console.error};
const prismaFolder = fileURLToPath(new URL('../../prisma', import.meta.url));

let opened: Promise<Cluster> | undefined;

/**
 * The cluster that `npm test` has started or, when a file is run by itself, one in the folder for temporary files that is
 * left running for the next time.
 */
export function testCluster(): Promise<Cluster> {
	opened ??= openCluster();
	return opened;
}

/** Start a cluster below a folder, which is made; the caller stops it. */
export async function startCluster(dataDir: string): Promise<EmbeddedDatabase> {
	// Open for passing through: as root, the server runs as another user.
	mkdirSync(dataDir, {recursive: true, mode: 0o711});
	return openEmbedded({dataDir, role: 'script', log: quiet, settings: throwAway});
}

/** Stop a cluster whoever is still connected: a test process that was cut off may have left a query running. */
export async function stopCluster(server: RunningCluster): Promise<void> {
	const connection = await openConnection(server.superuserUrl, 'monedero tests');
	await connection.query(
		`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'monedero script,%'`,
	);
	await connection.end();
	await server.stop();
}

/** Make the template of a cluster where there is none for the present migrations. */
export async function describeCluster(urls: {url: string; superuserUrl: string}): Promise<Cluster> {
	const url = databaseIn(urls.url, 'postgres');
	const cluster: Cluster = {
		superuserUrl: databaseIn(urls.superuserUrl, 'postgres'),
		...{url, ownerUrl: url},
		template: `template_${isOfService ? 'service_' : ''}${hashOf(prismaFolder)}`,
		...(isOfService && {serviceUrl: asService(url)}),
	};
	await makeTemplate(cluster);
	return cluster;
}

/**
 * The statement that copies a database. File by file: written to the journal page by page, as PostgreSQL does on its own, a copy takes
 * several times the processor time.
 */
export function copyOf(template: string, name: string, {url}: Cluster): string {
	return `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY OWNER ${new URL(url).username}`;
}

/** The same server and user, another database. */
export function databaseIn(url: string, name: string): string {
	const changed = new URL(url);
	changed.pathname = `/${name}`;
	return changed.href;
}

async function openCluster(): Promise<Cluster> {
	const given = process.env[clusterVariable];
	if (given !== undefined) {
		return JSON.parse(given) as Cluster;
	}

	const server = await startCluster(path.join(os.tmpdir(), `monedero-tests-${os.userInfo().username}`));
	const cluster = await describeCluster(server);
	await server.leave();
	return cluster;
}

async function makeTemplate({superuserUrl, url, template}: Cluster): Promise<void> {
	const connection = await openConnection(superuserUrl, 'monedero tests');
	try {
		// Several test files may begin at once.
		await connection.query('SELECT pg_advisory_lock(1)');
		const {rowCount} = await connection.query('SELECT FROM pg_database WHERE datname = $1', [template]);
		if (rowCount === 1) {
			return;
		}

		// Made under another name, so that a run which dies half-way leaves no half template.
		const draft = `${template}_draft`;
		await connection.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
		await connection.query(`CREATE DATABASE ${draft} OWNER ${new URL(url).username}`);
		await migrate(databaseIn(url, draft));
		if (isOfService) {
			await grantToService(databaseIn(superuserUrl, draft));
		}

		await connection.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
	} finally {
		await connection.end();
	}
}

async function grantToService(url: string): Promise<void> {
	const connection = await openConnection(url, 'monedero tests');
	try {
		const installation = await readInstallation(connection, serviceRole.name);
		await makeServiceRole(connection, serviceRoleSql(serviceRole, installation));
	} finally {
		await connection.end();
	}
}

function asService(url: string): string {
	const changed = new URL(url);
	changed.username = serviceRole.name;
	changed.password = serviceRole.password;
	return changed.href;
}

function hashOf(folder: string): string {
	const hash = createHash('sha256');
	for (const file of readdirSync(folder, {recursive: true, encoding: 'utf8'}).toSorted()) {
		if (file.endsWith('.sql')) {
			hash.update(file).update(readFileSync(path.join(folder, file)));
		}
	}

	return hash.digest('hex').slice(0, 12);
}
