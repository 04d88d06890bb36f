import {type Prisma, type PrismaClient} from '../db/client.ts';
import {accountOf, type Account} from './chart.ts';
import {currentIncarnation, oldestRunning, openIncarnation} from './incarnation.ts';

/*
 * House accounts have no stored balance, so that no debit waits for another one. What they have is their last snapshot and the tail:
 * postings of entries whose transaction stands at the snapshot's horizon or above.
 *
 * Numbers of transactions are given out before they commit, so "all entries up to number N" may miss one that is still under way. A horizon
 * is drawn at `pg_snapshot_xmin(pg_current_snapshot())`: every transaction below it has ended, and whatever it wrote is there for
 * everybody who sees the snapshot. Nothing is ever added below a horizon, so snapshot and tail have every posting once.
 */

/** What a house account has of one asset, in minor units: the sum of its postings. */
export type HouseBalance = {readonly account: Account; readonly assetId: number; readonly balance: bigint};

/** How far a merchant's snapshots went. */
export type Advance = {
	/** Whether there was none of this incarnation: then all of history was added up. */
	readonly isAnew: boolean;
	/** How many accounts had moved. */
	readonly accounts: number;
	/** Whether the role may not know which server this is: then there are no snapshots, and balances are added up from all of history. */
	readonly isBarred: boolean;
};

const xid = 'e.xid::text::bigint';
const joined =
	'entries e JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id AND p.card_id = 0';
const timeoutMs = 30 * 60_000;

/**
 * Take a merchant's snapshots further: add what was written since their horizon to them. Safe beside whoever does the same, and beside
 * any traffic; nobody waits for it.
 */
export async function advanceSnapshots(prisma: PrismaClient, merchantId: number): Promise<Advance> {
	const incarnation = await openIncarnation(prisma);
	if (incarnation === null) {
		return {isAnew: false, accounts: 0, isBarred: true};
	}

	return prisma.$transaction(
		async tx => {
			// The first run of a large installation adds up all of history, and only another one waits for it.
			await tx.$executeRawUnsafe('SET LOCAL statement_timeout = 0');
			await tx.$executeRawUnsafe("SET LOCAL lock_timeout = '1min'");
			const last = await lockHorizon(tx, merchantId, incarnation);
			const accounts = await addTail(tx, merchantId, incarnation, last);
			return {isAnew: last === null, accounts, isBarred: false};
		},
		{timeout: timeoutMs, maxWait: 5000},
	);
}

/**
 * The horizon from which to go on, locked: who locks it next sees what we have written. Null where snapshots begin anew, because there
 * are none, or because they were taken elsewhere and restored: entries may have been written here since that they would miss.
 */
async function lockHorizon(
	tx: Prisma.TransactionClient,
	merchantId: number,
	incarnation: number,
): Promise<bigint | null> {
	await tx.$executeRawUnsafe(
		`INSERT INTO house_horizons (merchant_id, incarnation, horizon, taken_at) VALUES ($1::int, 0, 1, now())
		ON CONFLICT (merchant_id) DO NOTHING`,
		merchantId,
	);
	const [row] = await tx.$queryRawUnsafe<[{incarnation: number; horizon: bigint}]>(
		'SELECT incarnation, horizon FROM house_horizons WHERE merchant_id = $1::int FOR NO KEY UPDATE',
		merchantId,
	);
	if (row.incarnation === incarnation) {
		return row.horizon;
	}

	await tx.$executeRawUnsafe('DELETE FROM house_snapshots WHERE merchant_id = $1::int', merchantId);
	return null;
}

/** One statement, so that horizon and sums are of one moment; it begins after the lock. */
async function addTail(
	tx: Prisma.TransactionClient,
	merchantId: number,
	incarnation: number,
	last: bigint | null,
): Promise<number> {
	const isNew =
		last === null
			? `(e.incarnation < $2::smallint OR ${xid} < (SELECT horizon FROM now_at))`
			: `e.incarnation = $2::smallint AND ${xid} >= $3::bigint AND ${xid} < (SELECT horizon FROM now_at)`;
	const [{accounts}] = await tx.$queryRawUnsafe<[{accounts: number}]>(
		`WITH now_at AS MATERIALIZED (SELECT ${oldestRunning} AS horizon, $3::bigint AS last),
		added AS (
			INSERT INTO house_snapshots AS s (merchant_id, account, asset_id, balance)
			SELECT e.merchant_id, p.account, p.asset_id, sum(p.amount) FROM ${joined}
			WHERE e.merchant_id = $1::int AND ${isNew}
			GROUP BY e.merchant_id, p.account, p.asset_id
			ON CONFLICT (merchant_id, account, asset_id) DO UPDATE SET balance = s.balance + excluded.balance
			RETURNING 1
		), advanced AS (
			UPDATE house_horizons SET incarnation = $2::smallint, horizon = (SELECT horizon FROM now_at), taken_at = now()
			WHERE merchant_id = $1::int
		)
		SELECT count(*)::int AS accounts FROM added`,
		merchantId,
		incarnation,
		last,
	);
	return accounts;
}

/**
 * Every house account of a merchant that was ever posted to: snapshot and tail, or all of history where there is no snapshot that was
 * taken on this server.
 * @param tx - of isolation REPEATABLE READ, so that snapshot and tail are of one moment
 */
export async function houseBalances(
	tx: Prisma.TransactionClient,
	merchantId: number,
): Promise<HouseBalance[]> {
	const [last] = await tx.$queryRawUnsafe<{incarnation: number; horizon: bigint}[]>(
		`SELECT h.incarnation, h.horizon FROM house_horizons h JOIN (${currentIncarnation}) i ON i.id = h.incarnation
		WHERE h.merchant_id = $1::int`,
		merchantId,
	);
	return last === undefined ? fromHistory(tx, merchantId) : fromSnapshot(tx, merchantId, last);
}

type Row = {readonly account: number; readonly assetId: number; readonly balance: string};

async function fromHistory(tx: Prisma.TransactionClient, merchantId: number): Promise<HouseBalance[]> {
	const rows = await tx.$queryRawUnsafe<Row[]>(
		`SELECT account, asset_id AS "assetId", sum(amount)::text AS balance FROM postings
		WHERE merchant_id = $1::int AND card_id = 0 GROUP BY account, asset_id ORDER BY asset_id, account`,
		merchantId,
	);
	return rows.map(balanceOf);
}

async function fromSnapshot(
	tx: Prisma.TransactionClient,
	merchantId: number,
	{incarnation, horizon}: {readonly incarnation: number; readonly horizon: bigint},
): Promise<HouseBalance[]> {
	const rows = await tx.$queryRawUnsafe<Row[]>(
		`SELECT account, asset_id AS "assetId", sum(amount)::text AS balance FROM (
			SELECT account, asset_id, balance AS amount FROM house_snapshots WHERE merchant_id = $1::int
			UNION ALL
			SELECT p.account, p.asset_id, p.amount FROM ${joined}
			WHERE e.merchant_id = $1::int AND e.incarnation = $2::smallint AND ${xid} >= $3::bigint
		) part GROUP BY account, asset_id ORDER BY asset_id, account`,
		merchantId,
		incarnation,
		horizon,
	);
	return rows.map(balanceOf);
}

function balanceOf({account, assetId, balance}: Row): HouseBalance {
	return {account: accountOf(account), assetId, balance: BigInt(balance)};
}
