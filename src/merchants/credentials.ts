import {createHash, randomBytes, timingSafeEqual} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {actorId} from './actors.ts';
import {type Merchant} from './merchant.ts';

/** A `viewer` may call what only reads. */
export type Role = 'provider' | 'viewer';

/** The pair that a merchant stores in the Gift Card Hub. The token exists in clear only here, when it was made. */
export type Credential = {readonly appKey: string; readonly appToken: string};

export type ListedCredential = {
	readonly appKey: string;
	readonly role: Role;
	readonly createdAt: Date;
	readonly revokedAt: Date | null;
};

/** The key or token cannot be used; the message says what to do. */
export class CredentialError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'CredentialError';
	}
}

const roleNumbers = {provider: 1, viewer: 2} as const;

export const roleOf = (number: number): Role => (number === roleNumbers.viewer ? 'viewer' : 'provider');

const tokenLengthMin = 16;
const headerText = /^[\x21-\x7e]{1,200}$/;

export type NewCredential = {readonly role?: Role; readonly appKey?: string; readonly appToken?: string};

/**
 * Make a credential of a merchant; what is not given is generated. It works in every process within 10 seconds.
 * @throws CredentialError when the key is taken, or key or token could not travel in a header
 */
export async function createCredential(
	prisma: PrismaClient,
	merchant: Pick<Merchant, 'id' | 'name'>,
	{role = 'provider', appKey = makeAppKey(merchant.name), appToken = makeAppToken()}: NewCredential = {},
): Promise<Credential> {
	checkShape(appKey, appToken);
	await prisma.$transaction(async tx => {
		const actor = await actorId(tx, merchant.id, 'credential', appKey);
		const {count} = await tx.credential.createMany({
			data: {appKey, merchantId: merchant.id, role: roleNumbers[role], actorId: actor, ...hashed(appToken)},
			skipDuplicates: true,
		});
		if (count === 0) {
			throw new CredentialError('This app key is in use already. Give another one, or leave it out.');
		}
	});
	return {appKey, appToken};
}

/** Every credential of a merchant, revoked ones included, oldest first. */
export async function listCredentials(prisma: PrismaClient, merchantId: number): Promise<ListedCredential[]> {
	const rows = await prisma.credential.findMany({
		where: {merchantId},
		select: {appKey: true, role: true, createdAt: true, revokedAt: true},
		orderBy: [{createdAt: 'asc'}, {appKey: 'asc'}],
	});
	return rows.map(row => ({...row, role: roleOf(row.role)}));
}

/**
 * Make a credential stop working, for good and within 10 seconds in every process. To revoke it again changes nothing.
 * @throws CredentialError when the merchant has no such key
 */
export async function revokeCredential(
	prisma: PrismaClient,
	merchantId: number,
	appKey: string,
	now: Date,
): Promise<ListedCredential> {
	await prisma.credential.updateMany({where: {appKey, merchantId, revokedAt: null}, data: {revokedAt: now}});
	const revoked = (await listCredentials(prisma, merchantId)).find(credential => credential.appKey === appKey);
	if (revoked === undefined) {
		throw new CredentialError('This merchant has no such app key. credentials:list shows those it has.');
	}

	return revoked;
}

/** SHA-256 of salt and token. A token of ours has 256 random bits: nothing slower is needed to keep it from being guessed. */
export function hashToken(salt: Uint8Array, appToken: string): Buffer {
	return createHash('sha256').update(salt).update(appToken).digest();
}

/** Whether the token is the one behind a hash, in constant time. */
export function isTokenOf(stored: StoredToken, appToken: string): boolean {
	return timingSafeEqual(hashToken(stored.tokenSalt, appToken), stored.tokenHash);
}

export type StoredToken = {readonly tokenSalt: Uint8Array; readonly tokenHash: Uint8Array};

function hashed(appToken: string): {tokenSalt: Uint8Array<ArrayBuffer>; tokenHash: Uint8Array<ArrayBuffer>} {
	const tokenSalt = new Uint8Array(randomBytes(16));
	return {tokenSalt, tokenHash: new Uint8Array(hashToken(tokenSalt, appToken))};
}

// The merchant's name in the key tells a person which store a key in the Hub's form belongs to.
function makeAppKey(merchantName: string): string {
	return `${merchantName.slice(0, 40)}-${randomBytes(6).toString('hex')}`;
}

function makeAppToken(): string {
	return randomBytes(32).toString('base64url');
}

function checkShape(appKey: string, appToken: string): void {
	if (!headerText.test(appKey)) {
		throw new CredentialError(
			'An app key is 1 to 200 visible ASCII characters without spaces. Give another one, or leave it out.',
		);
	}

	if (!headerText.test(appToken) || appToken.length < tokenLengthMin) {
		throw new CredentialError(
			`An app token is ${tokenLengthMin} to 200 visible ASCII characters without spaces. Make one with: openssl rand -base64 36`,
		);
	}
}
