import {storedCardColumns, storedCardOf, type StoredCard, type StoredCardRow} from '../cards/stored-card.ts';
import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Identifier} from '../ledger/owner.ts';
import {identifierOf, type IdentifierNumber} from '../ledger/store/rows.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {type CustomerChange, lastChanges} from './changes.ts';
import {type Owed, owedByAsset, owedOn, type OwedCard} from './owed.ts';
import {familyOf, standingOf} from './survivor.ts';

/** A card of a customer, and what is owed on it. */
export type CustomerCard = StoredCard &
	OwedCard & {
		readonly isWallet: boolean;
		/** The customer on whose name it stands: the customer, or one who became the customer. */
		readonly ownerId: string;
		/** A UUID: of the wallet that took over, to which what comes back here moves on. */
		readonly forwardsTo: string | null;
		readonly owed: Owed;
	};

/** All that is known of one person, and owed to them. */
export type CustomerView = {
	/** The customer's number. */
	readonly customerId: string;
	readonly createdAt: Instant;
	readonly erasedAt: Instant | null;
	/** In clear: whoever prints them masks them. */
	readonly identifiers: readonly Identifier[];
	/** Numbers of customers who became this one. */
	readonly formerIds: readonly string[];
	/** Cards on which something is, was held or is owed, and open wallets; wallets first, then by the row's number. */
	readonly cards: readonly CustomerCard[];
	/** How many others there are, with nothing on them. */
	readonly emptyCards: number;
	/** What is owed in all by the asset's row. What points are worth in money is for whoever knows their program. */
	readonly totals: ReadonlyMap<number, Owed>;
	/** The newest first. */
	readonly changes: readonly CustomerChange[];
};

type CardRow = [
	ownerId: string,
	debt: string,
	isWallet: boolean,
	forwardsTo: string | null,
	card: StoredCardRow,
];

// Cards with nothing on them are counted only: most cards of a good customer are old ones.
const cardsSql = `WITH owned AS (
		SELECT c.*, c.available <> 0 OR c.held <> 0 OR c.debt <> 0 OR (c.is_wallet AND c.status <> 3) AS counts
		FROM cards c WHERE c.merchant_id = $1::int AND c.owner_id = ANY ($2::bigint[])
	) SELECT (SELECT count(*) FROM owned WHERE NOT counts)::int AS empty,
		(SELECT json_agg(json_build_array(c.owner_id::text, c.debt::text, c.is_wallet,
			(SELECT w.public_id FROM cards w WHERE w.merchant_id = c.merchant_id AND w.id = c.forwards_to), ${storedCardColumns})
			ORDER BY c.is_wallet DESC, c.id) FROM owned c WHERE counts)::text AS cards`;

/**
 * What is known of a customer and owed to them now; of somebody who became another customer, the other is shown.
 * @returns nothing where the merchant never had such a customer
 */
export async function showCustomer(
	prisma: PrismaClient,
	merchantId: number,
	customerId: string,
	now: Instant,
): Promise<CustomerView | undefined> {
	const standing = await standingOf(prisma, merchantId, customerId);
	if (standing === undefined) {
		return undefined;
	}

	const family = await familyOf(prisma, merchantId, standing.customerId);
	const key = {merchantId, id: BigInt(standing.customerId)};
	const {createdAt} = await prisma.customer.findUniqueOrThrow({where: {merchantId_id: key}});
	const {cards, empty} = await cardsOf(prisma, merchantId, family, now);
	return {
		...standing,
		createdAt: createdAt.getTime(),
		identifiers: await identifiersOf(prisma, key),
		formerIds: family.filter(id => id !== standing.customerId),
		cards,
		emptyCards: empty,
		totals: owedByAsset(cards, now),
		changes: await lastChanges(prisma, merchantId, family),
	};
}

/** The cards of some customers on which there is anything, and how many others they have. */
export async function cardsOf(
	prisma: Pick<PrismaClient, '$queryRawUnsafe'>,
	merchantId: number,
	customerIds: readonly string[],
	now: Instant,
): Promise<{readonly cards: CustomerCard[]; readonly empty: number}> {
	const [row] = await prisma.$queryRawUnsafe<[{cards: string | null; empty: number}]>(
		cardsSql,
		merchantId,
		plainArray(customerIds),
	);
	const rows = JSON.parse(row.cards ?? '[]') as CardRow[];
	return {cards: rows.map(one => customerCardOf(one, now)), empty: row.empty};
}

function customerCardOf([ownerId, debt, isWallet, forwardsTo, row]: CardRow, now: Instant): CustomerCard {
	const card = {...storedCardOf(row), debt: BigInt(debt), isWallet, ownerId, forwardsTo};
	return {...card, owed: owedOn(card, now)};
}

async function identifiersOf(
	prisma: PrismaClient,
	{merchantId, id}: {readonly merchantId: number; readonly id: bigint},
): Promise<Identifier[]> {
	const rows = await prisma.customerIdentifier.findMany({
		where: {merchantId, customerId: id},
		orderBy: [{kind: 'asc'}, {value: 'asc'}],
	});
	return rows.map(({kind, value}) => identifierOf(kind as IdentifierNumber, value));
}
