import {type FundingAccount} from './chart.ts';
import {type Instant} from './calendar.ts';
import {type CardStatus} from './card-state.ts';
import {type Identifier} from './owner.ts';
import {type PaymentRoot, type PaymentWay} from './payment-root.ts';
import {type ReasonCode, type Why} from './reasons.ts';
import {type Refusal} from './refusals.ts';

export type {PaymentRoot, PaymentWay} from './payment-root.ts';

/** Verb → the number that stands for it in the database. `undo` releases, then refunds a hold, or reverses a credit. */
export const verbs = {
	...{issue: 1, credit: 2, authorize: 3, capture: 4, undo: 5, expire: 6, close: 7},
	...{pay: 8, conclude: 9, settle: 10, cancel: 11, refund: 12},
	...{transfer: 13, adjust: 14, earn: 15, merge: 16, extend: 17},
} as const;

export type Verb = keyof typeof verbs;

/**
 * Key spaces: the same key in two of them names two commands. Debits and credits of a card share one; captures and
 * undoings of a hold have one each, because VTEX may reuse a payment's id in all three.
 */
export const keySpaces = {
	...{transaction: 1, capture: 2, undo: 3, issue: 4},
	// Of a payment, below its tid.
	...{payment: 5, conclusion: 6, settlement: 7, cancellation: 8, refund: 9},
	// Of a card: the one that gives, and the one that is corrected.
	...{transfer: 10, adjustment: 11, merge: 12},
	// Of scripts: one for all cards of a merchant.
	...{grant: 13},
	// Of a card that lasts longer.
	...{extension: 14},
	// Of a hold, or of the payment whose hold it is: what a person did to it.
	...{byHand: 15},
} as const;

export type KeySpace = keyof typeof keySpaces;

/** The scope of keys that no card and no hold owns: those of scripts. */
export const scriptScope = '00000000-0000-0000-0000-000000000000';

/** Under which a command is remembered for ever. `scope` is the public id (UUID) of a card, or the id of a hold or credit. */
export type CommandKey = {
	readonly scope: string;
	readonly space: KeySpace;
	/** The protocol's own request id: 1 to 512 characters, compared exactly. */
	readonly key: string;
};

/** What was said about a command: kept beside the books and erasable (B9), but for the code, which names nobody. */
export type Note = {
	readonly orderId: string | null;
	readonly requestId: string | null;
	readonly description: string | null;
	readonly reason: string | null;
	readonly reasonCode: ReasonCode | null;
};

type Common = {
	/** The card's row, as resolved; the writer locks it, and answers `cardNotFound` when it is not there. */
	readonly cardId: string;
	readonly actorId: number;
	readonly note: Note;
};

type Keyed = Common & {
	readonly key: CommandKey;
	/** Minor units, above zero unless the verb says otherwise. */
	readonly amount: bigint;
	readonly assetId: number;
	/** The import that it belongs to, by number; undefined for none. */
	readonly runId?: number | undefined;
};

/** What a new card's row says besides its balances. */
export type CardOpening = {
	readonly publicId: string;
	readonly restricted: boolean;
	readonly singleUse: boolean;
	readonly rechargeable: boolean;
	readonly ownerId: string | null;
	readonly pepperId: number;
	readonly codeHash: Buffer;
	readonly codeLast4: string;
	readonly caption: string | null;
	readonly relationName: string | null;
	readonly emittedAt: Instant;
	readonly expiresAt: Instant | null;
	readonly status: CardStatus;
};

/** Open a card with its first value. */
export type Issue = Keyed & {
	readonly verb: 'issue';
	readonly card: CardOpening;
	readonly origin: FundingAccount;
};

/** Add value to a card: under the card's own date (C4), or as somebody grants it. */
export type Credit = Keyed & {
	readonly verb: 'credit';
	readonly origin: FundingAccount;
	readonly grant?: GrantTerms;
};

/** What a grant says itself, and a credit over the wire leaves to the card. */
export type GrantTerms = {
	readonly spendableFrom: Instant;
	/** Null for never. */
	readonly expiresAt: Instant | null;
	/** What the card may carry at most, in minor units; null for no other limit than every card's. */
	readonly balanceMax: bigint | null;
};

/** Reserve value for an order. `presented` is who the shopper says to be. */
export type Authorize = Keyed & {
	readonly verb: 'authorize';
	readonly source: 'giftCard' | 'payment';
	readonly presented: readonly Identifier[];
};

/**
 * Make all or part of a hold final. `byHand`: a person asks, who gets exactly that amount or nothing, or with an amount of zero all that
 * is left; VTEX is given what is left when it sends the value of the whole again (A9).
 */
export type Capture = Keyed & {readonly verb: 'capture'; readonly holdId: string; readonly byHand?: true};

/**
 * Give back all or part of a hold, uncaptured value first (A9), or take back a credit (A10). `byHand`: a person asks, as for a capture,
 * and only releases or only refunds, whatever VTEX does to the hold meanwhile.
 */
export type Undo = Keyed & {
	readonly verb: 'undo';
	readonly operationId: string;
	readonly byHand?: 'release' | 'refund';
	/**
	 * The row of the card that a credit's value is on now: its own, or a wallet that took over from that. A person takes it back then, out of
	 * all that goes on of its lot there, and takes back grants too, which VTEX does not know.
	 */
	readonly holderId?: string;
};

/** What a person can do to a hold. */
export type HandVerb = 'capture' | 'release' | 'refund';

/**
 * The key of what a person does to a hold. A release and a refund are one verb, so what is done stands in the key, and neither is ever
 * taken for a repetition of the other.
 * @param scope - the id of the hold, or the tid of the payment whose hold it is
 */
export function handKey(scope: string, verb: HandVerb, key: string): CommandKey {
	return {scope, space: 'byHand', key: `${verb} ${key}`};
}

/** Book what remains of a card's expired lots to breakage. State makes it idempotent, so it has no key (B16). */
export type Expire = Common & {readonly verb: 'expire'; readonly key: null};

/** Close a card for good; what remains goes to adjustment (C4). A closed card refuses it, so it has no key. */
export type Close = Common & {readonly verb: 'close'; readonly key: null};

/**
 * Move value to another card of the merchant (A13). `cardId` gives, and its public id is the scope of the key. `amount` is minor
 * units, zero for everything: what can be spent now and what can be spent later. The target is no part of the fingerprint (A18).
 */
export type Transfer = Keyed & {
	readonly verb: 'transfer';
	/** The row of the card that gets it; the writer locks both. */
	readonly targetId: string;
};

/** Correct a card's balance (C4): `amount` is minor units, above zero to add and below zero to take, never zero. */
export type Adjust = Keyed & {
	readonly verb: 'adjust';
	/** When value that is added ends, null for never; undefined for the card's own date. Of no meaning where value is taken. */
	readonly expiresAt: Instant | null | undefined;
};

/**
 * Merge a wallet into another one (A13): `cardId` gives all that it has, and what comes back to it later. `amount` is zero. Its public id is
 * the scope of the key.
 */
export type Merge = Keyed & {readonly verb: 'merge'; readonly targetId: string};

/**
 * Let a card and the value on it last until a later date. `amount` is zero, for all of it. Its public id is the scope of the key; the date
 * is no part of the fingerprint (A18), so a key must not be used for another one.
 */
export type Extend = Keyed & {readonly verb: 'extend'; readonly expiresAt: Instant};

/** How points are earned at the time of the command, as the program says. Units are minor units of its points, null for no limit. */
export type EarnTerms = {
	readonly spendableFrom: Instant;
	readonly expiresAt: Instant | null;
	/** Units that the wallet may carry. */
	readonly balanceMax: bigint | null;
	/** Units that the wallet may earn in a local day, which began at `dayStart`. */
	readonly dayMax: bigint | null;
	readonly dayStart: Instant;
	/** Units that one order may earn. */
	readonly orderMax: bigint | null;
	/** What becomes of units that are to be taken back and were spent: a debt of the wallet, or owed by their lots (A10). */
	readonly clawback: 'debt' | 'owed';
};

/**
 * Book what an order should have earned so far: the difference is found under the lock of the order (A12). Its row remembers what
 * was booked and by which version of its document, so that state makes the command idempotent and it has no key (B16).
 */
export type Earn = {
	readonly verb: 'earn';
	readonly key: null;
	readonly orderId: string;
	/** When the document last changed, as text that is greater for a later one. */
	readonly version: string;
	/** The row of the wallet that earns; null where nobody is known: then units may be taken back, and none are given. */
	readonly cardId: string | null;
	/** The points. */
	readonly assetId: number;
	/** Units that the order should have earned in all, by this version of it. */
	readonly target: bigint;
	readonly terms: EarnTerms;
	readonly actorId: number;
	readonly note: Note;
};

type PaymentCommand = {
	/** The rows of all cards that it may touch, in the order in which they pay; empty where there are none. */
	readonly cardIds: readonly string[];
	readonly payment: PaymentRoot;
	readonly key: CommandKey;
	readonly actorId: number;
	readonly note: Note;
	/** Minor units; zero for a cancellation, and where nothing is to be held. */
	readonly amount: bigint;
	readonly assetId: number;
};

/** What VTEX said about a payment, kept beside the books and erasable (B9). No card number, code or password field. */
export type PaymentParticulars = {
	readonly method: string;
	readonly orderId: string | null;
	readonly reference: string | null;
	readonly transactionId: string | null;
	/** Byte for byte as received. */
	readonly callbackUrl: string | null;
	readonly returnUrl: string | null;
	/** Seconds, as answered. */
	readonly delayToAutoSettle: number;
	readonly delayAfterAntifraud: number;
	readonly delayToCancel: number;
	readonly customerId: string | null;
	/** SHA-256 of the secret in the shopper's page's address, and until when the page works. */
	readonly pageHash: Buffer | null;
	readonly pageUntil: Instant | null;
	/** JSON text: merchant settings, connector metadata, recipients, custom fields. */
	readonly particulars: string;
};

/** What a payment's row says besides its outcome. */
export type PaymentOpening = {
	readonly way: PaymentWay;
	/** When the hold is released although VTEX said nothing (A6). */
	readonly holdUntil: Instant | null;
	/** A sandbox payment is concluded by itself then, approved or not. */
	readonly concludeAt: Instant | null;
	readonly concludeApproved: boolean | null;
	readonly particulars: PaymentParticulars;
};

/** `hold`: reserve the value now; `verify`: approve and hold nothing (C4); `wait`: for the shopper; or the reason why not. */
export type PaymentPlan =
	{readonly kind: 'hold' | 'verify' | 'wait'} | {readonly kind: 'refuse'; readonly refusal: Refusal};

/** A callback to be delivered, written with the outcome that it tells. */
export type CallbackOpening = {readonly nextAt: Instant; readonly until: Instant};

/**
 * Create a payment, once for its id: its row remembers it, so it has no key (B16). A tombstone (a cancellation that came first)
 * refuses it.
 */
export type Pay = Omit<PaymentCommand, 'key'> & {
	readonly verb: 'pay';
	readonly key: null;
	readonly plan: PaymentPlan;
	readonly presented: readonly Identifier[];
	readonly opening: PaymentOpening;
};

/** End a pending payment: hold the value or deny it, once; whoever comes second is answered the first outcome. */
export type Conclude = PaymentCommand & {
	readonly verb: 'conclude';
	readonly plan: Exclude<PaymentPlan, {readonly kind: 'wait'}>;
	readonly presented: readonly Identifier[];
	readonly holdUntil: Instant | null;
	readonly callback: CallbackOpening | null;
};

type PaymentOperationCommand = PaymentCommand & {
	/**
	 * The hold that the payment had when its cards were looked up; when it has another one under the lock, the command is refused as
	 * `paymentChanged` and is to be looked up again (A2).
	 */
	readonly holdId: string | null;
	/**
	 * A person asks, who gets exactly the amount or nothing, or with an amount of zero all that is left; VTEX gets as much as is left
	 * (A9). A cancellation ends the payment, so it releases all that is held or nothing.
	 */
	readonly byHand?: true;
};

/** Operations of a payment. */
export type Settle = PaymentOperationCommand & {readonly verb: 'settle'};
export type Cancel = PaymentOperationCommand & {
	readonly verb: 'cancel';
	/** VTEX forgot the payment: a settlement may come all the same (A6). */
	readonly isTimeOut: boolean;
};
export type Refund = PaymentOperationCommand & {readonly verb: 'refund'};

export type CardCommand =
	Issue | Credit | Authorize | Capture | Undo | Expire | Close | Transfer | Adjust | Merge | Extend;
export type CommandOfPayment = Pay | Conclude | Settle | Cancel | Refund;
export type Command = CardCommand | CommandOfPayment | Earn;

/** The rows of the cards that a command locks. */
export function cardsOf(command: Command): readonly string[] {
	if ('cardIds' in command) {
		return command.cardIds;
	}

	if (command.verb === 'earn') {
		return command.cardId === null ? [] : [command.cardId];
	}

	if (command.verb === 'undo' && command.holderId !== undefined) {
		return [command.cardId, command.holderId];
	}

	return 'targetId' in command ? [command.cardId, command.targetId] : [command.cardId];
}

/** A command that is remembered. */
export type KeyedCommand = Exclude<Command, {readonly key: null}>;

/** What a command must repeat under its key to be the same command (A18): never points, code, order or profile. */
export type Fingerprint = {readonly verb: Verb; readonly amount: bigint; readonly assetId: number};

export function isSameCommand(a: Fingerprint, b: Fingerprint): boolean {
	return a.verb === b.verb && a.amount === b.amount && a.assetId === b.assetId;
}

/** One text for a key, to find it in a map. */
export function keyText({scope, space, key}: CommandKey): string {
	return `${scope}/${space}/${key}`;
}

export const noNote: Note = {
	...{orderId: null, requestId: null, description: null},
	...{reason: null, reasonCode: null},
};

/** The note of what somebody does, with why. */
export function explained({reason, reasonCode}: Why): Note {
	return {orderId: null, requestId: null, description: null, reason, reasonCode: reasonCode ?? null};
}
