import {type PrismaClient} from '../db/client.ts';
import {sealText, unsealText} from '../db/seal.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Merchant} from './merchant.ts';

/**
 * What a pair of keys is for → the number that stands for it in the database. `orders` reads orders and owns the hook of states;
 * `returns` only owns the hook of returns, because each pair owns one hook (Orders, 1.1).
 */
export const keyPurposes = {orders: 1, returns: 2} as const;
export type KeyPurpose = keyof typeof keyPurposes;

/** How a merchant's VTEX account is called. It holds the token in clear: nobody logs or prints it. */
export type VtexAccess = {
	readonly account: string;
	/** Where the account is simulated, on this machine; null for VTEX itself. Followed for sandbox merchants only. */
	readonly url: string | null;
	readonly appKey: string;
	readonly appToken: string;
	readonly isSandbox: boolean;
	/** When the keys were entered: tells them from those before. */
	readonly changedAt: Date;
};

/** Keys as operators see them. */
export type ListedVtexKeys = {
	readonly purpose: KeyPurpose;
	readonly account: string;
	readonly url: string | null;
	readonly appKey: string;
	readonly changedAt: Date;
	/** VTEX refused them then, and nothing is asked with them since. */
	readonly refusedAt: Date | null;
	/** VTEX has had enough until then. */
	readonly pausedUntil: Date | null;
};

export type NewVtexKeys = {
	readonly purpose: KeyPurpose;
	/** Any case; as in `https://{account}.vtexcommercestable.com.br`. */
	readonly account: string;
	readonly url: string | null;
	readonly appKey: string;
	readonly appToken: string;
};

/** The keys cannot be used; the message says what to do. */
export class VtexKeysError extends Error {
	override readonly name = 'VtexKeysError';
}

export type KeyTools = {readonly prisma: PrismaClient; readonly secretsKey: string};

const accountForm = /^[a-z0-9][a-z0-9-]{0,61}$/;
const headerText = /^[\x21-\x7e]{1,200}$/;
const columns = {
	purpose: true,
	account: true,
	url: true,
	appKey: true,
	changedAt: true,
	refusedAt: true,
	pausedUntil: true,
} as const;

/**
 * Keep a merchant's VTEX keys, in place of those it had for the same purpose. What waited for better ones goes on.
 * @throws VtexKeysError when they cannot be keys, or serve another merchant or purpose
 */
export async function saveVtexKeys(
	{prisma, secretsKey}: KeyTools,
	merchant: Pick<Merchant, 'id' | 'sandbox'>,
	keys: NewVtexKeys,
	now: Instant,
): Promise<ListedVtexKeys> {
	const {purpose, appKey, appToken, url} = keys;
	const account = keys.account.toLowerCase();
	checkShape({...keys, account}, merchant.sandbox);
	const number = keyPurposes[purpose];
	const key = {merchantId: merchant.id, purpose: number};
	const taken = await prisma.vtexKey.findFirst({where: {account, appKey, NOT: key}, select: {purpose: true}});
	if (taken !== null) {
		throw new VtexKeysError(
			'This app key is in use here for something else. Each app key owns one hook at VTEX, so make another one for this.',
		);
	}

	const data = {
		...{account, url, appKey, changedAt: new Date(now), refusedAt: null, pausedUntil: null},
		appToken: sealText(appToken, {secretsKey, use, owner: ownerOf(merchant.id, number)}),
	};
	const row = await prisma.vtexKey.upsert({
		where: {merchantId_purpose: key},
		create: {...key, ...data},
		update: data,
		select: columns,
	});
	// Another key has no hook yet: the next check sees to it.
	await prisma.orderHook.updateMany({where: key, data: {checkedAt: null}});
	return listed(row);
}

/** The keys that a merchant has, without their tokens. */
export async function listVtexKeys(prisma: PrismaClient, merchantId: number): Promise<ListedVtexKeys[]> {
	const rows = await prisma.vtexKey.findMany({
		where: {merchantId},
		select: columns,
		orderBy: {purpose: 'asc'},
	});
	return rows.map(listed);
}

/**
 * What is needed to call a merchant's VTEX account, or undefined where no keys were entered.
 * @throws VtexKeysError when they were encrypted with another SECRETS_KEY
 */
export async function findVtexAccess(
	tools: KeyTools,
	merchant: Pick<Merchant, 'id' | 'sandbox'>,
	purpose: KeyPurpose,
): Promise<VtexAccess | undefined> {
	const row = await tools.prisma.vtexKey.findUnique({
		where: {merchantId_purpose: {merchantId: merchant.id, purpose: keyPurposes[purpose]}},
		select: {...columns, appToken: true},
	});
	if (row === null) {
		return undefined;
	}

	const {account, url, appKey, changedAt} = row;
	const appToken = openToken(row.appToken, tools.secretsKey, ownerOf(merchant.id, row.purpose));
	return {account, url, appKey, appToken, isSandbox: merchant.sandbox, changedAt};
}

type Whose = {readonly merchantId: number; readonly purpose: KeyPurpose; readonly changedAt: Date};

/** VTEX refuses these keys: nothing more is asked with them. Keys that were entered in the meantime are none of these. */
export async function recordRefused(prisma: PrismaClient, whose: Whose, now: Instant): Promise<void> {
	await prisma.vtexKey.updateMany({where: whereOf(whose), data: {refusedAt: new Date(now)}});
}

/** VTEX asks to be left alone until then. */
export async function recordPaused(prisma: PrismaClient, whose: Whose, until: Instant): Promise<void> {
	await prisma.vtexKey.updateMany({where: whereOf(whose), data: {pausedUntil: new Date(until)}});
}

/** Ask again with keys that were refused, because somebody has given them the role that they lacked. */
export async function allowAgain(prisma: PrismaClient, merchantId: number): Promise<void> {
	await prisma.vtexKey.updateMany({where: {merchantId}, data: {refusedAt: null, pausedUntil: null}});
}

function whereOf({merchantId, purpose, changedAt}: Whose) {
	return {merchantId, purpose: keyPurposes[purpose], changedAt};
}

function checkShape({account, url, appKey, appToken}: NewVtexKeys, isSandbox: boolean): void {
	if (!accountForm.test(account)) {
		throw new VtexKeysError(
			"An account is the name before .vtexcommercestable.com.br: letters, digits and dashes, such as acme. Give the store's own.",
		);
	}

	if (!headerText.test(appKey) || !headerText.test(appToken)) {
		throw new VtexKeysError(
			'An app key and an app token are 1 to 200 visible ASCII characters without spaces. Copy them from the Admin of the store.',
		);
	}

	if (url !== null && !isSandbox) {
		throw new VtexKeysError(
			'Only a sandbox merchant may have its VTEX account simulated elsewhere. Leave the address out.',
		);
	}

	if (url !== null && !simulatedForm.test(url)) {
		throw new VtexKeysError('A simulated account is on this machine: http://127.0.0.1:8080, without a path.');
	}
}

/** Where a VTEX account may be simulated. */
export const simulatedForm = /^http:\/\/127\.0\.0\.1:\d{1,5}$/;

const use = 'token of a VTEX account';

function openToken(sealed: Uint8Array, secretsKey: string, owner: string): string {
	try {
		return unsealText(sealed, {secretsKey, use, owner});
	} catch (error) {
		throw new VtexKeysError(
			'The VTEX token of this merchant cannot be decrypted. Start with the SECRETS_KEY with which it was entered, or enter it again with credentials:vtex.',
			{cause: error},
		);
	}
}

const ownerOf = (merchantId: number, purpose: number) => `${merchantId} ${purpose}`;

function listed({purpose, ...row}: Omit<ListedVtexKeys, 'purpose'> & {readonly purpose: number}) {
	return {purpose: purposeOf(purpose), ...row};
}

/** The purpose behind its number in the database. */
export function purposeOf(number: number): KeyPurpose {
	return number === keyPurposes.orders ? 'orders' : 'returns';
}
