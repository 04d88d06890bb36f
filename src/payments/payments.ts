import {openPayingCards} from '../cards/paying-card.ts';
import {type Merchant} from '../merchants/merchant.ts';
import {createPayment} from './create.ts';
import {concludeDue, releaseForgotten} from './due.ts';
import {openPaymentReader} from './find.ts';
import {operate} from './operate.ts';
import {isPageLate, pageHashOf, paymentUrlOf} from './page.ts';
import {type Payment} from './payment.ts';
import {
	type Confirmed,
	confirmPayment,
	type Declined,
	declinePayment,
	type FoundPage,
	type Preview,
	previewPayment,
} from './shopper.ts';
import {type PaymentOptions, type PaymentParts, type PaymentTools} from './tools.ts';
import {openWallets} from './wallet.ts';
import {type PaymentOperation, type PaymentOutcome, type PaymentWish} from './wish.ts';

export type {Confirmed, Declined, FoundPage, Preview} from './shopper.ts';
export type {PaymentOptions, PaymentParts, PinCheck} from './tools.ts';
export type {PaymentOperation, PaymentOutcome, PaymentWish} from './wish.ts';

/**
 * Payments with stored value. Whatever writes lets the writer's `OverloadedError` through: what was asked for may then be
 * asked for again.
 */
export type Payments = {
	/** Create, once for its id; a repeated create is answered with the payment as it stands now (A8). */
	readonly create: (merchant: Merchant, wish: PaymentWish) => Promise<Payment>;
	readonly find: (merchantId: number, paymentId: string) => Promise<Payment | undefined>;
	/** Above what is left, the rest is settled (A9). */
	readonly settle: (merchant: Merchant, operation: PaymentOperation) => Promise<PaymentOutcome>;
	/** Release all that is not settled; of a payment that is not known, keep that it is cancelled. */
	readonly cancel: (merchant: Merchant, operation: PaymentOperation) => Promise<PaymentOutcome>;
	/** Above what was settled and not given back yet, the rest of it is refunded (A9). */
	readonly refund: (merchant: Merchant, operation: PaymentOperation) => Promise<PaymentOutcome>;
	/** Where the shopper concludes a payment; null for one without a page. */
	readonly paymentUrl: (payment: Payment) => string | null;
	/**
	 * A payment that the shopper may answer, or that has its end already.
	 * @param secret - the last segment of `paymentUrl`
	 */
	readonly findByPage: (secret: string) => Promise<FoundPage | undefined>;
	readonly preview: (payment: Payment) => Promise<Preview>;
	readonly confirm: (found: FoundPage, pin: string) => Promise<Confirmed>;
	readonly decline: (found: FoundPage) => Promise<Declined>;
	/** Conclude what is due: sandbox payments, and pages whose time is over. */
	readonly concludeDue: (signal?: AbortSignal) => Promise<{readonly concluded: number}>;
	/** Release holds that VTEX forgot (A6). */
	readonly releaseForgotten: (signal?: AbortSignal) => Promise<{readonly released: number}>;
};

export function openPayments(parts: PaymentParts, options: PaymentOptions): Payments {
	const {readerPrisma, peppers, guesses, clock} = parts;
	const reader = openPaymentReader(readerPrisma);
	const tools: PaymentTools = {
		...parts,
		options,
		reader,
		payingCards: openPayingCards(readerPrisma, peppers, guesses),
		wallets: openWallets(parts),
	};
	return {
		create: (merchant, wish) => createPayment(tools, merchant, wish),
		find: reader.find,
		settle: (merchant, operation) => operate(tools, merchant, 'settle', operation),
		cancel: (merchant, operation) => operate(tools, merchant, 'cancel', operation),
		refund: (merchant, operation) => operate(tools, merchant, 'refund', operation),
		paymentUrl: payment => paymentUrlOf(options, payment),
		async findByPage(secret) {
			const found = await reader.findByPage(pageHashOf(secret));
			return found === undefined || isPageLate(found.payment, clock()) ? undefined : found;
		},
		preview: payment => previewPayment(tools, payment),
		confirm: (found, pin) => confirmPayment(tools, found, pin),
		decline: found => declinePayment(tools, found),
		concludeDue: async signal => ({concluded: await concludeDue(tools, signal)}),
		releaseForgotten: async signal => ({released: await releaseForgotten(tools, signal)}),
	};
}
