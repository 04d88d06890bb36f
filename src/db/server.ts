import path from 'node:path';
import {backupCluster, type BackupOptions} from './backup.ts';
import {type Manifest} from './backup-manifest.ts';
import {type EmbeddedOptions, openEmbedded} from './embedded.ts';
import {clusterIn} from './embedded-home.ts';
import {keptSecret, secretFile} from './secrets.ts';

/** The database that the configuration names, and the secrets that belong to what is in it. */
export type DatabaseServer = {
	/** Holds the password: never to be logged. */
	readonly url: string;
	/** Past a pooler: for migrations. */
	readonly directUrl: string;
	/** The same as who may make roles: of the embedded database its superuser. */
	readonly adminUrl: string;
	/** Keys of the redemption-code hash, the current one first (rules B8). */
	readonly codePeppers: readonly [string, ...string[]];
	readonly secretsKey: string;
	/** Copy the embedded database while it runs; undefined for one that others run. */
	readonly backup: ((options: BackupOptions) => Promise<Manifest>) | undefined;
	/** To be called after every pool was closed. A server that is not ours, or that somebody else uses, goes on. */
	stop(): Promise<'stopped' | 'left running'>;
};

/** What the configuration says about the database, under its own names. */
export type ServerConfig = {
	/** Absent: the embedded database. */
	readonly databaseUrl: string | undefined;
	readonly directDatabaseUrl: string | undefined;
	/** Absolute. */
	readonly dataDir: string;
	readonly codePeppers: readonly string[];
	readonly secretsKey: string | undefined;
};

/**
 * Open the embedded database, or take the one that `DATABASE_URL` names. What the environment does not tell was generated
 * beside the embedded database at its first start.
 * @throws DataDirInUseError when another service runs on the data directory.
 */
export async function openServer(
	config: ServerConfig,
	options: Pick<EmbeddedOptions, 'role' | 'log'>,
): Promise<DatabaseServer> {
	const {databaseUrl, dataDir} = config;
	if (databaseUrl !== undefined) {
		const directUrl = config.directDatabaseUrl ?? databaseUrl;
		const stop = () => Promise.resolve('left running' as const);
		return {url: databaseUrl, directUrl, adminUrl: directUrl, ...secretsOf(config), backup: undefined, stop};
	}

	const embedded = await openEmbedded({dataDir, ...options});
	const source = {
		url: embedded.superuserUrl,
		cluster: clusterIn(embedded.folder),
		secretsFolder: path.dirname(secretFile(dataDir, 'database-password')),
	};
	return {
		url: embedded.url,
		directUrl: embedded.url,
		adminUrl: embedded.superuserUrl,
		...secretsOf(config),
		backup: options => backupCluster(source, options),
		stop: () => embedded.stop(),
	};
}

function secretsOf({dataDir, databaseUrl, codePeppers, secretsKey}: ServerConfig) {
	const generated = (name: 'code-pepper' | 'secrets-key') => {
		if (databaseUrl !== undefined) {
			// Another process of the same database could not know what we would make up here.
			throw new Error('CODE_PEPPER and SECRETS_KEY are needed with DATABASE_URL.');
		}

		return keptSecret(dataDir, name);
	};
	const [current = generated('code-pepper'), ...older] = codePeppers;
	return {
		codePeppers: [current, ...older] as const,
		secretsKey: secretsKey ?? generated('secrets-key'),
	};
}
