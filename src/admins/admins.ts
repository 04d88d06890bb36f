import {randomBytes} from 'node:crypto';
import {type PrismaClient} from '../db/client.ts';
import {type Merchant, merchantColumns} from '../merchants/merchant.ts';
import {type Frequency, openClientLimit} from './client-limit.ts';
import {type HiddenPassword, hidePassword, isPassword, PasswordsBusyError} from './password.ts';

export const adminRoles = ['viewer', 'operator', 'admin'] as const;
export type AdminRole = (typeof adminRoles)[number];
export const adminRoleNumbers = {viewer: 1, operator: 2, admin: 3} as const;

/** What the database calls a role. */
export const adminRoleOf = (number: number): AdminRole => adminRoles[number - 1] ?? 'viewer';

/** A person who acts for a merchant. */
export type Admin = {readonly name: string; readonly role: AdminRole; readonly merchant: Merchant};

/** The name or password cannot be used; the message says what to do. */
export class AdminError extends Error {
	override readonly name = 'AdminError';
}

export type NewAdmin = {readonly name: string; readonly role?: AdminRole; readonly password?: string};

// Letters of any language, so that people and their e-mail addresses fit; nothing that a page or a terminal shows wrongly.
const nameText = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._@+-]{0,62}[\p{L}\p{M}\p{N}._@+-])?$/u;
const passwordLength = {min: 12, max: 200} as const;

/**
 * Make an admin of a merchant; a password that is not given is generated. It exists in clear only here.
 * @throws AdminError when the name is taken, by another merchant too, or name or password cannot be used
 */
export async function createAdmin(
	prisma: PrismaClient,
	merchant: Pick<Merchant, 'id'>,
	{name: typedName, role = 'admin', password = makePassword()}: NewAdmin,
): Promise<{readonly name: string; readonly role: AdminRole; readonly password: string}> {
	const name = spelled(typedName);
	const {length} = password;
	if (!nameText.test(name)) {
		throw new AdminError(
			'A name is 1 to 64 letters, digits, spaces and . _ @ + -, and begins with a letter or digit.',
		);
	}

	if (length < passwordLength.min || length > passwordLength.max) {
		throw new AdminError(`A password has ${passwordLength.min} to ${passwordLength.max} characters.`);
	}

	const data = {
		name,
		merchantId: merchant.id,
		role: adminRoleNumbers[role],
		...(await hidePassword(password)),
	};
	const {count} = await prisma.admin.createMany({data, skipDuplicates: true});
	if (count === 0) {
		throw new AdminError(
			`There is an admin "${name}" already, of this merchant or another. Give another name.`,
		);
	}

	return {name, role, password};
}

// 120 random bits in characters that a person can type from a sheet of paper.
function makePassword(): string {
	return randomBytes(15).toString('base64url');
}

/** A name as it is stored. */
export const spelled = (name: string) => name.trim().normalize('NFC');

/** Wrong is one answer for an unknown name, a wrong password and a locked admin: a guesser learns nothing from it. */
export type LogIn =
	| {readonly kind: 'known'; readonly admin: Admin}
	| {readonly kind: 'wrong'}
	| {readonly kind: 'tooMany'; readonly retryAfterSeconds: number};

/** What somebody typed, and where they are. */
export type Typed = {readonly name: string; readonly password: string; readonly address: string};

export type Admins = {
	/** Whether name and password belong together. Fails only when the database does. */
	readonly check: (typed: Typed, now: Date) => Promise<LogIn>;
};

export type LogInLimits = {
	/** As many wrong passwords in a row lock an admin. */
	readonly missesMax: number;
	readonly lockMs: number;
	/** Wrong attempts by one client address, whatever names it tries. */
	readonly byAddress: Frequency;
};

const defaults: LogInLimits = {missesMax: 5, lockMs: 15 * 60_000, byAddress: {times: 30, seconds: 15 * 60}};
const busySeconds = 5;

/** Checks log-ins, and slows down who guesses. */
export function openAdmins(prisma: PrismaClient, limits: Partial<LogInLimits> = {}): Admins {
	const {missesMax, lockMs, byAddress} = {...defaults, ...limits};
	const clients = openClientLimit(byAddress);
	return {
		async check({name: typedName, password, address}, now) {
			const retryAfterSeconds = await clients.take(address);
			if (retryAfterSeconds !== undefined) {
				return {kind: 'tooMany', retryAfterSeconds};
			}

			const name = spelled(typedName);
			const canBe = nameText.test(name) && password.length <= passwordLength.max;
			const row = canBe ? await countAttempt(prisma, {name, missesMax, lockMs, now}) : undefined;
			const isRight = await isPassword(row, password.slice(0, passwordLength.max)).catch(unlessBusy);
			if (isRight === 'busy') {
				return {kind: 'tooMany', retryAfterSeconds: busySeconds};
			}

			if (row === undefined || !isRight) {
				return {kind: 'wrong'};
			}

			await prisma.admin.update({where: {name}, data: {misses: 0, lockedUntil: null}});
			await clients.giveBack(address);
			return {kind: 'known', admin: await adminOf(prisma, name, row)};
		},
	};
}

type Row = HiddenPassword & {readonly role: number; readonly merchantId: number};
type Attempt = {
	readonly name: string;
	readonly missesMax: number;
	readonly lockMs: number;
	readonly now: Date;
};

/**
 * The admin that may be tried now, with this attempt counted as a miss: before the password is looked at, because otherwise a thousand
 * guesses at once would all come before the first miss. A right one sets the count back.
 */
async function countAttempt(
	prisma: PrismaClient,
	{name, missesMax, lockMs, now}: Attempt,
): Promise<Row | undefined> {
	const until = new Date(now.getTime() + lockMs);
	const [row] = await prisma.$queryRaw<Row[]>`
		UPDATE admins
		SET misses = CASE WHEN locked_until IS NULL THEN misses + 1 ELSE 1 END,
			locked_until = CASE WHEN locked_until IS NULL AND misses + 1 >= ${missesMax}::int THEN ${until}::timestamptz END
		WHERE name = ${name} AND (locked_until IS NULL OR locked_until <= ${now})
		RETURNING role, merchant_id AS "merchantId", password_salt AS "passwordSalt", password_hash AS "passwordHash"`;
	return row;
}

async function adminOf(prisma: PrismaClient, name: string, {role, merchantId}: Row): Promise<Admin> {
	const merchant = await prisma.merchant.findUniqueOrThrow({
		where: {id: merchantId},
		select: merchantColumns,
	});
	return {name, role: adminRoleOf(role), merchant};
}

function unlessBusy(error: unknown): 'busy' {
	if (error instanceof PasswordsBusyError) {
		return 'busy';
	}

	throw error;
}
