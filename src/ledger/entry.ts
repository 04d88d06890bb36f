import {type Account, type Origin} from './chart.ts';
import {type Instant} from './calendar.ts';
import {type CardStatus, type PaymentState} from './card-state.ts';
import {type OrderState} from './order-state.ts';
import {type Rate} from '../money/convert.ts';

/** Kind of journal entry → the number that stands for it in the database. */
export const entryKinds = {
	issue: 1,
	credit: 2,
	authorize: 3,
	capture: 4,
	release: 5,
	refund: 6,
	reverseCredit: 7,
	expire: 8,
	close: 9,
	transfer: 10,
	adjust: 11,
	earn: 12,
	clawback: 13,
	extend: 14,
} as const;

export type EntryKind = keyof typeof entryKinds;

const kindsByNumber = new Map(
	Object.entries(entryKinds).map(([name, number]) => [number as number, name as EntryKind]),
);

/** The kind behind a number read from the database. @throws {RangeError} when it is unknown. */
export function entryKindOf(number: number): EntryKind {
	const kind = kindsByNumber.get(number);
	if (kind === undefined) {
		throw new RangeError(`No entry kind has the number ${number}; is this service older than the database?`);
	}

	return kind;
}

/**
 * One immutable, balanced event. Postings sum to zero for each asset: + into the account, − out of it.
 * All postings of an entry that touch cards touch the same card, unless it is a transfer or answers a hold with legs on several.
 */
export type JournalEntry = {
	readonly id: string;
	readonly kind: EntryKind;
	/** The authorization, credit or earning that it answers. */
	readonly answers: string | null;
	/** The command's first entry, when this is a later one of the same command (A9). */
	readonly operationId: string | null;
	readonly postings: readonly Posting[];
	readonly movements: readonly Movement[];
};

/** `cardId` names a bounded account's card, null for a house account. `amount` is never zero. */
export type Posting = {
	readonly account: Account;
	readonly cardId: string | null;
	readonly assetId: number;
	readonly amount: bigint;
};

/** What an entry does to one lot of a card (B1): per card the deltas sum to the postings on available and held. */
export type Movement = {
	readonly cardId: string;
	readonly lotId: string;
	/** The leg of the hold for which the lot was taken, or to which it answers. */
	readonly leg: number | null;
	readonly remainingDelta: bigint;
	readonly heldDelta: bigint;
};

/** A lot that an entry opens. Its value arrives by a movement of the same entry. */
export type LotOpening = {
	readonly id: string;
	readonly cardId: string;
	readonly origin: Origin;
	readonly issued: bigint;
	readonly spendableFrom: Instant;
	readonly expiresAt: Instant | null;
	readonly parentId: string | null;
	readonly rootId: string | null;
	readonly rootExpiresAt: Instant | null;
};

/** A leg that an authorization opens. */
export type LegOpening = {
	readonly number: number;
	readonly cardId: string;
	readonly assetId: number;
	readonly currencyId: number;
	readonly value: bigint;
	readonly units: bigint;
	readonly rate: Rate | null;
	readonly singleUse: boolean;
};

/** What an entry adds to a leg's cumulative counters. */
export type LegStep = {
	readonly holdId: string;
	readonly leg: number;
	readonly captured: bigint;
	readonly released: bigint;
	readonly refunded: bigint;
};

/** What changes of a payment's row. */
export type PaymentChange = Partial<PaymentState> & {readonly paymentId: string};

/** All that an accepted command does. */
export type Effect = {
	readonly entries: readonly JournalEntry[];
	readonly lots: readonly LotOpening[];
	readonly hold: {readonly id: string; readonly legs: readonly LegOpening[]} | null;
	readonly legSteps: readonly LegStep[];
	/** What changes of what lots owe (A10). */
	readonly owed: readonly {readonly cardId: string; readonly lotId: string; readonly delta: bigint}[];
	readonly status: {readonly cardId: string; readonly to: CardStatus} | null;
	/** A card that gets a later date. */
	readonly extension: {readonly cardId: string; readonly from: Instant; readonly to: Instant} | null;
	/** A wallet that was merged into another (A13). */
	readonly forward: {readonly cardId: string; readonly to: string} | null;
	readonly payment: PaymentChange | null;
	/** An order's row as it is afterwards. */
	readonly order: OrderState | null;
};

/** Whether postings sum to zero for each asset, with at least two of them. */
export function isBalanced(postings: readonly Posting[]): boolean {
	const totals = new Map<number, bigint>();
	for (const {assetId, amount} of postings) {
		totals.set(assetId, (totals.get(assetId) ?? 0n) + amount);
	}

	return postings.length >= 2 && [...totals.values()].every(total => total === 0n);
}

/** The same postings with one line for each account, card and asset, and none of zero (B2, A5). */
export function merged(postings: readonly Posting[]): Posting[] {
	const lines = new Map<string, Posting>();
	for (const posting of postings) {
		const key = `${posting.account}/${posting.cardId ?? ''}/${posting.assetId}`;
		lines.set(key, {...posting, amount: posting.amount + (lines.get(key)?.amount ?? 0n)});
	}

	return [...lines.values()].filter(({amount}) => amount !== 0n);
}
