import {randomBytes} from 'node:crypto';

/** How an id of 128 bits is written on the wire, by scripts and in links: 32 lower-case hexadecimal digits. */
const wireForm = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The UUID behind an id as it travels. Ids are compared exactly, so anything else is nobody's id: `undefined`. */
export function uuidOf(wireId: string): string | undefined {
	return wireForm.test(wireId) ? wireId.replace(wireForm, '$1-$2-$3-$4-$5') : undefined;
}

/** The id as it travels. */
export function wireIdOf(uuid: string): string {
	return uuid.replaceAll('-', '');
}

/** A new card's id, as a UUID: 128 random bits, so that it cannot be guessed (B14). */
export function newPublicId(): string {
	return randomBytes(16).toString('hex').replace(wireForm, '$1-$2-$3-$4-$5');
}
