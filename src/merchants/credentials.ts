import {randomBytes} from 'node:crypto';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {actorId} from './actors.ts';
import {type Merchant} from './merchant.ts';
import {hideToken} from './token.ts';

/** A `viewer` may call what only reads. */
export type Role = 'provider' | 'viewer';

/** The pair that a merchant stores in the Gift Card Hub. The token exists in clear only here, where it was made. */
export type Credential = {readonly appKey: string; readonly appToken: string};

export type NewCredential = {readonly role?: Role; readonly appKey?: string; readonly appToken?: string};

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

export const roleNumbers = {provider: 1, viewer: 2} as const;

/** The role behind its number in the database. */
export function roleOf(number: number): Role {
	return number === roleNumbers.provider ? 'provider' : 'viewer';
}

/**
 * Make a credential of a merchant; what is not given is generated. It works in every process within 10 seconds.
 * @throws CredentialError when the key is taken, or key or token could not travel in a header
 */
export async function createCredential(
	prisma: PrismaClient,
	merchant: Pick<Merchant, 'id' | 'name'>,
	wanted: NewCredential = {},
): Promise<Credential> {
	return prisma.$transaction(tx => addCredential(tx, merchant, wanted));
}

/** The same within a transaction. */
export async function addCredential(
	tx: Prisma.TransactionClient,
	merchant: Pick<Merchant, 'id' | 'name'>,
	{role = 'provider', appKey = makeAppKey(merchant.name), appToken = makeAppToken()}: NewCredential,
): Promise<Credential> {
	checkShape(appKey, appToken);
	const merchantId = merchant.id;
	const actor = await actorId(tx, merchantId, 'credential', appKey);
	const data = {appKey, merchantId, role: roleNumbers[role], actorId: actor, ...hideToken(appToken)};
	const {count} = await tx.credential.createMany({data, skipDuplicates: true});
	if (count === 0) {
		throw new CredentialError('This app key is in use already. Give another one, or leave it out.');
	}

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
	const all = await listCredentials(prisma, merchantId);
	const revoked = all.find(credential => credential.appKey === appKey);
	if (revoked === undefined) {
		throw new CredentialError('This merchant has no such app key. credentials:list shows those it has.');
	}

	return revoked;
}

// The merchant's name tells a person which store a key in the Hub's form belongs to.
function makeAppKey(merchantName: string): string {
	return `${merchantName.slice(0, 40)}-${randomBytes(6).toString('hex')}`;
}

function makeAppToken(): string {
	return randomBytes(32).toString('base64url');
}

const headerText = /^[\x21-\x7e]{1,200}$/;
const tokenLengthMin = 16;

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
