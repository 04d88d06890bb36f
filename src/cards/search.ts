import {
	foundColumns,
	identifierArrays,
	knownCustomers,
	type KnownCustomers,
	namedCustomers,
} from '../customers/customers.ts';
import {type Identifier, ownerMatch, resolveCustomer} from '../customers/identity.ts';
import {type PrismaClient} from '../db/client.ts';
import {coalesce, type Coalesced} from '../db/coalesce.ts';
import {type Instant} from '../ledger/calendar.ts';
import {isExpired, spendableBalance} from '../ledger/lots.ts';
import {bytesArray, plainArray} from '../ledger/store/arrays.ts';
import {valueOf} from '../ledger/worth.ts';
import {type MerchantAsset} from '../merchants/assets.ts';
import {convertDown} from '../money/convert.ts';
import {type CountedMisses, countedOf, type Guesses, missesSql, type MissKey} from './guesses.ts';
import {codeHashes, type Peppers} from './peppers.ts';
import {type CardPricing, type Price} from './pricing.ts';
import {type StoredCard, storedCardColumns, storedCardOf, type StoredCardRow} from './stored-card.ts';

/** What a shopper presents: a typed code, or else who they are. */
export type CardQuery = {
	/** As typed; null when none was. */
	readonly code: string | null;
	readonly presented: readonly Identifier[];
	/** Of the shopper's device; null when it was not said. */
	readonly address: string | null;
	/** ISO 4217 in capitals; null when the cart names none. */
	readonly currency: string | null;
};

/** A card that can be spent now. Amounts are minor units of a currency. */
export type FoundCard = {
	readonly card: StoredCard;
	/** What can be spent now (B10). */
	readonly balance: bigint;
	/** What the card carries and has not expired, spendable now or not. */
	readonly totalBalance: bigint;
	/** The currency of both: that of a card of money, and for points the one that the cart names, or else the merchant's. */
	readonly asset: MerchantAsset;
};

type Ranked = Pick<FoundCard, 'card' | 'balance'>;

type Coded = {readonly id: number; readonly foreignCodes: boolean};
type Merchant = Coded & {readonly currency: string};

export type CardSearch = {
	/**
	 * The cards that the shopper may spend now, best first: soonest expiry, then smallest balance. With a code exactly that
	 * card or none, and none to somebody who has tried too many (B12); without one the cards of the customer who is named (A3),
	 * restricted or not.
	 */
	readonly search: (merchant: Merchant, query: CardQuery) => Promise<FoundCard[]>;
	/** The card behind a code as somebody typed it, whatever its state. */
	readonly findByCode: (merchant: Coded, code: string) => Promise<StoredCard | undefined>;
};

/**
 * A customer with more cards than this sees those that expire soonest. Checkout shows ten of them; without the limit one
 * customer with very many would make every search of all others wait.
 */
export const customerCardsMax = 1000;

// Misses come along with the card, so that the limit holds in every process and costs no round trip.
const byCodeSql = `SELECT (SELECT json_agg(json_build_array(encode(c.code_hash, 'hex'), ${storedCardColumns}))::text
	FROM cards c WHERE c.merchant_id = $1::int AND c.code_hash = ANY ($2::bytea[])) AS cards, ${missesSql('$3')} AS misses`;

// Cards with nothing left to spend stay behind in the database: most cards of a good customer are old ones.
const byCustomerSql = `WITH ${namedCustomers} SELECT ${foundColumns},
	(SELECT json_agg(json_build_array(named.customer_id::text, ${storedCardColumns}))::text FROM named CROSS JOIN LATERAL (
		SELECT * FROM cards WHERE merchant_id = $1::int AND owner_id = named.customer_id AND status = 1 AND EXISTS (
			SELECT FROM lots WHERE lots.merchant_id = $1::int AND lots.card_id = cards.id AND NOT spent
				AND (lots.expires_at IS NULL OR lots.expires_at > $4::timestamptz)
		) ORDER BY expires_at NULLS LAST, id LIMIT ${customerCardsMax}
	) c) AS cards`;

type SearchTools = {
	readonly peppers: Peppers;
	readonly pricing: CardPricing;
	readonly guesses: Guesses;
	readonly clock: () => Instant;
};

export function openCardSearch(
	prisma: PrismaClient,
	{peppers, pricing, guesses, clock}: SearchTools,
): CardSearch {
	const byCode = openByCode(prisma);
	const byCustomer = openByCustomer(prisma, clock);

	const spendable = async (merchant: Merchant, cards: readonly StoredCard[], currency: string | null) => {
		const now = clock();
		const found: FoundCard[] = [];
		for (const card of cards) {
			const price = await pricing.of(merchant, card, currency);
			const shown = price === undefined ? undefined : shownAt(card, price, now);
			if (shown !== undefined && shown.balance > 0n) {
				found.push(shown);
			}
		}

		return found.sort(bestFirst);
	};

	/** Whatever a code finds nothing for is a miss: a stranger learns from none of them that there is a card. */
	const tryCode = async (merchant: Merchant, code: string, query: CardQuery) => {
		const hashes = codeHashes(peppers, code, merchant);
		if (hashes.length === 0) {
			// It cannot be a code, as anybody can tell: a slip, and no guess.
			return [];
		}

		const keys = guesses.keysOf(merchant.id, query);
		const {card, counted} = await byCode(merchant.id, {hashes, keys});
		const found = await spendable(merchant, allowed(card, query.presented), query.currency);
		// Judged last: what was answered to others of this query a moment ago counts already.
		if (found.length > 0 && !guesses.isOver(keys, counted)) {
			return found;
		}

		await guesses.miss(merchant.id, keys, hashes.map(hash => hash.toString('hex')).join());
		return [];
	};

	return {
		async findByCode(merchant, code) {
			const hashes = codeHashes(peppers, code, merchant);
			return hashes.length === 0 ? undefined : (await byCode(merchant.id, {hashes, keys: []})).card;
		},
		async search(merchant, query) {
			const {code, presented, currency} = query;
			return code === null
				? spendable(merchant, await cardsOfCustomer(byCustomer, merchant.id, presented), currency)
				: tryCode(merchant, code, query);
		},
	};
}

/** A restricted card is shown to somebody who typed its code only when that is certainly its owner. */
function allowed(card: StoredCard | undefined, presented: readonly Identifier[]): StoredCard[] {
	return card === undefined || (card.restricted && ownerMatch(card.owner, presented) !== 'same')
		? []
		: [card];
}

/** What a card is worth in a currency; of points all that is below a unit of it is left out (A5). */
function shownAt(card: StoredCard, {currency, pricing}: Price, now: Instant): FoundCard {
	const total = unexpiredValue(card, now);
	return {
		card,
		balance: valueOf(spendableBalance(card, now), pricing),
		totalBalance: pricing === 'same' ? total : convertDown(total, pricing.rate),
		asset: currency,
	};
}

function unexpiredValue({lots}: StoredCard, now: Instant): bigint {
	return [...lots.values()].reduce((sum, lot) => (isExpired(lot, now) ? sum : sum + lot.remaining), 0n);
}

/** What the shopper would lose first, then what is used up first, then any order that stays. */
export function bestFirst(a: Ranked, b: Ranked): number {
	const aEnd = a.card.expiresAt ?? Number.POSITIVE_INFINITY;
	const bEnd = b.card.expiresAt ?? Number.POSITIVE_INFINITY;
	if (aEnd !== bEnd) {
		return aEnd - bEnd;
	}

	if (a.balance !== b.balance) {
		return a.balance < b.balance ? -1 : 1;
	}

	return BigInt(a.card.cardId) < BigInt(b.card.cardId) ? -1 : 1;
}

type CodeQuestion = {readonly hashes: readonly Buffer[]; readonly keys: readonly MissKey[]};
type ByCode = Coalesced<
	CodeQuestion,
	{readonly card: StoredCard | undefined; readonly counted: CountedMisses}
>;

/** Cards by the hashes under which a code may be stored; the first that is there counts. */
function openByCode(prisma: PrismaClient): ByCode {
	return coalesce(async (merchantId, questions) => {
		const [row] = await prisma.$queryRawUnsafe<[{cards: string | null; misses: string | null}]>(
			byCodeSql,
			merchantId,
			bytesArray(questions.flatMap(({hashes}) => hashes)),
			plainArray(questions.flatMap(({keys}) => keys.map(({key}) => key))),
		);
		const cards = new Map(JSON.parse(row.cards ?? '[]') as [hash: string, card: StoredCardRow][]);
		const counted = countedOf(row.misses);
		return questions.map(({hashes}) => {
			const known = hashes.map(hash => cards.get(hash.toString('hex'))).find(card => card !== undefined);
			return {card: known === undefined ? undefined : storedCardOf(known), counted};
		});
	});
}

type CustomerCards = KnownCustomers & {readonly cards: ReadonlyMap<string, readonly StoredCardRow[]>};
type ByCustomer = Coalesced<readonly Identifier[], CustomerCards>;

/** What is known of the identifiers that some requests present, and the cards of everyone whom they name. */
function openByCustomer(prisma: PrismaClient, clock: () => Instant): ByCustomer {
	return coalesce(async (merchantId, questions) => {
		const [row] = await prisma.$queryRawUnsafe<
			[{found: string | null; profiles: string | null; cards: string | null}]
		>(byCustomerSql, merchantId, ...identifierArrays(questions.flat()), new Date(clock()).toISOString());
		const cards = new Map<string, StoredCardRow[]>();
		for (const [customerId, card] of JSON.parse(row.cards ?? '[]') as [string, StoredCardRow][]) {
			const others = cards.get(customerId);
			if (others === undefined) {
				cards.set(customerId, [card]);
			} else {
				others.push(card);
			}
		}

		const answer = {...knownCustomers(row), cards};
		return questions.map(() => answer);
	});
}

async function cardsOfCustomer(
	byCustomer: ByCustomer,
	merchantId: number,
	presented: readonly Identifier[],
): Promise<StoredCard[]> {
	if (presented.length === 0) {
		return [];
	}

	const {found, profilesOf, cards} = await byCustomer(merchantId, presented);
	const resolution = resolveCustomer(presented, found, profilesOf);
	return resolution.kind === 'customer' ? (cards.get(resolution.customerId)?.map(storedCardOf) ?? []) : [];
}
