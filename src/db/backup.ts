import {existsSync} from 'node:fs';
import {readdir, readFile, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import {type BackupFile, dataName, type Manifest, manifestName} from './backup-manifest.ts';
import {openConnection} from './client.ts';
import {copyDurably, makeFolder, putDurably, syncFolders} from './durable-files.ts';

/*
 * A base backup by PostgreSQL's low-level interface, because the embedded programs have no pg_basebackup: between pg_backup_start and
 * pg_backup_stop the files are copied while they change, and the journal of that time makes them whole when it is read again. The
 * journal is kept by a replication slot that ends with the connection (PostgreSQL 18, 25.3.4).
 */

export type BackupOptions = {
	/** A new folder. */
	readonly to: string;
	/** A new folder for copies of the secrets: with them and the backup whoever has both has everything. */
	readonly secretsTo?: string | undefined;
	readonly signal?: AbortSignal | undefined;
};

/** The server that is copied, and where its files are. */
export type BackupSource = {
	/** As a superuser. */
	readonly url: string;
	readonly cluster: string;
	/** Holds the generated secrets. */
	readonly secretsFolder: string;
};

// What a server makes anew when it starts, or must not find: a lock of another one, slots of a standby, its log.
const emptied: ReadonlySet<string> = new Set([
	...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp'],
	...['pg_subtrans', 'log'],
]);
const leftOut: ReadonlySet<string> = new Set([
	...[
		'postmaster.pid',
		'postmaster.opts',
		'backup_label',
		'tablespace_map',
		'backup_manifest',
		'current_logfiles',
	],
	...['pg_internal.init', 'recovery.signal', 'standby.signal'],
]);
const control = 'global/pg_control';

/**
 * Copy a running cluster into a new folder. It appears under its name when everything is on disk: half a backup has none.
 * @throws Error when a folder exists or lies in another one, or the server cannot be copied
 */
export async function backupCluster(source: BackupSource, options: BackupOptions): Promise<Manifest> {
	const {to, secretsTo, signal} = options;
	for (const folder of [to, secretsTo]) {
		if (folder !== undefined && existsSync(folder)) {
			throw new Error(`${folder} exists. A backup is written to a new folder.`);
		}
	}

	refuseOverlap([source.cluster, source.secretsFolder, to, ...(secretsTo === undefined ? [] : [secretsTo])]);

	const draft = `${to}.new-${process.pid}`;
	const connection = await openConnection(source.url, 'monedero backup');
	try {
		await makeFolder(path.join(draft, dataName));
		const manifest = await copyCluster(connection, source.cluster, path.join(draft, dataName), signal);
		await putDurably(
			path.join(draft, manifestName),
			Buffer.from(`${JSON.stringify(manifest, undefined, '\t')}\n`),
		);
		await syncFolders(draft);
		if (secretsTo !== undefined) {
			await copySecrets(source.secretsFolder, secretsTo);
		}

		await rename(draft, to);
		await syncFolders(path.dirname(to) === to ? to : path.dirname(to)).catch(() => undefined);
		return manifest;
	} finally {
		// The server ends a backup whose connection is gone, and drops its slot.
		await connection.end();
		await rm(draft, {recursive: true, force: true});
	}
}

/** A folder inside of another one would be copied into itself, or be in the way when that gets its name. */
function refuseOverlap(folders: readonly string[]): void {
	const places = folders.map(folder => path.resolve(folder));
	for (const [index, place] of places.entries()) {
		const other = places.find(
			(one, at) => at !== index && `${place}${path.sep}`.startsWith(`${one}${path.sep}`),
		);
		if (other !== undefined) {
			throw new Error(`${place} lies in ${other}. A folder of its own is needed for each.`);
		}
	}
}

async function copyCluster(
	connection: pg.Client,
	cluster: string,
	target: string,
	signal: AbortSignal | undefined,
): Promise<Manifest> {
	const begunAt = new Date().toISOString();
	await connection.query('SELECT pg_create_physical_replication_slot($1, true, true)', [
		`monedero_backup_${process.pid}`,
	]);
	const [start] = await rowsOf<{lsn: string; version: string; system: string; segment: string}>(
		connection,
		`SELECT pg_backup_start('monedero', true)::text AS lsn, current_setting('server_version_num') AS version,
			(SELECT system_identifier::text FROM pg_control_system()) AS system,
			(SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS segment`,
	);
	const copy = new TreeCopy(cluster, target, signal);
	await copy.tree('');
	// Before the last byte of the journal is chosen: whatever was answered by now is in front of it.
	const endedAt = new Date().toISOString();
	const [stop] = await rowsOf<{lsn: string; label: string; tablespaces: string}>(
		connection,
		'SELECT lsn::text, labelfile AS label, spcmapfile AS tablespaces FROM pg_backup_stop(false)',
	);
	if (start === undefined || stop === undefined) {
		throw new Error('PostgreSQL did not say where the backup begins and ends.');
	}

	if (stop.tablespaces.trim() !== '') {
		throw new Error('The cluster has tablespaces outside of its folder, which this does not copy.');
	}

	await copy.put('backup_label', Buffer.from(stop.label));
	for (const name of journalFiles(stop.label, stop.lsn, Number(start.segment))) {
		await copy.file(`pg_wal/${name}`);
	}

	return {
		format: 1,
		postgres: String(Math.floor(Number(start.version) / 10_000)),
		systemIdentifier: start.system,
		...{startLsn: start.lsn, stopLsn: stop.lsn, begunAt, endedAt},
		folders: copy.folders,
		files: copy.files,
	};
}

async function rowsOf<Row extends pg.QueryResultRow>(connection: pg.Client, sql: string): Promise<Row[]> {
	return (await connection.query<Row>(sql)).rows;
}

/**
 * The files of the journal from the one that the label names to the one that holds the last byte of the backup.
 * @param label - what pg_backup_stop returned: its first line names the first file
 * @param stopLsn - the place after the last byte, `16/B374D848`
 * @param segmentBytes - of each file
 */
export function journalFiles(label: string, stopLsn: string, segmentBytes: number): string[] {
	const [, timeline, first] = /^START WAL LOCATION: .*\(file ([\dA-F]{8})([\dA-F]{16})\)$/m.exec(label) ?? [];
	const [high = '', low = ''] = stopLsn.split('/');
	if (timeline === undefined || first === undefined) {
		throw new Error('The label of the backup does not say where its journal begins.');
	}

	const perHigh = BigInt(2 ** 32 / segmentBytes);
	const last = (((BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)) - 1n) / BigInt(segmentBytes);
	const hex = (number: bigint) => number.toString(16).toUpperCase().padStart(8, '0');
	const names: string[] = [];
	for (
		let segment = BigInt(`0x${first.slice(0, 8)}`) * perHigh + BigInt(`0x${first.slice(8)}`);
		segment <= last;
		segment++
	) {
		names.push(`${timeline}${hex(segment / perHigh)}${hex(segment % perHigh)}`);
	}

	return names;
}

/** Copies below one folder, and what became of them. */
class TreeCopy {
	readonly folders: string[] = [];
	readonly files: BackupFile[] = [];
	readonly #source: string;
	readonly #target: string;
	readonly #signal: AbortSignal | undefined;

	constructor(source: string, target: string, signal: AbortSignal | undefined) {
		this.#source = source;
		this.#target = target;
		this.#signal = signal;
	}

	/** Everything below a folder that belongs to a backup; the control file last, which names the newest checkpoint. */
	async tree(folder: string): Promise<void> {
		for (const entry of await readdir(path.join(this.#source, folder), {withFileTypes: true})) {
			const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
			if (leftOut.has(entry.name) || entry.name.startsWith('pgsql_tmp') || name === control) {
				continue;
			}

			if (entry.isDirectory()) {
				this.folders.push(name);
				await makeFolder(path.join(this.#target, name));
				await (emptied.has(name) ? this.#journalFolders(name) : this.tree(name));
			} else if (entry.isFile()) {
				await this.#fileIfThere(name);
			}
		}

		if (folder === '') {
			await this.put(control, await this.#control());
		}
	}

	/** A file that must be there. */
	async file(name: string): Promise<void> {
		const copied = await copyDurably(path.join(this.#source, name), path.join(this.#target, name), {
			signal: this.#signal,
		});
		this.files.push({path: name, ...copied});
	}

	async put(name: string, content: Uint8Array): Promise<void> {
		this.files.push({path: name, ...(await putDurably(path.join(this.#target, name), content))});
	}

	/** A table that was dropped meanwhile is dropped again when the journal is read. */
	async #fileIfThere(name: string): Promise<void> {
		try {
			await this.file(name);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
				throw error;
			}
		}
	}

	/** The server expects the folders in that of its journal. */
	async #journalFolders(name: string): Promise<void> {
		if (name === 'pg_wal') {
			for (const below of ['archive_status', 'summaries']) {
				this.folders.push(`${name}/${below}`);
				await makeFolder(path.join(this.#target, name, below));
			}
		}
	}

	/** It may be written while it is read, so it is read until it was the same twice. */
	async #control(): Promise<Buffer> {
		const file = path.join(this.#source, control);
		for (let last = await readFile(file); ;) {
			const next = await readFile(file);
			if (next.equals(last)) {
				return next;
			}

			last = next;
		}
	}
}

async function copySecrets(from: string, to: string): Promise<void> {
	await makeFolder(to);
	for (const entry of await readdir(from, {withFileTypes: true})) {
		if (entry.isFile()) {
			await copyDurably(path.join(from, entry.name), path.join(to, entry.name));
		}
	}

	await syncFolders(to);
}
