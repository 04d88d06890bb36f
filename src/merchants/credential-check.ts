import {type PrismaClient} from '../db/client.ts';
import {type Role, roleOf} from './credentials.ts';
import {type Merchant, merchantColumns} from './merchant.ts';
import {isHidden, type TokenCheck, tokenCheck} from './token.ts';

/** Who calls. */
export type Caller = {
	readonly merchant: Merchant;
	readonly role: Role;
	readonly actorId: number;
	readonly appKey: string;
};

export type CredentialCheck = {
	/** The caller behind a pair, or `undefined` when the pair is wrong or revoked. Fails only when the database does. */
	readonly check: (appKey: string, appToken: string) => Promise<Caller | undefined>;
};

type Known = {readonly caller: Caller; readonly token: TokenCheck};
type Snapshot = {readonly at: number; readonly known: ReadonlyMap<string, Known>};

// A revoked credential must not work for longer than 10 seconds in any process.
const ageMaxMs = 5000;
// The next snapshot is fetched before the present one is too old, so that no request has to wait for it.
const refreshAfterMs = 2000;
// A new credential works after a second at the latest; and whoever guesses keys causes one query a second, not one per guess.
const retryUnknownAfterMs = 1000;

// What an unknown key is compared with, so that it takes as long as a known one.
const nobody: TokenCheck = {salt: '0'.repeat(32), hash: new Uint8Array(32)};

/**
 * Checks credentials against a copy of all that are valid, a few per merchant, at most 5 seconds old. One query fetches them all,
 * however many requests, callers and wrong keys there are.
 * @param clock - in milliseconds
 */
export function openCredentialCheck(prisma: PrismaClient, clock: () => number): CredentialCheck {
	let snapshot: Snapshot | undefined;
	let fetching: Promise<Snapshot> | undefined;

	const refresh = async (): Promise<Snapshot> => {
		fetching ??= fetchSnapshot(prisma, clock());
		try {
			snapshot = await fetching;
			return snapshot;
		} finally {
			fetching = undefined;
		}
	};

	return {
		async check(appKey, appToken) {
			const now = clock();
			let current = snapshot;
			if (current === undefined || !isFresh(current, appKey, now)) {
				current = await refresh();
				// We may have joined a query that had begun long before, on a database that hardly answers.
				current = clock() - current.at > ageMaxMs ? await refresh() : current;
			} else if (now - current.at > refreshAfterMs) {
				// When it fails, whoever comes later, and finds the snapshot too old, learns why.
				refresh().catch(() => undefined);
			}

			const known = current.known.get(appKey);
			return isHidden(known?.token ?? nobody, appToken) ? known?.caller : undefined;
		},
	};
}

function isFresh({at, known}: Snapshot, appKey: string, now: number): boolean {
	const ageMs = now - at;
	// After a clock was set back, nobody knows how old the snapshot is.
	return ageMs >= 0 && ageMs <= (known.has(appKey) ? ageMaxMs : retryUnknownAfterMs);
}

async function fetchSnapshot(prisma: PrismaClient, at: number): Promise<Snapshot> {
	const rows = await prisma.credential.findMany({
		where: {revokedAt: null},
		include: {actor: {select: {merchant: {select: merchantColumns}}}},
	});
	const known = rows.map(({appKey, actorId, role, actor: {merchant}, ...token}) => {
		const caller: Caller = Object.freeze({
			merchant: Object.freeze(merchant),
			role: roleOf(role),
			actorId,
			appKey,
		});
		return [appKey, {caller, token: tokenCheck(token)}] as const;
	});
	return {at, known: new Map(known)};
}
