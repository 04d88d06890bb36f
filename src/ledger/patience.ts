import {type SqlClient} from '../db/client.ts';
import {type MerchantClock} from './batch.ts';
import {cardsOf} from './commands.ts';
import {type Remembered, rememberedAs, replay} from './remembered.ts';
import {findPayments, findRemembered} from './store/load.ts';
import {freeOrders, walletsOfOrders} from './store/lock-orders.ts';
import {freePayments} from './store/lock-payments.ts';
import {freeCards} from './store/lock.ts';
import {awaitStandby} from './store/standby.ts';
import {rowOfCard, rowOfOrder, rowOfPayment, type Waiting} from './waiting.ts';

/** Answer the commands that were decided before, and say which: what is remembered is final and needs no lock (B16). */
export async function answerRemembered(
	prisma: SqlClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<Waiting>> {
	const keys = batch.flatMap(({command: {key}}) => (key === null ? [] : [key]));
	const creates = batch.flatMap(({command}) => (command.verb === 'pay' ? [command.payment.paymentId] : []));
	const remembered =
		keys.length === 0 ? new Map<string, Remembered>() : await findRemembered(prisma, merchant.id, keys);
	const payments = creates.length === 0 ? [] : await findPayments(prisma, merchant.id, creates);
	const byId = new Map(payments.map(payment => [payment.paymentId, payment]));
	const known = new Map<Waiting, Remembered>();
	for (const waiting of batch) {
		const found = rememberedAs(waiting.command, remembered, byId);
		if (found !== undefined) {
			known.set(waiting, found);
		}
	}

	if (known.size > 0) {
		await prisma.$transaction(tx => awaitStandby(tx, merchant.id));
	}

	known.forEach((found, waiting) => {
		waiting.resolve(replay(found, waiting.command));
	});
	return new Set(known.keys());
}

/** The cards, payments and orders of a batch that nobody has locked just now, as rows of `rowsOf`. Never waits for a lock. */
export async function findFree(
	prisma: SqlClient,
	merchant: MerchantClock,
	batch: readonly Waiting[],
): Promise<Set<string>> {
	const cards = [...new Set(batch.flatMap(({command}) => cardsOf(command)))];
	const payments = new Set(
		batch.flatMap(({command}) => ('payment' in command ? [command.payment.paymentId] : [])),
	);
	const orders = new Set(batch.flatMap(({command}) => (command.verb === 'earn' ? [command.orderId] : [])));
	return prisma.$transaction(async tx => {
		const freePaymentIds = payments.size === 0 ? [] : await freePayments(tx, merchant.id, [...payments]);
		const freeOrderIds = orders.size === 0 ? [] : await freeOrders(tx, merchant.id, [...orders]);
		const booked = orders.size === 0 ? [] : await walletsOfOrders(tx, merchant.id, [...orders]);
		const all = new Set([...cards, ...booked.map(({cardId}) => cardId)]);
		const free = new Set(await freeCards(tx, merchant.id, [...all]));
		// An order is locked with the wallets that it had booked to, which only its row tells.
		const taken = new Set(booked.flatMap(({orderId, cardId}) => (free.has(cardId) ? [] : [orderId])));
		return new Set([
			...freePaymentIds.map(rowOfPayment),
			...freeOrderIds.filter(id => !taken.has(id)).map(rowOfOrder),
			...[...free].map(rowOfCard),
		]);
	});
}
