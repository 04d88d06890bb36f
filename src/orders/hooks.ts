import {createHmac, randomBytes} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {keyOf, sealText, unsealText} from '../db/seal.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Merchant, merchantColumns} from '../merchants/merchant.ts';
import {type KeyPurpose, keyPurposes, type KeyTools, purposeOf} from '../merchants/vtex-keys.ts';
import {type WantedHook} from './source.ts';

/** A hook as operators see it. Its token is nobody's to see. */
export type ListedHook = {
	readonly purpose: KeyPurpose;
	readonly url: string;
	/** When VTEX took it last; null when it never did. */
	readonly configuredAt: Date | null;
	readonly checkedAt: Date | null;
	readonly problem: string | null;
};

const columns = {purpose: true, url: true, configuredAt: true, checkedAt: true, problem: true} as const;

/** Finds whose hook it is that a notification came by, and of which account; nobody's by a token that is not known. */
export async function findHookOwner(
	{prisma, secretsKey}: KeyTools,
	token: string,
): Promise<{readonly merchant: Merchant; readonly account: string} | undefined> {
	const row = await prisma.orderHook.findUnique({
		where: {tokenHash: hashOf(token, secretsKey)},
		select: {vtexKey: {select: {account: true, merchant: {select: merchantColumns}}}},
	});
	return row === null ? undefined : row.vtexKey;
}

/**
 * A hook that is wanted from now on, with its token: its own where there is one already, so that notifications on their way still find
 * their merchant. The keys of its purpose must have been entered. VTEX calls the hook while it is configured, so this comes first.
 */
export async function wantHook(
	{prisma, secretsKey}: KeyTools,
	merchantId: number,
	{purpose, url}: Omit<WantedHook, 'token'>,
): Promise<WantedHook> {
	const key = {merchantId, purpose: keyPurposes[purpose]};
	const token = randomBytes(32).toString('base64url');
	const row = await prisma.orderHook.upsert({
		where: {merchantId_purpose: key},
		create: {
			...{...key, url, tokenHash: hashOf(token, secretsKey)},
			token: sealText(token, {secretsKey, use, owner: ownerOf(key)}),
		},
		update: {url},
		select: {token: true},
	});
	return {purpose, url, token: unsealText(row.token, {secretsKey, use, owner: ownerOf(key)})};
}

/** The hook that a merchant wants for a purpose, if any. @throws Error of node:crypto when SECRETS_KEY is another one */
export async function findHook(
	{prisma, secretsKey}: KeyTools,
	merchantId: number,
	purpose: KeyPurpose,
): Promise<WantedHook | undefined> {
	const key = {merchantId, purpose: keyPurposes[purpose]};
	const row = await prisma.orderHook.findUnique({
		where: {merchantId_purpose: key},
		select: {url: true, token: true},
	});
	return row === null
		? undefined
		: {purpose, url: row.url, token: unsealText(row.token, {secretsKey, use, owner: ownerOf(key)})};
}

/** The hooks that a merchant wants. */
export async function listHooks(prisma: PrismaClient, merchantId: number): Promise<ListedHook[]> {
	const rows = await prisma.orderHook.findMany({
		where: {merchantId},
		select: columns,
		orderBy: {purpose: 'asc'},
	});
	return rows.map(({purpose, ...row}) => ({purpose: purposeOf(purpose), ...row}));
}

/** No hook is wanted any more: its token opens nothing from now on. */
export async function dropHook(
	prisma: PrismaClient,
	merchantId: number,
	purpose: KeyPurpose,
): Promise<boolean> {
	const {count} = await prisma.orderHook.deleteMany({where: {merchantId, purpose: keyPurposes[purpose]}});
	return count > 0;
}

type Whose = {readonly merchantId: number; readonly purpose: KeyPurpose};

/** A hook stands as wanted; `isConfigured` when VTEX has just taken it. */
export async function recordHookCheck(
	prisma: PrismaClient,
	{merchantId, purpose}: Whose,
	{isConfigured, now}: {readonly isConfigured: boolean; readonly now: Instant},
): Promise<void> {
	const at = new Date(now);
	await prisma.orderHook.updateMany({
		where: {merchantId, purpose: keyPurposes[purpose]},
		data: {checkedAt: at, problem: null, ...(isConfigured && {configuredAt: at})},
	});
}

/** VTEX did not take a hook, or could not be asked about it: it is checked again soon. */
export async function recordHookProblem(
	prisma: PrismaClient,
	{merchantId, purpose}: Whose,
	problem: string,
): Promise<void> {
	await prisma.orderHook.updateMany({
		where: {merchantId, purpose: keyPurposes[purpose]},
		data: {problem},
	});
}

/** Hooks whose last check is older than that, of all merchants. */
export async function hooksToCheck(
	prisma: PrismaClient,
	before: Instant,
): Promise<{readonly merchant: Merchant; readonly purpose: KeyPurpose}[]> {
	const rows = await prisma.orderHook.findMany({
		where: {
			OR: [{checkedAt: null}, {checkedAt: {lt: new Date(before)}}],
			vtexKey: {refusedAt: null},
		},
		select: {purpose: true, vtexKey: {select: {merchant: {select: merchantColumns}}}},
		orderBy: [{merchantId: 'asc'}, {purpose: 'asc'}],
	});
	return rows.map(({purpose, vtexKey: {merchant}}) => ({merchant, purpose: purposeOf(purpose)}));
}

const use = 'token of an order hook';

/** Keyed, so that a stolen database cannot be searched with tokens that leaked elsewhere, nor filled with hashes of one's own. */
function hashOf(token: string, secretsKey: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(
		createHmac('sha256', keyOf(secretsKey, `hash of the ${use}`))
			.update(token)
			.digest(),
	);
}

const ownerOf = ({merchantId, purpose}: {readonly merchantId: number; readonly purpose: number}) =>
	`${merchantId} ${purpose}`;
