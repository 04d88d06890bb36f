/**
 * The chart of accounts.
 *
 * Bounded accounts belong to a card, and their balance has a limit that the database guards too. House accounts
 * belong to the merchant, have no stored balance, and are never locked: they are the sum of their postings.
 */

/** Account name → the number that stands for it in the database. */
export const accountNumbers = {
	/** What may be spent now, or will be once a lot's time comes. */
	available: 1,
	/** What is reserved for an order. */
	held: 2,
	/** What the shopper owes after a clawback (A10): zero or below. */
	debt: 3,
	/** What issued value was given for. */
	fundingSold: 10,
	fundingPromotional: 11,
	fundingCourtesy: 12,
	fundingMigrated: 13,
	/** Value credited over the wire (C4). */
	fundingCredit: 14,
	/** Points that orders earned. */
	fundingEarned: 15,
	/** Captured: owed to the shop. */
	redeemed: 20,
	/** Expired before it was spent. */
	breakage: 30,
	/** Corrections, and what was left on a closed card. Value that a correction adds comes from here. */
	adjustment: 40,
	/** Between two assets. */
	exchange: 50,
	/** In a currency: what held points are to pay for, until it is captured or released. */
	committed: 51,
} as const;

export type Account = keyof typeof accountNumbers;
export type BoundedAccount = 'available' | 'held' | 'debt';
export type FundingAccount = Extract<Account, `funding${string}`>;

export const fundingAccounts = [
	'fundingSold',
	'fundingPromotional',
	'fundingCourtesy',
	'fundingMigrated',
	'fundingCredit',
	'fundingEarned',
] as const satisfies readonly FundingAccount[];

/** Where the value of a lot came from: what it was given for, or a correction of the books. */
export type Origin = FundingAccount | 'adjustment';

export const origins = [...fundingAccounts, 'adjustment'] as const satisfies readonly Origin[];

const namesByNumber = new Map<number, Account>(
	Object.entries(accountNumbers).map(([name, number]) => [number, name as Account]),
);
const originsByNumber = new Map<number, Origin>(origins.map(name => [accountNumbers[name], name]));

/**
 * The account behind a number read from the database.
 * @throws {RangeError} for a number that the chart does not have: another version wrote it.
 */
export function accountOf(number: number): Account {
	const name = namesByNumber.get(number);
	if (name === undefined) {
		throw new RangeError(
			`The chart of accounts has no account ${number}; is this service older than the database?`,
		);
	}

	return name;
}

/** The account that a lot's value came from. Throws like `accountOf`. */
export function originOf(number: number): Origin {
	const name = originsByNumber.get(number);
	if (name === undefined) {
		throw new RangeError(`No lot's value comes from account ${number} of the chart of accounts.`);
	}

	return name;
}

const promotional: ReadonlySet<Origin> = new Set(['fundingPromotional', 'fundingCourtesy', 'fundingEarned']);

/** Value given, not sold: it is spent first and may have no grace after expiry (C3, A11). */
export function isPromotional(origin: Origin): boolean {
	return promotional.has(origin);
}
