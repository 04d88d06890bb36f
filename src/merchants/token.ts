import {hash, randomBytes, timingSafeEqual} from 'node:crypto';

/** What the database keeps of an app token. */
type HiddenToken = {
	readonly tokenSalt: Uint8Array<ArrayBuffer>;
	readonly tokenHash: Uint8Array<ArrayBuffer>;
};

/** The same, made ready to compare with: the salt as hexadecimal digits. */
export type TokenCheck = {readonly salt: string; readonly hash: Uint8Array};

/** Hide a token behind a salt of its own. */
export function hideToken(appToken: string): HiddenToken {
	const salt = randomBytes(16);
	const tokenHash = new Uint8Array(hashToken(salt.toString('hex'), appToken));
	return {tokenSalt: new Uint8Array(salt), tokenHash};
}

export function tokenCheck({tokenSalt, tokenHash}: HiddenToken): TokenCheck {
	return {salt: Buffer.from(tokenSalt).toString('hex'), hash: tokenHash};
}

/** Whether the token is the hidden one, in constant time. */
export function isHidden(check: TokenCheck, appToken: string): boolean {
	return timingSafeEqual(hashToken(check.salt, appToken), check.hash);
}

// A token of ours has 256 random bits: nothing slower than SHA-256 is needed to keep it from being guessed. In one call, because the
// object that `createHash` makes costs more than the hash, on every request.
function hashToken(salt: string, appToken: string): Buffer {
	return hash('sha256', salt + appToken, 'buffer');
}
