import {storedCardColumns, storedCardOf, type StoredCard, type StoredCardRow} from '../cards/stored-card.ts';
import {type Database} from '../db/client.ts';
import {inSnapshot} from '../db/snapshot.ts';
import {type Instant} from '../ledger/calendar.ts';
import {isCardExpired, spendableBalance} from '../ledger/lots.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {identifierOf, type IdentifierNumber} from '../ledger/store/rows.ts';
import {type Identifier} from '../ledger/owner.ts';

export type CardsWish = {
	readonly merchantId: number;
	/** As of which balances are told: what can be spent then, swept or not. */
	readonly now: Instant;
	readonly status?: StoredCard['status'] | undefined;
	readonly relationName?: string | undefined;
	/** The row of a currency or of points. */
	readonly assetId?: number | undefined;
	/** Whether documents and e-mail addresses are read, too. */
	readonly withOwner: boolean;
};

/** A card as a file shows it. Amounts are minor units of its asset. */
export type ListedCard = Omit<StoredCard, 'lots' | 'uses' | 'owner'> & {
	/** What can be spent now (B10). */
	readonly balance: bigint;
	readonly isExpired: boolean;
	/** What the shopper owes: zero or below (A10). */
	readonly debt: bigint;
	readonly isWallet: boolean;
	/** The number of its owner, or of who that one became; null for a card of nobody. */
	readonly customerId: string | null;
	/** What names the owner, in clear; none unless it was wished. */
	readonly owner: readonly Identifier[];
};

type Row = [
	debt: string,
	isWallet: boolean,
	customerId: string | null,
	owner: [kind: IdentifierNumber, value: string][] | null,
	card: StoredCardRow,
];

// Wallets stay on the name that they were opened under; hardly anybody was merged into somebody else (A13).
const customerSql = `(SELECT CASE WHEN u.merged_into IS NULL THEN u.id ELSE (
		WITH RECURSIVE chain AS (
			SELECT u.merged_into AS id
			UNION ALL
			SELECT n.merged_into FROM chain JOIN customers n ON n.merchant_id = c.merchant_id AND n.id = chain.id WHERE n.merged_into IS NOT NULL
		) SELECT chain.id FROM chain JOIN customers n ON n.merchant_id = c.merchant_id AND n.id = chain.id WHERE n.merged_into IS NULL
	) END FROM customers u WHERE u.merchant_id = c.merchant_id AND u.id = c.owner_id)`;

// In the order in which they were opened, which is that of the primary key.
const sql = `SELECT json_build_array(c.debt::text, c.is_wallet, o.customer_id::text,
		CASE WHEN $5::boolean THEN (SELECT json_agg(json_build_array(i.kind, i.value) ORDER BY i.kind, i.value) FROM customer_identifiers i
			WHERE i.merchant_id = c.merchant_id AND i.customer_id = o.customer_id) END,
		${storedCardColumns})::text
	FROM cards c CROSS JOIN LATERAL (SELECT ${customerSql} AS customer_id OFFSET 0) o
	WHERE c.merchant_id = $1::int AND ($2::smallint IS NULL OR c.status = $2::smallint)
		AND ($3::text IS NULL OR c.relation_name = $3::text) AND ($4::int IS NULL OR c.asset_id = $4::int)
	ORDER BY c.id`;

/**
 * Every card of a merchant in the order in which they were opened, wallets included, as they stand at one moment: whatever is spent while
 * it reads is not seen. What a card is worth is said by the functions that checkout asks, too.
 *
 * @param onCards - told of some cards at a time, and waited for; memory is that of those
 */
export async function readCards(
	pool: Database['pool'],
	{merchantId, now, status, relationName, assetId, withOwner}: CardsWish,
	onCards: (cards: readonly ListedCard[]) => Promise<void>,
): Promise<void> {
	const statusNumber = status === undefined ? null : statusNumbers[status];
	const args = [merchantId, statusNumber, relationName ?? null, assetId ?? null, withOwner];
	await inSnapshot(pool, async ({pages}) => {
		for await (const page of pages<Row>(sql, args)) {
			await onCards(page.map(row => listedCardOf(row, now)));
		}
	});
}

function listedCardOf([debt, isWallet, customerId, names, row]: Row, now: Instant): ListedCard {
	const {lots, uses, ...card} = storedCardOf(row);
	return {
		...card,
		balance: spendableBalance({...card, lots, uses}, now),
		isExpired: isCardExpired({...card, lots, uses}, now),
		debt: BigInt(debt),
		isWallet,
		customerId,
		owner: names?.map(([kind, value]) => identifierOf(kind, value)) ?? [],
	};
}
