import {type Identifier} from '../customers/identity.ts';
import {type Asset} from '../money/asset.ts';

/**
 * A point in time to the ten-millionth of a second, UTC, always in the one form `2026-03-12T14:02:12.9051144Z`: a later one is greater
 * as text, in TypeScript and in SQL. JavaScript's own dates would drop the last four digits, and with them the order of two changes.
 */
export type Moment = string;

/**
 * Where a sale stands.
 *
 * `open`: on its way; its packages say how much was invoiced. `invoiced`: all of it was. `canceled` and `replaced`: it is none any more.
 * `cancelling`: somebody asked for that, which may still be denied. `unknown`: a state without a meaning here.
 */
export type Stage = 'open' | 'invoiced' | 'canceled' | 'replaced' | 'cancelling' | 'unknown';

/** Whose copy of the sale a document is: of who sold it and was paid, of who delivers it for another, or of one in between. */
export type Origin = 'sale' | 'delivery' | 'chain' | 'unknown';

/** An item of the order. Its value is for the whole quantity, after discounts, before tax and freight. */
export type OrderLine = {
	readonly id: string;
	readonly sku: string;
	readonly productId: string | null;
	/** Category ids, from the root to the leaf. */
	readonly categoryPath: readonly string[];
	readonly seller: string;
	readonly quantity: number;
	readonly value: bigint;
	readonly isGift: boolean;
};

/** A payment of the purchase, which may be for several orders together. Only those that count are here: none of a failed attempt. */
export type OrderPayment = {
	readonly id: string | null;
	readonly transactionId: string | null;
	readonly system: string | null;
	readonly group: string | null;
	readonly value: bigint;
	/** Paid with a gift card of any provider, whose id and card id these are. */
	readonly isGiftCard: boolean;
	readonly provider: string | null;
	readonly cardId: string | null;
	/** A gift card that lowered the price instead of paying it. */
	readonly isDiscount: boolean;
	readonly tid: string | null;
};

/** What was sent and invoiced, or came back. The value is the invoice's, or what was given back for it. */
export type OrderPackage = {
	readonly direction: 'sale' | 'return';
	readonly invoiceNumber: string | null;
	readonly value: bigint;
	/** How much of a return's value is freight, as far as it says so. */
	readonly freight: bigint;
	/** The store's own date, which may be days off: to be shown, not to be reckoned with. */
	readonly issuedAt: Moment | null;
	/** None where money moved without goods. */
	readonly items: readonly {readonly sku: string | null; readonly quantity: number}[];
};

/** The parts of an order's value as its seller adds them up; together they are the order's value. */
export type OrderTotals = {
	/** Before discounts. */
	readonly items: bigint;
	/** Not above zero. */
	readonly discounts: bigint;
	/** What was added or taken away after the sale. */
	readonly change: bigint;
	readonly freight: bigint;
	readonly tax: bigint;
	/** Under names that are not known here. */
	readonly others: readonly {readonly id: string; readonly value: bigint}[];
};

/**
 * What a loyalty program may know of an order: no name, address, card or code ever gets here (Orders, 6 rule 10; rules B9). Amounts are
 * minor units of the order's currency. `shopper` is the one member that names a person; store it apart.
 */
export type SoldOrder = {
	readonly id: string;
	readonly sequence: string | null;
	/** All orders of one purchase share it, and its payments. */
	readonly groupId: string;
	/** The id that the order has where it was sold, if that is elsewhere. */
	readonly soldAsId: string | null;
	readonly account: string | null;
	readonly salesChannel: string | null;
	/** The affiliate through whom it was sold. */
	readonly affiliateId: string | null;
	readonly origin: Origin;
	readonly isCompleted: boolean;
	readonly stage: Stage;
	/** The state's own name, to remember those that are new. */
	readonly status: string | null;
	/** When the document last changed: its version. An older one must change nothing (rules A12). */
	readonly version: Moment;
	readonly createdAt: Moment | null;
	readonly authorizedAt: Moment | null;
	readonly invoicedAt: Moment | null;
	readonly currency: Asset;
	/** IANA name of the store's time zone, where it is known. */
	readonly timeZone: string | null;
	/** As the document says; it changes when invoices come, so nothing is reckoned from it. */
	readonly value: bigint;
	readonly totals: OrderTotals;
	readonly lines: readonly OrderLine[];
	readonly payments: readonly OrderPayment[];
	readonly packages: readonly OrderPackage[];
	readonly shopper: readonly Identifier[];
};

/** Whether a version of a document was superseded by another that is known (rules A12). The same one is not older than itself. */
export function isOlder(version: Moment, known: Moment): boolean {
	return version < known;
}

/**
 * Whether a payment was made with a gift card of the provider that the gift card hub knows under this id. VTEX answers ids in lower case
 * here and there, so case tells nothing apart (Gift Card Provider Protocol, 12).
 */
export function isOfProvider({provider}: Pick<OrderPayment, 'provider'>, providerId: string): boolean {
	return provider?.toLowerCase() === providerId.toLowerCase();
}

/** What the shopper owes for the order: its totals added up, before any part of it comes back. */
export function orderValue({items, discounts, change, freight, tax, others}: OrderTotals): bigint {
	return others.reduce((sum, {value}) => sum + value, items + discounts + change + freight + tax);
}
