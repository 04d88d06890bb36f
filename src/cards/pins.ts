import {createHmac, randomInt, timingSafeEqual} from 'node:crypto';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {coalesce} from '../db/coalesce.ts';
import {type Instant} from '../ledger/calendar.ts';
import {plainArray} from '../ledger/store/arrays.ts';
import {ms} from '../ledger/store/rows.ts';
import {type Pepper} from './pepper.ts';
import {type Peppers} from './peppers.ts';

/** A card as its PIN needs it: the number of its row, and its id, a UUID. */
export type PinnedCard = {readonly cardId: string; readonly publicId: string};

/**
 * `right`: the PIN of one of the cards. `locked`: too many were wrong, and nothing was compared. `none`: no card has a PIN, so
 * any would do.
 */
export type PinVerdict = 'right' | 'wrong' | 'locked' | 'none';

/** What may be told of a card's PIN. */
export type PinState = 'none' | 'set' | 'locked';

/** The PINs of cards, for payments: keyed hashes only, and few guesses at them. */
export type Pins = {
	/** Give the card this PIN, and forget what was guessed at an earlier one. @throws RangeError unless it is 4 to 12 digits */
	readonly set: (merchantId: number, card: PinnedCard, pin: string) => Promise<void>;
	/**
	 * Whether somebody knows the PIN of one of these cards: of the card that pays, or of a wallet. A wrong one is a miss for all of
	 * them; the fifth miss locks a card for 15 minutes, and with it the wallet. Without a PIN (null or blank) nothing is counted.
	 */
	readonly check: (
		merchantId: number,
		cards: readonly PinnedCard[],
		pin: string | null,
	) => Promise<PinVerdict>;
};

export const pinMissesMax = 5;
export const pinLockMs = 15 * 60 * 1000;
const generatedDigits = 6;

/** As it is compared. */
export type StoredPin = {readonly pepperId: number; readonly hash: Buffer};

type GuardedPin = StoredPin & {readonly cardId: string; readonly lockedUntil: Instant | null};
type PinRow = [cardId: string, pepperId: number, hash: string, lockedUntil: Instant | null];

const readSql = `SELECT json_agg(json_build_array(card_id::text, pepper_id, encode(pin_hash, 'hex'), ${ms('locked_until')}))::text AS pins
	FROM card_pins WHERE merchant_id = $1::int AND card_id = ANY ($2::bigint[])`;

// The count decides, not what was read before: of guesses that arrive together only as many count as are left, and the right one
// among the others finds the card locked. Rows are taken in one order, so that two guesses at one wallet never wait for each other.
const countSql = (set: string) => `WITH open AS MATERIALIZED (
		SELECT card_id FROM card_pins WHERE merchant_id = $1::int AND card_id = ANY ($2::bigint[])
			AND (locked_until IS NULL OR locked_until <= $3::timestamptz) ORDER BY card_id FOR UPDATE
	) UPDATE card_pins p SET ${set} FROM open WHERE p.merchant_id = $1::int AND p.card_id = open.card_id`;
const missSql = countSql(`misses = (p.misses + 1) % ${pinMissesMax},
	locked_until = CASE WHEN p.misses + 1 >= ${pinMissesMax} THEN $3::timestamptz + interval '${pinLockMs} milliseconds' END`);
const resetSql = countSql('misses = 0, locked_until = NULL');

export function openPins(prisma: PrismaClient, peppers: Peppers, clock: () => Instant): Pins {
	const read = coalesce(async (merchantId, cardIds: readonly string[]) => {
		const wanted = plainArray([...new Set(cardIds)]);
		const [row] = await prisma.$queryRawUnsafe<[{pins: string | null}]>(readSql, merchantId, wanted);
		const found = new Map((JSON.parse(row.pins ?? '[]') as PinRow[]).map(pin => [pin[0], guardedPinOf(pin)]));
		return cardIds.map(cardId => found.get(cardId));
	});
	/** How many of the cards were open, and are counted now. */
	const count = (sql: string, merchantId: number, pins: readonly GuardedPin[], now: Instant) =>
		prisma.$executeRawUnsafe(
			sql,
			merchantId,
			plainArray(pins.map(({cardId}) => cardId)),
			new Date(now).toISOString(),
		);

	return {
		set: (merchantId, card, pin) => setPin(prisma, peppers.current, {merchantId, ...card}, pin),
		async check(merchantId, cards, pin) {
			const publicIds = new Map(cards.map(({cardId, publicId}) => [cardId, publicId]));
			const stored = await Promise.all([...publicIds.keys()].map(cardId => read(merchantId, cardId)));
			const pins = stored.filter(one => one !== undefined);
			const now = clock();
			if (pins.length === 0) {
				return 'none';
			}

			if (pins.some(({lockedUntil}) => lockedUntil !== null && lockedUntil > now)) {
				return 'locked';
			}

			const typed = pin?.trim() ?? '';
			if (typed === '') {
				return 'wrong';
			}

			const right = pins.filter(one => isPin(peppers, one, publicIds.get(one.cardId) ?? '', typed));
			if (right.length > 0) {
				return (await count(resetSql, merchantId, right, now)) === right.length ? 'right' : 'locked';
			}

			return (await count(missSql, merchantId, pins, now)) === pins.length ? 'wrong' : 'locked';
		},
	};
}

/** Give a card this PIN, inside of somebody's transaction. @throws RangeError unless it is 4 to 12 digits */
export async function setPin(
	prisma: Prisma.TransactionClient,
	pepper: Pepper,
	{merchantId, cardId, publicId}: PinnedCard & {readonly merchantId: number},
	pin: string,
): Promise<void> {
	if (!/^\d{4,12}$/.test(pin)) {
		throw new RangeError('A PIN is 4 to 12 digits.');
	}

	const key = {merchantId, cardId: BigInt(cardId)};
	const fresh = {
		pepperId: pepper.id,
		pinHash: new Uint8Array(hashPin(publicId, pin, pepper.key)),
		misses: 0,
		lockedUntil: null,
	};
	await prisma.cardPin.upsert({
		where: {merchantId_cardId: key},
		create: {...key, ...fresh},
		update: fresh,
	});
}

/** What may be told of a card's PIN to the people who run the shop. */
export async function pinStateOf(
	prisma: PrismaClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	now: Instant,
): Promise<PinState> {
	const row = await prisma.cardPin.findUnique({
		where: {merchantId_cardId: {merchantId, cardId: BigInt(cardId)}},
		select: {lockedUntil: true},
	});
	if (row === null) {
		return 'none';
	}

	return row.lockedUntil !== null && row.lockedUntil.getTime() > now ? 'locked' : 'set';
}

/** A new PIN: six digits that nobody can foresee. */
export function makePin(): string {
	return String(randomInt(10 ** generatedDigits)).padStart(generatedDigits, '0');
}

/**
 * The PIN of card number `index` of the run that `seed` belongs to: the same for the same seed, so that a run that was cut off
 * prints the same PINs when it is repeated (A15).
 */
export function pinFromSeed(seed: Buffer, index: number): string {
	// Of 2⁴⁸ numbers some remainders come up more often than others by less than one in 10⁸.
	const number = createHmac('sha256', seed).update(`pin ${index}`).digest().readUIntBE(0, 6);
	return String(number % 10 ** generatedDigits).padStart(generatedDigits, '0');
}

/**
 * The 32 bytes under which a PIN is stored. The card's id makes equal PINs of two cards unlike; the words before it keep the value
 * from being any code's hash, since normalised codes have no lower-case letters.
 */
export function hashPin(publicId: string, pin: string, key: Buffer): Buffer {
	return createHmac('sha256', key).update(`pin of card ${publicId}: ${pin}`).digest();
}

/** Whether this is the stored PIN, in the same time whatever was typed. */
export function isPin({all}: Peppers, {pepperId, hash}: StoredPin, publicId: string, typed: string): boolean {
	const pepper = all.find(({id}) => id === pepperId);
	return pepper !== undefined && timingSafeEqual(hashPin(publicId, typed, pepper.key), hash);
}

function guardedPinOf([cardId, pepperId, hash, lockedUntil]: PinRow): GuardedPin {
	return {cardId, pepperId, hash: Buffer.from(hash, 'hex'), lockedUntil};
}
