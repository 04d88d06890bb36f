import {type Changes} from '../changes.ts';
import {type Instant} from '../calendar.ts';
import {type CallbackOpening, type KeyedCommand, type Note, type PaymentParticulars} from '../commands.ts';
import {type ReasonCode} from '../reasons.ts';
import {type Remembered} from '../remembered.ts';

/** A command decided in this batch, to be remembered. */
export type Decided = {readonly command: KeyedCommand; readonly remembered: Remembered};

/** What was said about an entry. */
export type EntryNote = {readonly entryId: string; readonly note: Note};

/** A hold, for which protocol it was opened, and what was said about it. */
export type HoldOpening = {readonly id: string; readonly source: HoldSource; readonly note: Note};

export type HoldSource = 'giftCard' | 'payment';

/** A card that a command closed, or that got a later date, whether or not anything was left on it. */
export type NotedChange = {
	readonly kind: 'close' | 'extend';
	readonly cardId: string;
	readonly actorId: number;
	readonly reason: string;
	readonly reasonCode: ReasonCode | null;
	/** The date that a later one replaced. */
	readonly formerExpiresAt: Instant | null;
};

/** What a batch writes besides the changes of its books. */
export type BatchRecord = {
	readonly decided: Decided[];
	readonly notes: EntryNote[];
	/** Whose holds the entries `authorize` have opened. */
	readonly holds: HoldOpening[];
	readonly cardChanges: NotedChange[];
	/** What VTEX said about payments that were created. */
	readonly openings: {readonly paymentId: string; readonly particulars: PaymentParticulars}[];
	/** Outcomes that VTEX is to be told. */
	readonly callbacks: (CallbackOpening & {readonly paymentId: string})[];
};

export function emptyRecord(): BatchRecord {
	return {decided: [], notes: [], holds: [], cardChanges: [], openings: [], callbacks: []};
}

/** What a batch writes. `versions` are those of the cards when they were locked. */
export type WriteSet = {
	readonly merchantId: number;
	readonly now: Instant;
	readonly changes: Changes;
	readonly versions: ReadonlyMap<string, bigint>;
} & BatchRecord;
