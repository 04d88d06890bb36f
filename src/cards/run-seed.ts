import {createHmac} from 'node:crypto';
import {seal, unseal} from '../db/seal.ts';

const use = 'seed of an issue run';

/**
 * Encrypt the seed of a run for the database (A15). `owner` says whose seed it is; it opens under that name only, so that a row
 * copied over another one is noticed.
 *
 * @param secretsKey - the text of SECRETS_KEY
 */
export function sealSeed(seed: Buffer, secretsKey: string, owner: string): Buffer {
	return seal(seed, {secretsKey, use, owner});
}

/** The seed that `sealSeed` encrypted. @throws Error that says what to do when the key or the owner is another one. */
export function openSeed(sealed: Uint8Array, secretsKey: string, owner: string): Buffer {
	try {
		return unseal(sealed, {secretsKey, use, owner});
	} catch (error) {
		throw new Error(
			'The seed of this run cannot be decrypted. Run it with the SECRETS_KEY with which it was begun.',
			{cause: error},
		);
	}
}

/** The public id of a run's card, as a UUID: 128 bits that nobody guesses without the seed (B14). */
export function publicIdFromSeed(seed: Buffer, index: number): string {
	const hex = createHmac('sha256', seed).update(`card id ${index}`).digest('hex');
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
		'-',
	);
}
