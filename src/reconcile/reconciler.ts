import {type PrismaClient} from '../db/client.ts';
import {type Instant} from '../ledger/calendar.ts';
import {type Assets} from '../merchants/assets.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {type VtexAccess} from '../merchants/vtex-keys.ts';
import {type OrderSource} from '../orders/source.ts';
import {openPolite} from './polite.ts';
import {reconcileOrders, reconcileTime} from './run.ts';
import {type MoneySource} from './source.ts';
import {type Step} from './step.ts';

/** Which orders are compared: those that were made in a time, or those that are named. */
export type Reach = {readonly from: Instant; readonly to: Instant} | {readonly orderIds: readonly string[]};

export type ReconcileWish = Reach & {
	/** Requests to VTEX in a minute. */
	readonly perMinute: number;
	/** How long VTEX and we may differ before it counts. */
	readonly graceMs: number;
	/** Told when VTEX wants to be left alone for so long. */
	readonly onPause: (ms: number) => void;
	readonly signal: AbortSignal;
};

/** Compares what a merchant's VTEX account says was captured and refunded with its holds. It changes nothing on either side. */
export type Reconciler = (
	merchant: Pick<Merchant, 'id'>,
	access: VtexAccess,
	wish: ReconcileWish,
) => AsyncIterable<Step>;

export type ReconcilerParts = {
	readonly prisma: PrismaClient;
	readonly assets: Assets;
	readonly clock: () => Instant;
	readonly orders: OrderSource;
	readonly money: MoneySource;
	readonly providerId: string;
};

export function openReconciler({
	prisma,
	assets,
	clock,
	orders,
	money,
	providerId,
}: ReconcilerParts): Reconciler {
	return ({id: merchantId}, access, wish) => {
		const {perMinute, graceMs, onPause, signal} = wish;
		const tools = {
			...{prisma, assets, orders, money, providerId, merchantId, access, signal},
			polite: openPolite({perMinute, onPause, signal}),
			patience: {now: clock(), graceMs},
		};
		return 'orderIds' in wish
			? reconcileOrders(tools, wish.orderIds)
			: reconcileTime(tools, wish.from, wish.to);
	};
}
