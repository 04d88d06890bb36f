import {type AttemptParts} from './callbacks/attempt.ts';
import {type Callbacks, openCallbacks} from './callbacks/callbacks.ts';
import {type Config} from './config.ts';
import {type Database} from './db/client.ts';
import {isUnavailable} from './db/sql-state.ts';
import {type Log} from './http/log.ts';
import {type Instant} from './ledger/calendar.ts';
import {type Assets} from './merchants/assets.ts';
import {type Payments} from './payments/payments.ts';
import {type PaymentParts} from './vtex/payments/parts.ts';
import {paymentAnswer} from './vtex/payments/replies.ts';

/** What callbacks and the endpoints of payments are made of. */
export type PaymentRoom = {
	readonly prisma: Database['prisma'];
	readonly clock: () => Instant;
	readonly assets: Assets;
	readonly payments: Payments;
};

/** Callbacks that say what a create would be answered now. */
export function callbacksOf(
	room: PaymentRoom,
	config: Config,
	log: Pick<Log, 'info' | 'warn' | 'error'>,
	watch: Pick<AttemptParts, 'beginTrace' | 'onAttempt'> = {},
): Callbacks {
	const {vtexCallbackAppKey: appKey, vtexCallbackAppToken: appToken} = config;
	const rendering = paymentParts(room, config);
	return openCallbacks({
		...room,
		...watch,
		log,
		keys: appKey === undefined || appToken === undefined ? undefined : {appKey, appToken},
		hosts: config.callbackHosts,
		async render(merchantId, paymentId) {
			const payment = await room.payments.find(merchantId, paymentId);
			if (payment === undefined) {
				throw new Error('A callback belongs to a payment that is not there.');
			}

			return JSON.stringify(await paymentAnswer(rendering, payment));
		},
		onFailure: (error, what) => {
			log.error({error}, what);
		},
	});
}

/** What the endpoints of the Payment Provider Protocol need. */
export function paymentParts(
	{assets, payments}: Pick<PaymentRoom, 'assets' | 'payments'>,
	config: Config,
): PaymentParts {
	return {
		providerId: config.providerId,
		methods: config.paymentMethods,
		sandbox: config.sandbox,
		delays: {
			autoSettle: config.delayToAutoSettle,
			afterAntifraud: config.delayToAutoSettleAfterAntifraud,
			cancel: config.delayToCancel,
		},
		assets,
		payments,
		paymentUrlOf: payments.paymentUrl,
		isPassing: isUnavailable,
	};
}
