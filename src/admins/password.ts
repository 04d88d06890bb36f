import {randomBytes, scrypt, type ScryptOptions, timingSafeEqual} from 'node:crypto';
import {promisify} from 'node:util';

/** What the database keeps of a password. */
export type HiddenPassword = {
	readonly passwordSalt: Uint8Array<ArrayBuffer>;
	readonly passwordHash: Uint8Array<ArrayBuffer>;
};

/** More passwords wait to be hashed than can be in a reasonable time; the same one may be tried again in a moment. */
export class PasswordsBusyError extends Error {
	override readonly name = 'PasswordsBusyError';
}

// 32 MiB and some 100 ms for each guess: what makes a stolen table expensive to search.
const cost: ScryptOptions = {N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024};
const hashLength = 32;
const saltLength = 16;

// Two at a time use 64 MiB and leave half of Node's threads to everything else.
const atATimeMax = 2;
// The last in the line waits for about two seconds.
const waitingMax = 40;

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** What the password of an unknown name is compared with, so that it takes as long as that of a known one. */
const nobody: HiddenPassword = {
	passwordSalt: new Uint8Array(saltLength),
	passwordHash: new Uint8Array(hashLength),
};

/**
 * Hide a password behind a salt of its own.
 * @throws PasswordsBusyError
 */
export async function hidePassword(password: string): Promise<HiddenPassword> {
	const passwordSalt = new Uint8Array(randomBytes(saltLength));
	return {passwordSalt, passwordHash: new Uint8Array(await hashPassword(passwordSalt, password))};
}

/**
 * Whether the password is the hidden one. Without a hidden one the answer is no, after the same work.
 * @throws PasswordsBusyError
 */
export async function isPassword(hidden: HiddenPassword | undefined, password: string): Promise<boolean> {
	const {passwordSalt, passwordHash} = hidden ?? nobody;
	const isEqual = timingSafeEqual(await hashPassword(passwordSalt, password), passwordHash);
	return isEqual && hidden !== undefined;
}

let running = 0;
const waiting: (() => void)[] = [];

async function hashPassword(salt: Uint8Array, password: string): Promise<Buffer> {
	await takePlace();
	try {
		// A telephone and a computer may write the same letter with an accent as one character or as two.
		return await derive(password.normalize('NFC'), salt, hashLength, cost);
	} finally {
		leavePlace();
	}
}

async function takePlace(): Promise<void> {
	if (running < atATimeMax) {
		running++;
		return;
	}

	if (waiting.length >= waitingMax) {
		throw new PasswordsBusyError('Too many passwords are being checked. Try again in a moment.');
	}

	await new Promise<void>(resolve => {
		waiting.push(resolve);
	});
}

/** A place that somebody waits for is handed on, not given up. */
function leavePlace(): void {
	const next = waiting.shift();
	if (next === undefined) {
		running--;
	} else {
		next();
	}
}
