import {type Config} from './config.ts';
import {type Database} from './db/client.ts';
import {type Log} from './http/log.ts';
import {type Instant} from './ledger/calendar.ts';
import {type Writer} from './ledger/writer.ts';
import {type ApplyOrder, openApplyOrder} from './loyalty/apply-order.ts';
import {type Programs} from './loyalty/programs.ts';
import {type LookParts} from './orders/look.ts';
import {openOrderIntake, type OrderIntake} from './orders/intake.ts';
import {orderHookPath} from './orders/source.ts';
import {openReconciler, type Reconciler, type ReconcilerParts} from './reconcile/reconciler.ts';
import {openVtexGateway} from './vtex/gateway/client.ts';
import {type BeginTrace} from './trace-context.ts';
import {openVtexOrders} from './vtex/orders/client.ts';

/** What the intake of orders is made of. */
export type OrderRoom = {
	readonly prisma: Database['prisma'];
	readonly clock: () => Instant;
	readonly secretsKey: string;
	readonly writer: Writer;
	readonly programs: Programs;
	/** Books what an order has earned; without it the program's own way. */
	readonly applyOrder?: ApplyOrder | undefined;
};

/** Orders from VTEX, looked at and applied. */
export function ordersOf(
	{applyOrder, ...room}: OrderRoom,
	{providerId, publicUrl}: Pick<Config, 'providerId' | 'publicUrl'>,
	log: Pick<Log, 'info' | 'warn' | 'error'>,
	watch: Pick<LookParts, 'onLook'> & {readonly beginTrace?: BeginTrace | undefined} = {},
): OrderIntake {
	return openOrderIntake(
		{
			...room,
			applyOrder: applyOrder ?? openApplyOrder({...room, providerId}),
			log,
			source: openVtexOrders({beginTrace: watch.beginTrace}),
			onLook: watch.onLook,
			onFailure: (error, what) => {
				log.error({error}, what);
			},
		},
		{hookUrl: publicUrl + orderHookPath},
	);
}

/** Orders and payments at VTEX, compared with our holds. */
export function reconcilerOf(
	parts: Omit<ReconcilerParts, 'money' | 'providerId'>,
	{providerId}: Pick<Config, 'providerId'>,
): Reconciler {
	return openReconciler({...parts, money: openVtexGateway(), providerId});
}
