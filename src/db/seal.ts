import {createCipheriv, createDecipheriv, hkdfSync, randomBytes} from 'node:crypto';

// The nonce and the tag of AES-256-GCM go in front of what is encrypted.
const nonceBytes = 12;
const tagBytes = 16;

/** What protects a secret in the database. */
export type Seal = {
	/** The text of SECRETS_KEY. */
	readonly secretsKey: string;
	/** What kind of secret it is: each kind is encrypted under a key of its own. */
	readonly use: string;
	/** Whose secret it is. It opens under that name only, so that a row copied over another one is noticed. */
	readonly owner: string;
};

/** Encrypt a secret for the database. */
export function seal(secret: Uint8Array, {secretsKey, use, owner}: Seal): Buffer {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv('aes-256-gcm', keyOf(secretsKey, use), nonce).setAAD(Buffer.from(owner));
	const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
	return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** The secret that `seal` encrypted. @throws Error of node:crypto when the key or the owner is another one */
export function unseal(sealed: Uint8Array, {secretsKey, use, owner}: Seal): Buffer {
	const nonce = sealed.subarray(0, nonceBytes);
	const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
	const decipher = createDecipheriv('aes-256-gcm', keyOf(secretsKey, use), nonce)
		.setAAD(Buffer.from(owner))
		.setAuthTag(tag);
	return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}

/** A key for one use alone: the same SECRETS_KEY protects several kinds of secrets. */
export function keyOf(secretsKey: string, use: string): Buffer {
	return Buffer.from(hkdfSync('sha256', secretsKey, '', `monedero: ${use}`, 32));
}

// No text that travels in a header begins with this byte, so the database can tell what is encrypted from what is not.
const sealedText = 1;

/** Encrypt a text for a column that takes nothing in clear. */
export function sealText(text: string, how: Seal): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Buffer.concat([Buffer.of(sealedText), seal(Buffer.from(text), how)]));
}

/** The text that `sealText` encrypted. @throws Error of node:crypto when the key or the owner is another one */
export function unsealText(sealed: Uint8Array, how: Seal): string {
	return unseal(sealed.subarray(1), how).toString();
}
