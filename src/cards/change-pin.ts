import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {storedWhy, type Why} from '../ledger/reasons.ts';
import {statusNumbers} from '../ledger/store/lock.ts';
import {cardChangeNumbers} from '../ledger/store/write-cards.ts';
import {CardChangeRefusedError} from './block.ts';
import {type Pepper} from './pepper.ts';
import {type PinnedCard, setPin} from './pins.ts';

export type PinChange = Why & {
	readonly merchantId: number;
	readonly card: PinnedCard;
	readonly pin: string;
	readonly actorId: number;
	readonly now: Instant;
};

/**
 * Give a card a new PIN, with who and why; a card that wrong ones had locked is open again.
 * @param pepper - the current one
 * @throws {CardChangeRefusedError} for a closed card
 * @throws RangeError unless the PIN is 4 to 12 digits
 */
export async function changePin(prisma: PrismaClient, pepper: Pepper, change: PinChange): Promise<void> {
	const {merchantId, card, pin, actorId, now} = change;
	const cardId = BigInt(card.cardId);
	await prisma.$transaction(async tx => {
		const row = await tx.card.findUnique({
			where: {merchantId_id: {merchantId, id: cardId}},
			select: {status: true},
		});
		if (row === null || row.status === statusNumbers.closed) {
			throw new CardChangeRefusedError('The card is closed, and nothing pays from it. Issue another one.');
		}

		await setPin(tx, pepper, {merchantId, ...card}, pin);
		await tx.cardChange.create({
			data: {
				...{merchantId, cardId, kind: cardChangeNumbers.pin},
				...{at: new Date(now), actorId, ...storedWhy(change)},
			},
		});
	});
}
