import {createHmac} from 'node:crypto';

/**
 * The key of the redemption-code hash. Every stored code names its pepper's `id`, so that an old pepper can still read what it
 * wrote (rules B8). The key is at least 32 random bytes and is never stored beside what it protects.
 */
export type Pepper = {readonly id: number; readonly key: Buffer};

/** The 32 bytes under which a normalised code is stored and found. Without the key, a copy of the database cannot test guesses. */
export function hashCode(normalised: string, key: Buffer): Buffer {
	return createHmac('sha256', key).update(normalised).digest();
}

/**
 * The 32 bytes that the database keeps to recognise a pepper, so that a service with another key refuses to start instead of
 * finding no card (rules B8). The text below is no normalised code, since those have no lower-case letters: the value is nobody's hash.
 */
export function pepperCheckValue(key: Buffer): Buffer {
	return createHmac('sha256', key).update('check value of the redemption-code pepper').digest();
}
