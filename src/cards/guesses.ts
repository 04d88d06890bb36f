import {createHmac} from 'node:crypto';
import {isIP} from 'node:net';
import type pg from 'pg';
import {RateLimiterPostgres} from 'rate-limiter-flexible';
import {networkOf} from '../admins/client-limit.ts';
import {type Identifier} from '../customers/identity.ts';
import {keyOf} from '../db/seal.ts';
import {type Instant} from '../ledger/calendar.ts';
import {Recollection} from './recollection.ts';

/** Who tries a code: what the request says of the shopper. Where VTEX itself calls from is nobody's address. */
export type Guesser = {
	/** Strongest first; the first one counts, by itself at each address. */
	readonly presented: readonly Identifier[];
	/** Of the shopper's device, as VTEX saw it; null where it was not said. */
	readonly address: string | null;
};

/** Under which the misses of somebody stand, and how many are too many. */
export type MissKey = {readonly key: string; readonly missesMax: number};

/** What is stored: misses, and until when they count in milliseconds since 1970; by key. */
export type CountedMisses = ReadonlyMap<string, {readonly misses: number; readonly until: Instant}>;

/**
 * Counts who tries redemption codes and PINs that are not right (rules B12): by who it is and where they are, never by merchant.
 * Whoever had too many is answered as if no code were known; nobody else notices.
 */
export type Guesses = {
	/** Who is counted. Somebody of whom nothing was said is nobody, and is not. */
	readonly keysOf: (merchantId: number, guesser: Guesser) => MissKey[];
	/** A customer's wallet, whose PIN somebody tries on the shopper's page: whoever it is, and beyond the lock of the PIN itself. */
	readonly keysOfWallet: (merchantId: number, customerId: string) => MissKey[];
	/** Whether one of them had too many misses, as the store says or this process knows. */
	readonly isOver: (keys: readonly MissKey[], counted: CountedMisses) => boolean;
	/**
	 * Count a miss, once for each thing that was tried: VTEX asks for one mistyped code again with every change of the cart.
	 * Never throws: where the store fails, this process still counts.
	 */
	readonly miss: (merchantId: number, keys: readonly MissKey[], tried: string) => Promise<void>;
	/** What the store has counted, where no other query brings it along. Throws when the database does. */
	readonly counted: (keys: readonly MissKey[]) => Promise<CountedMisses>;
};

export type GuessLimits = {
	/** Misses of one shopper within the window. One address, which many may share, has five times as many. */
	readonly missesMax: number;
};

export type GuessTools = {
	readonly pool: Pick<pg.Pool, 'query'>;
	/** The text of SECRETS_KEY; without it nobody can tell whose the keys are. */
	readonly secretsKey: string;
	/** A miss could not be counted for the other processes. */
	readonly onFailure?: (error: unknown, what: string) => void;
	/** So many misses of one merchant within the window, in this process: at 100, 1000 and so on. */
	readonly onMany?: (merchantId: number, misses: number) => void;
	/** Looks on: a wrong code or PIN, and somebody who was answered as if none were known. Must not throw. */
	readonly watch?: GuessWatch | undefined;
};

export type GuessWatch = {readonly missed: () => void; readonly limited: () => void};

export const guessWindowMs = 3_600_000;
const addressFactor = 5;
const manyMisses = 100;

// What this process remembers: some 10 MB when full, after which it forgets the oldest. The store forgets nothing.
const rememberedMax = 20_000;

type MissRow = [key: string, misses: number, until: Instant];

/** The misses of all keys of an array parameter, as JSON text; belongs to `countedOf`. */
export const missesSql = (keys: string) =>
	`(SELECT json_agg(json_build_array(key, points, expire))::text FROM guess_limits WHERE key = ANY (${keys}::text[]))`;

export function countedOf(json: string | null): CountedMisses {
	return new Map(
		(JSON.parse(json ?? '[]') as MissRow[]).map(([key, misses, until]) => [key, {misses, until}]),
	);
}

/** @param clock - the system's, since the library that writes the table asks no other */
export function openGuesses(
	{pool, secretsKey, onFailure, onMany, watch}: GuessTools,
	{missesMax}: GuessLimits,
	clock: () => Instant = Date.now,
): Guesses {
	const hashKey = keyOf(secretsKey, 'guesses');
	const store = openStore(pool, missesMax);
	const own = new Recollection(rememberedMax, clock);
	const tries = new Recollection(rememberedMax, clock);
	const merchants = new Recollection(rememberedMax, clock);
	const hash = (text: string) => createHmac('sha256', hashKey).update(text).digest('base64url');

	const key = (merchantId: number, kind: string, value: string) =>
		`${merchantId}:${hash(`${merchantId} ${kind} ${value}`)}`;

	const noteMany = (merchantId: number) => {
		const misses = merchants.add(String(merchantId), guessWindowMs);
		if (misses >= manyMisses && /^10+$/.test(String(misses))) {
			onMany?.(merchantId, misses);
		}
	};

	return {
		keysOf(merchantId, {presented: [identity], address}) {
			const network = address === null || isIP(address) === 0 ? '' : networkOf(address);
			// Anybody can type somebody else's e-mail: who does so uses up her guesses at his own address and not at hers.
			const shopper = identity && key(merchantId, identity.kind, `${network} ${identity.value}`);
			return [
				...(shopper === undefined ? [] : [{key: shopper, missesMax}]),
				...(network === ''
					? []
					: [{key: key(merchantId, 'address', network), missesMax: missesMax * addressFactor}]),
			];
		},
		keysOfWallet: (merchantId, customerId) => [{key: key(merchantId, 'wallet', customerId), missesMax}],
		isOver(keys, counted) {
			for (const {key} of keys) {
				const stored = counted.get(key);
				if (stored !== undefined) {
					own.raise(key, stored.misses, stored.until);
				}
			}

			const isLimited = keys.some(one => own.count(one.key) >= one.missesMax);
			if (isLimited) {
				watch?.limited();
			}

			return isLimited;
		},
		async miss(merchantId, keys, tried) {
			watch?.missed();
			noteMany(merchantId);
			const what = hash(`tried ${tried}`);
			// Who has had too many already is not counted any more: an attack costs no more writes than the limit allows.
			const fresh = keys.filter(
				one => own.count(one.key) < one.missesMax && tries.add(`${one.key} ${what}`, guessWindowMs) === 1,
			);
			// At once, before anything is waited for: of many guesses that are answered together, no more than the limit count as guesses.
			for (const {key} of fresh) {
				own.add(key, guessWindowMs);
			}

			try {
				await Promise.all(fresh.map(({key}) => store.penalty(key)));
			} catch (error) {
				onFailure?.(error, 'A wrong redemption code could not be counted for the other processes');
			}
		},
		async counted(keys) {
			const {rows} = await pool.query<{misses: string | null}>({
				text: `SELECT ${missesSql('$1')} AS misses`,
				values: [`{${keys.map(({key}) => key).join(',')}}`],
			});
			return countedOf(rows[0]?.misses ?? null);
		},
	};
}

/** The library's statements without the names under which it would have them prepared: no pooler minds them so. */
function openStore(pool: GuessTools['pool'], points: number): RateLimiterPostgres {
	return new RateLimiterPostgres({
		storeClient: {query: ({text, values}: pg.QueryConfig) => pool.query({text, values: values ?? []})},
		storeType: 'client',
		keyPrefix: '',
		tableName: 'guess_limits',
		// A migration makes it, and a job empties it.
		tableCreated: true,
		clearExpiredByTimeout: false,
		points,
		duration: guessWindowMs / 1000,
	});
}
