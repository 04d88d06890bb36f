import {type Prisma, type PrismaClient} from '../db/client.ts';
import {type Instant, localDate} from '../ledger/calendar.ts';
import {type Origin, originOf} from '../ledger/chart.ts';
import {readPrograms} from '../ledger/store/load-programs.ts';
import {type Rate} from '../money/convert.ts';
import {atOneMoment} from './reading.ts';
import {isBounded, readBalancesBack} from './trial-balance.ts';

/** What the rows of the report stand for: how long ago value was issued, the month it ends in, what it was given for, or all of an asset. */
export type LiabilityBy = 'age' | 'expiry' | 'origin' | 'currency';

export type LiabilityWish = {
	readonly merchantId: number;
	readonly by: LiabilityBy;
	readonly now: Instant;
	/** What was owed at a past moment; null for now. */
	readonly asOf: Instant | null;
	/** Months are the merchant's. */
	readonly timeZone: string;
	/** Points are worth what their program says in it. */
	readonly currencyId: number;
};

/** Ages in whole days since a lot's first value was issued, the youngest first. The last goes on for ever. */
export const ages = [
	{name: '0-29', from: 0},
	{name: '30-89', from: 30},
	{name: '90-179', from: 90},
	{name: '180-364', from: 180},
	{name: '365-729', from: 365},
	{name: '730+', from: 730},
] as const;

export type Age = (typeof ages)[number]['name'];

/** What stands for a row, by what was asked for; null without an end. */
export type LiabilityGroup =
	| {readonly by: 'age'; readonly age: Age}
	| {readonly by: 'expiry'; readonly month: string | null}
	| {readonly by: 'origin'; readonly origin: Origin}
	| {readonly by: 'currency'};

/** Value of one asset, in minor units. What is owed is `available + held`. */
export type Owed = {
	/** What remains of lots that have not ended, pending ones too. */
	readonly available: bigint;
	/** What is held for orders, whatever its lot's date. */
	readonly held: bigint;
	/** What remains of lots past their date: owed to nobody by the terms, and on the books until the sweep takes it to breakage. */
	readonly expired: bigint;
};

export type LiabilityRow = Owed & {readonly assetId: number; readonly group: LiabilityGroup};

/** An asset as a whole, and the other side of the books. */
export type LiabilityTotal = Owed & {
	readonly assetId: number;
	/** What shoppers owe: zero or below. */
	readonly debt: bigint;
	/** What the house accounts come to: in right books `available + held + expired + debt` with the other sign. */
	readonly house: bigint;
	/** What points are worth, for those whose program has a rate to the currency. */
	readonly rate: Rate | null;
};

export type Liability = {
	/** In the order of asset and group; without those that have nothing. */
	readonly rows: readonly LiabilityRow[];
	readonly totals: readonly LiabilityTotal[];
};

/**
 * Read what is owed, in one snapshot. A past moment is exact: it is what lots have now without what the entries that occurred since
 * did to them, and lots keep their dates (A11).
 */
export async function readLiability(prisma: PrismaClient, wish: LiabilityWish): Promise<Liability> {
	return atOneMoment(prisma, async tx => {
		const rows = await readRows(tx, wish);
		return {rows, totals: await readTotals(tx, wish, rows)};
	});
}

/** Whether lots and house accounts say the same of an asset. */
export function isTied({available, held, expired, debt, house}: LiabilityTotal): boolean {
	return available + held + expired + debt + house === 0n;
}

const dayMs = 86_400_000;

type Row = {
	readonly assetId: number;
	readonly key: number | null;
	readonly available: string;
	readonly held: string;
	readonly expired: string;
};

/** Expiry instants are handed out as they are: which month they end depends on our calendar, and there are few of them. */
const keys: Readonly<Record<LiabilityBy, string>> = {
	age: 'width_bucket(issue.occurred_at, (SELECT array_agg(a ORDER BY a) FROM unnest($3::timestamptz[]) a))',
	expiry: '(extract(epoch FROM l.expires_at) * 1000)',
	origin: 'l.origin',
	currency: '0',
};

async function readRows(tx: Prisma.TransactionClient, wish: LiabilityWish): Promise<LiabilityRow[]> {
	const at = wish.asOf ?? wish.now;
	// In the order of time: the oldest first.
	const bounds = ages.slice(1).map(({from}) => new Date(at - from * dayMs + 1));
	const rows = await tx.$queryRawUnsafe<Row[]>(
		`SELECT c.asset_id AS "assetId", ${keys[wish.by]}::float8 AS key,
			coalesce(sum(part.remaining) FILTER (WHERE (l.expires_at <= $2::timestamptz) IS NOT TRUE), 0)::text AS available,
			sum(part.held)::text AS held,
			coalesce(sum(part.remaining) FILTER (WHERE l.expires_at <= $2::timestamptz), 0)::text AS expired
		FROM (${wish.asOf === null ? partsNow : partsThen}) part
		JOIN lots l ON l.merchant_id = $1::int AND l.id = part.lot_id
		JOIN cards c ON c.merchant_id = l.merchant_id AND c.id = l.card_id
		${wish.by === 'age' ? 'LEFT JOIN entries issue ON issue.merchant_id = l.merchant_id AND issue.id = coalesce(l.root_id, l.id)' : ''}
		WHERE cardinality($3::timestamptz[]) > 0
		GROUP BY 1, 2 ORDER BY 1, 2`,
		wish.merchantId,
		new Date(at),
		bounds,
	);
	return folded(rows.map(row => rowOf(row, wish))).filter(
		({available, held, expired}) => available !== 0n || held !== 0n || expired !== 0n,
	);
}

const partsNow = `SELECT id AS lot_id, remaining, held FROM lots
	WHERE merchant_id = $1::int AND (NOT spent OR held > 0)`;
// Sums are linear, so what happened since is subtracted without putting any lot together.
const partsThen = `${partsNow}
	UNION ALL
	SELECT m.lot_id, -m.remaining_delta, -m.held_delta
	FROM entries e JOIN lot_movements m ON m.merchant_id = e.merchant_id AND m.entry_id = e.id
	WHERE e.merchant_id = $1::int AND e.occurred_at > $2::timestamptz`;

function rowOf({assetId, key, ...sums}: Row, wish: LiabilityWish): LiabilityRow {
	return {
		assetId,
		group: groupOf(key, wish),
		available: BigInt(sums.available),
		held: BigInt(sums.held),
		expired: BigInt(sums.expired),
	};
}

function groupOf(key: number | null, {by, timeZone}: LiabilityWish): LiabilityGroup {
	switch (by) {
		case 'age': {
			// Bucket 0 is the oldest. A lot without an issue would be damage, and of no known age.
			const age = ages[ages.length - 1 - (key ?? 0)] ?? ages[0];
			return {by, age: age.name};
		}

		case 'expiry': {
			return {by, month: key === null ? null : localDate(key - 1, timeZone).slice(0, 7)};
		}

		case 'origin': {
			return {by, origin: originOf(key ?? 0)};
		}

		case 'currency': {
			return {by};
		}
	}
}

/** Rows of one group as one, in the order in which groups are listed. */
function folded(rows: readonly LiabilityRow[]): LiabilityRow[] {
	const sums = new Map<string, LiabilityRow>();
	for (const row of rows) {
		const key = `${row.assetId} ${JSON.stringify(row.group)}`;
		const known = sums.get(key);
		sums.set(key, known === undefined ? row : {...row, ...sumOf([known, row])});
	}

	return [...sums.values()].sort((a, b) => a.assetId - b.assetId || placeOf(a) - placeOf(b));
}

/** Ages are read the oldest first and told the youngest first; the rest is in order already. */
function placeOf({group}: LiabilityRow): number {
	return group.by === 'age' ? ages.findIndex(({name}) => name === group.age) : 0;
}

function sumOf(parts: readonly Owed[]): Owed {
	const sum = (of: keyof Owed) => parts.reduce((total, part) => total + part[of], 0n);
	return {available: sum('available'), held: sum('held'), expired: sum('expired')};
}

async function readTotals(
	tx: Prisma.TransactionClient,
	{merchantId, asOf, now, currencyId}: LiabilityWish,
	rows: readonly LiabilityRow[],
): Promise<LiabilityTotal[]> {
	const balances = await readBalancesBack(tx, {merchantId, asOf});
	// Assets of which nothing was there yet have nothing to say.
	const assetIds = [...new Set(balances.filter(({balance}) => balance !== 0n).map(({assetId}) => assetId))];
	const programs = await readPrograms(tx, merchantId, assetIds, asOf ?? now);
	return assetIds.map(assetId => {
		const own = balances.filter(balance => balance.assetId === assetId);
		const sum = (isMeant: (balance: (typeof own)[number]) => boolean) =>
			own.filter(isMeant).reduce((total, {balance}) => total + balance, 0n);
		return {
			assetId,
			...sumOf(rows.filter(row => row.assetId === assetId)),
			debt: sum(({account}) => account === 'debt'),
			house: sum(({account}) => !isBounded(account)),
			rate: programs.get(assetId)?.terms.get(currencyId)?.rate ?? null,
		};
	});
}
