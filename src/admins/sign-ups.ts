import {hash, randomBytes} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {addCredential, type Credential} from '../merchants/credentials.ts';
import {type Admin} from './admins.ts';
import {type Frequency, openClientLimit} from './client-limit.ts';

/** What VTEX asks for before anybody has logged in. */
export type SignUpRequest = {
	readonly applicationId: string;
	/** Checked by the caller: the browser is sent there, with the code at its end. */
	readonly returnUrl: string;
	/** The client's. */
	readonly address: string;
};

export type BegunSignUp =
	| {readonly kind: 'begun'; readonly token: string}
	| {readonly kind: 'tooMany'; readonly retryAfterSeconds: number};

/** The way from a token to credentials. Token and code work once, for the application that began, and not for long. */
export type SignUps = {
	readonly begin: (request: SignUpRequest, now: Date) => Promise<BegunSignUp>;
	/** Where an open sign-up leads back to; `undefined` when it is unknown, over or used. */
	readonly find: (opened: OpenedBy, now: Date) => Promise<{readonly returnUrl: string} | undefined>;
	/** The admin agrees: uses the token up, and gives the code. Of several at once, one gets it. */
	readonly consent: (
		opened: OpenedBy,
		admin: Admin,
		now: Date,
	) => Promise<{readonly returnUrl: string; readonly code: string} | undefined>;
	/** Uses the code up, and makes credentials of the admin's merchant. Of several at once, one gets them. */
	readonly complete: (
		shown: {readonly applicationId: string; readonly code: string},
		now: Date,
	) => Promise<Credential | undefined>;
};

export type OpenedBy = {readonly applicationId: string; readonly token: string};

export type SignUpLimits = {
	readonly tokenMs: number;
	readonly codeMs: number;
	/** Tokens that one client address may ask for. */
	readonly byAddress: Frequency;
};

// A person opens the page and types a password; a program fetches the credentials.
const tokenMs = 10 * 60_000;
const defaults: SignUpLimits = {
	tokenMs,
	codeMs: 5 * 60_000,
	byAddress: {times: 60, seconds: tokenMs / 1000},
};

const unusedAgeMaxMs = 24 * 60 * 60_000;
const deletedMax = 100;

export function openSignUps(prisma: PrismaClient, limits: Partial<SignUpLimits> = {}): SignUps {
	const {byAddress, ...lifetimes} = {...defaults, ...limits};
	const clients = openClientLimit(byAddress);
	return {
		async begin({address, ...request}, now) {
			const retryAfterSeconds = await clients.take(address);
			if (retryAfterSeconds !== undefined) {
				return {kind: 'tooMany', retryAfterSeconds};
			}

			await deleteUnused(prisma, now);
			const token = makeSecret();
			const tokenUntil = new Date(now.getTime() + lifetimes.tokenMs);
			await prisma.signUp.create({data: {...request, tokenHash: hidden(token), tokenUntil}});
			return {kind: 'begun', token};
		},
		async find({applicationId, token}, now) {
			const found = await prisma.signUp.findUnique({where: {tokenHash: hidden(token)}});
			const isOpen =
				found !== null &&
				found.applicationId === applicationId &&
				found.codeHash === null &&
				found.tokenUntil > now;
			return isOpen ? {returnUrl: found.returnUrl} : undefined;
		},
		async consent({applicationId, token}, {name, merchant}, now) {
			const code = makeSecret();
			const codeUntil = new Date(now.getTime() + lifetimes.codeMs);
			const [used] = await prisma.$queryRaw<{returnUrl: string}[]>`
				UPDATE sign_ups
				SET merchant_id = ${merchant.id}, admin_name = ${name}, code_hash = ${hidden(code)}, code_until = ${codeUntil}
				WHERE token_hash = ${hidden(token)} AND application_id = ${applicationId}
					AND code_hash IS NULL AND token_until > ${now}
				RETURNING return_url AS "returnUrl"`;
			return used === undefined ? undefined : {...used, code};
		},
		complete: ({applicationId, code}, now) =>
			// A code whose credentials could not be made stays unused.
			prisma.$transaction(async tx => {
				const [used] = await tx.$queryRaw<{id: number; name: string}[]>`
					UPDATE sign_ups SET completed_at = ${now}
					FROM merchants
					WHERE code_hash = ${hidden(code)} AND application_id = ${applicationId}
						AND completed_at IS NULL AND code_until > ${now} AND merchants.id = merchant_id
					RETURNING merchants.id, merchants.name`;
				return used && addCredential(tx, used, {appKey: makeAppKey(used.name, applicationId)});
			}),
	};
}

/** Sign-ups that nobody has finished, some at each new one. Those that led to credentials stay: they say who consented. */
async function deleteUnused(prisma: PrismaClient, now: Date): Promise<void> {
	const before = new Date(now.getTime() - unusedAgeMaxMs);
	await prisma.$executeRaw`
		DELETE FROM sign_ups WHERE token_hash IN (
			SELECT token_hash FROM sign_ups
			WHERE token_until < ${before} AND completed_at IS NULL
			ORDER BY token_until LIMIT ${deletedMax}
			FOR UPDATE SKIP LOCKED
		)`;
}

function makeSecret(): string {
	return randomBytes(32).toString('base64url');
}

// 256 random bits need nothing slower to keep them from being guessed.
function hidden(secret: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(hash('sha256', secret, 'buffer'));
}

/** Names the application that signed up: entries name who acted by this key. */
function makeAppKey(merchantName: string, applicationId: string): string {
	const application = applicationId.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 20);
	return `${merchantName.slice(0, 40)}-${application}-${randomBytes(6).toString('hex')}`;
}
