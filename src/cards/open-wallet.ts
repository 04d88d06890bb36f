import {survivorOf, whileLiving} from '../customers/survivor.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {newPublicId} from './public-id.ts';
import {type CardPlace} from './value-moves.ts';

/** What checkout shows of a wallet of money. Of points their program says so. */
export const creditCaption = 'Store credit';

export type WalletWish = {
	/** By number, as it was kept: of somebody who became another customer, the other's wallet is meant. */
	readonly customerId: string;
	readonly assetId: number;
	/** What checkout shows of a wallet that is opened now; one that exists keeps its own. */
	readonly caption: string;
	readonly now: Instant;
};

/**
 * Locks those who are to get wallets, before these are there: whoever merges customers holds them and may want to move a wallet to where one
 * is just being opened. Parameters: merchant, customers.
 */
export const lockOwnersSql = `SELECT count(*) FROM (
	SELECT FROM customers WHERE merchant_id = $1::int AND id = ANY ($2::bigint[]) ORDER BY id FOR SHARE
) locked`;

// The index cards_wallets_key decides between two processes: one inserts, the other waits for it and then inserts nothing.
const openSql = `INSERT INTO cards (merchant_id, public_id, asset_id, owner_id, restricted, caption, emitted_at, is_wallet)
	VALUES ($1::int, $2::uuid, $3::int, $4::bigint, true, $5::text, $6::timestamptz, true)
	ON CONFLICT (merchant_id, owner_id, asset_id) WHERE is_wallet DO NOTHING`;

const findSql = `SELECT id::text AS "cardId", public_id::text AS "publicId", asset_id AS "assetId" FROM cards
	WHERE merchant_id = $1::int AND owner_id = $2::bigint AND asset_id = $3::int AND is_wallet AND status <> ${statusNumbers.closed}`;

// A closed card stays closed, and nothing could be given to its owner any more: it makes room for another.
const retireSql = `UPDATE cards SET is_wallet = false
	WHERE merchant_id = $1::int AND owner_id = $2::bigint AND asset_id = $3::int AND is_wallet AND status = ${statusNumbers.closed}`;

/**
 * The one wallet of a customer for an asset (A16); opened where there is none. It has no code, is found by its owner alone, and only the owner
 * can spend it. Of several processes that open it at once, one does.
 * @throws {CustomerErasedError} for a customer who was erased
 */
export async function openWallet(
	prisma: PrismaClient,
	merchantId: number,
	{customerId, assetId, caption, now}: WalletWish,
): Promise<CardPlace> {
	return whileLiving(async () => {
		const owner = BigInt(await survivorOf(prisma, merchantId, customerId));
		const existing = await find(prisma, merchantId, owner, assetId);
		if (existing !== undefined) {
			return existing;
		}

		await prisma.$transaction([
			// Whoever opens it elsewhere, or merges or erases the customer, is waited for longer than a card that is being spent.
			prisma.$executeRaw`SELECT set_config('lock_timeout', '2s', true), set_config('enable_seqscan', 'off', true)`,
			prisma.$executeRawUnsafe(lockOwnersSql, merchantId, plainArray([owner])),
			prisma.$executeRawUnsafe(retireSql, merchantId, owner, assetId),
			prisma.$executeRawUnsafe(
				openSql,
				merchantId,
				newPublicId(),
				assetId,
				owner,
				caption,
				new Date(now).toISOString(),
			),
		]);
		const opened = await find(prisma, merchantId, owner, assetId);
		if (opened === undefined) {
			throw new Error(
				`The wallet of customer ${customerId} was closed in the moment in which it was opened.`,
			);
		}

		return opened;
	});
}

async function find(
	prisma: PrismaClient,
	merchantId: number,
	owner: bigint,
	assetId: number,
): Promise<CardPlace | undefined> {
	const [row] = await prisma.$queryRawUnsafe<CardPlace[]>(findSql, merchantId, owner, assetId);
	return row;
}
