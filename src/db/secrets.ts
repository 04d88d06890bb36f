import {randomBytes} from 'node:crypto';
import {
	chmodSync,
	closeSync,
	fsyncSync,
	linkSync,
	mkdirSync,
	openSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import path from 'node:path';

export type SecretName = 'code-pepper' | 'secrets-key' | 'database-password';

/** The file of a secret below a data directory. */
export function secretFile(dataDir: string, name: SecretName): string {
	return path.join(dataDir, 'secrets', name);
}

/**
 * A secret that an earlier start generated, or a new one of 64 characters. Of several processes that ask for the first time at
 * once, all get the same. It is on disk (mode 0600) before it is returned: what is hashed or encrypted with it would be lost with it.
 */
export function keptSecret(dataDir: string, name: SecretName): string {
	return readSecret(dataDir, name) ?? makeSecret(dataDir, name);
}

/** The secret, or `undefined` where none was generated. */
export function readSecret(dataDir: string, name: SecretName): string | undefined {
	const file = secretFile(dataDir, name);
	try {
		const secret = readFileSync(file, 'utf8').trim();
		// A backup that was restored may have made it readable for others.
		chmodSync(file, 0o600);
		return secret;
	} catch (error) {
		if (codeOf(error) === 'ENOENT') {
			return undefined;
		}

		throw new Error(`The secret in ${file} cannot be read. Start Monedero as the user who owns ${dataDir}.`, {
			cause: error,
		});
	}
}

function makeSecret(dataDir: string, name: SecretName): string {
	const file = secretFile(dataDir, name);
	const folder = path.dirname(file);
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const secret = randomBytes(48).toString('base64url');
	const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
	writeDurably(draft, `${secret}\n`);
	try {
		// Unlike a rename, a link never replaces what another process has put there in the meantime.
		linkSync(draft, file);
		syncFolder(folder);
		return secret;
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') {
			throw error;
		}

		return readSecret(dataDir, name) ?? secret;
	} finally {
		rmSync(draft);
	}
}

function writeDurably(file: string, text: string): void {
	const descriptor = openSync(file, 'wx', 0o600);
	try {
		writeFileSync(descriptor, text);
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}

function syncFolder(folder: string): void {
	// Windows cannot open folders, and syncs their entries by itself.
	if (process.platform !== 'win32') {
		const descriptor = openSync(folder, 'r');
		fsyncSync(descriptor);
		closeSync(descriptor);
	}
}

function codeOf(error: unknown): string | undefined {
	return (error as NodeJS.ErrnoException).code;
}
