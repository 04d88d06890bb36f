import {type PrismaClient} from '../db/client.ts';
import {type MerchantClock} from './batch.ts';
import {cardsOf} from './commands.ts';
import {type Remembered, rememberedAs, replay} from './remembered.ts';
import {findPayments, findRemembered} from './store/load.ts';
import {freePayments} from './store/lock-payments.ts';
import {freeCards} from './store/lock.ts';
import {rowOfCard, rowOfPayment, type Waiting} from './waiting.ts';

/** Answer the commands that were decided before, and say which: what is remembered is final and needs no lock (B16). */
export async function answerRemembered(
	prisma: PrismaClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<Waiting>> {
	const keys = batch.flatMap(({command: {key}}) => (key === null ? [] : [key]));
	const creates = batch.flatMap(({command}) => (command.verb === 'pay' ? [command.payment.paymentId] : []));
	const remembered =
		keys.length === 0 ? new Map<string, Remembered>() : await findRemembered(prisma, merchant.id, keys);
	const payments = creates.length === 0 ? [] : await findPayments(prisma, merchant.id, creates);
	const byId = new Map(payments.map(payment => [payment.paymentId, payment]));
	const answered = new Set<Waiting>();
	for (const waiting of batch) {
		const known = rememberedAs(waiting.command, remembered, byId);
		if (known !== undefined) {
			waiting.resolve(replay(known, waiting.command));
			answered.add(waiting);
		}
	}

	return answered;
}

/** The cards and payments of a batch that nobody has locked just now, as rows of `rowsOf`. Never waits for a lock. */
export async function findFree(
	prisma: PrismaClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<string>> {
	const cards = [...new Set(batch.flatMap(({command}) => cardsOf(command)))];
	const payments = new Set(
		batch.flatMap(({command}) => ('payment' in command ? [command.payment.paymentId] : [])),
	);
	return prisma.$transaction(async tx => {
		const freeRoots = payments.size === 0 ? [] : await freePayments(tx, merchant.id, [...payments]);
		const free = await freeCards(tx, merchant.id, cards);
		return new Set([...freeRoots.map(rowOfPayment), ...free.map(rowOfCard)]);
	});
}
