import {type PrismaClient} from '../db/client.ts';
import {isTokenOf, roleOf, type Role, type StoredToken} from './credentials.ts';
import {type Merchant, merchantColumns} from './merchant.ts';

/** Who calls. */
export type Caller = {
	readonly merchant: Merchant;
	readonly role: Role;
	readonly actorId: number;
	readonly appKey: string;
};

export type CredentialCheck = {
	/** The caller behind a pair, or `undefined` when the pair is wrong or revoked. Fails only when the database does. */
	readonly check: (appKey: string, appToken: string) => Caller | undefined | Promise<Caller | undefined>;
};

type Known = {readonly caller: Caller; readonly token: StoredToken};
type Snapshot = {readonly at: number; readonly known: ReadonlyMap<string, Known>};

// A revoked credential must not work for longer than 10 seconds in any process.
const ageMaxMs = 5000;
// The next snapshot is fetched before the present one is too old, so that no request has to wait for it.
const refreshAfterMs = 2000;
// A new credential works after a second at the latest; and whoever guesses keys causes one query a second, not one per guess.
const retryUnknownAfterMs = 1000;

// What an unknown key is compared with, so that it takes as long as a known one.
const nobody: StoredToken = {tokenSalt: new Uint8Array(16), tokenHash: new Uint8Array(32)};

/**
 * Checks credentials against a copy of all that are valid, a few per merchant, at most 5 seconds old. One query fetches them all; the
 * number of requests, of callers and of wrong keys does not matter.
 */
export function openCredentialCheck(
	prisma: PrismaClient,
	clock: () => number = () => performance.now(),
): CredentialCheck {
	let snapshot: Snapshot | undefined;
	let fetching: Promise<Snapshot> | undefined;

	const refresh = (): Promise<Snapshot> => {
		fetching ??= fetchCredentials(prisma, clock())
			.then(fetched => (snapshot = fetched))
			.finally(() => {
				fetching = undefined;
			});
		return fetching;
	};

	return {
		check(appKey, appToken) {
			const ageMs = snapshot === undefined ? Infinity : clock() - snapshot.at;
			const known = snapshot?.known.get(appKey);
			// A clock that was set back says nothing about age.
			const isOld = ageMs > ageMaxMs || ageMs < 0;
			if (snapshot === undefined || isOld || (known === undefined && ageMs > retryUnknownAfterMs)) {
				return refresh().then(({known: fresh}) => callerOf(fresh.get(appKey), appToken));
			}

			if (ageMs > refreshAfterMs) {
				// Whoever comes when the snapshot is too old learns of the failure.
				refresh().catch(() => undefined);
			}

			return callerOf(known, appToken);
		},
	};
}

function callerOf(known: Known | undefined, appToken: string): Caller | undefined {
	return isTokenOf(known?.token ?? nobody, appToken) ? known?.caller : undefined;
}

async function fetchCredentials(prisma: PrismaClient, at: number): Promise<Snapshot> {
	const rows = await prisma.credential.findMany({
		where: {revokedAt: null},
		select: {
			appKey: true,
			tokenSalt: true,
			tokenHash: true,
			role: true,
			actorId: true,
			actor: {select: {merchant: {select: merchantColumns}}},
		},
	});
	const known = rows.map(({appKey, tokenSalt, tokenHash, role, actorId, actor: {merchant}}): [string, Known] => {
		const caller = Object.freeze({merchant: Object.freeze(merchant), role: roleOf(role), actorId, appKey});
		return [appKey, {caller, token: {tokenSalt, tokenHash}}];
	});
	return {at, known: new Map(known)};
}
