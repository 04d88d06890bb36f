export type CountedTable =
	'cards' | 'lots' | 'entries' | 'postings' | 'lot_movements' | 'entry_notes' | 'holds' | 'hold_legs' | 'commands';

/** One thing that must be true of the books. */
export type Check = {
	/** What is true where nothing is found, as an accountant would say it. */
	readonly name: string;
	/** The tables that it looks through, to say how many rows were looked at. */
	readonly looksAt: readonly CountedTable[];
	/**
	 * A query for what is damaged: a sentence `problem`, with amounts in minor units, and the ids of the rows, bigints as
	 * text. Never personal data. It names the tables plainly and joins by merchant; the audit narrows them to one merchant
	 * where that is asked for. Each table is read as a whole and joined by hash: no query runs per row.
	 */
	readonly damage: string;
};
