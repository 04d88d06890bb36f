import {type Prisma, type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {plainArray, textArray} from '../ledger/store/arrays.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {lockOwnersSql} from './open-wallet.ts';
import {newPublicId} from './public-id.ts';

/** Whose wallet, for which asset, and what checkout shows of it where it is opened now. */
export type WalletOf = {readonly customerId: string; readonly assetId: number; readonly caption: string};

/** One text for a wallet, to find it in a map. */
export const walletKey = ({customerId, assetId}: Omit<WalletOf, 'caption'>): string =>
	`${customerId}/${assetId}`;

/** A wallet that is there, with what it carries in minor units. */
export type FoundWallet = {readonly cardId: string; readonly available: bigint; readonly held: bigint};

// LATERAL keeps the plan to one index look-up for each, also while the table is young.
const findSql = `SELECT json_agg(json_build_array(c.owner_id::text, c.asset_id, c.id::text, c.available::text, c.held::text))::text AS wallets
	FROM unnest($2::bigint[], $3::int[]) AS w(owner_id, asset_id)
	CROSS JOIN LATERAL (
		SELECT * FROM cards
		WHERE merchant_id = $1::int AND cards.owner_id = w.owner_id AND cards.asset_id = w.asset_id AND is_wallet
			AND status <> ${statusNumbers.closed} LIMIT 1
	) c`;

type Row = [ownerId: string, assetId: number, cardId: string, available: string, held: string];

/** The wallets among some that are there, by `walletKey`. */
export async function findWallets(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	wanted: readonly Omit<WalletOf, 'caption'>[],
): Promise<Map<string, FoundWallet>> {
	if (wanted.length === 0) {
		return new Map();
	}

	const unique = [...new Map(wanted.map(one => [walletKey(one), one])).values()];
	const [row] = await prisma.$queryRawUnsafe<[{wallets: string | null}]>(
		findSql,
		merchantId,
		plainArray(unique.map(({customerId}) => customerId)),
		plainArray(unique.map(({assetId}) => assetId)),
	);
	return walletsOf(row.wallets);
}

function walletsOf(wallets: string | null): Map<string, FoundWallet> {
	const found = new Map<string, FoundWallet>();
	for (const [customerId, assetId, cardId, available, held] of JSON.parse(wallets ?? '[]') as Row[]) {
		found.set(walletKey({customerId, assetId}), {
			cardId,
			available: BigInt(available),
			held: BigInt(held),
		});
	}

	return found;
}

// A closed card stays closed, and makes room for another. In one order, so that two who do the same never wait in a circle.
const retireSql = `UPDATE cards SET is_wallet = false WHERE merchant_id = $1::int AND is_wallet AND id IN (
		SELECT c.id FROM unnest($2::bigint[], $3::int[]) AS w(owner_id, asset_id)
		JOIN cards c ON c.merchant_id = $1::int AND c.owner_id = w.owner_id AND c.asset_id = w.asset_id AND c.is_wallet
		WHERE c.status = ${statusNumbers.closed} ORDER BY c.id FOR NO KEY UPDATE OF c
	)`;

// The index cards_wallets_key decides between two processes: one inserts, the other waits for it and then inserts nothing.
const openSql = `INSERT INTO cards (merchant_id, owner_id, asset_id, caption, public_id, restricted, emitted_at, is_wallet)
	SELECT $1::int, w.owner_id, w.asset_id, w.caption, w.public_id, true, $6::timestamptz, true
	FROM unnest($2::bigint[], $3::int[], $4::text[], $5::uuid[]) AS w(owner_id, asset_id, caption, public_id)
	ORDER BY w.owner_id, w.asset_id
	ON CONFLICT (merchant_id, owner_id, asset_id) WHERE is_wallet DO NOTHING
	RETURNING owner_id, asset_id, id`;
const openedSql = `WITH opened AS (${openSql})
	SELECT json_agg(json_build_array(owner_id::text, asset_id, id::text, '0', '0'))::text AS wallets FROM opened`;

/**
 * The wallets of some customers (A16), opened where there are none, as `openWallet` does it for one of them.
 * @param databases.readerPrisma - looks up by key whatever the statistics say
 * @param wanted - of living customers
 * @returns the wallets by `walletKey`
 * @throws errors of the walls of the living, for `whileLiving`, where a customer was merged or erased meanwhile
 */
export async function openWallets(
	{prisma, readerPrisma}: {readonly prisma: PrismaClient; readonly readerPrisma: PrismaClient},
	merchantId: number,
	wanted: readonly WalletOf[],
	now: Instant,
): Promise<Map<string, FoundWallet>> {
	const found = await findWallets(readerPrisma, merchantId, wanted);
	const missing = [
		...new Map(wanted.filter(one => !found.has(walletKey(one))).map(one => [walletKey(one), one])).values(),
	];
	if (missing.length === 0) {
		return found;
	}

	for (const [key, wallet] of await prisma.$transaction(async tx => open(tx, merchantId, missing, now))) {
		found.set(key, wallet);
	}

	// Those that somebody else opened at the same moment.
	const others = await findWallets(
		readerPrisma,
		merchantId,
		missing.filter(one => !found.has(walletKey(one))),
	);
	others.forEach((wallet, key) => found.set(key, wallet));
	return found;
}

async function open(
	tx: Prisma.TransactionClient,
	merchantId: number,
	missing: readonly WalletOf[],
	now: Instant,
): Promise<Map<string, FoundWallet>> {
	const owners = plainArray(missing.map(({customerId}) => customerId));
	const assets = plainArray(missing.map(({assetId}) => assetId));
	// Whoever opens one elsewhere, or merges or erases a customer, is waited for longer than a card that is being spent.
	// Customers are found by their key, whatever the statistics say: the plan is kept while the table grows.
	await tx.$executeRaw`SELECT set_config('lock_timeout', '2s', true), set_config('enable_seqscan', 'off', true)`;
	await tx.$executeRawUnsafe(lockOwnersSql, merchantId, owners);
	await tx.$executeRawUnsafe(retireSql, merchantId, owners, assets);
	const [row] = await tx.$queryRawUnsafe<[{wallets: string | null}]>(
		openedSql,
		merchantId,
		owners,
		assets,
		textArray(missing.map(({caption}) => caption)),
		plainArray(missing.map(() => newPublicId())),
		new Date(now).toISOString(),
	);
	return walletsOf(row.wallets);
}
