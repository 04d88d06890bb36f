import {type Instant} from './calendar.ts';
import {type CardState, type Leg, type Lot, type PaymentState} from './card-state.ts';
import {type JournalEntry, type LegOpening, type LotOpening, type Posting} from './entry.ts';
import {type OrderState} from './order-state.ts';

/** A posting with what history needs to prove itself row by row; both are null for house accounts. */
export type PostedPosting = Posting & {readonly balanceAfter: bigint | null; readonly version: bigint | null};
export type PostedEntry = Omit<JournalEntry, 'postings'> & {
	readonly at: Instant;
	readonly actorId: number;
	readonly postings: readonly PostedPosting[];
};

/** All that a batch changed: one final image for each row (A4). */
export type Changes = {
	readonly entries: readonly PostedEntry[];
	readonly cards: ReadonlySet<CardState>;
	readonly openedLots: readonly LotOpening[];
	/** Lots that existed before the batch. */
	readonly lots: ReadonlyMap<string, Lot>;
	readonly openedHolds: readonly {readonly id: string; readonly legs: readonly (LegOpening & Leg)[]}[];
	/** Legs that existed before the batch. */
	readonly legs: ReadonlySet<Leg & {readonly holdId: string}>;
	readonly openedPayments: readonly PaymentState[];
	/** Payments that existed before the batch. */
	readonly payments: readonly PaymentState[];
	readonly orders: readonly OrderState[];
	/** Those that were locked, before the batch changed them. */
	readonly ordersBefore: ReadonlyMap<string, OrderState>;
};
