import {createHash} from 'node:crypto';
import {type FileHandle, mkdir, open, readdir} from 'node:fs/promises';
import path from 'node:path';
import type {Account} from './embedded-home.ts';

/** What was copied of a file. */
export type Copied = {readonly size: number; readonly sha256: string};

export type CopyOptions = {
	/** Who is to own the copy; ourselves without it. */
	readonly account?: Account | undefined;
	readonly signal?: AbortSignal | undefined;
};

const chunkBytes = 2 ** 20;

/**
 * Copy a file that may be written to meanwhile, into a new one that only its owner can read, and have it on disk before it returns. A file that
 * grows while it is read is copied as far as it is read.
 * @throws NodeJS.ErrnoException ENOENT when there is none
 */
export async function copyDurably(
	source: string,
	target: string,
	{account, signal}: CopyOptions = {},
): Promise<Copied> {
	const from = await open(source, 'r');
	try {
		return await writeDurably(target, account, async to => {
			const hash = createHash('sha256');
			const buffer = Buffer.allocUnsafe(chunkBytes);
			for (let size = 0; ;) {
				signal?.throwIfAborted();
				const {bytesRead} = await from.read(buffer, 0, chunkBytes, size);
				if (bytesRead === 0) {
					return {size, sha256: hash.digest('hex')};
				}

				const chunk = buffer.subarray(0, bytesRead);
				hash.update(chunk);
				await to.writeFile(chunk);
				size += bytesRead;
			}
		});
	} finally {
		await from.close();
	}
}

/** Write a new file of that content, on disk before it returns. */
export async function putDurably(
	target: string,
	content: Uint8Array,
	{account}: CopyOptions = {},
): Promise<Copied> {
	return writeDurably(target, account, async to => {
		await to.writeFile(content);
		return {size: content.length, sha256: createHash('sha256').update(content).digest('hex')};
	});
}

async function writeDurably<Result>(
	target: string,
	account: Account | undefined,
	write: (to: FileHandle) => Promise<Result>,
): Promise<Result> {
	const to = await open(target, 'wx', 0o600);
	try {
		if (account !== undefined) {
			await to.chown(account.uid, account.gid);
		}

		const result = await write(to);
		await to.sync();
		return result;
	} finally {
		await to.close();
	}
}

/** Make a folder that only its owner can look into; it may be there. */
export async function makeFolder(folder: string, account?: Account): Promise<void> {
	await mkdir(folder, {recursive: true, mode: 0o700});
	if (account !== undefined) {
		const handle = await open(folder, 'r');
		await handle.chown(account.uid, account.gid);
		await handle.close();
	}
}

/** Have on disk which names a folder holds, and all folders below it. */
export async function syncFolders(folder: string): Promise<void> {
	// Windows cannot open folders, and syncs their entries by itself.
	if (process.platform === 'win32') {
		return;
	}

	for (const entry of await readdir(folder, {withFileTypes: true})) {
		if (entry.isDirectory()) {
			await syncFolders(path.join(folder, entry.name));
		}
	}

	const handle = await open(folder, 'r');
	await handle.sync();
	await handle.close();
}
