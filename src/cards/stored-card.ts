import {type Instant} from '../ledger/calendar.ts';
import {type SpendableCard} from '../ledger/card-state.ts';
import {type Identifier} from '../ledger/owner.ts';
import {cardStatusOf} from '../ledger/store/lock.ts';
import {
	type IdentifierNumber,
	identifierOf,
	lotColumns,
	lotOf,
	type LotRow,
	ms,
	useColumns,
	useOf,
	type UseRow,
} from '../ledger/store/rows.ts';

/** A card as it is read: what decides its balance (B10), and what is shown of it. Amounts are minor units of its asset. */
export type StoredCard = SpendableCard & {
	/** A UUID. */
	readonly publicId: string;
	/** The number of its row. */
	readonly cardId: string;
	readonly assetId: number;
	readonly available: bigint;
	readonly held: bigint;
	readonly restricted: boolean;
	readonly rechargeable: boolean;
	/** The last characters of its redemption code. */
	readonly codeLast4: string | null;
	readonly caption: string | null;
	readonly relationName: string | null;
	/** What names its owner; known for restricted cards only. */
	readonly owner: readonly Identifier[];
};

export type StoredCardRow = [
	publicId: string,
	cardId: string,
	assetId: number,
	status: number,
	available: string,
	held: string,
	restricted: boolean,
	singleUse: boolean,
	rechargeable: boolean,
	codeLast4: string | null,
	caption: string | null,
	relationName: string | null,
	emittedAt: Instant,
	expiresAt: Instant | null,
	lots: LotRow[] | null,
	uses: UseRow[] | null,
	owner: [kind: IdentifierNumber, value: string][] | null,
	forwardsTo: string | null,
];

/** One JSON array for each row of an alias `c` of cards, with its unspent lots; belongs to `StoredCardRow`. */
export const storedCardColumns = `json_build_array(c.public_id, c.id::text, c.asset_id, c.status, c.available::text, c.held::text,
	c.restricted, c.single_use, c.rechargeable, c.code_last4, c.caption, c.relation_name, ${ms('c.emitted_at')}, ${ms('c.expires_at')},
	(SELECT json_agg(${lotColumns}) FROM lots l WHERE l.merchant_id = c.merchant_id AND l.card_id = c.id AND NOT l.spent),
	CASE WHEN c.single_use THEN (SELECT json_agg(${useColumns} ORDER BY hold_id) FROM hold_legs
		WHERE hold_legs.merchant_id = c.merchant_id AND hold_legs.card_id = c.id AND hold_legs.single_use) END,
	CASE WHEN c.restricted THEN (SELECT json_agg(json_build_array(kind, value)) FROM customer_identifiers i
		WHERE i.merchant_id = c.merchant_id AND i.customer_id = c.owner_id) END, c.forwards_to::text)`;

export function storedCardOf([
	publicId,
	cardId,
	assetId,
	status,
	available,
	held,
	restricted,
	singleUse,
	rechargeable,
	codeLast4,
	caption,
	relationName,
	emittedAt,
	expiresAt,
	lots,
	uses,
	owner,
	forwardsTo,
]: StoredCardRow): StoredCard {
	return {
		publicId,
		cardId,
		assetId,
		status: cardStatusOf(status),
		available: BigInt(available),
		held: BigInt(held),
		restricted,
		singleUse,
		rechargeable,
		codeLast4,
		caption,
		relationName,
		emittedAt,
		expiresAt,
		lots: new Map(lots?.map(lot => [lot[1], lotOf(lot)])),
		uses: uses?.map(useOf) ?? [],
		owner: owner?.map(([kind, value]) => identifierOf(kind, value)) ?? [],
		forwardsTo,
	};
}
