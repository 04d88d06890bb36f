import {existsSync} from 'node:fs';
import {mkdtemp, readdir, rename, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {type BackupFile, dataName, type Manifest, readManifest} from './backup-manifest.ts';
import {copyDurably, makeFolder, syncFolders} from './durable-files.ts';
import {preparePrograms} from './embedded-binaries.ts';
import {clusterIn, makeDataDir, makePrivateFolder, prepareHome} from './embedded-home.ts';
import {readSecret, secretFile} from './secrets.ts';

export type RestoreOptions = {
	/** The folder of the backup. */
	readonly from: string;
	/** Absolute; new, or with nothing but secrets in it. */
	readonly dataDir: string;
	/** A folder with copies of the secrets, where the data directory has none. */
	readonly secretsFrom?: string | undefined;
	/** Where root puts what its database's user cannot reach in the data directory; default /var/lib/monedero. */
	readonly sharedFolder?: string;
	readonly signal?: AbortSignal | undefined;
};

/**
 * Put a backup in the place of an embedded database, every file compared with the manifest as it is copied. Whoever opens the database next
 * has the server read the journal of the backup. Until everything is there, nothing is.
 * @throws Error that names what is wrong: a damaged file, a database in the place, secrets that are missing
 */
export async function restoreCluster(options: RestoreOptions): Promise<Manifest> {
	const {from, dataDir, signal} = options;
	const manifest = await readManifest(from);
	await refuseUsedPlace(dataDir);
	makeDataDir(dataDir);
	await bringSecrets(options);
	const home = prepareHome(dataDir, options.sharedFolder);
	const {major} = preparePrograms(home);
	if (major !== manifest.postgres) {
		throw new Error(
			`The backup was made by PostgreSQL ${manifest.postgres}, and this version of Monedero brings ${major}. ` +
				'Restore it with the version that made it.',
		);
	}

	const cluster = clusterIn(home.folder);
	const draft = await mkdtemp(`${cluster}.new-${process.pid}-`);
	try {
		const folder = path.join(draft, 'cluster');
		makePrivateFolder(folder, home.account);
		for (const name of manifest.folders) {
			await makeFolder(path.join(folder, name), home.account);
		}

		for (const file of manifest.files) {
			await copyCompared(from, file, path.join(folder, file.path), {account: home.account, signal});
		}

		await syncFolders(folder);
		await rename(folder, cluster);
		return manifest;
	} finally {
		await rm(draft, {recursive: true, force: true});
	}
}

async function copyCompared(
	from: string,
	{path: name, size, sha256}: BackupFile,
	target: string,
	options: Parameters<typeof copyDurably>[2],
): Promise<void> {
	const copied = await copyDurably(path.join(from, dataName, name), target, options);
	if (copied.sha256 !== sha256 || copied.size !== size) {
		throw new Error(
			`The backup in ${from} is damaged: ${dataName}/${name} is not as it was written. Nothing was restored.`,
		);
	}
}

/** Nothing that is there is ever replaced. */
async function refuseUsedPlace(dataDir: string): Promise<void> {
	const found = await stat(dataDir).catch(() => undefined);
	const names = found === undefined ? [] : (await readdir(dataDir)).filter(name => name !== 'secrets');
	if (names.length > 0) {
		throw new Error(
			`${dataDir} is not empty (${names.slice(0, 3).join(', ')}), and nothing that is there is replaced. ` +
				'Stop the service, move the folder away, and restore into a new one.',
		);
	}
}

/** The secrets that the data directory has, or copies of those that were kept apart from the backup. */
async function bringSecrets({dataDir, secretsFrom}: RestoreOptions): Promise<void> {
	const folder = path.dirname(secretFile(dataDir, 'database-password'));
	if (secretsFrom !== undefined) {
		if (existsSync(folder) && (await readdir(folder)).length > 0) {
			throw new Error(`${folder} has secrets already, which are not replaced.`);
		}

		await makeFolder(folder);
		for (const entry of await readdir(secretsFrom, {withFileTypes: true})) {
			if (entry.isFile()) {
				await copyDurably(path.join(secretsFrom, entry.name), path.join(folder, entry.name));
			}
		}

		await syncFolders(folder);
	}

	if (readSecret(dataDir, 'database-password') === undefined) {
		throw new Error(
			`A backup has no secrets, and without them nobody could read its codes. Put the folder secrets of the data directory that was backed up ` +
				`into ${dataDir}, or name a copy of it (db:backup makes one with --with-secrets).`,
		);
	}
}
