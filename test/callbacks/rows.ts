import {type PrismaClient} from '../../src/db/client.ts';
import {tidOf} from '../../src/payments/payment.ts';
import {makeClock} from '../helpers/clock.ts';

export const start = makeClock().now();
export const day = 86_400_000;

/** A sandbox, so that receivers on this machine may be called. */
export function newSandbox(prisma: PrismaClient, name = 'sandbox') {
	return prisma.merchant.create({
		data: {name, timeZone: 'America/Sao_Paulo', currency: 'BRL', sandbox: true},
	});
}

export type PlantedCallback = {
	readonly merchantId: number;
	readonly paymentId: string;
	readonly url: string | null;
	readonly nextAt?: number;
	readonly until?: number;
};

/** A payment that was approved late, and the callback that tells so: due now, for a day. */
export async function plantCallback(
	prisma: PrismaClient,
	{merchantId, paymentId, url, nextAt = start, until = start + day}: PlantedCallback,
): Promise<void> {
	const key = {merchantId, paymentId};
	await prisma.payment.create({
		data: {
			...key,
			tid: tidOf(merchantId, paymentId),
			status: 2,
			way: 1,
			assetId: 1,
			value: 0,
			method: 'Privatelabels',
			callbackUrl: url,
			delayToAutoSettle: 1,
			delayAfterAntifraud: 1,
			delayToCancel: 86_400,
		},
	});
	await prisma.callback.create({
		data: {...key, nextAt: new Date(nextAt), until: new Date(until), createdAt: new Date(start)},
	});
}

/** How a payment's callback stands. */
export async function callbackOf(prisma: PrismaClient, merchantId: number, paymentId: string) {
	const {status, attempts, nextAt, problem} = await prisma.callback.findUniqueOrThrow({
		where: {merchantId_paymentId: {merchantId, paymentId}},
	});
	return {status, attempts, nextAt: nextAt.getTime(), problem};
}
