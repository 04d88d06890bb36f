import {type Prisma, type PrismaClient} from '../db/client.ts';
import {type Account, accountNumbers, accountOf} from '../ledger/chart.ts';
import {type Instant} from '../ledger/calendar.ts';
import {houseBalances} from '../ledger/snapshot.ts';
import {atOneMoment} from './reading.ts';

/** What an account has of an asset: the sum of its postings, in minor units. Of a card's accounts, all cards together. */
export type AccountBalance = {readonly account: Account; readonly assetId: number; readonly balance: bigint};

export type BooksWish = {
	readonly merchantId: number;
	/** Entries that occurred after it do not count; null for now. */
	readonly asOf: Instant | null;
};

const bounded: ReadonlySet<Account> = new Set<Account>(['available', 'held', 'debt']);

/** Whether an account belongs to cards, and not to the merchant. */
export function isBounded(account: Account): boolean {
	return bounded.has(account);
}

/** Read every account that has ever had something, by asset and in the order of the chart. In right books each asset's balances sum to zero. */
export async function trialBalance(prisma: PrismaClient, wish: BooksWish): Promise<AccountBalance[]> {
	return atOneMoment(prisma, tx => readBalances(tx, wish));
}

/** The same within a report. Now: what cards store, and house accounts by snapshot and tail. As of a moment: every posting added up. */
export async function readBalances(
	tx: Prisma.TransactionClient,
	{merchantId, asOf}: BooksWish,
): Promise<AccountBalance[]> {
	if (asOf !== null) {
		return readPostings(tx, merchantId, '<=', asOf);
	}

	const balances = [...(await readCards(tx, merchantId)), ...(await houseBalances(tx, merchantId))];
	return balances.sort(
		(a, b) => a.assetId - b.assetId || accountNumbers[a.account] - accountNumbers[b.account],
	);
}

/**
 * The same as of a moment, the other way round: what there is now without what was posted since. Of a moment not long ago that is much
 * less to read, and it shares nothing with adding up what was before.
 */
export async function readBalancesBack(
	tx: Prisma.TransactionClient,
	{merchantId, asOf}: BooksWish,
): Promise<AccountBalance[]> {
	const now = await readBalances(tx, {merchantId, asOf: null});
	if (asOf === null) {
		return now;
	}

	const since = await readPostings(tx, merchantId, '>', asOf);
	const sums = new Map(since.map(({account, assetId, balance}) => [`${assetId} ${account}`, balance]));
	return now.map(({account, assetId, balance}) => ({
		account,
		assetId,
		balance: balance - (sums.get(`${assetId} ${account}`) ?? 0n),
	}));
}

type CardsRow = {
	readonly assetId: number;
	readonly available: string;
	readonly held: string;
	readonly debt: string;
};

async function readCards(tx: Prisma.TransactionClient, merchantId: number): Promise<AccountBalance[]> {
	const rows = await tx.$queryRaw<CardsRow[]>`
		SELECT asset_id AS "assetId", sum(available)::text AS available, sum(held)::text AS held, sum(debt)::text AS debt
		FROM cards WHERE merchant_id = ${merchantId}::int AND version > 0 GROUP BY asset_id`;
	return rows.flatMap(({assetId, ...sums}) =>
		(['available', 'held', 'debt'] as const).map(account => ({
			account,
			assetId,
			balance: BigInt(sums[account]),
		})),
	);
}

type PastRow = {readonly account: number; readonly assetId: number; readonly balance: string};

/** What was posted until a moment, or after it. */
async function readPostings(
	tx: Prisma.TransactionClient,
	merchantId: number,
	side: '<=' | '>',
	moment: Instant,
): Promise<AccountBalance[]> {
	const rows = await tx.$queryRawUnsafe<PastRow[]>(
		`SELECT p.account, p.asset_id AS "assetId", sum(p.amount)::text AS balance
		FROM entries e JOIN postings p ON p.merchant_id = e.merchant_id AND p.entry_id = e.id
		WHERE e.merchant_id = $1::int AND e.occurred_at ${side} $2::timestamptz
		GROUP BY p.account, p.asset_id ORDER BY p.asset_id, p.account`,
		merchantId,
		new Date(moment),
	);
	return rows.map(({account, assetId, balance}) => ({
		account: accountOf(account),
		assetId,
		balance: BigInt(balance),
	}));
}
