export type Definition = {
	readonly name: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	readonly help: string;
	readonly labels: readonly string[];
	readonly buckets?: readonly number[];
	/** Read from the database: every process on it shows the same. */
	readonly isShared?: true;
};

const sharedNote = ' The same from every process on one database: take max(), not sum().';

/** What a scrape says of a figure. */
export function helpOf({help, isShared}: Definition): string {
	return isShared === true ? help + sharedNote : help;
}
