import {type FundingAccount} from './chart.ts';
import {type Instant} from './calendar.ts';
import {type CardStatus} from './card-state.ts';
import {type Identifier} from './owner.ts';

/** Verb → the number that stands for it in the database. `undo` releases, then refunds a hold, or reverses a credit. */
export const verbs = {issue: 1, credit: 2, authorize: 3, capture: 4, undo: 5, expire: 6, close: 7} as const;

export type Verb = keyof typeof verbs;

/**
 * Key spaces: the same key in two of them names two commands. Debits and credits of a card share one; captures and
 * undoings of a hold have one each, because VTEX may reuse a payment's id in all three.
 */
export const keySpaces = {transaction: 1, capture: 2, undo: 3, issue: 4} as const;

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

/** What was said about a command: kept beside the books and erasable (B9). */
export type Note = {
	readonly orderId: string | null;
	readonly requestId: string | null;
	readonly description: string | null;
	readonly reason: string | null;
};

type Common = {
	/** The card's row, as resolved; the writer locks it, and answers `cardNotFound` when it is not there. */
	readonly cardId: string;
	readonly actorId: number;
	readonly note: Note;
};

type Keyed = Common & {
	readonly key: CommandKey;
	/** Minor units, above zero. */
	readonly amount: bigint;
	readonly assetId: number;
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

/** Add value to a card, under the card's expiry (C4). */
export type Credit = Keyed & {readonly verb: 'credit'; readonly origin: FundingAccount};

/** Reserve value for an order. `presented` is who the shopper says to be. */
export type Authorize = Keyed & {
	readonly verb: 'authorize';
	readonly source: 'giftCard' | 'payment';
	readonly presented: readonly Identifier[];
};

/** Make all or part of a hold final. */
export type Capture = Keyed & {readonly verb: 'capture'; readonly holdId: string};

/** Give back all or part of a hold, uncaptured value first (A9), or take back a credit (A10). */
export type Undo = Keyed & {readonly verb: 'undo'; readonly operationId: string};

/** Book what remains of a card's expired lots to breakage. State makes it idempotent, so it has no key (B16). */
export type Expire = Common & {readonly verb: 'expire'; readonly key: null};

/** Close a card for good; what remains goes to adjustment (C4). A closed card refuses it, so it has no key. */
export type Close = Common & {readonly verb: 'close'; readonly key: null};

export type Command = Issue | Credit | Authorize | Capture | Undo | Expire | Close;

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

export const noNote: Note = {orderId: null, requestId: null, description: null, reason: null};
