import {type CardPricing} from '../cards/pricing.ts';
import {type FoundCard, bestFirst, customerCardsMax} from '../cards/search.ts';
import {storedCardColumns, storedCardOf, type StoredCardRow} from '../cards/stored-card.ts';
import {
	foundColumns,
	identifierArrays,
	knownCustomers,
	type KnownCustomers,
	namedCustomers,
} from '../customers/customers.ts';
import {type Identifier, identifierKey, ownerMatch, resolveCustomer} from '../customers/identity.ts';
import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {type Instant} from '../ledger/calendar.ts';
import {spendableBalance} from '../ledger/lots.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {valueOf} from '../ledger/worth.ts';
import {type MerchantAsset} from '../merchants/assets.ts';

/** A card that a customer pays with, and what can be spent of it now: minor units of the currency of the payment. */
export type WalletCard = Pick<FoundCard, 'card' | 'balance'>;

export type Wallets = {
	/**
	 * The customer whom a buyer's identifiers name, or nobody (A3).
	 * @param weakest - of the identifiers that are enough; an order by weaker ones alone is nobody's
	 */
	readonly identify: (
		merchantId: number,
		presented: readonly Identifier[],
		weakest: Identifier['kind'],
	) => Promise<string | undefined>;
	/**
	 * The customer's cards that can pay in a currency, points among them, in the order in which they pay: soonest expiry, then smallest
	 * balance.
	 */
	readonly cards: (merchantId: number, customerId: string, currency: MerchantAsset) => Promise<WalletCard[]>;
};

/** Value of a kind of identifier as a proof: the higher, the stronger. */
const strengths = {profile: 3, document: 2, email: 1} as const satisfies Record<Identifier['kind'], number>;

const identifySql = `WITH ${namedCustomers} SELECT ${foundColumns}`;

// The same cards as in a search: those that have something left to spend, in the currency or in points.
const cardsSql = `SELECT json_agg(json_build_array(q.owner_id::text, q.asset_id, ${storedCardColumns}))::text AS cards
	FROM unnest($2::bigint[], $3::int[]) AS q(owner_id, asset_id) CROSS JOIN LATERAL (
		SELECT * FROM cards WHERE merchant_id = $1::int AND owner_id = q.owner_id AND (asset_id = q.asset_id OR is_wallet) AND status = 1 AND EXISTS (
			SELECT FROM lots WHERE lots.merchant_id = $1::int AND lots.card_id = cards.id AND NOT spent
				AND (lots.expires_at IS NULL OR lots.expires_at > $4::timestamptz)
		) ORDER BY expires_at NULLS LAST, id LIMIT ${customerCardsMax}
	) c`;

type Question = {readonly customerId: string; readonly assetId: number};
type CardRow = [customerId: string, assetId: number, card: StoredCardRow];

const placeOf = ({customerId, assetId}: Question) => `${customerId}/${assetId}`;

type WalletParts = {
	readonly prisma: PrismaClient;
	readonly pricing: CardPricing;
	readonly clock: () => Instant;
};

export function openWallets({prisma, pricing, clock}: WalletParts): Wallets {
	const known = coalesce(async (merchantId, questions: readonly (readonly Identifier[])[]) => {
		const [row] = await prisma.$queryRawUnsafe<[{found: string | null; profiles: string | null}]>(
			identifySql,
			merchantId,
			...identifierArrays(questions.flat()),
		);
		const answer = knownCustomers(row);
		return questions.map(() => answer);
	});
	const cardsOf = coalesce(async (merchantId, questions: readonly Question[]) => {
		const unique = [...new Map(questions.map(one => [placeOf(one), one])).values()];
		const [row] = await prisma.$queryRawUnsafe<[{cards: string | null}]>(
			cardsSql,
			merchantId,
			plainArray(unique.map(({customerId}) => customerId)),
			plainArray(unique.map(({assetId}) => assetId)),
			new Date(clock()).toISOString(),
		);
		const byPlace = new Map<string, StoredCardRow[]>(unique.map(one => [placeOf(one), []]));
		for (const [customerId, assetId, card] of JSON.parse(row.cards ?? '[]') as CardRow[]) {
			byPlace.get(placeOf({customerId, assetId}))?.push(card);
		}

		return questions.map(one => byPlace.get(placeOf(one)) ?? []);
	});

	return {
		async identify(merchantId, presented, weakest) {
			return presented.length === 0
				? undefined
				: customerNamed(await known(merchantId, presented), presented, weakest);
		},
		async cards(merchantId, customerId, currency) {
			const merchant = {id: merchantId, currency: currency.code};
			const rows = await cardsOf(merchantId, {customerId, assetId: currency.id});
			const now = clock();
			const cards = await Promise.all(
				rows.map(storedCardOf).map(async card => {
					const price = await pricing.of(merchant, card, currency.code);
					return {
						card,
						balance: price === undefined ? 0n : valueOf(spendableBalance(card, now), price.pricing),
					};
				}),
			);
			return cards.filter(({balance}) => balance > 0n).sort(bestFirst);
		},
	};
}

function customerNamed(
	{found, profilesOf}: KnownCustomers,
	presented: readonly Identifier[],
	weakest: Identifier['kind'],
): string | undefined {
	const resolution = resolveCustomer(presented, found, profilesOf);
	if (resolution.kind !== 'customer') {
		return undefined;
	}

	const {customerId} = resolution;
	const isEnough = presented.some(
		one => strengths[one.kind] >= strengths[weakest] && found.get(identifierKey(one)) === customerId,
	);
	return isEnough ? customerId : undefined;
}

/** Without the restricted cards that the buyer, by a stronger identifier, does not own (B11): the others can still pay. */
export function payableBy(cards: readonly WalletCard[], buyer: readonly Identifier[]): WalletCard[] {
	return cards.filter(({card}) => !card.restricted || ownerMatch(card.owner, buyer) !== 'other');
}

export function sumOf(cards: readonly WalletCard[]): bigint {
	return cards.reduce((sum, {balance}) => sum + balance, 0n);
}

/** What each card would give for an amount, in their order; nothing when they do not suffice. */
export function shares(
	cards: readonly WalletCard[],
	amount: bigint,
): {readonly card: WalletCard['card']; readonly taken: bigint; readonly left: bigint}[] {
	let missing = amount;
	const taken = cards.flatMap(({card, balance}) => {
		const share = balance < missing ? balance : missing;
		missing -= share;
		return share === 0n ? [] : [{card, taken: share, left: balance - share}];
	});
	return missing === 0n ? taken : [];
}
