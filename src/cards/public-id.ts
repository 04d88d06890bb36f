import {randomBytes} from 'node:crypto';

/** How an id of 128 bits is written on the wire, by scripts and in links: 32 lower-case hexadecimal digits. */
const wireForm = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;

/** The UUID behind an id as it travels. Ids are compared exactly, so anything else is nobody's id: `undefined`. */
export function uuidOf(wireId: string): string | undefined {
	const parts = wireForm.exec(wireId);
	return parts === null ? undefined : parts.slice(1).join('-');
}

/** The id as it travels. */
export function wireIdOf(uuid: string): string {
	return uuid.replaceAll('-', '');
}

/** A new card's id, as a UUID: 128 random bits, so that it cannot be guessed from a link (B14). */
export function newPublicId(): string {
	return uuidOf(randomBytes(16).toString('hex')) ?? '';
}
