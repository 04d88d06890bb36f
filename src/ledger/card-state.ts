import {type Origin} from './chart.ts';
import {type Instant} from './calendar.ts';
import {type LotLosses, type OrderState} from './order-state.ts';
import {type Identifier} from './owner.ts';
import {type PaymentRoot, type PaymentWay} from './payment-root.ts';
import {type Refusal} from './refusals.ts';
import {type WalletProgram} from './terms.ts';
import {type Rate} from '../money/convert.ts';

/**
 * What a decision may know. Amounts are minor units of the card's asset; ids are text; instants are milliseconds.
 * Decisions read this state and never change it; `apply` makes the next one.
 */
export type LedgerState = {
	/** Cards of the batch, locked, by id. */
	readonly cards: ReadonlyMap<string, CardState>;
	/** Holds that commands of the batch name, by id. */
	readonly holds: ReadonlyMap<string, HoldState>;
	/** Credits that commands of the batch name, by the id of their entry. */
	readonly credits: ReadonlyMap<string, CreditState>;
	/** Payments that commands of the batch name, locked, by payment id. */
	readonly payments: ReadonlyMap<string, PaymentState>;
	/** Orders that commands of the batch name, locked, by order id. */
	readonly orders: ReadonlyMap<string, OrderState>;
	/** Of the lots of those orders, by lot id; a lot that is not here lost nothing. */
	readonly losses: ReadonlyMap<string, LotLosses>;
	/** Units that wallets earned since the beginning of a local day, whatever was taken back since, by `earnedKey`. */
	readonly earned: ReadonlyMap<string, bigint>;
};

export type CardStatus = 'active' | 'blocked' | 'closed';

/** The part of a card that decides what can be spent (B10): all that search and read need to know. */
export type SpendableCard = {
	readonly status: CardStatus;
	/** The wallet that took over from this one (A13): what comes back here moves on there. */
	readonly forwardsTo: string | null;
	readonly singleUse: boolean;
	readonly emittedAt: Instant;
	readonly expiresAt: Instant | null;
	/** As many lots, in spending order, as the batch needs (B7), and those that its holds and credits name. */
	readonly lots: ReadonlyMap<string, Lot>;
	/** Legs on a single-use card, oldest first; empty for other cards (A14). */
	readonly uses: readonly Use[];
};

export type CardState = SpendableCard & {
	/** The number of its row; its public id and code are no business of the ledger. */
	readonly id: string;
	readonly assetId: number;
	readonly available: bigint;
	readonly held: bigint;
	/** What the shopper owes after a clawback (A10): zero or below. */
	readonly debt: bigint;
	/** The number of entries that touched the card. */
	readonly version: bigint;
	readonly restricted: boolean;
	readonly rechargeable: boolean;
	/** Known for restricted cards only. */
	readonly owner: readonly Identifier[];
	/** Null for a card of money, and where no command of the batch asks. */
	readonly program: WalletProgram | null;
};

/** Whether a card is over: closed by somebody, or merged into another, so that it only gives on what comes back to it (A13). */
export function isClosed({status, forwardsTo}: Pick<SpendableCard, 'status' | 'forwardsTo'>): boolean {
	return status === 'closed' || forwardsTo !== null;
}

/** Value of one origin and one expiry. `remaining` and `held` add up to at most `issued`; the rest is spent or gone. */
export type Lot = {
	readonly id: string;
	readonly origin: Origin;
	readonly issued: bigint;
	readonly remaining: bigint;
	readonly held: bigint;
	readonly spendableFrom: Instant;
	/** The first instant at which it is not spendable any more; null for never. */
	readonly expiresAt: Instant | null;
	/**
	 * The lot that this one continues, and the first of that line: an expired one of the same card (A11), or the lot of another
	 * card that a transfer took it from (A13). All of them are in the books of the merchant, not all of them on this card.
	 */
	readonly parentId: string | null;
	readonly rootId: string | null;
	/** The root's date; for a lot without parent its own. */
	readonly rootExpiresAt: Instant | null;
	/** What a clawback could not take (A10): paid first from value that comes back to this lot. */
	readonly owed: bigint;
};

/** What one hold has used of a single-use card. */
export type Use = {
	readonly holdId: string;
	readonly value: bigint;
	readonly released: bigint;
	readonly refunded: bigint;
};

export type HoldState = {
	readonly id: string;
	readonly legs: readonly Leg[];
};

/** A credit: its lot has the same id. `reversed` is cumulative. */
export type CreditState = {
	readonly id: string;
	readonly cardId: string;
	/** Given by a person, and no operation of VTEX's. */
	readonly isGrant: boolean;
	readonly amount: bigint;
	readonly reversed: bigint;
};

/**
 * A hold's part on one card, with the lots it was taken from. `value` is minor units of a currency, and so are the cumulative
 * `captured`, `released` and `refunded`; the card gave `units` of its own asset for it, and the shares count in those (A5).
 */
export type Leg = {
	readonly number: number;
	readonly cardId: string;
	/** The row of the currency. */
	readonly currencyId: number;
	readonly value: bigint;
	readonly units: bigint;
	/** Minor units of the currency for one of the card's; null where both are the same asset. */
	readonly rate: Rate | null;
	readonly captured: bigint;
	readonly released: bigint;
	readonly refunded: bigint;
	readonly shares: readonly LotShare[];
};

/** What a leg took from one lot and what became of it, in the order of taking. Minor units of the card's asset. */
export type LotShare = {
	readonly lotId: string;
	readonly taken: bigint;
	readonly captured: bigint;
	readonly released: bigint;
	readonly refunded: bigint;
};

export type PaymentStatus = 'pending' | 'approved' | 'denied' | 'cancelled';

/** `new`: nothing is known of it yet, and it has no row. */
export type PaymentStage = 'new' | PaymentStatus;

/** A payment's row. */
export type PaymentState = {
	readonly paymentId: string;
	readonly tid: string;
	readonly status: PaymentStage;
	/** Of a denied payment: why. */
	readonly refusal: Refusal | null;
	readonly assetId: number | null;
	readonly value: bigint | null;
	readonly way: PaymentWay | null;
	readonly holdId: string | null;
	/** Once somebody cancelled it, whatever it was then: nothing is held any more. */
	readonly cancellationId: string | null;
	/** When a hold that VTEX forgot was released: until somebody settles after all. */
	readonly timedOutAt: Instant | null;
	/** The hold that had been released so, once the value was taken again. */
	readonly formerHoldId: string | null;
	/** When its hold is released although VTEX said nothing (A6); null while nothing is held. */
	readonly holdUntil: Instant | null;
	readonly concludeAt: Instant | null;
	readonly concludeApproved: boolean | null;
	/** When it left `new` and `pending`. */
	readonly decidedAt: Instant | null;
	/** Null before its row is written. */
	readonly createdAt: Instant | null;
};

/** A payment of which nothing is known but that somebody named it. */
export function newPayment({paymentId, tid}: PaymentRoot): PaymentState {
	return {
		paymentId,
		tid,
		status: 'new',
		refusal: null,
		assetId: null,
		value: null,
		way: null,
		holdId: null,
		cancellationId: null,
		timedOutAt: null,
		formerHoldId: null,
		holdUntil: null,
		concludeAt: null,
		concludeApproved: null,
		decidedAt: null,
		createdAt: null,
	};
}

/** What a change does not mention stays; neither id ever changes. Field by field, as an object that others are spread into is several times as large. */
export function changedPayment(known: PaymentState, change: Partial<PaymentState>): PaymentState {
	const or = <Value>(changed: Value | undefined, before: Value): Value =>
		changed === undefined ? before : changed;
	return {
		paymentId: known.paymentId,
		tid: known.tid,
		status: or(change.status, known.status),
		refusal: or(change.refusal, known.refusal),
		assetId: or(change.assetId, known.assetId),
		value: or(change.value, known.value),
		way: or(change.way, known.way),
		holdId: or(change.holdId, known.holdId),
		cancellationId: or(change.cancellationId, known.cancellationId),
		timedOutAt: or(change.timedOutAt, known.timedOutAt),
		formerHoldId: or(change.formerHoldId, known.formerHoldId),
		holdUntil: or(change.holdUntil, known.holdUntil),
		concludeAt: or(change.concludeAt, known.concludeAt),
		concludeApproved: or(change.concludeApproved, known.concludeApproved),
		decidedAt: or(change.decidedAt, known.decidedAt),
		createdAt: or(change.createdAt, known.createdAt),
	};
}
