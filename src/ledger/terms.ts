import {type Rate} from '../money/convert.ts';

/**
 * What a wallet's program says about an order. The rate is copied onto the hold's leg (A5), so what the program says later changes
 * nothing of what was agreed.
 */
export type Terms = {
	/** Minor units of the order's currency for one minor unit of the points. */
	readonly rate: Rate;
	/** How many units one order may redeem of the wallet, at least and at most; null for no limit. */
	readonly least: bigint;
	readonly most: bigint | null;
};

/** How long value that comes back to an expired lot can be spent, and how long after its root's date at most (A11). Local days. */
export type Grace = {readonly days: number; readonly capDays: number};

/** What a decision may know of the program whose points a wallet holds, as it is at the time of the decision. */
export type WalletProgram = {
	/** By the row of a currency. */
	readonly terms: ReadonlyMap<number, Terms>;
	readonly grace: Grace;
};
