import {randomBytes} from 'node:crypto';
import {type Prisma, type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type CardStatus} from '../ledger/card-state.ts';
import {storedWhy, type Why} from '../ledger/reasons.ts';
import {cardStatusOf} from '../ledger/store/lock.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';
import {CardChangeRefusedError, untilUnlocked} from './block.ts';
import {hashCode, type Pepper} from './pepper.ts';
import {makePin, type PinnedCard, setPin} from './pins.ts';
import {lastFour, makeRedemptionCode} from './redemption-code.ts';

/** What a reissue is to replace, as it was when somebody decided on it. */
export type ReissuableCard = {
	/** The hash of its code: nobody's business but the reissue's. */
	readonly codeHash: Buffer;
	readonly status: Exclude<CardStatus, 'closed'>;
	readonly hasPin: boolean;
};

export type Reissue = Why & {
	readonly merchantId: number;
	readonly card: PinnedCard;
	/** As `reissuable` gave it: a card that got a new code since is refused. */
	readonly former: ReissuableCard;
	/** Give it a PIN although it has none. */
	readonly withPin: boolean;
	readonly actorId: number;
	readonly now: Instant;
};

/** The new secrets of a card, in clear here only. The code is normalised; the PIN is null where the card has none. */
export type Reissued = {readonly code: string; readonly pin: string | null};

/**
 * Look at a card that is to get a new code.
 * @throws {CardChangeRefusedError} for a closed card, and for a wallet, which has no code
 */
export async function reissuable(
	prisma: PrismaClient,
	place: {readonly merchantId: number; readonly cardId: string},
): Promise<ReissuableCard> {
	return read(prisma, place, '');
}

/**
 * Give a card a new redemption code, and a new PIN where it has one, with who and why. It keeps its id, its value, its holds and its
 * history. The old code is dead with the commit: codes are read from the database each time. The new ones are stored as hashes only,
 * so a reissue of which nobody saw the answer is simply done again.
 * @param pepper - the current one
 * @throws {CardChangeRefusedError} for a closed card and a wallet, and where somebody else gave the card a new code meanwhile
 */
export async function reissueCard(prisma: PrismaClient, pepper: Pepper, reissue: Reissue): Promise<Reissued> {
	return untilUnlocked(() => prisma.$transaction(async tx => tryReissue(tx, pepper, reissue)));
}

async function tryReissue(
	tx: Prisma.TransactionClient,
	pepper: Pepper,
	{merchantId, card, former, withPin, actorId, now, ...why}: Reissue,
): Promise<Reissued> {
	const {codeHash, hasPin} = await read(tx, {merchantId, cardId: card.cardId}, 'FOR NO KEY UPDATE OF c');
	// Of two at once the first would otherwise hand out a code that the second has killed already.
	if (!codeHash.equals(former.codeHash)) {
		throw new CardChangeRefusedError(
			'Somebody else gave the card a new code at the same moment. Nothing was done here; cards:show tells who.',
		);
	}

	const code = makeRedemptionCode(randomBytes);
	const pin = hasPin || withPin ? makePin() : null;
	const cardId = BigInt(card.cardId);
	await tx.card.update({
		where: {merchantId_id: {merchantId, id: cardId}},
		data: {
			pepperId: pepper.id,
			codeHash: new Uint8Array(hashCode(code, pepper.key)),
			codeLast4: lastFour(code),
		},
	});
	if (pin !== null) {
		await setPin(tx, pepper, {merchantId, ...card}, pin);
	}

	await tx.cardChange.create({
		data: {
			...{merchantId, cardId, kind: cardChangeNumbers.reissue},
			...{at: new Date(now), actorId, ...storedWhy(why)},
		},
	});
	return {code, pin};
}

type Row = {
	readonly status: number;
	readonly codeHash: Uint8Array | null;
	readonly isMerged: boolean;
	readonly hasPin: boolean;
};

async function read(
	prisma: Prisma.TransactionClient,
	{merchantId, cardId}: {readonly merchantId: number; readonly cardId: string},
	lock: '' | 'FOR NO KEY UPDATE OF c',
): Promise<ReissuableCard> {
	const [row] = await prisma.$queryRawUnsafe<Row[]>(
		`SELECT c.status, c.code_hash AS "codeHash", c.forwards_to IS NOT NULL AS "isMerged", EXISTS (
			SELECT FROM card_pins p WHERE p.merchant_id = c.merchant_id AND p.card_id = c.id
		) AS "hasPin" FROM cards c WHERE c.merchant_id = $1::int AND c.id = $2::bigint ${lock}`,
		merchantId,
		BigInt(cardId),
	);
	const status = row === undefined ? 'closed' : cardStatusOf(row.status);
	if (row === undefined || status === 'closed' || row.isMerged) {
		throw new CardChangeRefusedError(
			'The card is closed, and a closed card stays closed. Issue another one.',
		);
	}

	if (row.codeHash === null) {
		throw new CardChangeRefusedError(
			'This is a wallet, which its customer pays from without any code. cards:pin gives it a new PIN.',
		);
	}

	return {codeHash: Buffer.from(row.codeHash), status, hasPin: row.hasPin};
}
