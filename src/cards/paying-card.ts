import {type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {bytesArray, plainArray} from '../ledger/store/arrays.ts';
import {
	type CountedMisses,
	countedOf,
	type Guesser,
	type Guesses,
	missesSql,
	type MissKey,
} from './guesses.ts';
import {codeHashes, type Peppers} from './peppers.ts';

/** As much of a card as a payment must know before the ledger locks it. */
export type PayingCard = {
	/** The number of its row. */
	readonly cardId: string;
	/** A UUID. */
	readonly publicId: string;
	readonly assetId: number;
	/** Whether its code is not enough. */
	readonly hasPin: boolean;
};

export type PayingCards = {
	/**
	 * The card behind a code as somebody typed it, whatever its state; none for who has tried too many that were
	 * wrong (B12). An unknown one is a miss.
	 */
	readonly find: (merchant: Coded, code: string, guesser: Guesser) => Promise<PayingCard | undefined>;
	/** The card is there, and this payer or PIN is not right for it. */
	readonly miss: (merchant: Coded, code: string, pin: string | null, guesser: Guesser) => Promise<void>;
};

type Coded = {readonly id: number; readonly foreignCodes: boolean};

type Row = [codeHash: string, cardId: string, publicId: string, assetId: number, hasPin: boolean];

// Misses come along with the card, so that the limit holds in every process and costs no round trip.
const findSql = `SELECT (SELECT json_agg(json_build_array(encode(c.code_hash, 'hex'), c.id::text, c.public_id, c.asset_id, p.card_id IS NOT NULL))::text
	FROM cards c LEFT JOIN card_pins p ON p.merchant_id = c.merchant_id AND p.card_id = c.id
	WHERE c.merchant_id = $1::int AND c.code_hash = ANY ($2::bytea[])) AS cards, ${missesSql('$3')} AS misses`;

type Question = {readonly hashes: readonly Buffer[]; readonly keys: readonly MissKey[]};
type Found = {readonly card: PayingCard | undefined; readonly counted: CountedMisses};

/** Cards by their codes, read anew each time: a card may get a PIN at any moment. */
export function openPayingCards(prisma: PrismaClient, peppers: Peppers, guesses: Guesses): PayingCards {
	const find = coalesce<Question, Found>(async (merchantId, questions) => {
		const [row] = await prisma.$queryRawUnsafe<[{cards: string | null; misses: string | null}]>(
			findSql,
			merchantId,
			bytesArray(questions.flatMap(({hashes}) => hashes)),
			plainArray(questions.flatMap(({keys}) => keys.map(({key}) => key))),
		);
		const cards = new Map(
			(JSON.parse(row.cards ?? '[]') as Row[]).map(([hash, cardId, publicId, assetId, hasPin]) => [
				hash,
				{cardId, publicId, assetId, hasPin},
			]),
		);
		const counted = countedOf(row.misses);
		return questions.map(({hashes}) => ({
			card: hashes.map(hash => cards.get(hash.toString('hex'))).find(card => card !== undefined),
			counted,
		}));
	});

	return {
		async find(merchant, code, guesser) {
			const hashes = codeHashes(peppers, code, merchant);
			if (hashes.length === 0) {
				return undefined;
			}

			const keys = guesses.keysOf(merchant.id, guesser);
			const {card, counted} = await find(merchant.id, {hashes, keys});
			if (card !== undefined && !guesses.isOver(keys, counted)) {
				return card;
			}

			await guesses.miss(merchant.id, keys, triedOf(hashes));
			return undefined;
		},
		async miss(merchant, code, pin, guesser) {
			const hashes = codeHashes(peppers, code, merchant);
			// What cannot be a code, as anybody can tell, is a slip and no guess.
			if (hashes.length > 0) {
				const keys = guesses.keysOf(merchant.id, guesser);
				await guesses.miss(merchant.id, keys, `${triedOf(hashes)} ${pin ?? ''}`);
			}
		},
	};
}

const triedOf = (hashes: readonly Buffer[]) => hashes.map(hash => hash.toString('hex')).join();
