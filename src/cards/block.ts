import {setTimeout as delay} from 'node:timers/promises';
import {type PrismaClient} from '../db/client.ts';
import {sqlStateOf} from '../db/sql-state.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type CardStatus} from '../ledger/card-state.ts';
import {storedWhy, type Why} from '../ledger/reasons.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';

/** A closed card, or one that is gone. Nothing was changed. */
export class CardChangeRefusedError extends Error {
	override readonly name = 'CardChangeRefusedError';
}

export type StatusChange = Why & {
	readonly merchantId: number;
	/** The card's row. */
	readonly cardId: string;
	readonly to: Exclude<CardStatus, 'closed'>;
	readonly actorId: number;
	readonly now: Instant;
};

// A card that is being spent is locked for milliseconds at a time; the database gives up on a lock after 250 of them.
const attemptsMax = 20;
const pauseMs = 50;

/**
 * Block a card, or unblock it, with who and why. A blocked card refuses debits; what is in flight still settles and comes back.
 * @returns false when the card had that status already; then nothing is noted
 * @throws {CardChangeRefusedError} for a closed card
 */
export function changeStatus(prisma: PrismaClient, change: StatusChange): Promise<boolean> {
	return untilUnlocked(() => tryChange(prisma, change));
}

/** Try a change of a card's row again and again while somebody spends from it. */
export async function untilUnlocked<Result>(change: () => Promise<Result>): Promise<Result> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await change();
		} catch (error) {
			// 55P03: somebody else has held the card's lock all the time.
			if (sqlStateOf(error) !== '55P03' || attempt === attemptsMax) {
				throw error;
			}

			await delay(Math.random() * pauseMs);
		}
	}
}

async function tryChange(prisma: PrismaClient, change: StatusChange): Promise<boolean> {
	const {merchantId, cardId, to, actorId, now} = change;
	return prisma.$transaction(async tx => {
		const [card] = await tx.$queryRaw<{status: number}[]>`
			SELECT status FROM cards WHERE merchant_id = ${merchantId}::int AND id = ${cardId}::bigint FOR NO KEY UPDATE`;
		if (card === undefined || card.status === statusNumbers.closed) {
			throw new CardChangeRefusedError(
				'The card is closed, and a closed card stays closed. Issue another one.',
			);
		}

		if (card.status === statusNumbers[to]) {
			return false;
		}

		const id = BigInt(cardId);
		await tx.card.update({where: {merchantId_id: {merchantId, id}}, data: {status: statusNumbers[to]}});
		const kind = to === 'blocked' ? cardChangeNumbers.block : cardChangeNumbers.unblock;
		await tx.cardChange.create({
			data: {merchantId, cardId: id, kind, at: new Date(now), actorId, ...storedWhy(change)},
		});
		return true;
	});
}
