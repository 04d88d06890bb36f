/** Tables of which an audit says how many rows it looked at. */
export const countedTables = [
	'cards',
	'lots',
	'entries',
	'postings',
	'lot_movements',
	'entry_notes',
	'holds',
	'hold_legs',
	'commands',
	'payments',
	'orders',
	'order_bookings',
	'seals',
] as const;

export type CountedTable = (typeof countedTables)[number];

/** Every table that a check may name. Each has a column merchant_id. */
export const auditedTables = [
	...countedTables,
	'actors',
	'assets',
	'house_horizons',
	'house_snapshots',
] as const;

/** One thing that must be true of the books. */
export type Check = {
	/** What is true where nothing is found, as an accountant would say it. */
	readonly name: string;
	/** The tables that it looks through. */
	readonly looksAt: readonly CountedTable[];
	/**
	 * A query for what is damaged: a sentence `problem`, amounts in minor units, and the ids of the rows, bigints as text. Never
	 * personal data. It joins by merchant, reads each table as a whole and runs nothing for a single row: with millions of
	 * postings that is the difference between a minute and a day.
	 */
	readonly damage: string;
};
