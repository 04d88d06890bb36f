import {type Assets} from '../../merchants/assets.ts';
import {type Payment} from '../../payments/payment.ts';
import {type Payments} from '../../payments/payments.ts';
import {type OfferedMethods} from './methods.ts';

/** In seconds, as answered with every payment (Payment Provider Protocol, 7). */
export type Delays = {
	readonly autoSettle: number;
	readonly afterAntifraud: number;
	readonly cancel: number;
};

/** What the endpoints of the Payment Provider Protocol need. */
export type PaymentParts = {
	/** Answered as `acquirer`. */
	readonly providerId: string;
	readonly methods: OfferedMethods;
	/** The manifest names no merchant, so the configuration says whether it shows what only a sandbox offers. */
	readonly sandbox: boolean;
	readonly delays: Delays;
	readonly assets: Assets;
	readonly payments: Payments;
	/** Whether the database is away for a moment, and the same request may succeed in the next. */
	readonly isPassing: (error: unknown) => boolean;
	/** The address of the page where the shopper concludes a payment; null for one without a page. */
	readonly paymentUrlOf: (payment: Payment) => string | null;
};
