import {readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {z} from 'zod';

/** Below a backup's folder: the list of what belongs to it, and the cluster's files. */
export const manifestName = 'manifest.json';
export const dataName = 'data';

const file = z.object({
	/** Below `data`, with slashes. Never one that leads out of it. */
	path: z.string().regex(/^(?!.*(?:^|\/)\.\.?(?:\/|$))[^/\\].*$/),
	size: z.int().nonnegative(),
	sha256: z.string().regex(/^[\da-f]{64}$/),
});

const contract = z.object({
	format: z.literal(1),
	/** PostgreSQL's major version, which alone can read the files. */
	postgres: z.string(),
	/** The server's, as pg_control_system() tells it. */
	systemIdentifier: z.string(),
	/** Where the journal that belongs to the files begins, and where it must have been read to. */
	startLsn: z.string(),
	stopLsn: z.string(),
	begunAt: z.iso.datetime(),
	/** Whatever was answered before is in it. */
	endedAt: z.iso.datetime(),
	folders: z.array(file.shape.path),
	files: z.array(file),
});

/** What a backup consists of. */
export type Manifest = z.infer<typeof contract>;
export type BackupFile = Manifest['files'][number];

/**
 * The manifest of a backup whose files are all there, each with its size; what they hold is looked at when they are copied.
 * @throws Error that names the file
 */
export async function readManifest(folder: string): Promise<Manifest> {
	const manifest = await manifestIn(folder);
	for (const {path: name, size} of manifest.files) {
		const found = await stat(path.join(folder, dataName, name)).catch(() => undefined);
		if (found === undefined) {
			throw new Error(
				`The backup in ${folder} is damaged: ${dataName}/${name} is missing. Nothing was restored.`,
			);
		}

		if (found.size !== size) {
			throw new Error(
				`The backup in ${folder} is damaged: ${dataName}/${name} has ${found.size} bytes instead of ${size}. Nothing was restored.`,
			);
		}
	}

	return manifest;
}

async function manifestIn(folder: string): Promise<Manifest> {
	let text: string;
	try {
		text = await readFile(path.join(folder, manifestName), 'utf8');
	} catch (cause) {
		throw new Error(`There is no backup in ${folder}: it has no ${manifestName} that can be read.`, {cause});
	}

	try {
		return contract.parse(JSON.parse(text));
	} catch (cause) {
		throw new Error(`The backup in ${folder} is damaged: ${manifestName} is not as it was written.`, {cause});
	}
}
