import {createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes} from 'node:crypto';

// The nonce and the tag of AES-256-GCM go in front of the encrypted seed.
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypt the seed of a run for the database (A15). `owner` says whose seed it is; it opens under that name only, so that a row
 * copied over another one is noticed.
 *
 * @param secretsKey - the text of SECRETS_KEY
 */
export function sealSeed(seed: Buffer, secretsKey: string, owner: string): Buffer {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv('aes-256-gcm', keyOf(secretsKey), nonce).setAAD(Buffer.from(owner));
	const sealed = Buffer.concat([cipher.update(seed), cipher.final()]);
	return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** The seed that `sealSeed` encrypted. @throws Error that says what to do when the key or the owner is another one. */
export function openSeed(sealed: Uint8Array, secretsKey: string, owner: string): Buffer {
	const nonce = sealed.subarray(0, nonceBytes);
	const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
	try {
		const decipher = createDecipheriv('aes-256-gcm', keyOf(secretsKey), nonce)
			.setAAD(Buffer.from(owner))
			.setAuthTag(tag);
		return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
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

/** A key for this use alone: the same SECRETS_KEY protects other secrets too. */
function keyOf(secretsKey: string): Buffer {
	return Buffer.from(hkdfSync('sha256', secretsKey, '', 'monedero: seed of an issue run', 32));
}
